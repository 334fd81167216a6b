"""Office hours: several spans of a working day, of the nearest unit that says so; refused where they make no sense."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.core.clock import local_moment
from casework.core.errors import DomainError
from casework.deadlines.days import DayTable, days_for
from casework.deadlines.engine import due_at, elapsed
from casework.deadlines.hours import is_open
from casework.deadlines.office import OFFICE, parse_hours, written
from casework.deadlines.terms import set_hours
from casework.deadlines.units import WORKING_HOURS
from casework.org.models import Unit
from tests.deadlines.conftest import AT

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 10, 12)


@pytest.mark.parametrize(
    "text",
    ["8:30-12:00 14:00-17:30", "08:30–12:00，14:00–17:30", "8：30至12：00、14：00至17：30"],
)
def test_hours_are_read_as_people_write_them(text: str) -> None:
    assert parse_hours(text) == OFFICE
    assert written(parse_hours(text)) == "08:30-12:00 14:00-17:30"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Write the hours like"), ("all day", "Write the hours like"), ("8:30-12:00 or so", "Write the hours like"),
        ("8:00-25:00", "24 hours"), ("8:75-9:00", "24 hours"),
        ("12:00-8:30", "ends after it begins"), ("8:00-12:00 11:00-13:00", "ends after it begins"),
        ("14:00-17:00 8:00-12:00", "ends after it begins"), ("8:00-12:00 12:00-14:00", "ends after it begins"),
        ("1:00-2:00 " * 7, "Write the hours like"),
    ],
)  # fmt: skip
def test_hours_that_make_no_sense_are_refused(text: str, words: str) -> None:
    with pytest.raises(DomainError, match=words):
        parse_hours(text)


def test_the_lunch_break_of_the_nearest_unit_counts(
    calendar: None, county: Unit, school: Unit
) -> None:
    start = local_moment(MONDAY, 11)
    assert due_at(start, 2, WORKING_HOURS, school) == local_moment(MONDAY, 15)
    set_hours(county, parse_hours("8:00-11:30 12:00-16:00"), MONDAY, at=AT, by=None)
    assert due_at(start, 2, WORKING_HOURS, school) == local_moment(MONDAY, 13, 30)
    set_hours(school, parse_hours("7:00-10:00 10:20-12:00 15:00-18:00"), MONDAY, at=AT, by=None)
    assert due_at(start, 2, WORKING_HOURS, school) == local_moment(MONDAY, 16)
    assert due_at(start, 2, WORKING_HOURS, county) == local_moment(MONDAY, 13, 30)


def test_an_office_is_open_in_its_spans_on_working_days_only(calendar: None, county: Unit) -> None:
    days = days_for(county)
    said = [(MONDAY, 8, 29), (MONDAY, 8, 30), (MONDAY, 12, 0), (MONDAY, 14, 0), (MONDAY, 17, 30)]
    assert [is_open(days, local_moment(*each)) for each in said] == [
        False,
        True,
        False,
        True,
        False,
    ]
    assert not is_open(days, local_moment(MONDAY - timedelta(days=1), 9))


ends = st.lists(st.integers(0, 24 * 60), min_size=2, max_size=12, unique=True).map(sorted)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    ends=ends,
    budget=st.integers(1, 40),
    start=st.datetimes(datetime(2020, 1, 1), datetime(2026, 6, 1)),
)
def test_with_any_hours_measuring_undoes_adding(
    calendar: None, county: Unit, ends: list[int], budget: int, start: datetime
) -> None:
    office = tuple(zip(ends[::2], ends[1::2], strict=False))
    days: DayTable = replace(days_for(county), schedule=((0, office),))
    begun = start.replace(tzinfo=local_moment(MONDAY).tzinfo)
    due = due_at(begun, budget, WORKING_HOURS, days)
    assert parse_hours(written(office)) == office
    assert elapsed(begun, due, WORKING_HOURS, days) == budget
    assert is_open(days, due - timedelta.resolution)


def test_hours_hold_from_their_day_on(calendar: None, county: Unit, school: Unit) -> None:
    """Winter hours entered ahead move nothing before they begin; a nearer unit's hours hold from theirs."""
    winter, own = parse_hours("9:00-12:00"), parse_hours("10:00-11:00")
    set_hours(county, winter, MONDAY, at=AT, by=None)
    set_hours(school, own, MONDAY + timedelta(days=2), at=AT, by=None)
    days = days_for(school)
    found = [days.office_on(MONDAY + timedelta(days=n)) for n in (-1, 0, 1, 2, 9)]
    assert found == [OFFICE, winter, winter, own, own]
    start = local_moment(MONDAY, 11)
    assert due_at(start, 3, WORKING_HOURS, school) == local_moment(MONDAY + timedelta(days=1), 11)
    earlier = parse_hours("8:00-9:00")
    set_hours(county, earlier, MONDAY - timedelta(days=1), at=AT, by=None)
    assert days_for(county).office_on(MONDAY) == earlier
