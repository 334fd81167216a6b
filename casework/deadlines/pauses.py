"""Suspensions: the spans in which a clock stands still, as moments and as whole local days."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from casework.core import clock
from casework.core.errors import DomainError

Suspension = tuple[datetime, datetime | None]  # from, to; None: still paused


class ClockStopped(DomainError):
    """There is no due moment: the clock stands still and nobody has said until when."""

    def __init__(self) -> None:
        super().__init__(_("The time limit is paused. It has a date again when the pause ends."))


def merged(suspensions: Sequence[Suspension]) -> list[Suspension]:
    """The suspensions in order, without overlaps and empty ones."""
    spans: list[Suspension] = []
    for begins, ends in sorted(suspensions, key=lambda each: each[0]):
        if ends is not None and ends <= begins:
            continue
        if spans and (spans[-1][1] is None or begins <= spans[-1][1]):
            before = spans.pop()
            begins, ends = before[0], _later(before[1], ends)
        spans.append((begins, ends))
    return spans


def paused_days(suspensions: Sequence[Suspension], *, after: int) -> list[tuple[int, int | None]]:
    """The local days (ordinals) after `after` that lie wholly or partly in a suspension, each once."""
    spans: list[tuple[int, int | None]] = []
    for begins, ends in merged(suspensions):
        first = max(_day(begins), after + 1)
        last = None if ends is None else _day(ends - timedelta(microseconds=1))
        if spans and spans[-1][1] is not None:
            first = max(first, spans[-1][1] + 1)
        if last is None or last >= first:
            spans.append((first, last))
    return spans


def _day(at: datetime) -> int:
    return at.astimezone(clock.LOCAL).toordinal()


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)
