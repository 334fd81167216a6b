"""A case goes on at another school or township: seen there from the request on, theirs from the agreement on, nobody's at no time.

Until the receiver agrees, whoever had it goes on with it (issue: nobody's gap).
"""

from datetime import datetime

from django.db.models import Q

from casework.audit import trail
from casework.cases.models import Case, CaseScope, Matter, MatterKind, Step
from casework.cases.opening import enrolment_of, owners_of
from casework.cases.steps import rehome
from casework.core.clock import local_date
from casework.org.models import Unit, UnitKind, User

OF_THE_ROAD = Q(matter=None) | Q(
    matter__kind=MatterKind.BRANCH
)  # the rest stays with whoever has it


def show_to(matter: Matter) -> None:
    """The receiver sees the case while it decides; that it did not see it before is kept with the request."""
    _row, new = CaseScope.objects.get_or_create(case=matter.case, path=matter.unit.path)
    matter.facts |= {"shown": new}
    matter.save(update_fields=["facts"])


def hide_from(matter: Matter) -> None:
    """Refused or taken back: the receiver sees no more of it than before."""
    if matter.facts.get("shown"):
        CaseScope.objects.filter(case=matter.case, path=matter.unit.path).delete()


def take_over(case: Case, receiver: Unit, *, by: User, at: datetime) -> None:
    """The receiver's from now on, with the open steps of its road; the sender still sees it (inside one_act, the case locked)."""
    before = case.school
    if receiver.kind == UnitKind.SCHOOL:
        _to_school(case, receiver, at)
    else:
        case.township = receiver
    case.owner, case.village_owner = owners_of(case, at)
    case.save(
        update_fields=[
            "school", "class_unit", "township", "handed_on", "owner", "village_owner", "stage",
        ]
    )  # fmt: skip
    for unit in filter(None, [receiver, case.class_unit]):
        CaseScope.objects.get_or_create(case=case, path=unit.path)
    trail.record(
        "case.taken_over",
        by=by,
        at=at,
        case_id=case.pk,
        subject=f"case:{case.pk}",
        unit=receiver.pk,
    )
    case.matters.open().filter(kind=MatterKind.BRANCH, unit=before).update(unit=case.school)
    running = Step.objects.open().filter(OF_THE_ROAD, case=case)
    for step in running.select_related("unit", "matter"):
        step.case = case
        rehome(step, at=at)


def _to_school(case: Case, school: Unit, at: datetime) -> None:
    """Its class is that of the child's place there, if it is enrolled already; the township is the school's."""
    enrolled = enrolment_of(case.pupil)
    there = enrolled is not None and enrolled.school_id == school.pk
    case.school, case.class_unit = school, enrolled.class_unit if enrolled and there else None
    case.township, case.handed_on = None, local_date(at)
