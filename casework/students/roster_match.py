"""Comparing a roster with the records: which rows are new, changed, moved, the same, or cannot be. Writes nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from casework.core.crypto import blind
from casework.org.models import Unit
from casework.students.cells import CellError
from casework.students.columns import RowReader
from casework.students.models import Enrolment, Guardian, Pupil
from casework.students.places import Places
from casework.students.report import Change, Report
from casework.students.roster import RosterRow

CHUNK = 5_000
PUPIL_FIELDS = (
    "name",
    "sound",
    "initials",
    "sex",
    "born",
    "ethnic_group",
    "household_place",
    "address",
    "village",
    "township",
    "boarding",
    "left_behind",
    "groups",
)
G_LENGTH = 19  # G and the ID number (domain.md 7.2)
NUMBER_FIELDS = ("id_number", "id_index", "status_number", "status_index", "last_four")


@dataclass
class Placed:
    """A good row with its reader (to refuse it later) and its units."""

    row: RosterRow
    reader: RowReader
    school: Unit
    class_unit: Unit
    id_index: str
    status_index: str

    @property
    def key(self) -> str:
        return self.status_index or self.id_index

    @cached_property
    def by_id(self) -> str:
        """The index of the ID number, said or contained in a G number: else the child would be two pupils, one by either number."""
        said = self.row.status_number
        inner = said[1:] if said.startswith("G") and len(said) == G_LENGTH else ""
        return self.id_index or blind(inner)

    @cached_property
    def by_status(self) -> str:
        """The index of the status number, said or made of the ID number."""
        said = self.row.id_number
        return self.status_index or (blind(f"G{said}") if said else "")


@dataclass
class Match:
    """A row with what is on record of the pupil; `changed` names what differs."""

    placed: Placed
    pupil: Pupil
    enrolment: Enrolment | None
    guardian: Guardian | None
    changed: list[str] = field(default_factory=list)
    moves: bool = False
    is_new: bool = False


def place_rows(
    rows: Iterable[tuple[RosterRow, RowReader]], places: Places, within: Sequence[Unit] | None
) -> Iterator[Placed]:
    """Each row with its school and class; a school that cannot be, or is not the importer's, refuses the row."""
    for row, reader in rows:
        try:
            school = places.school(row.school_code, row.school)
        except CellError as error:
            reader.error("school_code", str(error))
            continue
        nearest = next(unit for unit in (school, places.township, places.county) if unit.pk)
        if within is not None and not any(unit.holds(nearest) for unit in within):
            reader.error(
                "school_code", _("This school is not yours to import. Ask the county's office.")
            )
            continue
        if row.school not in ("", school.name):
            reader.warn(
                "school", _("The school of this code has another name. The code was taken.")
            )
        class_unit = places.class_of(school, row.grade, row.class_name)
        yield Placed(
            row, reader, school, class_unit, blind(row.id_number), blind(row.status_number)
        )


def without_doubles(placed: Iterable[Placed], report: Report) -> list[Placed]:
    """One row a pupil. The same row again is a warning, another row of a known number an error; in two schools both fall."""
    first: dict[str, Placed] = {}
    two_schools: set[str] = set()
    good: list[Placed] = []
    for each in placed:
        known = first.get(each.by_status) or first.get(each.by_id)
        if known is None:
            first.update({key: each for key in (each.by_id, each.by_status) if key})
            good.append(each)
        elif known.school is not each.school:
            two_schools.add(known.key)
            _refuse_two_schools(each)
        elif _says(known.row) == _says(each.row):
            each.reader.warn("name", _("The row stands here twice. It was taken once."))
            report.unchanged += 1
        else:
            each.reader.error("name", _("Another row has the same number. Delete one of them."))
    for each in (one for one in good if one.key in two_schools):
        _refuse_two_schools(each)
    return [each for each in good if each.key not in two_schools]


def _refuse_two_schools(placed: Placed) -> None:
    placed.reader.error(
        "school_code",
        _("The pupil stands in the rosters of two schools. Clear up which one is right."),
    )


def _says(row: RosterRow) -> dict[str, Any]:
    return {key: value for key, value in vars(row).items() if key != "place"}


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Pieces small enough for one statement on either database."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def _by(model: type[models.Model], key: str, values: Sequence[Any], **more: Any) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for some in chunks(values):
        rows = model._default_manager.filter(**{f"{key}__in": some}, **more)
        found.update({getattr(row, key): row for row in rows})
    return found


def match(
    placed: Sequence[Placed],
    report: Report,
    places: Places,
    within: Sequence[Unit] | None = None,
) -> list[Match]:
    """The rows with the records they mean; those that contradict the records are refused."""
    by_status = _by(Pupil, "status_index", [p.by_status for p in placed if p.by_status])
    missed = [p.by_id for p in placed if p.by_id and p.by_status not in by_status]
    by_id = _by(Pupil, "id_index", missed)
    pks = [pupil.pk for pupil in (*by_status.values(), *by_id.values())]
    enrolments = _by(Enrolment, "pupil_id", pks, until=None)
    guardians = _by(Guardian, "pupil_id", pks, rank=1)
    covered = {each.school.pk for each in placed}
    elsewhere = _left_elsewhere(set(pks) - set(enrolments), within)
    matches = []
    for each in placed:
        pupil = by_status.get(each.by_status) or by_id.get(each.by_id)
        made = _compare(each, pupil, enrolments, guardians, places)
        if not _contradicts(made, covered, elsewhere):
            matches.append(made)
            _count(made, report)
    return matches


def _left_elsewhere(pupils: set[int], within: Sequence[Unit] | None) -> dict[int, int]:
    """Of pupils in no class, the school that they left, where it is not the importer's: a transfer brings them, no roster."""
    found: dict[int, int] = {}
    if within is None:
        return found
    for some in chunks(sorted(pupils)):
        rows = Enrolment.objects.filter(pupil__in=some).select_related("school")
        last = {row.pupil_id: row.school for row in rows.order_by("until", "pk")}
        away = {pk: s.pk for pk, s in last.items() if not any(unit.holds(s) for unit in within)}
        found |= away
    return found


def _contradicts(made: Match, covered: set[Any], left: dict[int, int]) -> bool:
    """Another number of the same kind on record, or a school whose own roster was not read with this one."""
    row, pupil, enrolment = made.placed.row, made.pupil, made.enrolment
    if not made.is_new and row.id_number and pupil.id_index not in ("", made.placed.id_index):
        made.placed.reader.error(
            "id_number", _("The status number is on record with another ID number. Compare both.")
        )
        return True
    elsewhere = enrolment is not None and enrolment.school_id != made.placed.school.pk
    if elsewhere and enrolment is not None and enrolment.school_id not in covered:
        made.placed.reader.error(
            "school_code",
            _(
                "The pupil is enrolled at another school. Import the newer roster of that school too."
            ),
        )
        return True
    if not made.is_new and left.get(pupil.pk, made.placed.school.pk) != made.placed.school.pk:
        made.placed.reader.error(
            "school_code",
            _("The pupil left another school and is in no class: ask for the transfer to yours."),
        )
        return True
    return False


def _compare(
    placed: Placed,
    pupil: Pupil | None,
    enrolments: dict[Any, Any],
    guardians: dict[Any, Any],
    places: Places,
) -> Match:
    known = pupil or Pupil()
    made = Match(placed, known, enrolments.get(known.pk), guardians.get(known.pk))
    made.is_new = pupil is None
    for name, value in _wanted(placed.row, places):
        if value != (
            getattr(known, f"{name}_id")
            if name in ("village", "township")
            else getattr(known, name)
        ):
            made.changed.append(name)
    if (placed.id_index and placed.id_index != known.id_index) or (
        placed.status_index and placed.status_index != known.status_index
    ):
        made.changed.append("numbers")
    made.changed += _guardian_changes(placed.row, made.guardian)
    enrolment = made.enrolment
    made.moves = enrolment is None or enrolment.class_unit_id != placed.class_unit.pk
    if enrolment is not None and placed.row.seat not in ("", enrolment.seat):
        made.changed.append("seat")
    return made


def _wanted(row: RosterRow, places: Places) -> Iterator[tuple[str, Any]]:
    """What the row says, by the names of the pupil's fields; what it does not say is left out."""
    village = places.village(row.address) or places.village(row.household)
    township = places.township_of(row.household or row.address)
    yield from (("name", row.name), ("sex", row.sex), ("born", row.born))
    texts = (
        ("ethnic_group", row.ethnic),
        ("household_place", row.household),
        ("address", row.address),
    )
    yield from ((name, said) for name, said in texts if said)
    if village is not None:
        yield "village", village.pk or village
    if township is not None:
        yield "township", township.pk or township
    if row.boarding is not None:
        yield "boarding", row.boarding
    if row.left_behind is not None:
        yield "left_behind", row.left_behind
    if row.groups is not None:
        yield "groups", list(row.groups)


def wanted(placed: Placed, places: Places) -> dict[str, Any]:
    """The fields of the pupil as the row has them, units as objects' ids: after the units were made."""
    found = dict(_wanted(placed.row, places))
    return {
        (f"{name}_id" if name in ("village", "township") else name): value
        for name, value in found.items()
    }


def _guardian_changes(row: RosterRow, known: Guardian | None) -> list[str]:
    if not row.guardian:
        return []
    if known is None:
        return ["guardian"]
    pairs = (("guardian", row.guardian, known.name), ("relation", row.relation, known.relation))
    changed = [name for name, said, has in pairs if said not in ("", has)]
    return changed + (["phone"] if row.phone not in ("", known.phone) else [])


def _count(made: Match, report: Report) -> None:
    if not (made.is_new or made.moves or made.changed):
        report.unchanged += 1
        return
    report.applied += 1
    kind = "new" if made.is_new else "moved" if made.moves and made.enrolment else "changed"
    fields = () if made.is_new else tuple(made.changed)
    report.changes.append(Change(made.placed.row.place, kind, made.placed.row.name, fields))


def warn_of_missing(matches: Sequence[Match], refused: set[str], report: Report) -> None:
    """Pupils enrolled at the schools of this roster who are not in it: a warning, they stay."""
    seen = {made.pupil.pk for made in matches}
    schools = {made.placed.school.pk: made.placed for made in matches if made.placed.school.pk}
    enrolled = Enrolment.objects.filter(school__in=list(schools), until=None)
    rows = enrolled.values_list(
        "pupil_id", "school_id", "pupil__name", "pupil__status_index", "pupil__id_index"
    )
    missing: Counter[int] = Counter()
    for pupil_id, school_id, name, status_index, id_index in rows:
        if pupil_id in seen or {status_index, id_index} & refused:
            continue
        place = schools[school_id].row.place._replace(row=0)
        missing[school_id] += 1
        report.changes.append(Change(place, "missing", name))
        report.warn(
            place,
            _("pupil"),
            _(
                "A pupil on record is not in this roster. Nobody is removed: find out where the child is."
            ),
        )
