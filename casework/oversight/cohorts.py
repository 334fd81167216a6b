"""The cohort of nine years: how many began the first grade with those who finish the ninth now (domain.md A4, 5.3)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.clock import local_date, school_year
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import Unit, User
from casework.org.roles import Can
from casework.oversight.models import Cohort

MOST = 9_999_999


def set_entrants(unit: Unit, entrants: int, *, by: User, at: datetime) -> Cohort:
    """Enter how many began with the cohort that finishes in the school year of `at`; the newest number rules.

    It is the office's own statistic: entrants of the first grade eight years before, less those who moved away or died,
    with those who moved here. DomainError: not one's unit, or no such number.
    """
    if not by.can(Can.REASSIGN, unit):
        raise DomainError(_("The goals of this unit are not yours to set."))
    if not 0 < entrants <= MOST:
        raise DomainError(
            _("Enter how many pupils began: a number above 0."),
            fields={"entrants": _("check the number")},
        )
    year = school_year(local_date(at)).year
    with one_act():
        row = Cohort(unit=unit, year=year, entrants=entrants, at=at, by_name=by.display_name)
        row.save()
        trail.record("cohort.set", by=by, at=at, unit_id=unit.pk, year=year, entrants=entrants)
    return row


def entrants_of(year: int, at: datetime) -> dict[int, Cohort]:
    """What was entered for a school year until `at`, by unit. One query."""
    rows = Cohort.objects.filter(year=year, at__lte=at).order_by("pk")
    return {row.unit_id: row for row in rows}
