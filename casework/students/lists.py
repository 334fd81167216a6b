"""Bringing in the lists of others: the household register, the platform's export, aid lists, the ministry's list (domain.md B13, E6, E9).

A list in force is replaced by the next one of its kind and unit; what people said of its rows is found again by the key
of each child. The rolls are not touched.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from casework.audit import trail
from casework.core.crypto import blind
from casework.core.errors import DomainError
from casework.core.rows import insert_many
from casework.core.transaction import one_act
from casework.org.models import Latch, Unit, User
from casework.students import cells, roster
from casework.students.columns import Columns, RowReader, Table, find_table, open_sheets
from casework.students.compare import compare
from casework.students.idnumber import read_id
from casework.students.imports import TakenBack, note_run
from casework.students.models import ImportRun, ListRow, OtherList
from casework.students.report import Change, Place, Report
from casework.students.villages import Villages
from casework.students.workbook import Upload

_FROM_ROSTER = ("name", "sex", "born", "id_number", "status_number", "guardian", "guardian_phone", "phone", "school")  # fmt: skip
COLUMNS = Columns(
    names={
        **{key: roster.COLUMNS.names[key] for key in _FROM_ROSTER},
        "name": (*roster.COLUMNS.names["name"], "儿童姓名", "少年姓名", "适龄儿童姓名"),
        "address": (*roster.COLUMNS.names["address"], *roster.COLUMNS.names["household"], "住址", "家庭详细住址"),
        "village": ("村", "村名称", "行政村", "所在村", "村(社区)", "社区"),
        "household": ("户号", "户编号", "家庭编号", "户籍编号"),
        "householder": ("户主", "户主姓名"),
        "state": ("就读状态", "就学状态", "入学情况", "就读情况", "学生状态", "学籍状态"),
        "remark": ("备注", "说明"),
    },
    required=("name", "id_number|status_number|born"),
)  # fmt: skip


def import_list(
    files: Sequence[Upload],
    *,
    kind: str,
    unit: Unit,
    by: User | None,
    at: datetime,
    dry_run: bool,
    run: ImportRun | None = None,
) -> Report:
    """Put a list in force for `unit` and compare it. Bad rows are in the report, all others are written, in one act.

    A dry run does the same and takes it back. DomainError: no row can be taken, and the list in force stays.
    """
    report = Report()
    with suppress(TakenBack), one_act():
        Latch.hold("lists")
        before = _in_force(kind, unit)
        rows = _rows(files, unit, before, report)
        if not rows and not dry_run:
            raise DomainError(
                _("No row of these files can be taken: the list in force stays as it is.")
            )
        gone = set(before) - {row.key for row in rows}
        if rows and gone:
            words = _("%(n)s children of the list in force are not in these files and leave it.")
            report.warn(Place(files[0].name), _("file"), words % {"n": len(gone)})
        changed = bool(rows) and (report.applied or gone)
        if changed and not dry_run:
            _replace(kind, unit, rows, files, by, at)
        if dry_run or not rows:
            raise TakenBack
        note_run(kind, files, report, unit=unit, run=run, by=by, at=at)
    return report


SAID = ("name", "sex", "born", "id_index", "status_index", "guardian", "phone", "address", "village_id", "school_name", "household", "householder", "state", "remark")  # fmt: skip
Before = dict[str, tuple[Any, ...]]


def _in_force(kind: str, unit: Unit) -> Before:
    """What the list in force says of each child, by key."""
    rows = ListRow.objects.filter(
        other_list__kind=kind, other_list__unit=unit, other_list__replaced_at=None
    )
    return {key: tuple(said) for key, *said in rows.values_list("key", *SAID)}


def _rows(files: Sequence[Upload], unit: Unit, before: Before, report: Report) -> list[ListRow]:
    """The good rows of all files; none at all where one of the files gives nothing: a list is not replaced by half of it."""
    sheets = open_sheets(files, report)
    tables = [table for sheet in sheets if (table := find_table(sheet, COLUMNS, report))]
    readable = {table.sheet.place(0).file for table in tables}
    if tables and len(readable) < len(files):
        message = _("One of the files could not be read: the list in force stays as it is.")
        report.error(Place(files[0].name), _("file"), message)
        return []
    villages, seen = Villages(unit), set[str]()
    return [row for table in tables for row in _of_table(table, villages, seen, before, report)]


def _of_table(
    table: Table, villages: Villages, seen: set[str], before: Before, report: Report
) -> Iterator[ListRow]:
    for row in table.body:
        report.read += 1
        reader = RowReader(table, row, report)
        found = _read(reader, villages)
        if found.key in seen and reader.good:
            reader.error("name", _("The child stands on the list twice. Delete one of the rows."))
        if reader.good:
            seen.add(found.key)
            _count(found, before, reader, report)
            yield found


def _count(row: ListRow, before: Before, reader: RowReader, report: Report) -> None:
    said = before.get(row.key)
    if said == tuple(getattr(row, name) for name in SAID):
        report.unchanged += 1
        return
    report.applied += 1
    report.changes.append(Change(reader.place, "changed" if said else "new", row.name))


def _read(reader: RowReader, villages: Villages) -> ListRow:
    take = reader.take
    id_number = take("id_number", cells.number, "")
    status_number = take("status_number", cells.number, "")
    born, sex = facts_of(reader, id_number)
    address = take("address", cells.words, "")[:160]
    found = ListRow(
        line=reader.row.number,
        name=reader.need("name", cells.name, "")[:60],
        sex=sex,
        born=born,
        id_number=id_number,
        id_index=blind(id_number),
        status_index=blind(status_number),
        guardian=take("guardian", cells.name, "")[:60],
        phone=take("guardian_phone", cells.number, "") or take("phone", cells.number, ""),
        address=address,
        village=villages.find(take("village", cells.words, ""), address),
        school_name=take("school", cells.words, "")[:80],
        household=take("household", cells.words, "")[:40],
        householder=take("householder", cells.name, "")[:60],
        state=take("state", cells.words, "")[:80],
        remark=take("remark", cells.words, "")[:200],
    )
    found.key = key_of(id_number, status_number, found.name, born, found.guardian)
    if not (id_number or status_number or born) and reader.good:
        reader.error("name", _("Without number and birth date nobody can be known. Fill one in."))
    return found


def facts_of(reader: RowReader, id_number: str) -> tuple[date | None, str]:
    """Birth date and sex, from the ID number where it is sound; a contradiction is an error of the row."""
    born, sex = reader.take("born", cells.day, None), reader.take("sex", roster.sex, "")
    if not id_number:
        return born, sex
    try:
        facts = read_id(id_number)
    except cells.CellError as error:
        reader.warn("id_number", str(error))
        return born, sex
    if born not in (None, facts.born):
        reader.error(
            "born", _("The birth date contradicts the ID number. Mend whichever is wrong.")
        )
    return facts.born, facts.sex


def key_of(id_number: str, status_number: str, name: str, born: date | None, guardian: str) -> str:
    """What finds a child again on the next list: its number, else name, birth date and guardian; tells nothing by itself."""
    return blind(id_number or status_number or f"{name}|{born}|{guardian}")


def _replace(
    kind: str,
    unit: Unit,
    rows: list[ListRow],
    files: Sequence[Upload],
    by: User | None,
    at: datetime,
) -> None:
    OtherList.objects.filter(kind=kind, unit=unit, replaced_at=None).update(replaced_at=at)
    described: list[dict[str, Any]] = [{"name": f.name, "sha256": f.sha256} for f in files]
    made = OtherList.objects.create(kind=kind, unit=unit, files=described, by=by, at=at)
    for row in rows:
        row.other_list = made
    insert_many(ListRow, rows)
    compare(made, by=by, at=at)
    trail.record(
        "list.replaced", by=by, at=at, unit_id=unit.pk, subject=f"list:{made.pk}", kind=kind, rows=len(rows)
    )  # fmt: skip
