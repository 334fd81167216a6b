"""The rules of detection as pure functions: they know marks and school days, no database and no clock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Run:
    """Consecutive unexcused school days, and the days among them of which the roll says nothing."""

    days: tuple[date, ...]
    gaps: tuple[date, ...]

    @property
    def first_day(self) -> date:
        return self.days[0]

    @property
    def last_day(self) -> date:
        return self.days[-1]


def runs(
    marks: Mapping[date, str | None],
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
    found: list[Run] = []
    current: list[date] = []
    gaps: list[date] = []
    for day in (*school_days, None):
        mark = marks.get(day) if day else ""
        if day and mark in unexcused:
            current.append(day)
        elif day and mark is None:
            gaps.append(day)
        else:
            if len(current) >= days:
                found.append(
                    Run(tuple(current), tuple(g for g in gaps if current[0] < g < current[-1]))
                )
            current, gaps = [], []
    return found
