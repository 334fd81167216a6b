"""Warnings and plans go with their pupil: to the class where the child is now; of a child in no class they end."""

from datetime import datetime

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from casework.audit import trail
from casework.cases.models import Duty, Procedure
from casework.cases.stops import LEFT
from casework.core.transaction import one_act
from casework.notices.outbox import read_one, tell
from casework.org.models import Unit, UnitKind
from casework.org.people import LEVEL_OF, candidates
from casework.org.roles import Role
from casework.students.models import Enrolment, Pupil


def follow_pupils(at: datetime, *, pupil: Pupil | None = None) -> int:
    """Bring the open procedures, or those of one pupil, to where the pupils are; how many moved or ended."""
    rows = _astray()
    if pupil:
        rows = rows.filter(pupil=pupil)
    found = list(rows.values_list("pk", flat=True))
    for pk in found:
        with one_act():
            procedure = _astray().select_for_update(of=("self",)).filter(pk=pk).first()
            if procedure is not None:
                _follow(procedure, at)
    return len(found)


def _astray() -> QuerySet[Procedure]:
    """Those whose pupil is in another class by now, or in none."""
    now = Enrolment.objects.filter(pupil=OuterRef("pupil"), until=None).values("class_unit")[:1]
    rows: QuerySet[Procedure] = Procedure.objects.filter(closed_at=None)
    return rows.annotate(now=Subquery(now)).filter(Q(now=None) | ~Q(now=F("class_unit")))


def _follow(procedure: Procedure, at: datetime) -> None:
    rows = Enrolment.objects.filter(pupil=procedure.pupil_id, until=None)
    enrolled = rows.select_related("school", "class_unit").first()
    duty = procedure.duties.filter(done_at=None).first()
    if duty:
        forget(duty, at)
    if enrolled is None:
        procedure.closed_at, procedure.outcome = at, LEFT
        procedure.save(update_fields=["closed_at", "outcome"])
        _note("procedure.ended", procedure, at)
        return
    procedure.school, procedure.class_unit = enrolled.school, enrolled.class_unit
    procedure.save(update_fields=["school", "class_unit"])
    _note("procedure.moved", procedure, at)
    if duty:
        duty.unit = place_of(procedure, duty.role)
        duty.save(update_fields=["unit"])
        tell_of(duty, at)


def place_of(procedure: Procedure, role: str) -> Unit:
    """Where a role does its duties: at the school, or at the class."""
    at_school = LEVEL_OF[Role(role)] == UnitKind.SCHOOL
    return procedure.school if at_school else procedure.class_unit


def tell_of(duty: Duty, at: datetime) -> None:
    """Tell whoever holds the post, or where it is vacant the school's case officer."""
    people = candidates(duty.role, duty.unit, at)[1]
    people = people or candidates(Role.SCHOOL_CASE_OFFICER, duty.unit, at)[1]
    tell(people, "duty", key=key_of(duty), at=at, link=page_of(duty))


def forget(duty: Duty, at: datetime) -> None:
    """Its notices, the reminder too, ask for nothing any more."""
    for key in (key_of(duty), f"{key_of(duty)}:late"):
        read_one(key, at=at)


def key_of(duty: Duty) -> str:
    """By which notices of a duty are known."""
    return f"duty:{duty.pk}"


def page_of(duty: Duty) -> str:
    """Where a duty is seen."""
    return reverse("cases:procedure", args=[duty.procedure_id])


def _note(verb: str, procedure: Procedure, at: datetime) -> None:
    trail.record(
        verb, by=None, at=at, unit_id=procedure.school_id, subject=f"procedure:{procedure.pk}"
    )
