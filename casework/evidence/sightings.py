"""When a child was last seen at school, and by whom: the last roll of its class that does not miss it."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from casework.cases.models import Case
from casework.students.models import Absence, Enrolment, Mark, RollCall

AWAY = (Mark.ABSENT, Mark.SICK, Mark.LEAVE, Mark.BLANK)


def with_last_seen(cases: QuerySet[Case], day: date) -> QuerySet[Case]:
    """The cases with `seen_on` and `seen_by` (the roll's source) up to `day`; both None for one whom no roll shows."""
    missed = Absence.objects.filter(
        pupil=OuterRef(OuterRef("pupil_id")), day=OuterRef("day"), mark__in=AWAY
    )
    there = Enrolment.objects.filter(
        Q(until=None) | Q(until__gt=OuterRef("day")),
        pupil=OuterRef(OuterRef("pupil_id")),
        class_unit=OuterRef("class_unit_id"),
        since__lte=OuterRef("day"),
    )
    rolls = RollCall.objects.filter(class_unit=OuterRef("now_in"), day__lte=day)
    seen = rolls.filter(Exists(there), ~Exists(missed)).order_by("-day")
    now_in = Enrolment.objects.filter(pupil=OuterRef("pupil_id"), since__lte=day).order_by("-since")
    found: QuerySet[Case] = (
        cases.annotate(now_in=Subquery(now_in.values("class_unit")[:1]))
        .annotate(seen_on=Subquery(seen.values("day")[:1]))
        .annotate(seen_by=Subquery(seen.values("source")[:1]))
    )
    return found
