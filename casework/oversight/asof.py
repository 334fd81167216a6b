"""What was overdue at a past moment and in whose hands, as a list for the command line."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.core.clock import LOCAL
from casework.core.errors import DomainError
from casework.deadlines.days import days_of
from casework.deadlines.engine import working_days_late
from casework.org.models import Unit
from casework.oversight.figures import steps_of
from casework.oversight.lens import Lens


@dataclass(frozen=True)
class Late:
    """A step that was open and overdue. `holder` is the user name, None when nobody held it; times are ISO 8601."""

    case: str
    step: str
    unit: str
    holder: str | None
    name: str | None
    due: str
    late_by_working_days: int
    late_by_seconds: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def overdue_as_of(unit: Unit, as_of: datetime, now: datetime) -> list[Late]:
    """The steps of `unit` and below that were open and overdue at `as_of`, most overdue first. Five queries.

    DomainError for a moment after `now`, and when a due moment lies outside the loaded calendar.
    """
    if as_of > now:
        raise DomainError(
            _("%(at)s lies ahead: what will be overdue then nobody knows yet."), at=_iso(as_of)
        )
    lens = Lens(as_of, past=True)
    rows = steps_of(unit, lens, "overdue").select_related("case__school")
    steps = lens.shown(rows.order_by(lens.due, "pk"))
    days = days_of({step.case.school.path for step in steps})
    return [
        Late(
            case=step.case.number,
            step=step.shown_kind,
            unit=_place(step.unit, step.case.school),
            holder=step.holder.username if step.holder else None,
            name=step.holder.display_name if step.holder else None,
            due=_iso(step.due_at),
            late_by_working_days=working_days_late(step.due_at, as_of, days[step.case.school.path]),
            late_by_seconds=int((as_of - step.due_at).total_seconds()),
        )
        for step in steps
    ]


def _place(unit: Unit, school: Unit) -> str:
    """A class is named with its school: every school has a class 1."""
    return f"{school.name} {unit.name}" if unit != school and school.holds(unit) else unit.name


def _iso(at: datetime) -> str:
    return at.astimezone(LOCAL).isoformat()
