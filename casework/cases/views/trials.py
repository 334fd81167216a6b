"""What other rules of detection would find, for the page on which rules are changed."""

from datetime import datetime
from typing import Any

from casework.audit import trail
from casework.cases import access
from casework.core.clock import local_date
from casework.detection.trial import trial
from casework.detection.words import rule_title
from casework.org.models import Unit, User
from casework.students.models import Enrolment

NAMED = 10


def told(unit: Unit, tried: dict[str, Any], *, by: User, at: datetime) -> dict[str, Any]:
    """The figures of a trial over the term so far in words, with the first names of who would be added and dropped."""
    found = trial(unit, tried, day=local_date(at), at=at)
    return {
        "day": found.day,
        "rows": [(rule_title(code), was, would) for code, was, would in found.rows()],
        "overlaps": [(rule_title(one), rule_title(two), n) for one, two, n in found.overlaps()],
        "moved": [(len(keys), _names(keys, by, at)) for keys in (found.added, found.dropped)],
    }


def _names(keys: set[int], by: User, at: datetime) -> list[str]:
    """The first of them by name and class, as far as the person may search pupils; the look is logged."""
    seen = access.pupils_visible_to(by).filter(pk__in=sorted(keys)[:NAMED])
    rows = Enrolment.objects.filter(until=None, pupil__in=seen.values("pk"))
    shown = list(rows.select_related("pupil", "school", "class_unit").order_by("school", "pk"))
    if shown:
        trail.look("trial", [row.pupil_id for row in shown], by=by, at=at)
    return [f"{row.pupil.name} {row.school.name} {row.class_unit.name}" for row in shown]
