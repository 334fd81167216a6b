"""A leave slip with its paper (P23): granted, it is issued in the chain of the pupil; one that waits is told to the principal."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from casework.cases.facts.common import Values, block, with_post
from casework.cases.without_case import issue_outside
from casework.core.transaction import one_act
from casework.documents.papers.register import PAPERS
from casework.notices.outbox import read_one, tell
from casework.org.models import UnitKind, User
from casework.org.people import candidates
from casework.org.roles import Can, Role
from casework.students.leave import ask_leave, decide_leave
from casework.students.models import LeaveSlip, LeaveState, Pupil


def leaves_to_decide(user: User) -> QuerySet[LeaveSlip]:
    """The slips that wait for this person."""
    within = Q(pk=None)
    for unit in user.units_with(Can.GRANT_LEAVE):
        within |= Q(class_unit__path__startswith=unit.path)
    rows = LeaveSlip.objects.filter(within, state=LeaveState.ASKED).exclude(recorded_by=user)
    return rows.select_related("pupil", "class_unit", "recorded_by")


def record_leave(pupil: Pupil, said: dict[str, Any], *, by: User, at: datetime) -> LeaveSlip:
    """Note a slip, with its paper if it is granted at once. DomainError as from `ask_leave`."""
    with one_act():
        slip = ask_leave(pupil, said, by=by, at=at)
        if slip.state == LeaveState.GRANTED:
            _issue(slip, by, at)
        else:
            people = candidates(Role.PRINCIPAL, slip.class_unit, at)[1]
            tell(people, "leave_asked", key=_key(slip), at=at, link=reverse("cases:leaves"))
    return slip


def settle_leave(slip: LeaveSlip, *, granted: bool, by: User, at: datetime) -> LeaveSlip:
    """Decide a slip that waits; who noted it is told. DomainError as from `decide_leave`."""
    with one_act():
        slip = decide_leave(slip, granted=granted, by=by, at=at)
        if granted:
            _issue(slip, by, at)
        read_one(_key(slip), at=at)
        code = "leave_granted" if granted else "leave_refused"
        tell([slip.recorded_by], code, key=f"{_key(slip)}:{slip.state}", at=at)
    return slip


def _key(slip: LeaveSlip) -> str:
    return f"leave:{slip.pk}"


def _issue(slip: LeaveSlip, by: User, at: datetime) -> None:
    school = slip.class_unit.above(UnitKind.SCHOOL) or slip.class_unit
    issue_outside(
        f"pupil:{slip.pupil_id}", "P23", lambda: {"pupil": block(slip.pupil, school), **_values(slip, by)},
        unit=school, subject=f"leave:{slip.pk}", by=by, at=at,
    )  # fmt: skip


def _values(slip: LeaveSlip, by: User) -> Values:
    """P23."""
    assert slip.decided_by is not None
    said: Values = {
        "recorded_by": with_post(by),
        "starts": slip.first,
        "ends": slip.last,
        "term_days": str((slip.last - slip.first).days + 1),
        "reason": slip.reason,
        "proof": slip.proof,
        "asked_by": slip.asked_by,
        "asked_at": slip.recorded_at,
        "opinion": f"{slip.get_mark_display()} · {slip.get_state_display()}",
        "decided_by": slip.decided_by.display_name,
        "decided_at": slip.decided_at,
    }
    empty = {key: "" for key in PAPERS["P23"].fields() if not key.startswith("pupil.")}
    return {**empty, **said}
