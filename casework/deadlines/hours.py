"""Limits in working hours: the only ones with a clock time. Office hours of working days, pauses taken out."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import count as numbers

from casework.core import clock
from casework.deadlines.days import DayTable
from casework.deadlines.pauses import ClockStopped, Suspension, merged

HOUR = timedelta(hours=1)


def due_at(
    start: datetime, budget: int, days: DayTable, suspensions: Sequence[Suspension] = ()
) -> datetime:
    """The moment when `budget` office hours since `start` are used up; 0: `start` or the next opening.

    In an open pause: ClockStopped. Past the loaded years: DomainError.
    """
    if budget < 0:
        raise ValueError("a budget is never negative")
    left = budget * HOUR
    for begins, ends in _pieces(start, days, suspensions):
        if left <= ends - begins:
            return begins + left
        left -= ends - begins
    raise ClockStopped


def elapsed(
    start: datetime, end: datetime, days: DayTable, suspensions: Sequence[Suspension] = ()
) -> int:
    """How many whole office hours lie between `start` and `end`, pauses taken out."""
    used = timedelta()
    for begins, ends in _pieces(start, days, suspensions):
        if begins >= end:
            break
        used += min(ends, end) - begins
    return used // HOUR


def is_open(days: DayTable, at: datetime) -> bool:
    """Whether the offices work at that moment: on a working day, in one of its spans."""
    day = clock.local_date(at)
    hours = days.office_on(day)
    spans = ((_moment(day, opens), _moment(day, closes)) for opens, closes in hours)
    return days.working.counts(day.toordinal()) and any(a <= at < b for a, b in spans)


def _pieces(
    start: datetime, days: DayTable, suspensions: Sequence[Suspension]
) -> Iterator[tuple[datetime, datetime]]:
    """The spans of office time from `start` on, in order; they end where an open pause begins."""
    pauses = merged(suspensions)
    working = days.working
    first = working.through(start.astimezone(clock.LOCAL).toordinal() - 1) + 1
    for number in numbers(first):
        day = date.fromordinal(working.nth(number))
        if pauses and pauses[-1][1] is None and clock.local_moment(day) >= pauses[-1][0]:
            return
        for opens, closes in days.office_on(day):
            begins = max(start, _moment(day, opens))
            yield from _without(pauses, begins, _moment(day, closes))


def _moment(day: date, minutes: int) -> datetime:
    return clock.local_moment(day) + timedelta(minutes=minutes)


def _without(
    pauses: Sequence[Suspension], begins: datetime, ends: datetime
) -> Iterator[tuple[datetime, datetime]]:
    for pause_begins, pause_ends in pauses:
        if pause_begins >= ends or (pause_ends is not None and pause_ends <= begins):
            continue
        if begins < pause_begins:
            yield begins, pause_begins
        begins = ends if pause_ends is None else pause_ends
    if begins < ends:
        yield begins, ends
