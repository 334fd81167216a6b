"""What holds for every limit over the real years 2004 to 2026, searched by hypothesis."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.core import clock
from casework.deadlines.days import DayTable
from casework.deadlines.engine import due_at, elapsed, explain, late_from, working_days_late
from casework.deadlines.pauses import paused_days
from casework.deadlines.terms import assumed_terms, set_term
from casework.deadlines.units import (
    CALENDAR_DAYS,
    SCHOOL_DAYS,
    WORKING_DAYS,
    WORKING_HOURS,
    count_of,
    last_day,
)
from casework.org.models import Unit
from tests.deadlines.conftest import AT

starts = st.datetimes(datetime(2004, 9, 1), datetime(2026, 6, 1), timezones=st.just(UTC))
budgets = st.integers(0, 60)
day_units = st.sampled_from([SCHOOL_DAYS, WORKING_DAYS, CALENDAR_DAYS])
units = st.sampled_from([SCHOOL_DAYS, WORKING_DAYS, CALENDAR_DAYS, WORKING_HOURS])
gaps = st.tuples(st.integers(-200, 900), st.integers(0, 300))
pauses = st.lists(gaps, max_size=4)
searched = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def years(calendar: None, county: Unit, school: Unit, table: DayTable) -> DayTable:
    """The school's days with assumed terms in every year."""
    from casework.deadlines.days import days_for

    for year in range(2003, 2026):
        for span in assumed_terms(year):
            set_term(county, span.code, span.first, span.last, at=AT, by=None)
    return days_for(school)


def spans(start: datetime, hours: list[tuple[int, int]]) -> list[tuple[datetime, datetime]]:
    """Pauses around a start, from offsets and lengths in hours."""
    return [
        (start + timedelta(hours=begin), start + timedelta(hours=begin + length))
        for begin, length in hours
    ]


@searched
@given(start=starts, budget=budgets, unit=units, hours=pauses)
def test_measuring_undoes_adding(
    years: DayTable, start: datetime, budget: int, unit: str, hours: list[tuple[int, int]]
) -> None:
    stands = spans(start, hours)
    due = due_at(start, budget, unit, years, suspensions=stands)
    measured = elapsed(start, due, unit, years, suspensions=stands)
    if budget == 0 and unit != WORKING_HOURS:
        assert measured == (last_day(due) > clock.local_date(start))
    else:
        assert measured == budget


@searched
@given(start=starts, budget=budgets, unit=units, hours=pauses, late=st.integers(0, 200))
def test_more_budget_or_a_later_start_is_never_due_earlier(
    years: DayTable,
    start: datetime,
    budget: int,
    unit: str,
    hours: list[tuple[int, int]],
    late: int,
) -> None:
    stands = spans(start, hours)
    due = due_at(start, budget, unit, years, suspensions=stands)
    later = start + timedelta(hours=late)
    assert due <= due_at(start, budget + 1, unit, years, suspensions=stands)
    assert due <= due_at(later, budget, unit, years, suspensions=stands)


@searched
@given(start=starts, budget=st.integers(1, 60), unit=units, seconds=st.integers(1, 10**7))
def test_a_budget_is_used_up_exactly_from_its_due_moment_on(
    years: DayTable, start: datetime, budget: int, unit: str, seconds: int
) -> None:
    due = due_at(start, budget, unit, years)
    assert elapsed(start, due - timedelta(seconds=seconds), unit, years) < budget
    assert elapsed(start, due + timedelta(seconds=seconds), unit, years) >= budget


@searched
@given(start=starts, budget=budgets, unit=day_units, hours=pauses)
def test_the_explanation_counts_the_budget_and_ends_on_the_due_day(
    years: DayTable, start: datetime, budget: int, unit: str, hours: list[tuple[int, int]]
) -> None:
    stands = spans(start, hours)
    lines = explain(start, budget, unit, years, stands)
    due = due_at(start, budget, unit, years, suspensions=stands)
    assert sum(line.counted for line in lines) == budget
    assert lines[-1].day == last_day(due)
    assert all(line.counted or line.reason for line in lines)


@searched
@given(start=starts, budget=st.integers(1, 60), unit=day_units, hours=pauses)
def test_the_due_day_counts_and_lies_in_no_pause(
    years: DayTable, start: datetime, budget: int, unit: str, hours: list[tuple[int, int]]
) -> None:
    stands = spans(start, hours)
    day = last_day(due_at(start, budget, unit, years, suspensions=stands)).toordinal()
    assert count_of(unit, years).counts(day)
    assert not any(
        first <= day <= last for first, last in paused_days(stands, after=0) if last is not None
    )


@searched
@given(due=starts, days=st.integers(1, 60))
def test_days_late_and_the_moment_of_being_late_agree(
    years: DayTable, due: datetime, days: int
) -> None:
    moment = late_from(due, days, years)
    assert working_days_late(due, moment, years) == days
    assert working_days_late(due, moment - timedelta(seconds=1), years) == days - 1
