"""Movements of status with their papers: the approval (P37), the letter with the receipt slip to the other school (P22); and the worklists (E1–E9)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.cases.facts.common import Values, block, with_post
from casework.cases.without_case import issue_outside
from casework.core.clock import local_date
from casework.core.crypto import blind
from casework.core.transaction import one_act
from casework.documents.papers.register import PAPERS
from casework.notices.outbox import read_one, tell
from casework.org.models import Unit, UnitKind, User
from casework.org.people import candidates
from casework.org.roles import Can, Role
from casework.org.units import county
from casework.students.models import Enrolment, MovementState, Pupil, StatusMovement
from casework.students.models import MovementKind as M
from casework.students.movements import (
    KINDS,
    ask_movement,
    away_on,
    decide_movement,
    may_decide,
)

LEAST_NUMBER = 18
SETTLED = (M.GRADUATED, M.DECEASED, M.EMIGRATED, M.TRANSFER_OUT)
SEEING = (Can.MOVE_STATUS, Can.APPROVE_STATUS)
DECIDERS = {
    UnitKind.SCHOOL: Role.PRINCIPAL,
    UnitKind.COUNTY: Role.COUNTY_CASE_OFFICER,
}


def schools_of(user: User) -> QuerySet[Unit]:
    """The schools whose status register a person keeps or approves."""
    within = Q(pk=None)
    for capability in SEEING:
        for unit in user.units_with(capability):
            within |= Q(path__startswith=unit.path)
    rows: QuerySet[Unit] = Unit.objects.filter(within, kind=UnitKind.SCHOOL)
    return rows


def pupils_of(user: User, *, incoming: int = 0) -> QuerySet[Pupil]:
    """The pupils whose last class is one of these schools', everybody at the root; and one in no class whom the person found by its whole number (`incoming`)."""
    if any(unit.is_root() for unit in user.units_with(Can.APPROVE_STATUS)):
        return Pupil.objects.all()
    newest = Enrolment.objects.filter(pupil=OuterRef("pk")).order_by("-since", "-pk")
    last = Subquery(newest.values("school")[:1])
    ours = Q(last_school__in=schools_of(user).values("pk"))
    running = Enrolment.objects.filter(pupil=OuterRef("pk"), until=None)
    return Pupil.objects.annotate(last_school=last).filter(
        ours | (Q(pk=incoming) & ~Exists(running))
    )


def found_by_number(number: str) -> Pupil | None:
    """The pupil with a whole ID or status number who is in no class: a school that takes it in may look it up."""
    plain = number.strip().upper()
    if len(plain) < LEAST_NUMBER:
        return None
    running = Enrolment.objects.filter(pupil=OuterRef("pk"), until=None)
    rows = Pupil.objects.filter(Q(status_index=blind(plain)) | Q(id_index=blind(plain)))
    return rows.exclude(Exists(running)).first()


def movements_of(user: User) -> QuerySet[StatusMovement]:
    """The movements of these schools."""
    rows = StatusMovement.objects.filter(school__in=schools_of(user))
    return rows.select_related("pupil", "school", "class_unit", "asked_by", "decided_by")


def ask(pupil: Pupil, said: dict[str, Any], *, by: User, at: datetime) -> StatusMovement:
    """Ask for a movement; whoever decides is told. DomainError as from `ask_movement`."""
    with one_act():
        movement = ask_movement(pupil, said, by=by, at=at)
        level = KINDS[movement.kind].level
        where = county() if level == UnitKind.COUNTY else movement.school
        assert where is not None
        people = [p for p in candidates(DECIDERS[level], where, at)[1] if p != by]
        tell(people, "movement_asked", key=_key(movement), at=at, link=_place())
    return movement


def decide(
    movement: StatusMovement, *, approved: bool, opinion: str, by: User, at: datetime
) -> StatusMovement:
    """Decide a movement; approved, its papers are made. DomainError as from `decide_movement`."""
    with one_act():
        movement = decide_movement(movement, approved=approved, opinion=opinion, by=by, at=at)
        if approved:
            _issue("P37", movement, by, at)
            if KINDS[movement.kind].receipt:
                _issue("P22", movement, by, at)
        read_one(_key(movement), at=at)
        if movement.asked_by:
            code = "movement_approved" if approved else "movement_refused"
            tell(
                [movement.asked_by],
                code,
                key=f"{_key(movement)}:{movement.state}",
                at=at,
                link=_place(),
            )
    return movement


def _place() -> str:
    return reverse("registers:status")


def _key(movement: StatusMovement) -> str:
    return f"movement:{movement.pk}"


def _issue(code: str, movement: StatusMovement, by: User, at: datetime) -> None:
    school = movement.school
    assert school is not None
    issue_outside(
        f"pupil:{movement.pupil_id}", code,
        lambda: {"pupil": block(movement.pupil, school), **_values(code, movement, by)},
        unit=school, subject=_key(movement), by=by, at=at,
    )  # fmt: skip


def _values(code: str, movement: StatusMovement, by: User) -> Values:
    """What P37 and P22 say; what the movement does not know stays empty."""
    keys = [key for key in PAPERS[code].fields() if not key.startswith("pupil.")]
    ends = movement.ends_on
    said: Values = {
        "recorded_by": with_post(by),
        "case_road": movement.get_kind_display(),
        "starts": movement.day,
        "ends": ends,
        "term_days": str((ends - movement.day).days + 1) if ends else "",
        "place": movement.other_school,
        "reason": movement.note,
        "proof": movement.proof,
        "proof_number": movement.proof_number,
        "asked_by": movement.asked_by.display_name if movement.asked_by else "—",
        "asked_at": movement.recorded_at,
        "opinion": movement.opinion or str(MovementState(movement.state).label),
        "decided_by": by.display_name,
        "decided_at": movement.decided_at,
    }
    days = ("ends", "proof_day", "starts", "asked_at", "decided_at")
    return {key: said.get(key, None if key in days else "") for key in keys} | {
        "recorded_by": said["recorded_by"]
    }


# ---- worklists ----


@dataclass(frozen=True)
class Worklist:
    """What waits, by its code: rows of movements, or of pupils."""

    code: str
    title: Promise
    rows: Callable[[User, date], QuerySet[Any]]
    of_pupils: bool = False


def _to_decide(user: User, today: date) -> QuerySet[Any]:
    rows = movements_of(user).filter(state=MovementState.ASKED)
    mine = [each.pk for each in rows if may_decide(user, each)]
    return rows.filter(pk__in=mine)


def _asked(user: User, today: date) -> QuerySet[Any]:
    return movements_of(user).filter(state=MovementState.ASKED)


def _receipts(user: User, today: date) -> QuerySet[Any]:
    return movements_of(user).filter(receipt_due__isnull=False, receipt_on=None)


def _platform(user: User, today: date) -> QuerySet[Any]:
    return movements_of(user).filter(platform_due__isnull=False, platform_on=None)


def _over(user: User, today: date) -> QuerySet[Any]:
    return away_on(movements_of(user), today).filter(ends_on__lt=today)


def _no_status(user: User, today: date) -> QuerySet[Any]:
    """Enrolled and without a status number (E5, E6)."""
    running = Enrolment.objects.running_on(today).filter(
        pupil=OuterRef("pk"), school__in=schools_of(user)
    )
    return Pupil.objects.filter(Exists(running), status_index="")


def _left_over(user: User, today: date) -> QuerySet[Any]:
    """A status number, and in no class (E9)."""
    ours = Enrolment.objects.filter(pupil=OuterRef("pk"), school__in=schools_of(user))
    running = Enrolment.objects.filter(pupil=OuterRef("pk"), until=None)
    settled = StatusMovement.objects.filter(
        pupil=OuterRef("pk"),
        kind__in=SETTLED,
        platform_on__isnull=False,
        day__gte=OuterRef("last_day"),
    )
    newest = Enrolment.objects.filter(pupil=OuterRef("pk")).order_by("-since", "-pk")
    rows = Pupil.objects.exclude(status_index="").annotate(
        last_day=Subquery(newest.values("since")[:1])
    )
    return rows.filter(Exists(ours), ~Exists(running), ~Exists(settled))


WORKLISTS: dict[str, Worklist] = {
    each.code: each
    for each in (
        Worklist("decide", _("To approve"), _to_decide),
        Worklist("asked", _("Waiting for approval"), _asked),
        Worklist("receipts", _("Receipts outstanding"), _receipts),
        Worklist("platform", _("To enter on the platform"), _platform),
        Worklist("over", _("Suspension over"), _over),
        Worklist("missing", _("No status number"), _no_status, of_pupils=True),
        Worklist("left", _("Status left over"), _left_over, of_pupils=True),
    )
}


def is_late(movement: StatusMovement, code: str, at: datetime) -> bool:
    """Whether the day of what the worklist waits for has passed."""
    due = {
        "receipts": movement.receipt_due,
        "platform": movement.platform_due,
        "over": movement.ends_on,
    }
    return (due.get(code) or date.max) < local_date(at)
