"""Bringing rolls into the records: whose lines they are, which days are school days, and only what changed is written."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from casework.core.crypto import blind
from casework.core.errors import DomainError
from casework.core.rows import insert_many
from casework.deadlines.days import days_for, is_school_day
from casework.org.models import Unit, UnitKind
from casework.students.models import Absence, Enrolment, Mark, Pupil, RollCall, RollTaking
from casework.students.report import Change, Report
from casework.students.rollbook import Roll, RollRow
from casework.students.roster_match import chunks

BATCH = 1_000


@dataclass
class ClassRoll:
    """A roll with its class: `called` are the school days on which it says anything."""

    roll: Roll
    class_unit: Unit
    called: list[date] = field(default_factory=list)

    @property
    def source(self) -> str:
        return f"{self.roll.sheet.file} / {self.roll.sheet.name}"[:160]

    @property
    def origin(self) -> dict[str, str]:
        """Where its marks come from: file and sheet, and the file's hash."""
        return {"source": self.source, "file_sha256": self.roll.sheet.file_sha256}


@dataclass
class Records:
    """What is on record of the pupils and classes of an import, read once."""

    pupils: dict[str, int]
    enrolments: dict[int, list[Enrolment]]
    absences: dict[tuple[int, date], Absence]
    calls: set[tuple[int, date]]
    on_page: set[tuple[int, date]]  # classes and days whose roll was called on a page

    def class_on(self, pupil_id: int, day: date) -> int | None:
        """The class a pupil is enrolled in on a day."""
        for each in self.enrolments.get(pupil_id, []):
            if each.since <= day and (each.until is None or day < each.until):
                return each.class_unit_id
        return None

    @cached_property
    def _members(self) -> dict[int, list[int]]:
        members: dict[int, list[int]] = {}
        for pupil_id, enrolments in self.enrolments.items():
            for each in enrolments:
                members.setdefault(each.class_unit_id, []).append(pupil_id)
        return members

    def members_of(self, class_id: int) -> list[int]:
        """Pupils who were ever enrolled in a class."""
        return self._members.get(class_id, [])


class Classes:
    """The classes of the schools that titles name; `within` are the units of whom imports (None: all)."""

    def __init__(self, within: Sequence[Unit] | None) -> None:
        self.within = within
        self.schools = sorted(
            Unit.objects.filter(kind=UnitKind.SCHOOL), key=lambda unit: -len(unit.name)
        )
        self.classes: dict[str, dict[str, Unit]] = {}

    def find(self, roll: Roll) -> tuple[Unit, Unit]:
        """School and class of a roll. Not found or not the importer's: DomainError with the remedy."""
        school = next((each for each in self.schools if _names(roll.title, each.name)), None)
        if school is None:
            raise DomainError(
                _("The title names no known school. Write its name as in the roster.")
            )
        if self.within is not None and not any(unit.holds(school) for unit in self.within):
            raise DomainError(_("This school is not yours to import. Ask the county's office."))
        if school.path not in self.classes:
            below = Unit.objects.filter(kind=UnitKind.CLASS, path__startswith=school.path)
            self.classes[school.path] = {unit.name: unit for unit in below}
        class_unit = self.classes[school.path].get(roll.class_name)
        if class_unit is None:
            raise DomainError(
                _("The title names no known class of the school. Import its roster first.")
            )
        return school, class_unit


_PLACE_BEFORE = re.compile(r"(?:^|[^\u4e00-\u9fff]|[省市县区旗镇乡道村部])$")


def _names(title: str, school: str) -> bool:
    """Whether a title names a school: its name with nothing but a place before it, else 上岩头村小学 would be 岩头村小学."""
    return any(
        _PLACE_BEFORE.search(title[: found.start()][-1:])
        for found in re.finditer(re.escape(school), title)
    )


def place_roll(roll: Roll, classes: Classes, report: Report) -> ClassRoll | None:
    """The roll with its class and the days that count; else its rows are refused."""
    try:
        school, class_unit = classes.find(roll)
        found = ClassRoll(roll, class_unit)
        days = days_for(school)
        taught = {day: is_school_day(days, day) for day in roll.days}
    except DomainError as error:
        report.error(roll.sheet.place(), _("title"), str(error))
        for row in roll.rows:
            row.reader.refuse()
        return None
    for row in roll.rows:
        for day, message in row.wrong.items():
            if taught.get(day):  # a sign in the column of a holiday hurts nobody
                row.reader.error(day.isoformat(), message)
    for day in sorted(roll.days):
        if all(row.marks.get(day, Mark.BLANK) == Mark.BLANK for row in roll.rows):
            continue
        if taught[day]:
            found.called.append(day)
        else:
            report.error(
                roll.sheet.place(roll.header_row),
                day.isoformat(),
                _(
                    "This is no school day by the calendar. Mend the column, or enter the day as a make-up day."
                ),
            )
    return found


def records_of(rolls: Sequence[ClassRoll]) -> Records:
    """Everything on record that the rolls may touch, in a few statements."""
    lines = [row for each in rolls for row in each.roll.rows]
    pupils: dict[str, int] = {}
    for index, numbers in (
        ("status_index", [row.status_number for row in lines]),
        ("id_index", [row.id_number or row.status_number[1:] for row in lines]),
    ):
        for some in chunks(sorted({blind(number) for number in numbers if number})):
            found = Pupil.objects.filter(**{f"{index}__in": some}).values_list(index, "pk")
            pupils.update(found)
    classes = [each.class_unit.pk for each in rolls]
    days = sorted({day for each in rolls for day in each.called})
    span = (days[0], days[-1]) if days else (date.max, date.max)
    enrolments = _enrolments(classes, set(pupils.values()))
    absences: dict[tuple[int, date], Absence] = {}
    for some in chunks(sorted(enrolments)):
        rows = Absence.objects.filter(pupil_id__in=some, day__range=span)
        absences.update({(row.pupil_id, row.day): row for row in rows})
    calls, on_page = (
        set(
            rows.filter(class_unit__in=classes, day__range=span).values_list("class_unit_id", "day")
        )
        for rows in (RollCall.objects, RollTaking.objects)
    )
    return Records(pupils, enrolments, absences, calls, on_page)


def _enrolments(classes: Sequence[int], pupils: set[int]) -> dict[int, list[Enrolment]]:
    found: dict[int, list[Enrolment]] = defaultdict(list)
    members = Enrolment.objects.filter(class_unit__in=classes).values_list("pupil_id", flat=True)
    for some in chunks(sorted(pupils | set(members))):
        for row in Enrolment.objects.filter(pupil_id__in=some).order_by("-since", "-pk"):
            found[row.pupil_id].append(row)
    return found


class Writer:
    """Compares rolls with the records and gathers what to write; `write` does it."""

    def __init__(self, records: Records, report: Report) -> None:
        self.records, self.report = records, report
        self.names = _by_name(records)
        self.taken: dict[tuple[int, date], RollRow] = {}
        self.new: list[Absence] = []
        self.changed: list[Absence] = []
        self.gone: list[int] = []
        self.before: dict[tuple[int, date], Said] = {}  # of what is changed or gone
        self.calls: list[RollCall] = []

    def take(self, rolls: Sequence[ClassRoll]) -> None:
        """Go through all lines of all rolls, then through the pupils whom no line names."""
        for each in rolls:
            known = [(row, self._pupil(each, row)) for row in each.roll.rows if row.reader.good]
            lines = [(row, pupil) for row, pupil in known if pupil is not None]
            each.called = [
                day
                for day in each.called
                if any(row.marks.get(day, Mark.BLANK) != Mark.BLANK for row, _pupil in lines)
            ]  # a sum below the table calls no roll
            for row, pupil in lines:
                self._take_row(each, row, pupil)
        for each in rolls:
            self._call(each)

    def _take_row(self, roll: ClassRoll, row: RollRow, pupil_id: int) -> None:
        days = [day for day in roll.called if day in row.marks]
        if not days and any(mark != Mark.BLANK for mark in row.marks.values()):
            row.reader.refuse()  # no school day: the error stands with the day
            return
        if any((pupil_id, day) in self.taken for day in days):
            row.reader.error(
                "name", _("The pupil stands in the roll twice. Delete one of the rows.")
            )
            return
        self._warn_of_class(roll, row, pupil_id)
        fresh = any((roll.class_unit.pk, day) not in self.records.calls for day in days)
        touched = False
        for day in days:
            self.taken[(pupil_id, day)] = row
            if (roll.class_unit.pk, day) in self.records.on_page:
                self._warn_of_page(pupil_id, day, row)
            else:
                touched |= self._mark(roll, pupil_id, day, row.marks[day], row.reader.row.number)
        if touched or fresh:
            self.report.applied += 1
            self.report.changes.append(Change(row.reader.place, "changed", row.name))
        else:
            self.report.unchanged += 1

    def _pupil(self, roll: ClassRoll, row: RollRow) -> int | None:
        known = self.records.pupils
        numbers = (row.status_number, row.status_number[1:], row.id_number)
        found = next((known[blind(n)] for n in numbers if n and blind(n) in known), None)
        if found is None and not (row.status_number or row.id_number):
            same = self.names.get((roll.class_unit.pk, row.name), [])
            found = same[0] if len(same) == 1 else None
        if found is None:
            row.reader.error(
                "status_number",
                _("This pupil is on no roster. Mend the number, or import the roster first."),
            )
        return found

    def _warn_of_class(self, roll: ClassRoll, row: RollRow, pupil_id: int) -> None:
        last = max(roll.called, default=None)
        if last and self.records.class_on(pupil_id, last) != roll.class_unit.pk:
            row.reader.warn(
                "name", _("By the roster the pupil is in another class; the marks were taken.")
            )

    def _warn_of_page(self, pupil_id: int, day: date, row: RollRow) -> None:
        """A roll that was called on a page is corrected there, with a reason; no file changes it."""
        known = self.records.absences.get((pupil_id, day))
        said = row.marks[day]
        if said not in (Mark.BLANK, known.mark if known else Mark.PRESENT):
            row.reader.warn(
                day.isoformat(),
                _(
                    "The roll of this day was called on the page, which says otherwise; its mark stays. Correct it there."
                ),
            )

    def _mark(self, roll: ClassRoll, pupil_id: int, day: date, mark: Mark, row: int) -> bool:
        """Make the record of one day say `mark`; whether that changes anything."""
        known = self.records.absences.get((pupil_id, day))
        own = self.records.class_on(pupil_id, day) == roll.class_unit.pk
        if known is not None:
            self.before.setdefault((pupil_id, day), said_of(known))
        if mark == Mark.PRESENT and own:
            if known is not None:
                self.gone.append(known.pk)
            return known is not None
        if known is not None and mark == Mark.BLANK:
            return False  # an empty cell says nothing, and takes nothing back
        if known is None:
            self.new.append(Absence(pupil_id=pupil_id, day=day, mark=mark, row=row, **roll.origin))
            return True
        if known.mark == mark:
            return False
        known.mark, known.row = mark, row
        known.source, known.file_sha256 = roll.source, roll.roll.sheet.file_sha256
        self.changed.append(known)
        return True

    def _call(self, roll: ClassRoll) -> None:
        """The roll was called; of a pupil of the class whom no accepted line names, it says nothing."""
        called = [day for day in roll.called if (roll.class_unit.pk, day) not in self.records.calls]
        self.records.calls.update((roll.class_unit.pk, day) for day in called)
        self.calls += [
            RollCall(class_unit=roll.class_unit, day=day, source=roll.source) for day in called
        ]
        for pupil_id, day in self._unnamed(roll, called):
            self._mark(roll, pupil_id, day, Mark.BLANK, 0)

    def _unnamed(self, roll: ClassRoll, days: Sequence[date]) -> Iterator[tuple[int, date]]:
        if not days:
            return
        for pupil_id in self.records.members_of(roll.class_unit.pk):
            silent = [
                day
                for day in days
                if (pupil_id, day) not in self.taken
                and (pupil_id, day) not in self.records.absences
                and self.records.class_on(pupil_id, day) == roll.class_unit.pk
            ]
            if silent:
                self.report.warn(
                    roll.roll.sheet.place(),
                    _("pupil"),
                    _(
                        "The roll has no good row for a pupil of the class: for these days it says nothing."
                    ),
                )
            yield from ((pupil_id, day) for day in silent)

    def write(self) -> None:
        """All that was gathered, many rows a statement. Inside the caller's transaction."""
        insert_many(RollCall, self.calls)
        for some in chunks(self.gone):
            Absence.objects.filter(pk__in=some).delete()
        Absence.objects.bulk_update(
            self.changed, ["mark", "source", "file_sha256", "row"], batch_size=BATCH
        )
        insert_many(Absence, self.new)

    def journal(self) -> dict[str, Any]:
        """What `write` did, so that it can be taken back: by pupil and day what was said before and after, and the calls."""
        after = {(row.pupil_id, row.day): said_of(row) for row in (*self.new, *self.changed)}
        gone = set(self.gone)
        ends = {key for key, row in self.records.absences.items() if row.pk in gone}
        touched = [
            [pupil, day.isoformat(), self.before.get((pupil, day)), after.get((pupil, day))]
            for pupil, day in sorted({*after, *ends})
        ]
        calls = [[call.class_unit_id, call.day.isoformat(), call.source] for call in self.calls]
        return {"marks": touched, "calls": calls}


Said = list[Any]


def said_of(row: Absence) -> Said:
    """What a row of a roll says: mark, source, hash of the file, row."""
    return [row.mark, row.source, row.file_sha256, row.row]


def _by_name(records: Records) -> dict[tuple[int, str], list[int]]:
    """Pupils by class and name, for rolls without numbers."""
    named: dict[tuple[int, str], list[int]] = defaultdict(list)
    names: dict[int, Any] = {}
    for some in chunks(sorted(records.enrolments)):
        names.update(Pupil.objects.filter(pk__in=some).values_list("pk", "name"))
    for pupil_id, spans in records.enrolments.items():
        named[(spans[0].class_unit_id, names[pupil_id])].append(pupil_id)
    return named
