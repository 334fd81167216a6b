"""Why a date: the days of a time limit one by one, each with its number or the reason why it has none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from casework.core import clock
from casework.deadlines import hours
from casework.deadlines.calendar import SATURDAY
from casework.deadlines.days import DayTable
from casework.deadlines.models import Holiday
from casework.deadlines.pauses import Suspension, paused_days
from casework.deadlines.units import (
    CALENDAR_DAYS,
    SCHOOL_DAYS,
    WORKING_HOURS,
    count_of,
    last_day,
)


@dataclass(frozen=True)
class DayLine:
    """A day of a limit. `number` is the running number reached at its end, `reason` words for a page."""

    day: date
    counted: bool
    number: int
    reason: str
    provisional: bool


def lines_of_days(
    first: date,
    last: date,
    budget: int,
    unit_of_count: str,
    days: DayTable,
    paused: Sequence[tuple[int, int | None]],
) -> Iterator[DayLine]:
    """The lines of a limit in days, from the day of the event to the due day."""
    counts, number = count_of(unit_of_count, days).counts, 0
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        stands = _is_paused(ordinal, paused)
        counted = day > first and number < budget and counts(ordinal) and not stands
        number += counted
        if day == first:
            reason = _("day of the event")
        elif stands:
            reason = _("paused")
        else:
            reason = _reason(day, unit_of_count, days, counted=counted)
        yield _line(day, number, reason, unit_of_count, days, counted=counted)


def lines_of_hours(
    start: datetime,
    budget: int,
    due: datetime,
    days: DayTable,
    suspensions: Sequence[Suspension],
) -> Iterator[DayLine]:
    """The lines of a limit in working hours: each day with the whole hours used up at its end."""
    number = 0
    for ordinal in range(clock.local_date(start).toordinal(), last_day(due).toordinal() + 1):
        day = date.fromordinal(ordinal)
        reached = hours.elapsed(start, min(due, clock.end_of(day)), days, suspensions)
        counted = reached > number
        number = reached
        stands = _is_paused(ordinal, paused_days(suspensions, after=ordinal - 1))
        working = days.working.counts(ordinal)
        reason = _reason(day, WORKING_HOURS, days, counted=working)
        if working and stands:
            reason = _("paused")
        yield _line(day, number, reason, WORKING_HOURS, days, counted=counted)


def _is_paused(ordinal: int, paused: Sequence[tuple[int, int | None]]) -> bool:
    return any(first <= ordinal and (last is None or ordinal <= last) for first, last in paused)


def _line(
    day: date, number: int, reason: str, unit_of_count: str, days: DayTable, *, counted: bool
) -> DayLine:
    provisional = unit_of_count != CALENDAR_DAYS and days.is_provisional(day)
    if provisional and not reason:
        reason = _("provisional: the official notice for this year is not out")
    return DayLine(day, counted, number, reason, provisional)


def _reason(day: date, unit_of_count: str, days: DayTable, *, counted: bool) -> str:
    """Words for a day that is neither the event's nor paused; empty for an ordinary counted day."""
    if unit_of_count == CALENDAR_DAYS and counted:
        return ""
    if unit_of_count == SCHOOL_DAYS and day in days.overrides:
        return days.overrides[day].reason
    working, name = days.official.named.get(day, (day.weekday() < SATURDAY, ""))
    if name and working == counted:
        return str(Holiday(name).label)
    if working and not counted:
        return _why_a_working_day_is_left_out(day, unit_of_count, days)
    return "" if working else _("weekend")


def _why_a_working_day_is_left_out(day: date, unit_of_count: str, days: DayTable) -> str:
    if unit_of_count == SCHOOL_DAYS and days.term_of(day) is None:
        return _("school holidays")
    return _("the day it is due")
