"""A visit without a case (普访): the record and its paper in one act (domain.md D4)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.cases.access import pupils_visible_to
from casework.cases.facts.early import general_visit
from casework.cases.models import Visit
from casework.cases.photos import Taken, attach
from casework.cases.visits import record_visit
from casework.cases.without_case import issue_outside
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import User
from casework.students.models import Pupil


def record_general_visit(
    *, pupil: Pupil, data: dict[str, Any], photos: Sequence[Taken], by: User, at: datetime
) -> Visit:
    """Record a visit to any pupil's home and make its paper (P04), chained by pupil. DomainError: not in the person's reach."""
    if not pupils_visible_to(by).filter(pk=pupil.pk).exists():
        raise DomainError(_("This pupil is not in your reach."))
    with one_act():
        visit = record_visit(pupil=pupil, data=data, by=by, at=at)
        attach(photos, visit=visit, by=by, at=at)
        issue_outside(
            f"pupil:{pupil.pk}", "P04", lambda: general_visit(visit, by),
            unit=visit.school, subject=f"visit:{visit.pk}", by=by, at=at,
        )  # fmt: skip
    return visit
