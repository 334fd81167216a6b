"""Limits in working hours: the only ones with a clock time. Office hours of working days, pauses taken out."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import count as numbers

from casework.core import clock
from casework.deadlines.days import Count
from casework.deadlines.pauses import ClockStopped, Suspension, merged

Hours = tuple[tuple[int, int, int, int], ...]  # from hour, minute, to hour, minute
OFFICE: Hours = ((8, 30, 12, 0), (14, 0, 17, 30))
HOUR = timedelta(hours=1)


def due_at(
    start: datetime,
    budget: int,
    working: Count,
    suspensions: Sequence[Suspension] = (),
    office: Hours = OFFICE,
) -> datetime:
    """The moment when `budget` office hours since `start` are used up; 0: `start` or the next opening.

    In an open pause: ClockStopped. Past the loaded years: DomainError.
    """
    if budget < 0:
        raise ValueError("a budget is never negative")
    left = budget * HOUR
    for begins, ends in _pieces(start, working, suspensions, office):
        if left <= ends - begins:
            return begins + left
        left -= ends - begins
    raise ClockStopped


def elapsed(
    start: datetime,
    end: datetime,
    working: Count,
    suspensions: Sequence[Suspension] = (),
    office: Hours = OFFICE,
) -> int:
    """How many whole office hours lie between `start` and `end`, pauses taken out."""
    used = timedelta()
    for begins, ends in _pieces(start, working, suspensions, office):
        if begins >= end:
            break
        used += min(ends, end) - begins
    return used // HOUR


def _pieces(
    start: datetime, working: Count, suspensions: Sequence[Suspension], office: Hours
) -> Iterator[tuple[datetime, datetime]]:
    """The spans of office time from `start` on, in order; they end where an open pause begins."""
    pauses = merged(suspensions)
    first = working.through(start.astimezone(clock.LOCAL).toordinal() - 1) + 1
    for number in numbers(first):
        day = date.fromordinal(working.nth(number))
        if pauses and pauses[-1][1] is None and clock.local_moment(day) >= pauses[-1][0]:
            return
        for opens_hour, opens_minute, closes_hour, closes_minute in office:
            opens = max(start, clock.local_moment(day, opens_hour, opens_minute))
            yield from _without(pauses, opens, clock.local_moment(day, closes_hour, closes_minute))


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
