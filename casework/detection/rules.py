"""The rules of detection about attendance, as pure functions: they know marks and school days, no database and no clock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

Marks = Mapping[date, str | None]
EXCUSED = ("sick", "leave")
HERE = ("present", "late", "left_early", "half")


@dataclass(frozen=True)
class Run:
    """The school days that made a finding, ascending, and the days among them of which the roll says nothing."""

    days: tuple[date, ...]
    gaps: tuple[date, ...] = ()

    @property
    def first_day(self) -> date:
        return self.days[0]

    @property
    def last_day(self) -> date:
        return self.days[-1]


def runs(
    marks: Marks,
    school_days: Sequence[date],
    *,
    days: int,
    unexcused: Collection[str],
) -> list[Run]:
    """Every run of at least `days` consecutive unexcused school days (domain.md B3, 2.2 stage 1), finished or not.

    `marks` says for a day what the roll says, None or nothing where it says nothing: such a day neither counts
    nor breaks and is a gap of the run it lies in. Any other mark that is not in `unexcused` breaks. Days that are
    not in `school_days` (ascending) do not exist for the rule.
    """
    return [run for run, _before in _runs(marks, school_days, unexcused) if len(run.days) >= days]


def after_leave(
    marks: Marks, school_days: Sequence[date], *, days: int, unexcused: Collection[str]
) -> list[Run]:
    """Every run of at least `days` unexcused school days that follows sick leave or leave directly: the leave ended, the child is not back."""
    found = _runs(marks, school_days, unexcused)
    return [run for run, before in found if before in EXCUSED and len(run.days) >= days]


def _runs(
    marks: Marks, school_days: Sequence[date], unexcused: Collection[str]
) -> list[tuple[Run, str]]:
    """All runs, each with the mark that stands before it; empty where none does."""
    found: list[tuple[Run, str]] = []
    current: list[date] = []
    gaps: list[date] = []
    before = last = ""
    for day in (*school_days, None):
        mark = marks.get(day) if day else ""
        if day and mark in unexcused:
            before = before if current else last
            current.append(day)
        elif day and mark is None:
            gaps.append(day)
        else:
            if current:
                inner = tuple(gap for gap in gaps if current[0] < gap < current[-1])
                found.append((Run(tuple(current), inner), before))
            current, gaps, last = [], [], mark or ""
    return found


def within(
    marks: Marks, school_days: Sequence[date], *, days: int, span: int, counted: Collection[str]
) -> list[Run]:
    """Days with a counted mark wherever `days` of them lie within `span` consecutive school days; overlapping ones are one."""
    place = {day: at for at, day in enumerate(school_days)}
    hits = [day for day in school_days if marks.get(day) in counted]
    close = [
        hits[at : at + days]
        for at in range(len(hits) - days + 1)
        if place[hits[at + days - 1]] - place[hits[at]] < span
    ]
    found: list[list[date]] = []
    for group in close:
        if found and found[-1][-1] >= group[0]:
            found[-1] += [day for day in group if day > found[-1][-1]]
        else:
            found.append(list(group))
    return [Run(tuple(group)) for group in found]


def share_of_month(
    marks: Marks, school_days: Sequence[date], *, days: int, percent: int, counted: Collection[str]
) -> list[Run]:
    """The counted days of each calendar month in which they are at least `days` and at least `percent` of its school days so far."""
    months = groupby(school_days, key=lambda day: (day.year, day.month))
    shares = [
        share(marks, list(m), days=days, percent=percent, counted=counted) for _k, m in months
    ]
    return [run for found in shares for run in found]


def share(
    marks: Marks, school_days: Sequence[date], *, days: int, percent: int, counted: Collection[str]
) -> list[Run]:
    """The counted days, if they are at least `days` and at least `percent` of the school days (domain.md B5, B6); one run or none."""
    hits = tuple(day for day in school_days if marks.get(day) in counted)
    enough = len(hits) >= max(days, 1) and len(hits) * 100 >= percent * len(school_days)
    return [Run(hits)] if enough else []


def never_there(marks: Marks, school_days: Sequence[date], *, days: int) -> list[Run]:
    """The called days, if there are at least `days` and on none of them the pupil was there, not even for a part of it."""
    called = [day for day in school_days if marks.get(day) is not None]
    if len(called) < days or any(marks[day] in HERE for day in called):
        return []
    return [Run(tuple(called))]
