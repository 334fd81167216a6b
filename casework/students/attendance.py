"""What the rules of a place say about calling the roll, and what the parts of a day come to (domain.md B1, B3). Pure but for `policy`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from casework.core.clock import LOCAL, local_date, local_moment
from casework.org.models import Unit
from casework.profiles.rules import Newest, rules_for, section_of
from casework.students.models import Mark, Part

NOON = 12
AWAY = (Mark.ABSENT, Mark.SICK, Mark.LEAVE)
# what a day is called whose parts differ, none of them missed without leave: the first of these that occurs
_WEIGHT = (Mark.SICK, Mark.LEAVE, Mark.LATE, Mark.LEFT_EARLY)


@dataclass(frozen=True)
class Policy:
    """The section `attendance` of the rules: which parts are called and by when (minutes of the day), what half a day counts."""

    parts: tuple[Part, ...]
    by: dict[Part, int]
    half_counts: bool
    teacher_leave_days: int

    def due_at(self, day: date, part: Part) -> datetime:
        """When the roll of that part should have been called."""
        return local_moment(day, *divmod(self.by[part], 60))

    def begun(self, at: datetime) -> tuple[Part, ...]:
        """The parts of today that have begun: the afternoon at noon."""
        is_morning = at.astimezone(LOCAL).hour < NOON
        return tuple(part for part in self.parts if part == Part.MORNING or not is_morning)

    def late(self, day: date, part: Part, at: datetime) -> bool:
        """Whether that roll should be there by now."""
        return at >= self.due_at(day, part)

    def called_for(self, day: date, at: datetime) -> tuple[Part, ...]:
        """The parts of a day whose roll can be called by now."""
        return self.begun(at) if day == local_date(at) else self.parts


def policy(unit: Unit, at: datetime, *, newest: Newest | None = None) -> Policy:
    """The rules of attendance in force for a unit; `newest` as in `rules_for`. Without any: DomainError with the remedy."""
    said = section_of(rules_for(unit, at, newest=newest), "attendance", unit)
    by = {part: said[f"{part}_hour"] * 60 + said[f"{part}_minute"] for part in Part}
    parts = (Part.MORNING, Part.AFTERNOON) if said["afternoon"] else (Part.MORNING,)
    return Policy(parts, by, bool(said["half_day_counts"]), said["teacher_leave_days"])


def day_mark(marks: Sequence[str], *, half_counts: bool) -> str:
    """What a day comes to whose called parts say `marks` (one each).

    Missed without leave in every part: absent; in some: `half`, or absent where the rules count it so.
    """
    if len(set(marks)) == 1:
        return marks[0]
    if {Mark.ABSENT, Mark.HALF} & set(marks):
        return Mark.ABSENT if half_counts else Mark.HALF
    return next(mark for mark in _WEIGHT if mark in marks)


def same_again(mark: str) -> str:
    """What a mark of the morning says of the afternoon: who was away still is, who came late is there."""
    return mark if mark in AWAY else Mark.PRESENT
