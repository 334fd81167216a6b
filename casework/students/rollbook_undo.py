"""Taking back an imported roll-book as a whole: every mark is again what it was, as long as nothing has changed since."""

from collections.abc import Collection, Container, Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from casework.core.errors import DomainError
from casework.org.models import Unit, User
from casework.org.roles import Can
from casework.students.models import Absence, Enrolment, ImportRun, RollCall, RollTaking
from casework.students.rollbook_write import BATCH, Said, said_of
from casework.students.roster_match import chunks
from casework.students.taking_back import taking_back

Key = tuple[int, date]


def marks_of(journal: dict[str, Any]) -> dict[Key, tuple[Said | None, Said | None]]:
    """By pupil and day, what the roll said before the import and after it; None: no row."""
    return {
        (pupil, date.fromisoformat(day)): (before, after)
        for pupil, day, before, after in journal["marks"]
    }


def undo(run: ImportRun, journal: dict[str, Any], *, by: User, at: datetime) -> None:
    """Put back what the import changed. DomainError where a later import, a page or another undo has changed it since: nothing is touched then."""
    marks = marks_of(journal)
    calls = {(unit, date.fromisoformat(day)): source for unit, day, source in journal["calls"]}
    with taking_back(run, by=by, at=at, marks=len(marks), calls=len(calls)):
        rows = _rows({pupil for pupil, _day in marks})
        _refuse_classes(marks, calls, by)
        _refuse_changed(marks, rows, calls)
        _put_back(marks, rows)
        for (unit, day), source in calls.items():
            RollCall.objects.filter(class_unit=unit, day=day, source=source).delete()


def _rows(pupils: set[int]) -> dict[Key, Absence]:
    found: dict[Key, Absence] = {}
    for some in chunks(sorted(pupils)):
        found.update(
            {(row.pupil_id, row.day): row for row in Absence.objects.filter(pupil__in=some)}
        )
    return found


def _refuse_classes(marks: Iterable[Key], calls: Iterable[Key], by: User) -> None:
    """Whoever imported for a class once need not be in charge of it now."""
    touched = {unit for unit, _day in calls}
    days = dict(sorted(marks))
    for some in chunks(sorted(days)):
        rows = Enrolment.objects.filter(pupil__in=some)
        for pupil, unit, since, until in rows.values_list("pupil", "class_unit", "since", "until"):
            if since <= days[pupil] and (until is None or days[pupil] < until):
                touched.add(unit)
    if not all(by.can(Can.IMPORT, unit) for unit in Unit.objects.filter(pk__in=touched)):
        raise DomainError(
            _("This import reaches classes for which you do not import any more: ask the county.")
        )


def _refuse_changed(
    marks: dict[Key, tuple[Said | None, Said | None]],
    rows: dict[Key, Absence],
    calls: dict[tuple[int, date], str],
) -> None:
    changed = sum(
        after != (said_of(rows[key]) if key in rows else None)
        for key, (_before, after) in marks.items()
    )
    days = {day for _unit, day in calls}
    called = RollTaking.objects.filter(
        class_unit__in={unit for unit, _day in calls}, day__in=days
    ).values_list("class_unit", "day")
    changed += len(set(called) & set(calls)) + _beside(marks, calls)
    if changed:
        raise DomainError(
            _(
                "%(n)s marks or rolls of this import were changed since: it cannot be taken back as a whole."
            ),
            n=changed,
        )


def _beside(marks: Container[Key], calls: Collection[tuple[int, date]]) -> int:
    """How many marks of those rolls came from elsewhere since: without the roll nothing would hold them."""
    units, days = {unit for unit, _day in calls}, {day for _unit, day in calls}
    here = Q(until=None) | Q(until__gt=F("pupil__absences__day"))
    rows = Enrolment.objects.filter(
        here,
        class_unit__in=units,
        pupil__absences__day__in=days,
        since__lte=F("pupil__absences__day"),
    ).values_list("class_unit", "pupil", "pupil__absences__day")
    return sum((unit, day) in calls and (pupil, day) not in marks for unit, pupil, day in rows)


def _put_back(marks: dict[Key, tuple[Said | None, Said | None]], rows: dict[Key, Absence]) -> None:
    new: list[Absence] = []
    again: list[Absence] = []
    gone: list[int] = []
    for key, (before, _after) in marks.items():
        row = rows.get(key)
        if before is None:
            gone += [row.pk] if row else []
            continue
        mark, source, sha256, number = before
        kept = row or Absence(pupil_id=key[0], day=key[1])
        kept.mark, kept.source, kept.file_sha256, kept.row = mark, source, sha256, number
        (again if row else new).append(kept)
    for some in chunks(gone):
        Absence.objects.filter(pk__in=some).delete()
    Absence.objects.bulk_update(again, ["mark", "source", "file_sha256", "row"], batch_size=BATCH)
    Absence.objects.bulk_create(new, batch_size=BATCH)
