"""What was overdue at a past moment and in whose hands, read from `StepDue` and `StepHolder` alone (design.md promise 3)."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from casework.cases.models import StepDue, StepHolder
from casework.core.clock import LOCAL
from casework.deadlines.days import days_for
from casework.deadlines.engine import working_days_late
from casework.org.models import Unit
from casework.oversight.figures import below


@dataclass(frozen=True)
class Late:
    """A step that was open and overdue. `holder` is the user name, None when nobody held it; times are ISO 8601."""

    case: str
    step: str
    unit: str
    holder: str | None
    due: str
    late_by_working_days: int
    late_by_seconds: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def overdue_as_of(unit: Unit, as_of: datetime) -> list[Late]:
    """The steps of `unit` and below that were open and overdue at `as_of`, most overdue first. Three queries.

    DomainError when a due moment lies outside the loaded calendar.
    """
    days = days_for(unit)
    return [
        Late(
            case=row.step.case.number,
            step=row.step.kind,
            unit=row.step.unit.code or row.step.unit.name,
            holder=row.holder,
            due=row.due_at.astimezone(LOCAL).isoformat(),
            late_by_working_days=working_days_late(row.due_at, as_of, days),
            late_by_seconds=int((as_of - row.due_at).total_seconds()),
        )
        for row in _dues(unit, as_of).order_by("due_at", "step_id")
    ]


def _dues(unit: Unit, as_of: datetime) -> QuerySet[Any]:
    """The due moments in force at `as_of` that had passed: the newest row of a step, unless that row ends it."""
    known = StepDue.objects.filter(step=OuterRef("step"), since__lte=as_of)
    newer = known.filter(
        Q(since__gt=OuterRef("since")) | Q(since=OuterRef("since"), pk__gt=OuterRef("pk"))
    )
    held = StepHolder.objects.filter(step=OuterRef("step"), since__lte=as_of).order_by(
        "-generation"
    )
    rows: QuerySet[Any] = (
        StepDue.objects.filter(
            ~Exists(newer),
            below(unit, "step__unit__path"),
            since__lte=as_of,
            due_at__lt=as_of,
            ended=False,
        )
        .select_related("step__case", "step__unit")
        .annotate(holder=Subquery(held.values(name=F("user__username"))[:1]))
    )
    return rows
