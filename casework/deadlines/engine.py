"""One engine that adds and measures time limits (design: a deadline can be explained).

Counting (Civil Code art. 201): the day of the event is not counted; a budget of 0 is the same day, or the
next day that counts; a limit in days ends at 24:00 local time of its last day. The clock is never read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from casework.core import clock
from casework.deadlines import hours
from casework.deadlines.days import Count, DayTable, days_for
from casework.deadlines.pauses import ClockStopped, Suspension, paused_days
from casework.deadlines.reasons import DayLine, lines_of_days, lines_of_hours
from casework.deadlines.units import CALENDAR_DAYS, WORKING_DAYS, WORKING_HOURS, count_of, last_day
from casework.org.models import Unit


@dataclass(frozen=True)
class Due:
    """When a step is due, by which calendar version (its number), and whether a year of it is not certain yet."""

    at: datetime
    calendar_version: int
    provisional: bool


def due_at(
    start: datetime,
    budget: int,
    unit_of_count: str,
    unit: Unit | DayTable,
    *,
    suspensions: Sequence[Suspension] = (),
    roll_forward: bool = False,
) -> datetime:
    """The moment at which a budget that began to run at `start` is used up.

    `budget` is in `unit_of_count` (one of units.UNITS), 0 or more. Suspensions are (from, to or None) moments:
    days wholly or partly inside do not count. `roll_forward` moves a limit in calendar days to the next
    working day. Errors: DomainError outside the calendar or terms entered, ClockStopped in an open pause.
    """
    days = days_for(unit)
    if unit_of_count == WORKING_HOURS:
        return hours.due_at(start, budget, days, suspensions)
    first = start.astimezone(clock.LOCAL).toordinal()
    last = due_day(first, budget, unit_of_count, days, suspensions)
    if roll_forward and unit_of_count == CALENDAR_DAYS:
        last = _next(days.working, last - 1)
    return _end_of(last)


def due_day(
    first: int,
    budget: int,
    unit_of_count: str,
    days: DayTable,
    suspensions: Sequence[Suspension] = (),
) -> int:
    """`due_at` for the units of whole days, on ordinals: the day of the event in, the last day out."""
    if budget < 0:
        raise ValueError("a budget is never negative")
    count = count_of(unit_of_count, days)
    if budget == 0:
        first, budget = first - 1, 1
    number = count.through(first) + budget
    if suspensions:
        number = _past_pauses(count, first, number, suspensions)
    return count.nth(number)


def _past_pauses(count: Count, first: int, number: int, suspensions: Sequence[Suspension]) -> int:
    for begins, ends in paused_days(suspensions, after=first):
        if count.nth(number) < begins:
            break
        if ends is None:
            raise ClockStopped
        number += count.through(ends) - count.through(begins - 1)
    return number


def elapsed(
    start: datetime,
    end: datetime,
    unit_of_count: str,
    unit: Unit | DayTable,
    *,
    suspensions: Sequence[Suspension] = (),
) -> int:
    """How many whole units of the budget are used up at `end`: the largest n with due_at(start, n) <= end.

    So `elapsed(start, due_at(start, n)) == n` and it never falls as `end` grows. One moment answers to
    two budgets: from a day that does not count, 0 and 1 both end on the next day that does (elapsed: 1).
    """
    days = days_for(unit)
    if unit_of_count == WORKING_HOURS:
        return hours.elapsed(start, end, days, suspensions)
    first = start.astimezone(clock.LOCAL).toordinal()
    last = end.astimezone(clock.LOCAL).toordinal() - 1
    if last <= first:
        return 0
    count = count_of(unit_of_count, days)
    used = count.through(last) - count.through(first)
    for begins, ends in paused_days(suspensions, after=first):
        ends = last if ends is None else min(ends, last)
        used -= max(0, count.through(ends) - count.through(begins - 1))
    return used


def stood_still(
    start: datetime, spans: Sequence[Suspension], unit_of_count: str, unit: Unit | DayTable
) -> int:
    """How many units of a count that began at `start` lie in these closed spans: what the budget was spared. Limits in hours are told in working days."""
    days = days_for(unit)
    count = count_of(WORKING_DAYS if unit_of_count == WORKING_HOURS else unit_of_count, days)
    return sum(
        count.through(ends) - count.through(begins - 1)
        for begins, ends in paused_days(spans, after=start.astimezone(clock.LOCAL).toordinal())
        if ends is not None
    )


def due_with_calendar(
    start: datetime,
    budget: int,
    unit_of_count: str,
    unit: Unit | DayTable,
    *,
    suspensions: Sequence[Suspension] = (),
    roll_forward: bool = False,
) -> Due:
    """`due_at` with what a step stores beside it."""
    days = days_for(unit)
    at = due_at(
        start, budget, unit_of_count, days, suspensions=suspensions, roll_forward=roll_forward
    )
    official = unit_of_count != CALENDAR_DAYS or roll_forward
    years = range(clock.local_date(start).year, last_day(at).year + 1)
    provisional = official and any(year not in days.official.known_years for year in years)
    return Due(at, days.official.number, provisional)


def explain(
    start: datetime,
    budget: int,
    unit_of_count: str,
    unit: Unit | DayTable,
    suspensions: Sequence[Suspension] = (),
    *,
    roll_forward: bool = False,
) -> list[DayLine]:
    """Every day from the event to the due day, in the active language; arguments and errors as `due_at`.

    For limits in days as many lines are counted as the budget has days.
    """
    days = days_for(unit)
    due = due_at(
        start, budget, unit_of_count, days, suspensions=suspensions, roll_forward=roll_forward
    )
    first, last = clock.local_date(start), last_day(max(due, start))
    if unit_of_count == WORKING_HOURS:
        return list(lines_of_hours(start, budget, due, days, suspensions))
    paused = paused_days(suspensions, after=first.toordinal() - 1)
    return list(lines_of_days(first, last, budget, unit_of_count, days, paused))


def working_days_late(due: datetime, at: datetime, unit: Unit | DayTable) -> int:
    """How many whole working days have passed since the due day at `at`; 0 when it is not late."""
    return elapsed(clock.local_moment(last_day(due)), at, WORKING_DAYS, unit)


def working_day_late(due: datetime, at: datetime, unit: Unit | DayTable) -> int:
    """On which working day after the due day it was done at `at`: 1 on the first (or on a day off before it). 0: in time."""
    if at <= due:
        return 0
    count = days_for(unit).working
    days = count.through(clock.local_date(at).toordinal()) - count.through(
        last_day(due).toordinal()
    )
    return max(1, days)


def late_from(due: datetime, working_days: int, unit: Unit | DayTable) -> datetime:
    """The moment from which `working_days_late` is at least that many (1 or more): when a rung fires."""
    return _late_from(due, working_days, days_for(unit).working)


@lru_cache(maxsize=4096)
def _late_from(due: datetime, working_days: int, working: Count) -> datetime:
    """Kept: thousands of steps are due on the same evenings."""
    return _end_of(working.nth(working.through(last_day(due).toordinal()) + working_days))


def _next(count: Count, after: int) -> int:
    return count.nth(count.through(after) + 1)


@lru_cache(maxsize=4096)
def _end_of(day: int) -> datetime:
    return clock.end_of(date.fromordinal(day))
