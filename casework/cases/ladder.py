"""The minute's sweep: rungs of the ladder fire once, reports are proposed. Overdue itself is computed and needs no sweep."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce, Length, Substr

from casework.audit import trail
from casework.cases import side
from casework.cases.access import is_candidate
from casework.cases.guards import days_open, is_due_for_report, limits
from casework.cases.kinds import Kind, Stage
from casework.cases.models import LEGAL, WORKING, Case, RungFired, Step
from casework.cases.steps import move_unasked
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.fsm import TransitionNotAllowed
from casework.core.transaction import one_act
from casework.deadlines.days import DayTable, days_of
from casework.deadlines.engine import working_days_late
from casework.notices.outbox import tell
from casework.org.models import Post, Unit, UnitKind, User
from casework.org.people import candidates
from casework.org.roles import Role
from casework.profiles.rules import newest_profiles, rules_for, section_of

log = structlog.get_logger(__name__)
HORIZON = timedelta(days=30)  # no budget's last fifth is longer
SUPERVISORS: dict[str, tuple[Role, ...]] = {
    UnitKind.SCHOOL: (Role.SCHOOL_CASE_OFFICER, Role.PRINCIPAL),
    UnitKind.TOWNSHIP: (Role.TOWNSHIP_CASE_OFFICER,),
    UnitKind.COUNTY: (Role.COUNTY_CASE_OFFICER, Role.COUNTY_SUPERVISOR),
}
LEVELS = (UnitKind.SCHOOL, UnitKind.TOWNSHIP, UnitKind.COUNTY)


@dataclass(frozen=True)
class Fired:
    """A rung that fired (or would fire) for a step."""

    step_id: int
    rung: str


def fire(at: datetime, *, dry_run: bool = False) -> list[Fired]:
    """Fire every rung that is reached and has not fired for the step's present due moment. A dry run writes nothing."""
    fired: list[Fired] = []
    for step, rung in _reached(at):
        with set_aside("step", step.pk):
            if dry_run or _fire_one(step, rung, at):
                fired.append(Fired(step.pk, rung["code"]))
    return fired


@contextmanager
def set_aside(kind: str, pk: int) -> Iterator[None]:
    """One bad row is logged and set aside; the sweep goes on with the others (conventions, jobs): refused, damaged or its parts missing."""
    try:
        yield
    except (DomainError, TransitionNotAllowed, ObjectDoesNotExist):
        log.exception("sweep.row_set_aside", kind=kind, id=pk)


def _reached(at: datetime) -> Iterator[tuple[Step, dict[str, Any]]]:
    """Open steps with the rungs that they reached and that have not fired. All is read before anything is written."""
    done = set(
        RungFired.objects.filter(step__finished_at=None).values_list(
            "step_id", "rung", "due_version"
        )
    )
    rows = Step.objects.open().filter(due_at__lte=at + HORIZON, opens_at__lte=at)
    near = list(rows.select_related("case__school", "unit", "holder").order_by("due_at"))
    if not near:
        return
    newest, days = newest_profiles(), days_of({step.case.school.path for step in near})
    for step in near:
        school = step.case.school
        with set_aside("step", step.pk):
            rules = rules_for(school, step.begun_at, newest=newest)
            for rung in section_of(rules, "ladder", school):
                key = (step.pk, rung["code"], step.due_version)
                if key not in done and _is_reached(step, rung, at, days[school.path]):
                    yield step, rung


def _is_reached(step: Step, rung: dict[str, Any], at: datetime, days: DayTable) -> bool:
    if "share" in rung:
        return (
            at >= step.counted_from + (step.due_at - step.counted_from) * rung["share"] / 100
            and at < step.due_at
        )
    if at <= step.due_at:
        return False
    return bool(working_days_late(step.due_at, at, days) >= rung["working_days"])


def _fire_one(step: Step, rung: dict[str, Any], at: datetime) -> bool:
    """The row with its unique key decides who fires; the other sweep goes on."""
    try:
        with one_act():
            with transaction.atomic():
                RungFired(step=step, rung=rung["code"], due_version=step.due_version, at=at).save()
            people = {user.pk: user for who in rung["tell"] for user in _people(step, who, at)}
            key = f"rung:{step.pk}:{rung['code']}:{step.due_version}"
            tell(
                people.values(),
                f"rung_{rung['code']}",
                key=key,
                at=at,
                link=f"/steps/{step.pk}/",
                step=step.shown_kind,
                due=step.due_at.isoformat(),
            )
            trail.record(
                "rung.fired",
                by=None,
                at=at,
                case_id=step.case_id,
                subject=f"step:{step.pk}",
                rung=rung["code"],
            )
    except IntegrityError:
        return False
    return True


def _people(step: Step, who: str, at: datetime) -> list[User]:
    if who == "owner":
        return [step.holder] if step.holder else candidates(step.role, step.unit, at)[1]
    place = _level_of(step.unit, 1 if who == "upper" else 0)
    found = [candidates(role, place, at) for role in SUPERVISORS[place.kind]]
    return [user for unit, users in found if unit.pk == place.pk for user in users]


def _level_of(unit: Unit, higher: int) -> Unit:
    """The supervising unit of a step's unit, or the one above it."""
    levels = [place for level in LEVELS if (place := unit.above(level))]
    return levels[min(higher, len(levels) - 1)]


def propose_reports(at: datetime, *, dry_run: bool = False) -> list[int]:
    """Propose the written report for every case whose days of persuasion have passed (domain.md C2)."""
    proposed: list[int] = []
    waiting = Case.objects.open().filter(
        stage__in=[Stage.HOME_VISIT, Stage.PERSUASION], reported_at=None
    )
    for case in list(waiting.select_related("school", "pupil")):
        with set_aside("case", case.pk):
            due = is_due_for_report(case, at=at) and side.may_propose(case, at=at)
            if due and (dry_run or side.propose_report(case, at=at)):
                proposed.append(case.pk)
    return proposed


def confirm_dropouts(at: datetime, *, dry_run: bool = False) -> list[int]:
    """Ask for the mark “dropout” for each child whose case has been open for as many days as the profile says (domain.md 2.2)."""
    away = Case.objects.open().filter(stage__in=[*WORKING, *LEGAL[1:]])
    begun = Coalesce(OuterRef("reopened_at"), OuterRef("opened_at"))
    told = Step.objects.filter(
        case=OuterRef("pk"), kind=Kind.PLATFORM_MARK, facts__mark_for="dropout", begun_at__gte=begun
    )
    found: list[int] = []
    for case in list(away.filter(~Exists(told)).select_related("school", "pupil")):
        with set_aside("case", case.pk):
            if days_open(case, at) >= limits(case, at)["days_to_dropout"]:
                found.append(case.pk)
                if not dry_run:
                    _ask_for_mark(case, at)
    return found


def _ask_for_mark(case: Case, at: datetime) -> None:
    with one_act():
        locked = Case.objects.select_for_update().get(pk=case.pk)  # two sweeps at once: one asks
        marks = locked.steps.filter(kind=Kind.PLATFORM_MARK, facts__mark_for="dropout")
        if not marks.filter(begun_at__gte=locked.begun_at).exists():
            side.ask_for_mark(locked, "dropout", at=at, by=None)


def give_back(at: datetime) -> int:
    """Steps of people who left (deactivated, or without the post) go back to the queue (domain.md 2.3). Returns how many."""
    posts = Post.objects.held_on(local_date(at)).filter(
        user=OuterRef("holder"),
        role=OuterRef("role"),
        user__is_active=True,
        unit__path=Substr(OuterRef("unit__path"), 1, Length("unit__path")),  # at it or above
    )
    left = Step.objects.open().exclude(holder=None).filter(~Exists(posts))
    held = left.select_related("holder", "unit")
    return sum(
        move_unasked(step, to=None, how="left", at=at, reason="post ended")
        for step in list(held)
        if not (step.holder.is_active and is_candidate(step.holder, step))  # stands in for somebody
    )
