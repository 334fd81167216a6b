"""A step's due moment worked out anew from its own row, its pauses and the days that count now; old, new and cause are kept."""

from collections.abc import Sequence
from copy import copy
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.models import Step, StepDue, Suspension
from casework.cases.step_clock import count, counted_by, opens_at, said_of
from casework.core.errors import DomainError
from casework.core.rows import update_if
from casework.deadlines.days import days_for
from casework.deadlines.engine import stood_still, working_day_late
from casework.deadlines.limits import Limit
from casework.deadlines.pauses import Suspension as Span
from casework.org.models import User


class Counted(NamedTuple):
    """What is counted of a step's clock: the columns of its row that a new date changes."""

    due_at: datetime
    target_at: datetime | None
    provisional: bool
    calendar_version: int
    budget: int
    budget_unit: str
    roll_forward: bool
    profile_id: int
    opens_at: datetime


def pauses_of(step: Step) -> list[Span]:
    """The spans in which the clock of a step stands still, as they are known now; nothing is asked where it never did."""
    return [(each.since, each.until) for each in current(step)] if step.pauses else []


def current(step: Step) -> list[Suspension]:
    """The row in force of each pause of a step, in their order."""
    rows = {row.number: row for row in step.suspensions.order_by("pk")}
    return [rows[number] for number in sorted(rows)]


def target_of(step: Step) -> int:
    """The budget of the day to aim at; the whole budget where the rules that it was begun under name none."""
    said = said_of(step)
    return Limit.of(said, urgent=step.case.urgent).target if "target" in said else step.budget


def facts_of(step: Step | Counted) -> dict[str, Any]:
    """By what a due moment was counted: kept with each of them."""
    return {
        "budget": step.budget,
        "unit": step.budget_unit,
        "profile": step.profile_id,
        "calendar": step.calendar_version,
    }


def redate(step: Step, *, cause: str, by: User | None, at: datetime, **facts: Any) -> bool:
    """Count an open step's date anew (inside one_act, its case locked); True if it moved. DomainError when it was changed meanwhile."""
    old, version = step.due_at, step.due_version
    days, pauses = days_for(counted_by(step)), pauses_of(step)
    count(step, min(target_of(step), step.budget), days, pauses)
    step.opens_at = opens_at(step, days, pauses)
    moved = step.due_at != old
    step.due_version, step.rung_at = version + moved, at
    changes = {
        name: getattr(step, name) for name in (*Counted._fields, "pauses", "due_version", "rung_at")
    }
    if not update_if(step, changes, finished_at=None, due_version=version):
        raise DomainError(_("This step has changed meanwhile. Please look at it again."))
    if moved:
        StepDue(
            step=step,
            version=step.due_version,
            due_at=step.due_at,
            since=at,
            cause=cause,
            facts={**facts_of(step), **facts},
        ).save()
    trail.record(
        f"step.{cause}",
        by=by,
        at=at,
        case_id=step.case_id,
        subject=f"step:{step.pk}",
        old=old.isoformat(),
        new=step.due_at.isoformat(),
        **facts,
    )
    return moved


def would_be_due(step: Step, *, more: int = 0, pauses: Sequence[Span] = ()) -> datetime:
    """The due moment of a step if it had so many units more, or stood still in these pauses too. Errors as `due_at`."""
    then = copy(step)
    then.budget += more
    count(then, then.budget, days_for(counted_by(step)), [*pauses_of(step), *pauses])
    return then.due_at


def recount_elsewhere(step: Step, *, at: datetime) -> None:
    """A step whose case went to another school is counted by the days there from now on; nothing is written where its date stays."""
    if would_be_due(step) != step.due_at:
        redate(step, cause="elsewhere", by=None, at=at)


def outcome_of(step: Step, at: datetime) -> StepDue:
    """How the clock of a step ends at `at`, for ever: in time or so many working days late, how long it stood, by which versions."""
    school = counted_by(step)
    late = working_day_late(step.due_at, at, school) if at > step.due_at else 0
    end = min(at, step.due_at)
    spans = [(since, min(until or end, end)) for since, until in pauses_of(step) if since < end]
    stood = (
        stood_still(step.counted_from, spans, step.budget_unit, days_for(school)) if spans else 0
    )
    return StepDue(
        step=step, version=step.due_version, due_at=step.due_at, since=at, cause="finished", ended=True,
        late_days=late, facts=facts_of(step) | ({"stood": stood} if stood else {}),
    )  # fmt: skip
