"""When a child was last seen at school, and by whom: the last roll of its class that does not miss it, and the last follow-up check."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from casework.cases.kinds import Kind, Stage
from casework.cases.models import Case, Step
from casework.core.clock import local_date
from casework.evidence.extent import About, Row, Table
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


def recorded(case: Case) -> str:
    """What the house says of the child."""
    return case.outcome_words if case.outcome else str(case.get_stage_display())


def _rows(a: About) -> Iterator[Row]:
    """Whoever is back, elsewhere, taught at home or deferred; and the last follow-up check with who made it."""
    settled = ~Q(outcome="") & Q(closed_at__lte=a.until) | Q(returned_at__lte=a.until)
    checks = Step.objects.filter(
        case=OuterRef("pk"), kind=Kind.FOLLOW_UP, finished_at__lte=a.until, cancelled=False
    )
    last = checks.order_by("-finished_at")
    rows = with_last_seen(a.cases.filter(settled).exclude(stage=Stage.CANCELLED), a.last).annotate(
        checked_on=Subquery(last.values("finished_at")[:1]), checked_by=Subquery(last.values("finished_by__display_name")[:1])
    )  # fmt: skip
    found: Iterator[Any] = rows.order_by("number").iterator(100)
    for case in found:
        checked = local_date(case.checked_on) if case.checked_on else ""
        yield (
            case.number,
            case.pupil.name,
            case.school.name,
            recorded(case),
            case.seen_on or "",
            case.seen_by or "",
            checked,
            case.checked_by or "",
        )


LAST_SEEN = Table(
    "last-seen", _("Last seen at school"),
    (
        _("Case"), _("Name"), _("School"), _("Recorded"), _("Last seen at school"), _("By which roll"), _("Last follow-up check"), _("By whom"),
    ), _rows,
)  # fmt: skip
