"""Taking back an import that findings may stand on: what people decided holds it, what waits is looked at again."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.detection.models import UNDECIDED, Finding, FindingState
from casework.detection.registry import ROLL_RULES
from casework.detection.scan import scan
from casework.org.models import User
from casework.org.units import county
from casework.students import roster_undo
from casework.students.models import ImportRun
from casework.students.rollbook_undo import marks_of, undo
from casework.students.runs import journal_of


def undo_import(run: ImportRun, *, by: User, at: datetime) -> None:
    """Take an applied roll-book or roster back as a whole; the rules run again over the marks that remain.

    DomainError where people decided findings of its days: a case may stand on them; or where anything was changed since.
    """
    journal = journal_of(run)
    if run.kind == "roster":
        roster_undo.undo(run, journal, by=by, at=at)
        return
    touched = {(pupil, day.isoformat()) for pupil, day in marks_of(journal)}
    with one_act():
        if depending := _decided(touched):
            raise DomainError(
                _(
                    "%(n)s findings that people decided stand on this import: it is mended by a corrected file, not taken back."
                ),
                n=depending,
            )
        undo(run, journal, by=by, at=at)
        scan(county(), local_date(at), at=at, by=by)


def _decided(touched: set[tuple[int, str]]) -> int:
    """How many decided findings name a day of the import."""
    pupils = sorted({pupil for pupil, _day in touched})
    rows = Finding.objects.filter(rule__in=[rule.code for rule in ROLL_RULES])
    rows = rows.exclude(state__in=(*UNDECIDED, FindingState.WITHDRAWN))
    found = 0
    for start in range(0, len(pupils), 5_000):
        for pupil, days in rows.filter(pupil__in=pupils[start : start + 5_000]).values_list(
            "pupil", "days"
        ):
            found += any((pupil, each["day"]) in touched for each in days)
    return found
