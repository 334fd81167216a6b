"""Imports: a dry run says what would change, an import writes the good rows in one act and reports the others."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from datetime import datetime

from casework.audit import trail
from casework.core.crypto import blind
from casework.core.transaction import one_act
from casework.org.models import Latch, Unit, User
from casework.org.roles import Can
from casework.org.units import county
from casework.students import roster, roster_match, roster_write
from casework.students.cells import CellError, number
from casework.students.columns import find_table, header_words, open_sheets
from casework.students.models import ImportRun
from casework.students.places import Places
from casework.students.report import Report
from casework.students.rollbook import Roll, read_rolls
from casework.students.rollbook_write import Classes, Writer, place_roll, records_of
from casework.students.rolllist import COLUMNS as LONG
from casework.students.rolllist import is_long, read_long
from casework.students.staff import (
    STAFF,
    VILLAGES,
    StaffBook,
    UnitBook,
    VillageBook,
    is_villages,
)
from casework.students.workbook import Row, Sheet, Upload


def import_roster(
    files: Sequence[Upload],
    *,
    township: str,
    by: User | None,
    at: datetime,
    dry_run: bool,
    run: ImportRun | None = None,
) -> Report:
    """Bring rosters (XLSX or CSV) of schools of a township into the records.

    Makes the units that the files name and are missing. Without a county: DomainError. Rows that cannot be
    taken are in the report, all others are written, in one transaction. A dry run writes nothing.
    """
    report = Report()
    with nullcontext() if dry_run else one_act():
        places = Places(township.strip())
        if not dry_run:
            Latch.hold("import")
        rows = [
            found
            for sheet in open_sheets(files, report)
            if (table := find_table(sheet, roster.COLUMNS, report)) is not None
            for found in roster.rows_of(table, report)
        ]
        placed = roster_match.place_rows(rows, places, scope(by))
        good = roster_match.without_doubles(placed, report)
        matches = roster_match.match(good, report, places, scope(by))
        roster_match.warn_of_missing(matches, _refused_numbers(report), report)
        if not dry_run:
            report.journal = roster_write.write(matches, places, at=at)
            unit = places.township if places.township.pk else places.county
            note_run("roster", files, report, unit=unit, run=run, by=by, at=at)
    return report


def import_attendance(
    files: Sequence[Upload],
    *,
    by: User | None,
    at: datetime,
    dry_run: bool,
    run: ImportRun | None = None,
) -> Report:
    """Bring monthly roll-books (a sheet a class) into the records; again, only what differs is written.

    A row is one pupil's line. Lines and days that cannot be taken are in the report, all others are written,
    in one transaction. A pupil of whom a roll says nothing readable is never read as present.
    """
    report = Report()
    with nullcontext() if dry_run else one_act():
        if not dry_run:
            Latch.hold("import")
        classes = Classes(scope(by))
        rolls = [
            placed
            for sheet in open_sheets(files, report)
            for roll in _rolls_of(sheet, report)
            if (placed := place_roll(roll, classes, report)) is not None
        ]
        writer = Writer(records_of(rolls), report)
        writer.take(rolls)
        if not dry_run:
            writer.write()
            report.journal = writer.journal()
            note_run("attendance", files, report, unit=county(), run=run, by=by, at=at)
    return report


def _rolls_of(sheet: Sheet, report: Report) -> Iterator[Roll]:
    """The rolls of a sheet: a class with a column a day, or one long list of many classes."""
    if is_long(sheet):
        table = find_table(sheet, LONG, report)
        yield from read_long(table, report) if table else ()
    else:
        wrong = len(report.errors)
        rolls = list(read_rolls(sheet, report))
        if not rolls and len(report.errors) > wrong:  # perhaps a list whose headers nobody knows
            report.ask_columns(LONG, header_words(sheet))
        yield from rolls


def import_staff(
    files: Sequence[Upload],
    *,
    by: User | None,
    at: datetime,
    dry_run: bool,
    run: ImportRun | None = None,
) -> Report:
    """Bring people with their posts, and villages (a sheet with 村名称 and 乡镇), into the records.

    New people have no password: each signs in first with a one-time code. Rows that cannot be taken are in the
    report, all others are written, in one transaction. A dry run does the same and takes it back: it meets every
    refusal that the import would.
    """
    report = Report()
    with suppress(TakenBack), one_act():
        Latch.hold("import")
        within = scope(by, Can.MANAGE_PEOPLE)
        sheets = list(open_sheets(files, report))
        villages = VillageBook(by, at, within, report)
        for sheet in sheets:
            if is_villages(sheet) and (table := find_table(sheet, VILLAGES, report)):
                villages.take_table(table)
        staff = StaffBook(by, at, UnitBook(within), report)
        for sheet in sheets:
            if not is_villages(sheet) and (table := find_table(sheet, STAFF, report)):
                staff.take_table(table)
        if dry_run:
            raise TakenBack
        note_run("staff", files, report, unit=county(), run=run, by=by, at=at)
    return report


class TakenBack(Exception):
    """Ends an act without a trace."""


def scope(by: User | None, capability: Can = Can.IMPORT) -> list[Unit] | None:
    """The units in which a person may import; None: all (a command run by whoever runs the server)."""
    return None if by is None else by.units_with(capability)


def _refused_numbers(report: Report) -> set[str]:
    found = set()
    for refused in report.refused_rows.values():
        at = roster.COLUMNS.find(Row(0, list(refused.header)))
        for key in ("id_number", "status_number"):
            if key in at and at[key] < len(refused.cells):
                try:
                    found.add(blind(number(refused.cells[at[key]])))
                except CellError:
                    continue
    return found - {""}


def note_run(
    kind: str,
    files: Sequence[Upload],
    report: Report,
    *,
    unit: Unit,
    run: ImportRun | None,
    by: User | None,
    at: datetime,
) -> None:
    """Record an applied import (in the run of its upload, if there was one): files by hash, outcome, counts in the audit."""
    run = run or ImportRun(kind=kind, by=by, at=at, files=described(files))
    run.unit, run.outcome, run.applied_at = unit, report.outcome(), at
    run.save()
    trail.record(
        f"{kind}.imported",
        by=by,
        at=at,
        unit_id=unit.pk,
        subject=f"import:{run.pk}",
        read=report.read,
        applied=report.applied,
        unchanged=report.unchanged,
        refused=report.refused,
    )


def described(files: Sequence[Upload]) -> list[dict[str, str]]:
    """The files of an import by name and hash."""
    return [{"name": each.name, "sha256": each.sha256} for each in files]
