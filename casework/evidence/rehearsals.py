"""Rehearsing an inspection: a sample that can be drawn again, its sheets, and what was found on the spot (domain.md 6.2).

Drawing: each entry of the full list has a serial number from 1. The SHA-256 of `seed:serial` puts them in an order; the first ones are
drawn. Whoever has the list and the seed draws the same.
"""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.access import may_take_evidence
from casework.cases.kinds import Stage
from casework.cases.models import Case
from casework.core.clock import local_date, school_year
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.detection.by_hand import add_suspicion
from casework.detection.models import Finding
from casework.documents.glyphs import cleaned
from casework.evidence.drawing import draw
from casework.evidence.extent import About, Row, Table, moment_of
from casework.evidence.models import CheckKind, Drawn, Rehearsal, Result
from casework.evidence.scope import cases_between
from casework.org.models import Unit, User
from casework.org.units import school_path
from casework.students.models import Enrolment

RULE = "check"
MOST = {CheckKind.ROLL: 20, CheckKind.FACE: 200, CheckKind.DOOR: 100, CheckKind.PHONE: 100}


@dataclass(frozen=True)
class Said:
    """What was typed back for a child. `rest`: entered with all others at once, only where nothing was entered before."""

    result: str
    note: str
    rest: bool = False


def listed(unit: Unit, kind: str, at: datetime) -> list[int]:
    """The full list: ids of classes, of enrolled pupils, or of the school year's cases, in their order."""
    if kind in (CheckKind.DOOR, CheckKind.PHONE):
        of_each = dict(_cases(unit, at).values_list("pupil", "pk"))  # the later one of two
        return sorted(of_each.values())
    enrolled = Enrolment.objects.running_on(local_date(at))
    rows = enrolled.filter(class_unit__path__startswith=unit.path)
    if kind == CheckKind.ROLL:
        classes = rows.order_by("class_unit__path").values_list("class_unit", flat=True)
        return list(dict.fromkeys(classes))
    return list(rows.order_by("class_unit__path", "pupil").values_list("pupil", flat=True))


def _cases(unit: Unit, at: datetime) -> QuerySet[Case]:
    """Whoever had a case: back, elsewhere, taught at home, deferred or still out."""
    today = local_date(at)
    rows = Case.objects.exclude(stage=Stage.CANCELLED)
    return cases_between(rows, unit, school_year(today), today)


def rehearse(
    unit: Unit,
    kind: str,
    size: int,
    seed: str,
    receiver: str,
    reason: str,
    *,
    by: User,
    at: datetime,
) -> Rehearsal:
    """Draw a sample of a unit; `receiver` takes its sheets along.

    DomainError where nothing can be drawn, more than a day's work is asked for, or the person may take no evidence there.
    """
    seed = cleaned(seed).strip()
    if not may_take_evidence(by, unit):
        raise DomainError(_("You may not take evidence of this case or unit."))
    ids = listed(unit, kind, at)
    if not seed:
        raise DomainError(
            _("Give a seed: whoever has it can draw the same."), fields={"seed": _("required")}
        )
    if not ids:
        raise DomainError(
            _("There is nothing to draw from in this unit."), fields={"unit": _("choose another")}
        )
    if not 1 <= size <= MOST[CheckKind(kind)]:
        raise DomainError(
            _("Draw between 1 and %(most)s."),
            fields={"size": _("choose another")},
            most=MOST[CheckKind(kind)],
        )
    text = "".join(f"{pk}\n" for pk in ids).encode()
    serials = draw(seed, len(ids), size)
    with one_act():
        made = Rehearsal.objects.create(
            unit=unit, kind=kind, seed=seed, size=len(serials), population=len(ids), index=zlib.compress(text),
            index_sha256=sha256(text).hexdigest(), receiver=receiver, reason=reason, by=by, by_name=by.display_name, at=at,
        )  # fmt: skip
        Drawn.objects.bulk_create(_rows(made, {ids[serial - 1]: serial for serial in serials}, at))
        trail.record(
            "rehearsal.drawn", by=by, at=at, unit_id=unit.pk, subject=f"rehearsal:{made.pk}", kind=kind, seed=seed, size=len(serials),
            population=len(ids), index=made.index_sha256, receiver=receiver, reason=reason,
        )  # fmt: skip
    return made


def index_of(rehearsal: Rehearsal) -> list[int]:
    """The ids of the full list in their order."""
    return [int(line) for line in zlib.decompress(bytes(rehearsal.index)).split()]


def _rows(made: Rehearsal, drawn: Mapping[int, int], at: datetime) -> Iterator[Drawn]:
    """The children on the sheets; of a class all who are in it."""
    if made.kind in (CheckKind.DOOR, CheckKind.PHONE):
        for case in Case.objects.filter(pk__in=drawn).select_related("school"):
            yield Drawn(
                rehearsal=made,
                serial=drawn[case.pk],
                pupil_id=case.pupil_id,
                place=case.school,
                case=case,
            )
        return
    enrolled = Enrolment.objects.running_on(local_date(at)).select_related("class_unit")
    of_class = made.kind == CheckKind.ROLL
    for row in enrolled.filter(Q(class_unit__in=drawn) if of_class else Q(pupil__in=drawn)):
        serial = drawn[row.class_unit_id if of_class else row.pupil_id]
        yield Drawn(rehearsal=made, serial=serial, pupil_id=row.pupil_id, place=row.class_unit)


def enter_results(rehearsal: Rehearsal, said: Mapping[int, Said], *, by: User, at: datetime) -> int:
    """Type back what was found, by id of the row; a difference becomes a finding that a person decides. Returns how many rows it were.

    DomainError for a difference without words, or for a row whose difference has become a finding already.
    """
    with one_act():
        rows = Drawn.objects.select_for_update(of=("self",)).filter(
            rehearsal=rehearsal, pk__in=said
        )
        changed = [
            row for row in rows.select_related("pupil", "place") if _changes(row, said[row.pk])
        ]
        before = [[row.pk, row.result] for row in changed]
        for row in changed:
            _enter(rehearsal, row, said[row.pk], by, at)
        if changed:
            after = [[*old, row.result] for old, row in zip(before, changed, strict=True)]
            trail.record(
                "rehearsal.entered", by=by, at=at, unit_id=rehearsal.unit_id, subject=f"rehearsal:{rehearsal.pk}", rows=after,
            )  # fmt: skip
    return len(changed)


def _changes(row: Drawn, said: Said) -> bool:
    """Another answer or other words; “the rest” touches nothing that somebody entered meanwhile."""
    if not said.result or (said.rest and row.result):
        return False
    return (row.result, row.note) != (said.result, _words(said))


def _words(said: Said) -> str:
    return cleaned(said.note).strip()[:200]


def _enter(rehearsal: Rehearsal, row: Drawn, said: Said, by: User, at: datetime) -> None:
    name = row.pupil.name
    if said.result not in Result.values:
        raise DomainError(_("Choose one of the answers."))
    if row.finding_id:
        raise DomainError(
            _("%(name)s: this difference is a finding already; decide it there."), name=name
        )
    if said.result == Result.DIFFERS and not _words(said):
        raise DomainError(_("%(name)s: say in words what differs."), name=name)
    row.result, row.note, row.by_name, row.at = said.result, _words(said), by.display_name, at
    if row.result == Result.DIFFERS:
        row.finding = _finding(rehearsal, row, by, at)
    row.save(update_fields=["result", "note", "by_name", "at", "finding"])


def _finding(rehearsal: Rehearsal, row: Drawn, by: User, at: datetime) -> Finding:
    """What differs, with where it was found; that of today gets the words too, if two sheets name the same child."""
    words = f"{rehearsal.get_kind_display()} {local_date(rehearsal.at)}: {row.note}"
    today = Finding.objects.filter(pupil=row.pupil, rule=RULE, first_day=local_date(at)).first()
    if today:
        today.note = f"{today.note}\n{words}"
        today.save(update_fields=["note"])
        return today
    school = Unit.objects.get(path=school_path(row.place.path))
    return add_suspicion(
        pupil=row.pupil, child={}, unit=school, reason_text=words, by=by, at=at, rule=RULE
    )


def _results(a: About) -> Iterator[Row]:
    """Every child on the sheets of the period and what was found."""
    rows = Drawn.objects.filter(
        rehearsal__unit__path__startswith=a.unit.path,
        rehearsal__at__gte=a.begins,
        rehearsal__at__lt=a.until,
    )
    for row in (
        rows.select_related("rehearsal__unit", "pupil", "place", "case")
        .order_by("rehearsal", "serial", "pk")
        .iterator(100)
    ):
        made = row.rehearsal
        yield (
            moment_of(made.at), made.unit.name, made.get_kind_display(), made.seed, made.population, made.index_sha256, row.serial,
            row.pupil.name, row.place.name, row.case.number if row.case else "", row.get_result_display(), row.note, row.by_name,
            row.finding_id or "",
        )  # fmt: skip


REHEARSED = Table(
    "rehearsals", _("Samples drawn and what was found"),
    (
        _("When"), _("Unit"), _("What is checked"), _("Seed"), _("Of how many"), _("SHA-256 of the full list"), _("Serial number"),
        _("Name"), _("Class or school"), _("Case"), _("Result"), _("In words"), _("Who"), _("Number of the finding"),
    ), _results, whole=True,
)  # fmt: skip
