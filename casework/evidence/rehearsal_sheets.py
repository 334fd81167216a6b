"""What stands on the sheets of a rehearsal, and its full list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from casework.cases.models import Case
from casework.core.clock import local_date
from casework.core.crypto import masked_phone, starred
from casework.evidence.extent import text_of
from casework.evidence.models import CheckKind, Drawn, Rehearsal
from casework.evidence.rehearsals import index_of
from casework.evidence.sightings import recorded, with_last_seen
from casework.org.models import Unit
from casework.org.units import school_path
from casework.students.models import Enrolment, Guardian

BATCH = 500


@dataclass(frozen=True)
class Sheet:
    """One sheet: whose it is, the heads of its columns, its lines; what is written by hand is left empty."""

    title: str
    heads: list[str]
    lines: list[list[str]]


def sheets_of(
    rehearsal: Rehearsal, rows: list[Drawn], at: datetime, *, in_full: bool
) -> list[Sheet]:
    """A sheet a class for a roll-call, else one for all. `in_full`: phones are not masked."""
    if rehearsal.kind == CheckKind.ROLL:
        ordered = sorted(rows, key=lambda row: (row.serial, row.pk))
        return [_roll(list(group)) for _serial, group in groupby(ordered, lambda row: row.serial)]
    rows = sorted(rows, key=lambda row: row.serial)
    return [
        _faces(rows)
        if rehearsal.kind == CheckKind.FACE
        else _homes(rehearsal, rows, at, in_full=in_full)
    ]


def _roll(rows: list[Drawn]) -> Sheet:
    heads = [_("Line"), _("Name"), _("Sex"), _("There"), _("Not there: why, proof")]
    lines = [
        [str(number), row.pupil.name, row.pupil.get_sex_display(), "", ""]
        for number, row in enumerate(rows, 1)
    ]
    return Sheet(rows[0].place.name, heads, lines)


def _faces(rows: list[Drawn]) -> Sheet:
    heads = [
        _("Serial number"),
        _("Name"),
        _("Sex"),
        _("Class"),
        _("Status number"),
        _("Face agrees"),
        _("Remarks"),
    ]
    lines = [
        [
            str(row.serial), row.pupil.name, row.pupil.get_sex_display(), row.place.name,
            starred(row.pupil.masked_status), "", "",
        ]
        for row in rows
    ]  # fmt: skip
    return Sheet("", heads, lines)


def _homes(rehearsal: Rehearsal, rows: list[Drawn], at: datetime, *, in_full: bool) -> Sheet:
    """At the door the address, on the phone the number; both with what the house says of the child."""
    by_phone = rehearsal.kind == CheckKind.PHONE
    guardians = {g.pupil_id: g for g in _guardians(rows)}
    cases: dict[int, Any] = {c.pk: c for c in with_last_seen(_cases_of(rows), local_date(at))}
    heads = [
        _("Serial number"), _("Name"), _("School"), _("Guardian"), _("Phone") if by_phone else _("Address"), _("Recorded"),
        _("Last seen at school"), _("Found"), _("Remarks"),
    ]  # fmt: skip
    lines = []
    for row in rows:
        guardian, case = guardians.get(row.pupil_id), cases[row.case_id or 0]
        reached = _phone(guardian, in_full=in_full) if by_phone else row.pupil.address
        lines.append(
            [
                str(row.serial), row.pupil.name, row.place.name, f"{guardian.name} {guardian.relation}" if guardian else "", reached,
                recorded(case), text_of(case.seen_on) if case.seen_on else _("by no roll"), "", "",
            ]
        )  # fmt: skip
    return Sheet("", heads, lines)


def _phone(guardian: Guardian | None, *, in_full: bool) -> str:
    if guardian is None:
        return ""
    return guardian.phone if in_full else starred(masked_phone(guardian.phone))


def _guardians(rows: list[Drawn]) -> Iterator[Guardian]:
    """The first one of each."""
    yield from Guardian.objects.filter(pupil__in=[r.pupil_id for r in rows]).order_by("-rank")


def _cases_of(rows: list[Drawn]) -> QuerySet[Case]:
    found: QuerySet[Case] = Case.objects.filter(pk__in=[row.case_id for row in rows])
    return found


def full_list(rehearsal: Rehearsal) -> tuple[list[str], Iterator[list[object]]]:
    """Heads and lines of the full list: the serial number and who it is, as they are called today."""
    ids = index_of(rehearsal)
    drawn = set(rehearsal.rows.values_list("serial", flat=True))
    heads = [_("Serial number"), _("Whom or what"), _("Where"), _("Drawn")]
    return heads, _listed(rehearsal.kind, ids, drawn)


def _listed(kind: str, ids: list[int], drawn: set[int]) -> Iterator[list[object]]:
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        names = _names(kind, some)
        for serial, pk in enumerate(some, start + 1):
            yield [serial, *names.get(pk, ("—", "—")), _("drawn") if serial in drawn else ""]


def _names(kind: str, ids: list[int]) -> dict[int, tuple[str, str]]:
    if kind == CheckKind.ROLL:
        classes = list(Unit.objects.filter(pk__in=ids))
        schools = Unit.objects.in_bulk({school_path(c.path) for c in classes}, field_name="path")
        return {each.pk: (each.name, schools[school_path(each.path)].name) for each in classes}
    if kind == CheckKind.FACE:
        rows = (
            Enrolment.objects.filter(pupil__in=ids)
            .select_related("pupil", "class_unit")
            .order_by("since")
        )
        return {row.pupil_id: (row.pupil.name, row.class_unit.name) for row in rows}
    cases = Case.objects.filter(pk__in=ids).select_related("pupil", "school")
    return {case.pk: (case.pupil.name, case.school.name) for case in cases}
