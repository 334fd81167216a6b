"""The clock of a step: its time limit from the profile, from which moment it counts, from when on it may be claimed."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from casework.cases.kinds import VISITING, Kind
from casework.cases.models import Case, PauseCause, Step
from casework.core.clock import end_of, local_date, local_moment
from casework.core.errors import DomainError
from casework.deadlines.days import DayTable, basis_and_profiles
from casework.deadlines.engine import due_at, due_with_calendar
from casework.deadlines.limits import Limit
from casework.deadlines.pauses import Suspension
from casework.org.models import Unit, UnitKind
from casework.profiles.rules import rules_for, section, section_of

FOLLOW_UP_DAYS = (3, 7, 14, 30)
LONGEST_PROMISE = timedelta(days=7)  # whoever promises a later day is seen before it
WAITING = frozenset({Kind.ANSWER_LETTER, Kind.BRANCH_REVIEW})  # they open when their matter wakes


def set_deadline(step: Step, at: datetime) -> datetime | None:
    """The limit of the profile, counted from the event that it names. Returns until when a letter on its way stops the clock.

    A repetition, or a check of a return that was reported late, begun when that time is over is counted from its own beginning:
    nobody could be in time; a follow-up check then keeps its distance from the one before.
    """
    case = step.case
    basis, newest = basis_and_profiles()
    rules, days = rules_for(case.school, at, newest=newest), basis.at(counted_by(step))
    limits = section_of(rules, "steps", case.school)
    step.rule = rule_of(step, limits)
    step.profile_id = rules.profile_of["steps"]
    limit = Limit.of(limits[step.rule], urgent=case.urgent)
    take_limit(step, limit)
    step.counted_from = start_of(step, limit.starts, at)
    awaited = _awaited_until(step, limit, at)
    pauses = [(at, awaited)] if awaited else []
    count(step, limit.target, days, pauses)
    again = step.number > 1 or step.kind == Kind.FOLLOW_UP
    if again and step.due_at <= at:
        step.counted_from = at
        before = _check_before(step, limits)
        step.budget = max(1, step.budget - before) if before else step.budget
        count(step, min(limit.target, step.budget), days, pauses)
    promised = promised_before(step)
    if promised and step.due_at <= end_of(promised):
        step.counted_from = local_moment(promised)
        count(step, limit.target, days, pauses)
    step.opens_at, step.rung_at = opens_at(step, days, pauses), at
    return awaited


def promised_before(step: Step) -> date | None:
    """The day of return that the family promised at the talk before this one, at most a week after it: a visit is not due before the child can be back."""
    if step.kind not in VISITING or step.number == 1:
        return None
    talks = step.case.steps.filter(kind=step.kind, number__lt=step.number, cancelled=False)
    last = talks.exclude(finished_at=None).order_by("number").last()
    said = last.facts.get("promised_day") if last and last.outcome == "agreed" else ""
    if not said or not last or not last.finished_at:
        return None
    return min(date.fromisoformat(said), local_date(last.finished_at + LONGEST_PROMISE))


def said_of(step: Step) -> dict[str, Any]:
    """What the rules say of a step's limit, as they hold at its school: those of the profile that it is counted by, bound from above where they are. Empty where they name none."""
    at = max(step.begun_at, local_moment(step.profile.valid_from))
    sections = rules_for(step.case.school, at).sections
    found: dict[str, Any] = sections.get("steps", {}).get(step.rule, {})
    return found


def _awaited_until(step: Step, limit: Limit, at: datetime) -> datetime | None:
    """Nobody is late with a letter that others carry, until its receipt is awaited no longer."""
    said = step.matter.facts.get("awaited_until") if step.matter else ""
    if step.kind != Kind.SERVE_LETTER or PauseCause.MAIL not in limit.pauses or not said:
        return None
    until = end_of(date.fromisoformat(said))
    return until if until > at else None


def counted_by(step: Step) -> Unit:
    """The school by whose days a step is counted: that of its own unit, else that of the case."""
    if step.case.school.holds(step.unit) or len(step.unit.path) < len(step.case.school.path):
        return step.case.school
    return step.unit.above(UnitKind.SCHOOL) or step.case.school


def take_limit(step: Step, limit: Limit) -> None:
    """What a limit says, kept on the step: its date can be worked out again from its own row."""
    step.budget, step.budget_unit, step.roll_forward = limit.budget, limit.unit, limit.roll_forward


def count(step: Step, target: int, days: DayTable, pauses: Sequence[Suspension]) -> None:
    """Due moment, day to aim at, calendar version and whether it is provisional, from what the step says of its limit."""
    start, unit = step.counted_from, step.budget_unit
    due = due_with_calendar(
        start, step.budget, unit, days, suspensions=pauses, roll_forward=step.roll_forward
    )
    step.due_at, step.calendar_version, step.provisional = (
        due.at,
        due.calendar_version,
        due.provisional,
    )
    sooner = target < step.budget
    step.target_at = due_at(start, target, unit, days, suspensions=pauses) if sooner else None


def start_of(step: Step, event: str, at: datetime) -> datetime:
    """The moment of the event from which a limit counts; `at` where it has none."""
    case, matter = step.case, step.matter
    if event == "opened":
        return case.begun_at
    if event == "returned":
        return case.returned_at or at
    if event == "wakes":
        return (matter.wakes_at if matter else None) or at
    return step.begun_at


def rule_of(step: Step, limits: dict[str, Any]) -> str:
    """The key of a step's time limit: that of its letter or branch where the profile names one, else of its kind."""
    keys = [f"{step.kind}:{step.matter.code}"] if step.matter else []
    if step.kind == Kind.FOLLOW_UP:
        keys.append(f"follow_up_{FOLLOW_UP_DAYS[check_number(step) - 1]}")
    found = next((key for key in (*keys, step.kind) if key in limits), None)
    if found is None:
        raise DomainError(
            _(
                "The policy profile of %(unit)s names no time limit for “%(step)s”. Publish the next version."
            ),
            unit=step.case.school.name,
            step=Kind(step.kind).label,
        )
    return found


def _check_before(step: Step, limits: dict[str, Any]) -> int:
    """The days of the follow-up check before this one; 0 for any other step."""
    number = check_number(step) if step.kind == Kind.FOLLOW_UP else 1
    return int(limits[f"follow_up_{FOLLOW_UP_DAYS[number - 2]}"]["budget"]) if number > 1 else 0


def check_number(step: Step) -> int:
    """Which check it is since the present return: checks of an earlier one, and those overtaken, do not count."""
    return _checks(step.case).filter(number__lt=step.number).count() + 1


def next_check(step: Step, at: datetime) -> date | None:
    """The day of the check after this one, by the profile; None after the last (domain.md 2.2)."""
    case, number = step.case, check_number(step)
    if number >= len(FOLLOW_UP_DAYS) or case.returned_at is None:
        return None
    limits = section(case.school, "steps", at)
    days = int(limits[f"follow_up_{FOLLOW_UP_DAYS[number]}"]["budget"])
    return local_date(case.returned_at) + timedelta(days=days)


def checks_done(case: Case) -> int:
    """How many checks were made since the present return."""
    return _checks(case).exclude(finished_at=None).count()


def _checks(case: Case) -> QuerySet[Step]:
    """The checks since the present return was confirmed: those of an earlier one do not count."""
    confirmed = case.steps.filter(kind=Kind.CONFIRM_RETURN, outcome="confirmed")
    last = Subquery(confirmed.order_by("-finished_at").values("finished_at")[:1])
    since = Coalesce(last, Value(case.begun_at))  # back already when it was taken over
    return case.steps.filter(kind=Kind.FOLLOW_UP, cancelled=False, begun_at__gte=since)


def opens_at(step: Step, days: DayTable, pauses: Sequence[Suspension]) -> datetime:
    """Waiting is a step that opens later: a follow-up check on its day, though it may be due after a day off; a matter when it wakes."""
    if step.kind == Kind.FOLLOW_UP:
        unit = step.budget_unit
        nominal = due_at(step.counted_from, step.budget, unit, days, suspensions=pauses)
        return max(step.begun_at, nominal - timedelta(days=1))
    if step.kind in WAITING and step.matter and step.matter.wakes_at:
        return max(step.begun_at, step.matter.wakes_at)
    return step.begun_at
