"""A child that changes class or school takes its open case along: the new place sees it, the old one still does."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from casework.audit import trail
from casework.cases.models import Case, CaseScope, Step
from casework.cases.opening import owners_of
from casework.cases.redating import recount_elsewhere
from casework.core.transaction import one_act
from casework.students.models import Enrolment


def follow_moves(*, at: datetime) -> int:
    """Bring open cases to where their children are enrolled now; steps begun from then on go there. Returns how many moved."""
    since_taken_over = Q(handed_on=None) | Q(handed_on__lt=OuterRef("since"))
    since_taken_over |= Q(school=OuterRef("school"))
    elsewhere = (
        Case.objects.open()
        .filter(since_taken_over, pupil=OuterRef("pupil"))
        .exclude(class_unit__isnull=False, class_unit=OuterRef("class_unit"))
    )
    moved = Enrolment.objects.filter(Exists(elsewhere), until=None)
    moved = moved.select_related("class_unit", "school")
    return sum(_follow(enrolment, at) for enrolment in list(moved))


def _follow(enrolment: Enrolment, at: datetime) -> bool:
    with one_act():
        case = (
            Case.objects.select_for_update()
            .filter(pupil=enrolment.pupil_id, closed_at=None)
            .exclude(class_unit=enrolment.class_unit)
            .first()
        )
        if case is None:
            return False
        if case.school_id != enrolment.school_id:
            case.township = None
        case.class_unit, case.school = enrolment.class_unit, enrolment.school
        case.owner, case.village_owner = owners_of(case, at)
        case.save(
            update_fields=["class_unit", "school", "township", "owner", "village_owner", "stage"]
        )
        CaseScope.objects.get_or_create(case=case, path=enrolment.class_unit.path)
        for step in (
            Step.objects.open().filter(case=case).select_related("unit", "profile", "matter")
        ):
            step.case = case
            recount_elsewhere(step, at=at)
        trail.record(
            "case.moved",
            by=None,
            at=at,
            case_id=case.pk,
            subject=f"case:{case.pk}",
            class_unit=enrolment.class_unit_id,
        )
    return True
