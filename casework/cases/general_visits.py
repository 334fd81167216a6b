"""A visit without a case (普访): the record and its paper in one act (domain.md D4)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import override

from casework.cases.facts import paper_language
from casework.cases.facts.early import general_visit
from casework.cases.models import Visit
from casework.cases.photos import Taken, attach
from casework.cases.visits import record_visit
from casework.core.transaction import one_act
from casework.documents.issue import issue
from casework.org.models import User
from casework.profiles.rules import rules_for
from casework.students.models import Pupil


def record_general_visit(
    *, pupil: Pupil, data: dict[str, Any], photos: Sequence[Taken], by: User, at: datetime
) -> Visit:
    """Record a visit to any pupil's home and make its paper (P04), chained by pupil."""
    with one_act():
        visit = record_visit(pupil=pupil, data=data, by=by, at=at)
        attach(photos, visit=visit)
        language = paper_language(rules_for(visit.school, at), visit.school)
        with override(language):
            values = general_visit(visit, by)
        issue(
            chain=f"pupil:{pupil.pk}",
            kind="P04",
            values=values,
            unit=visit.school,
            subject=f"visit:{visit.pk}",
            at=at,
            by=by,
            language=language,
        )
    return visit
