"""Open cases of an older ledger enter the flow at the work that their stage asks for; closed ones are kept as they ended."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from casework.cases.models import Case, Step
from casework.cases.repairing import next_work
from casework.cases.taking_over import COLUMNS, Entry, Ledger, forget, known, take_over
from casework.cases.ways import Way
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import Latch, User
from casework.org.roles import Can
from casework.org.units import county
from casework.students.columns import RowReader, find_table, open_sheets
from casework.students.imports import TakenBack, note_run, scope
from casework.students.models import ImportRun
from casework.students.report import Change, Report
from casework.students.runs import IMPORTERS, Importer
from casework.students.workbook import Upload
from workflows.nodes import moment, moving
from workflows.start import begin_flow

KIND = "cases"


def import_cases(
    files: Sequence[Upload],
    *,
    by: User,
    at: datetime,
    dry_run: bool,
    run: ImportRun | None = None,
) -> Report:
    """Take over the cases of ledgers (a row a case; open, back at school, or closed). Again, they are known.

    Bad rows are in the report, all others are written, in one act, the older ones first; a dry run takes it back.
    """
    report = Report()
    with suppress(TakenBack), one_act():
        Latch.hold("import")
        ledger, found = Ledger(scope(by), at), []
        for sheet in open_sheets(files, report):
            if table := find_table(sheet, COLUMNS, report):
                for row in table.body:
                    report.read += 1
                    reader = RowReader(table, row, report)
                    if entry := ledger.entry(reader):
                        found.append((reader, entry))
        for reader, entry in sorted(found, key=lambda each: each[1].past.found_on):
            _take(entry, reader, report, by, at)
        if dry_run:
            raise TakenBack
        note_run(KIND, files, report, unit=county(), run=run, by=by, at=at)
    return report


def _take(entry: Entry, reader: RowReader, report: Report, by: User, at: datetime) -> None:
    try:
        if known(entry):
            report.unchanged += 1
            return
        with one_act():  # a row that is refused half-way leaves nothing
            place = reader.place
            case = take_over(entry, f"{place.file} {place.sheet} {place.row}", by=by, at=at)
            if case.is_open:
                _begin(case, by, at)
    except DomainError as error:
        forget(entry)
        reader.error("name", str(error))
        return
    report.applied += 1
    report.changes.append(Change(reader.place, "new", case.pupil.name, (case.get_stage_display(),)))


def _begin(case: Case, by: User, at: datetime) -> None:
    """Its first turn is the work that its stage asks for."""
    kind = next_work(case)
    way = Way(kind, "taken_over", leads=kind)
    with moment(at, by), moving(Step(case=case), way):
        begin_flow(case)


def _run(
    run: ImportRun, files: Sequence[Upload], *, by: User, at: datetime, dry_run: bool
) -> Report:
    return import_cases(files, by=by, at=at, dry_run=dry_run, run=run)


def register() -> None:
    """Offer the import on the page of imports."""
    IMPORTERS[KIND] = Importer(_("ledgers of cases, taken over"), Can.IMPORT, _run)
