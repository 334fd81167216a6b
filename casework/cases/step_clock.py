"""The clock of a step: its time limit from the profile, from which moment it counts, from when on it may be claimed."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from casework.cases.kinds import Kind
from casework.cases.models import Case, Step
from casework.core.errors import DomainError
from casework.deadlines.engine import due_with_calendar
from casework.profiles.rules import rules_for, section_of

FOLLOW_UP_DAYS = (3, 7, 14, 30)
WAITING = frozenset({Kind.ANSWER_LETTER, Kind.BRANCH_REVIEW})  # they open when their matter wakes


def set_deadline(step: Step, at: datetime) -> None:
    """Budget and unit from the profile, counted from the event that it names.

    A repetition, or a check of a return that was reported late, begun when that time is over is counted from its own beginning:
    nobody could be in time; a follow-up check then keeps its distance from the one before.
    """
    case = step.case
    rules = rules_for(case.school, at)
    limits = section_of(rules, "steps", case.school)
    rule = _limit_of(step, limits)
    wakes = step.matter.wakes_at if step.matter else None
    starts = {
        "opened": case.begun_at, "begun": at, "returned": case.returned_at or at, "wakes": wakes or at
    }  # fmt: skip
    step.counted_from = starts[rule["from"]]
    due = due_with_calendar(step.counted_from, rule["budget"], rule["unit"], case.school)
    budget = rule["budget"]
    again = step.number > 1 or step.kind == Kind.FOLLOW_UP
    if again and due.at <= at:
        step.counted_from = at
        before = _check_before(step, limits)
        budget = max(1, budget - before) if before else budget
        due = due_with_calendar(at, budget, rule["unit"], case.school)
    step.budget, step.budget_unit = budget, rule["unit"]
    step.due_at = due.at
    step.calendar_version, step.provisional = due.calendar_version, due.provisional
    step.profile_id = rules.profile_of["steps"]
    step.opens_at = _opens_at(step, at)


def _limit_of(step: Step, limits: dict[str, Any]) -> dict[str, Any]:
    """The time limit of a step: of its letter or branch where the profile names one, else of its kind."""
    keys = [f"{step.kind}:{step.matter.code}"] if step.matter else []
    if step.kind == Kind.FOLLOW_UP:
        keys.append(f"follow_up_{FOLLOW_UP_DAYS[check_number(step) - 1]}")
    rule: dict[str, Any] | None = next(
        (limits[key] for key in (*keys, step.kind) if key in limits), None
    )
    if rule is None:
        raise DomainError(
            _(
                "The policy profile of %(unit)s names no time limit for “%(step)s”. Publish the next version."
            ),
            unit=step.case.school.name,
            step=Kind(step.kind).label,
        )
    return rule


def _check_before(step: Step, limits: dict[str, Any]) -> int:
    """The days of the follow-up check before this one; 0 for any other step."""
    number = check_number(step) if step.kind == Kind.FOLLOW_UP else 1
    return int(limits[f"follow_up_{FOLLOW_UP_DAYS[number - 2]}"]["budget"]) if number > 1 else 0


def check_number(step: Step) -> int:
    """Which check it is since the present return: checks of an earlier one, and those overtaken, do not count."""
    return _checks(step.case).filter(number__lt=step.number).count() + 1


def checks_done(case: Case) -> int:
    """How many checks were made since the present return."""
    return _checks(case).exclude(finished_at=None).count()


def _checks(case: Case) -> QuerySet[Step]:
    """The checks since the present return was confirmed: those of an earlier one do not count."""
    confirmed = case.steps.filter(kind=Kind.CONFIRM_RETURN, outcome="confirmed")
    last = Subquery(confirmed.order_by("-finished_at").values("finished_at")[:1])
    return case.steps.filter(kind=Kind.FOLLOW_UP, cancelled=False, begun_at__gte=last)


def _opens_at(step: Step, at: datetime) -> datetime:
    """Waiting is a step that opens later: a follow-up check the day before it is due, a matter when it wakes."""
    if step.kind == Kind.FOLLOW_UP:
        return max(at, step.due_at - timedelta(days=1))
    if step.kind in WAITING and step.matter and step.matter.wakes_at:
        return max(at, step.matter.wakes_at)
    return at
