"""Causes against what became of the cases (features 118): the cases opened in the school year."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.cases.kinds import CAUSES_APART, Reason
from casework.cases.models import Case
from casework.core.clock import local_date, local_moment, school_year
from casework.org.models import Unit
from casework.oversight.lens import below

FEW = 3  # below this many a cause is told with the others: a small number points at a child
OTHERS = _("other causes, or few cases")
COLUMNS: dict[str, Promise] = {
    "open": _("under way"),
    "back": _("back, followed up"),
    "returned": _("closed: back for good"),
    "closed": _("closed otherwise"),
}
_OPEN, _DONE = Q(closed_at=None), Q(closed_at__isnull=False)
RULES = {
    "open": _OPEN & Q(returned_at=None),
    "back": _OPEN & Q(returned_at__isnull=False),
    "returned": _DONE & Q(outcome="returned"),
    "closed": _DONE & ~Q(outcome="returned"),
}
Pivot = list[tuple[Any, dict[str, int]]]


def causes(unit: Unit, at: datetime) -> Pivot:
    """By cause (those of few cases together, last) how many cases stand where; those struck out do not count. One query."""
    since = local_moment(school_year(local_date(at)))
    every = Case.objects.exclude(stage="cancelled").filter(opened_at__gte=since, opened_at__lte=at)
    mine = every.annotate(at_path=Coalesce("class_unit__path", "school__path")).filter(
        below(unit, "at_path")
    )
    counts: dict[str, Any] = {key: Count("pk", filter=rule) for key, rule in RULES.items()}
    found: dict[str, dict[str, int]] = {}
    for row in mine.values("reason").annotate(**counts).order_by():
        reason = row.pop("reason") or Reason.UNKNOWN
        before = found.get(reason, dict.fromkeys(COLUMNS, 0))
        found[reason] = {key: before[key] + count for key, count in row.items()}
    return _told(found)


def _told(found: dict[str, dict[str, int]]) -> Pivot:
    """The causes in their order; few ones, and what is told nowhere, as one line."""
    rows: Pivot = []
    others = dict.fromkeys(COLUMNS, 0)
    for reason in Reason:
        counts = found.get(reason)
        if counts is None:
            continue
        if reason in CAUSES_APART or sum(counts.values()) < FEW:
            others = {key: others[key] + count for key, count in counts.items()}
        else:
            rows.append((str(reason.label), counts))
    return [*rows, (OTHERS, others)] if any(others.values()) else rows
