"""Due dates by the book: the exact rules on real days, each with its reason."""

from datetime import timedelta

import pytest

from casework.core.errors import DomainError
from casework.deadlines.days import DayTable
from casework.deadlines.engine import (
    due_at,
    due_with_calendar,
    elapsed,
    explain,
    late_from,
    working_days_late,
)
from casework.deadlines.pauses import ClockStopped
from casework.deadlines.units import CALENDAR_DAYS, SCHOOL_DAYS, WORKING_DAYS, WORKING_HOURS
from tests.deadlines.conftest import moment


@pytest.mark.parametrize(
    ("start", "budget", "unit", "due"),
    [
        # the day of the event is not counted, the limit ends at 24:00
        ("2026-11-16 09:00", 1, WORKING_DAYS, "2026-11-18 00:00"),
        ("2026-11-16 00:00", 1, WORKING_DAYS, "2026-11-18 00:00"),
        ("2026-11-16 23:59", 1, WORKING_DAYS, "2026-11-18 00:00"),
        # over a weekend, and from a day that does not count
        ("2026-11-20 09:00", 1, WORKING_DAYS, "2026-11-24 00:00"),
        ("2026-11-21 09:00", 1, WORKING_DAYS, "2026-11-24 00:00"),
        # 0: the same day, or the next day that counts
        ("2026-11-20 09:00", 0, WORKING_DAYS, "2026-11-21 00:00"),
        ("2026-11-21 09:00", 0, WORKING_DAYS, "2026-11-24 00:00"),
        # National Day week 2026: 1 to 7 October off, Sunday 20 September and Saturday 10 October work
        ("2026-09-30 09:00", 1, WORKING_DAYS, "2026-10-09 00:00"),
        ("2026-09-30 09:00", 3, SCHOOL_DAYS, "2026-10-11 00:00"),
        ("2026-09-18 09:00", 1, SCHOOL_DAYS, "2026-09-21 00:00"),
        # school days wait for the next term
        ("2027-01-22 09:00", 1, SCHOOL_DAYS, "2027-03-02 00:00"),
        # calendar days do not roll
        ("2026-09-28 09:00", 7, CALENDAR_DAYS, "2026-10-06 00:00"),
        # office hours are the only clock time
        ("2026-11-20 16:30", 2, WORKING_HOURS, "2026-11-23 09:30"),
        ("2026-11-20 11:30", 1, WORKING_HOURS, "2026-11-20 14:30"),
        ("2026-11-20 08:00", 7, WORKING_HOURS, "2026-11-20 17:30"),
        ("2026-11-21 10:00", 0, WORKING_HOURS, "2026-11-23 08:30"),
    ],
)
def test_due_at(table: DayTable, start: str, budget: int, unit: str, due: str) -> None:
    assert due_at(moment(start), budget, unit, table) == moment(due)


def test_calendar_days_roll_only_where_the_profile_says_so(table: DayTable) -> None:
    start = moment("2026-09-28 09:00")
    rolled = due_at(start, 7, CALENDAR_DAYS, table, roll_forward=True)
    assert rolled == moment("2026-10-09 00:00")
    lines = explain(start, 7, CALENDAR_DAYS, table, roll_forward=True)
    assert (lines[-1].day.day, sum(line.counted for line in lines)) == (8, 7)
    assert due_at(start, 1, WORKING_DAYS, table, roll_forward=True) == due_at(
        start, 1, WORKING_DAYS, table
    )


def test_days_wholly_or_partly_in_a_pause_do_not_count(table: DayTable) -> None:
    start = moment("2026-11-16 09:00")
    pause = [(moment("2026-11-17 16:00"), moment("2026-11-19 00:00"))]
    assert due_at(start, 1, WORKING_DAYS, table, suspensions=pause) == moment("2026-11-20 00:00")
    later = [(moment("2026-11-17 16:00"), moment("2026-11-19 00:01"))]
    assert due_at(start, 1, WORKING_DAYS, table, suspensions=later) == moment("2026-11-21 00:00")
    end = moment("2026-11-20 12:00")
    assert elapsed(start, end, WORKING_DAYS, table) == 3
    assert elapsed(start, end, WORKING_DAYS, table, suspensions=pause) == 1
    assert elapsed(start, end, WORKING_DAYS, table, suspensions=[*pause, *later]) == 0


def test_a_pause_of_office_hours_takes_out_just_those_hours(table: DayTable) -> None:
    pause = [(moment("2026-11-16 10:00"), moment("2026-11-16 11:00"))]
    start = moment("2026-11-16 09:00")
    due = due_at(start, 2, WORKING_HOURS, table, suspensions=pause)
    assert due == moment("2026-11-16 12:00")
    assert elapsed(start, due, WORKING_HOURS, table, suspensions=pause) == 2


@pytest.mark.parametrize("unit", [WORKING_DAYS, CALENDAR_DAYS, WORKING_HOURS])
def test_an_open_pause_leaves_no_due_moment(table: DayTable, unit: str) -> None:
    start, pause = moment("2026-11-16 09:00"), [(moment("2026-11-16 10:00"), None)]
    with pytest.raises(ClockStopped):
        due_at(start, 9, unit, table, suspensions=pause)
    assert elapsed(start, moment("2026-12-01 09:00"), unit, table, suspensions=pause) <= 1


def test_an_open_pause_after_the_due_day_changes_nothing(table: DayTable) -> None:
    start, pause = moment("2026-11-16 09:00"), [(moment("2026-11-19 10:00"), None)]
    assert due_at(start, 2, WORKING_DAYS, table, suspensions=pause) == moment("2026-11-19 00:00")


def test_from_a_day_that_does_not_count_0_and_1_end_together(table: DayTable) -> None:
    saturday = moment("2026-11-21 09:00")
    due = due_at(saturday, 0, WORKING_DAYS, table)
    assert due == due_at(saturday, 1, WORKING_DAYS, table)
    assert elapsed(saturday, due, WORKING_DAYS, table) == 1


def test_a_due_date_in_a_year_without_notice_is_provisional(table: DayTable) -> None:
    due = due_with_calendar(moment("2026-12-30 09:00"), 2, WORKING_DAYS, table)
    assert (due.at, due.provisional) == (moment("2027-01-05 00:00"), True)
    assert due.calendar_version == table.official.number
    assert not due_with_calendar(moment("2026-12-30 09:00"), 1, WORKING_DAYS, table).provisional
    assert not due_with_calendar(moment("2026-12-30 09:00"), 9, CALENDAR_DAYS, table).provisional


def test_days_late_are_whole_working_days_after_the_due_day(table: DayTable) -> None:
    due = moment("2026-11-21 00:00")  # 24:00 of Friday
    late = {
        "2026-11-20 23:59": 0,
        "2026-11-21 00:01": 0,
        "2026-11-23 23:59": 0,
        "2026-11-24 00:00": 1,
        "2026-11-26 09:00": 3,
    }
    assert {at: working_days_late(due, moment(at), table) for at in late} == late
    assert late_from(due, 1, table) == moment("2026-11-24 00:00")


def test_the_explanation_gives_each_day_its_reason(table: DayTable) -> None:
    pause = [(moment("2026-09-21 10:00"), moment("2026-09-21 11:00"))]
    lines = explain(moment("2026-09-18 09:00"), 5, SCHOOL_DAYS, table, pause)
    assert [(line.day.day, line.number, line.reason) for line in lines] == [
        (18, 0, "day of the event"),
        (19, 0, "weekend"),
        (20, 1, "make-up workday"),
        (21, 1, "paused"),
        (22, 2, ""),
        (23, 3, ""),
        (24, 4, ""),
        (25, 4, "Mid-Autumn Festival"),
        (26, 4, "weekend"),
        (27, 4, "weekend"),
        (28, 5, ""),
    ]


def test_the_explanation_names_school_holidays_and_uncertain_years(table: DayTable) -> None:
    lines = explain(moment("2027-01-21 09:00"), 2, SCHOOL_DAYS, table)
    reasons = {line.day.isoformat(): line.reason for line in lines}
    assert reasons["2027-01-25"] == "school holidays"
    assert reasons["2027-02-06"] == "Spring Festival"
    assert reasons["2027-01-22"].startswith("provisional")
    assert all(line.provisional for line in lines)


def test_the_explanation_of_hours_counts_hours(table: DayTable) -> None:
    lines = explain(moment("2026-11-20 16:30"), 2, WORKING_HOURS, table)
    assert [(line.day.day, line.counted, line.number) for line in lines] == [
        (20, True, 1),
        (21, False, 1),
        (22, False, 1),
        (23, True, 2),
    ]


def test_an_unknown_unit_and_a_negative_budget_are_refused(table: DayTable) -> None:
    start = moment("2026-11-20 16:30")
    with pytest.raises(DomainError, match="no unit"):
        due_at(start, 1, "weeks", table)
    for unit in (WORKING_DAYS, WORKING_HOURS):
        with pytest.raises(ValueError, match="negative"):
            due_at(start, -1, unit, table)


def test_a_due_date_past_the_loaded_years_is_refused(table: DayTable) -> None:
    with pytest.raises(DomainError, match="load_calendar"):
        due_at(moment("2027-12-30 09:00"), 5, WORKING_DAYS, table)
    assert due_at(moment("2027-12-30 09:00"), 5, CALENDAR_DAYS, table) == moment("2028-01-05 00:00")


def test_REL_15_a_clock_jump_neither_fires_nor_hides_a_limit(table: DayTable) -> None:
    """REL-15: lateness depends on the moments alone, so a clock that jumps and comes back changes nothing."""
    start, true_now = moment("2026-11-16 09:00"), moment("2026-11-19 09:00")
    due = due_at(start, 1, WORKING_DAYS, table)
    seen = [
        working_days_late(due, true_now + timedelta(days=jump), table) for jump in (0, 3, -3, 0)
    ]
    assert seen == [1, 3, 0, 1]
    assert due_at(start, 1, WORKING_DAYS, table) == due
