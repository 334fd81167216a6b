"""Taking back an imported roster as a whole: its new pupils go, the others are again what they were, as long as nothing stands on it.

Schools and classes that it made stay: others may hang on them, and an empty class asks nothing of anybody.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Count, Exists, OuterRef, ProtectedError, Q
from django.utils.translation import gettext_lazy as _

from casework.core.errors import DomainError
from casework.org.models import Unit, User
from casework.org.roles import Can
from casework.org.units import county
from casework.students.models import (
    Enrolment,
    Guardian,
    ImportRun,
    Pupil,
    RollCall,
    StatusMovement,
)
from casework.students.roster_match import NUMBER_FIELDS, PUPIL_FIELDS, Match, chunks
from casework.students.taking_back import taking_back

BATCH = 1_000
PUPIL = (*PUPIL_FIELDS, *NUMBER_FIELDS)
GUARDIAN = ("name", "relation", "phone")


def before(known: Sequence[Match]) -> list[dict[str, Any]]:
    """What the records say of pupils before a roster changes them."""
    return [
        {
            "pupil": made.pupil.pk,
            "was": _said(made.pupil, PUPIL),
            "guardian": made.guardian and [made.guardian.pk, _said(made.guardian, GUARDIAN)],
            "enrolment": made.enrolment and [made.enrolment.pk, made.enrolment.seat],
        }
        for made in known
    ]


def journal(changed: Sequence[Match], was: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What an undo needs once the rows are written; `was` is of `before`, in the order of `changed`."""
    known = (made for made in changed if not made.is_new)
    return {
        "new": [made.pupil.pk for made in changed if made.is_new],
        "changed": [
            {
                **row,
                "is": _said(made.pupil, PUPIL),
                "guardian_is": made.guardian and _said(made.guardian, GUARDIAN),
                "moved_to": made.placed.class_unit.pk if made.moves else None,
            }
            for made, row in zip(known, was, strict=True)
        ],
    }


def _said(row: Any, names: Sequence[str]) -> list[Any]:
    values = [getattr(row, row._meta.get_field(name).attname) for name in names]
    return [value.isoformat() if isinstance(value, date) else value for value in values]


def _say(row: Any, names: Sequence[str], values: Sequence[Any]) -> None:
    for name, value in zip(names, values, strict=True):
        field = row._meta.get_field(name)
        setattr(row, field.attname, field.to_python(value))


def undo(run: ImportRun, journal: dict[str, Any], *, by: User, at: datetime) -> None:
    """Put back what the roster changed. DomainError where anything stands on it or was changed since: nothing is touched then."""
    new, changed = journal["new"], journal["changed"]
    with taking_back(run, by=by, at=at, new=len(new), changed=len(changed)) as run:
        made = _made(new, changed)
        _refuse_later(run)
        _refuse_schools(made, changed, by)
        _refuse_depending(made, new, changed)
        _put_back(changed, run.applied_at or at)
        _delete(new)


def _made(
    new: Sequence[int], changed: Sequence[dict[str, Any]]
) -> list[models.QuerySet[Enrolment]]:
    """The enrolments that the import made, some thousand pupils at a time."""
    moved = {row["pupil"]: row["moved_to"] for row in changed if row["moved_to"]}
    found: list[models.QuerySet[Enrolment]] = [
        Enrolment.objects.filter(pupil__in=some) for some in chunks(new)
    ]
    for some in chunks(sorted(moved)):
        classes = {moved[pupil] for pupil in some}
        found.append(Enrolment.objects.filter(pupil__in=some, class_unit__in=classes, until=None))
    return found


def _refuse_later(run: ImportRun) -> None:
    unit = run.unit or county()
    near = Q(unit__path__startswith=unit.path) | Q(unit__path__in=unit.paths_up())
    later = ImportRun.objects.filter(near, kind="roster", undone_at=None, applied_at__isnull=False)
    if later.filter(
        Q(applied_at__gt=run.applied_at or run.at) | Q(applied_at=run.applied_at, pk__gt=run.pk)
    ).exists():
        raise DomainError(
            _("A later roster of these schools was imported: take that one back first.")
        )


def _refuse_schools(
    made: Sequence[models.QuerySet[Enrolment]], changed: Sequence[dict[str, Any]], by: User
) -> None:
    """Whoever imported for a school once need not be in charge of it, or of its pupils, now."""
    now = [
        Enrolment.objects.filter(pupil__in=some, until=None)
        for some in chunks([row["pupil"] for row in changed])
    ]
    schools = {
        pk for rows in (*made, *now) for pk in rows.values_list("school", flat=True).distinct()
    }
    if not all(by.can(Can.IMPORT, unit) for unit in Unit.objects.filter(pk__in=schools)):
        raise DomainError(
            _("This import reaches classes for which you do not import any more: ask the county.")
        )


def _refuse_depending(
    made: Sequence[models.QuerySet[Enrolment]],
    new: Sequence[int],
    changed: Sequence[dict[str, Any]],
) -> None:
    called = RollCall.objects.filter(class_unit=OuterRef("class_unit"), day__gte=OuterRef("since"))
    depending = sum(rows.filter(Exists(called)).count() for rows in made)
    for some in chunks(new):
        once = Pupil.objects.filter(pk__in=some)
        ended = Enrolment.objects.filter(pupil__in=some).exclude(until=None)
        depending += ended.values("pupil").distinct().count()
        depending += once.annotate(n=Count("guardians")).filter(n__gt=1).count()
    depending += sum(_differs(row) for row in _current(changed))
    if depending:
        raise DomainError(
            _(
                "%(n)s pupils of this import have rolls or were changed since: it cannot be taken back as a whole."
            ),
            n=depending,
        )


Now = tuple[dict[str, Any], Pupil, Guardian | None, Enrolment | None]


def _current(changed: Sequence[dict[str, Any]]) -> Iterator[Now]:
    """Each changed pupil with what the records say of it now."""
    for some in chunks(changed):
        keys = [row["pupil"] for row in some]
        pupils = Pupil.objects.in_bulk(keys)
        guardians = {g.pupil_id: g for g in Guardian.objects.filter(pupil__in=keys, rank=1)}
        running = {e.pupil_id: e for e in Enrolment.objects.filter(pupil__in=keys, until=None)}
        for row in some:
            pk = row["pupil"]
            yield row, pupils[pk], guardians.get(pk), running.get(pk)


def _differs(now: Now) -> bool:
    row, pupil, guardian, running = now
    if _said(pupil, PUPIL) != row["is"]:
        return True
    if row["guardian"] and (guardian is None or _said(guardian, GUARDIAN) != row["guardian_is"]):
        return True
    if row["moved_to"]:
        return running is None or running.class_unit_id != row["moved_to"]
    return bool(row["enrolment"]) and (running is None or running.pk != row["enrolment"][0])


def _put_back(changed: Sequence[dict[str, Any]], applied_at: datetime) -> None:
    pupils, guardians, seats = [], [], []
    for row, pupil, guardian, running in list(_current(changed)):
        _say(pupil, PUPIL, row["was"])
        pupils.append(pupil)
        if guardian and row["guardian"]:
            _say(guardian, GUARDIAN, row["guardian"][1])
            guardians.append(guardian)
        elif guardian:
            guardian.delete()
        if row["moved_to"] and running:
            _move_back(row, running, applied_at)
        elif row["enrolment"] and running:
            running.seat = row["enrolment"][1]
            seats.append(running)
    Pupil.objects.bulk_update(pupils, PUPIL, batch_size=BATCH)
    Guardian.objects.bulk_update(guardians, GUARDIAN, batch_size=BATCH)
    Enrolment.objects.bulk_update(seats, ["seat"], batch_size=BATCH)


def _move_back(row: dict[str, Any], made: Enrolment, applied_at: datetime) -> None:
    """The new enrolment goes, the one before runs again, and the movement was none."""
    made.delete()
    if row["enrolment"]:
        Enrolment.objects.filter(pk=row["enrolment"][0]).update(until=None)
    StatusMovement.objects.filter(
        pupil=row["pupil"], recorded_at=applied_at, kind__in=("class_moved", "school_moved")
    ).delete()


def _delete(new: Sequence[int]) -> None:
    """What else refers to a pupil holds it: marks, slips, cases, findings, tags."""
    try:
        for some in chunks(new):
            Guardian.objects.filter(pupil__in=some).delete()
            Enrolment.objects.filter(pupil__in=some).delete()
            Pupil.objects.filter(pk__in=some).delete()
    except ProtectedError as error:
        held = {getattr(row, "pupil_id", None) for row in error.protected_objects}
        raise DomainError(
            _(
                "%(n)s pupils of this import have findings, cases, slips or papers: it cannot be taken back as a whole."
            ),
            n=len(held),
        ) from error
