"""A monthly roll-book as people keep it, read into marks: a sheet a class, a title, a legend, a column a day. No database."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from casework.students import cells, roster
from casework.students.attendance import day_mark
from casework.students.cells import CellError
from casework.students.columns import Columns, RowReader, Table, find_table
from casework.students.legends import USUAL, ask, is_legend, legend_of, meaning
from casework.students.models import Mark
from casework.students.report import Report
from casework.students.rollheads import days_of, month_of, nameless, settled
from casework.students.workbook import Row, Sheet

_CORNERS = ("日期姓名", "姓名日期", "日期/姓名", "姓名/日期", r"日期\\姓名", r"姓名\\日期")
COLUMNS = Columns(
    names={
        "status_number": roster.COLUMNS.names["status_number"],
        "id_number": roster.COLUMNS.names["id_number"],
        "name": (*roster.COLUMNS.names["name"], *_CORNERS),
    },
    required=("status_number|id_number|name",),
)


@dataclass(frozen=True)
class RollRow:
    """One pupil's line: who, and a mark for each day (`blank` where the cell is empty); `wrong`: days with a sign that nobody explained."""

    reader: RowReader
    status_number: str
    id_number: str
    name: str
    marks: dict[date, Mark]
    wrong: dict[date, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Roll:
    """One table of a sheet: its title in words, the days that it has columns for, and its lines."""

    sheet: Sheet
    title: str
    class_name: str
    header_row: int
    days: dict[date, list[int]]
    rows: list[RollRow]


def read_rolls(sheet: Sheet, report: Report) -> Iterator[Roll]:
    """The rolls of a sheet, one for each header in it; where header, month or legend cannot be read, an error: its rows are refused."""
    table = find_table(sheet, COLUMNS, report)
    if table is None:
        return
    top = [words_of(row) for row in sheet.rows if row.number < table.header.number]
    below = [words_of(row) for row in table.body]
    legends = [*top, words_of(table.header), *below]
    for part in _tables(table):
        body = [row for row in part.body if not is_legend(words_of(row))]
        whole = settled(replace(part, body=body))
        report.read += len(whole.body)
        try:
            yield _read(whole, top, legend_of(legends), report)
        except CellError as error:
            report.error(sheet.place(part.header.number), _("title"), str(error))
            refuse_all(whole, report)


def _tables(table: Table) -> Iterator[Table]:
    """The table cut where its header stands again: a second half of the month, or the next printed page."""
    header, body = table.header, list[Row]()
    for row in table.body:
        if COLUMNS.find(row) == table.at:
            yield replace(table, header=header, body=body)
            header, body = row, []
        else:
            body.append(row)
    yield replace(table, header=header, body=body)


def _read(table: Table, top: list[str], legend: dict[str, Mark], report: Report) -> Roll:
    sheet = table.sheet
    days = days_of(table, month_of(top, sheet.name, sheet.file), report)
    if not legend:
        report.warn(
            sheet.place(), _("legend"), _("There is no legend; the usual signs were taken.")
        )
    _refuse_nameless(table, days, legend or USUAL)
    rows = [_row(RowReader(table, row, report), days, legend or USUAL) for row in table.body]
    title = " ".join([*top, sheet.name, sheet.file])
    return Roll(sheet, title, class_in(title), table.header.number, days, rows)


def _refuse_nameless(table: Table, days: dict[date, list[int]], legend: dict[str, Mark]) -> None:
    """A sign under a header that is no day would be lost, and the pupil be taken for present."""
    for at in nameless(table, days):
        if any(_sign(row, at) and meaning(_sign(row, at), legend) for row in table.body):
            raise CellError(
                _("Column %(number)s holds signs and names no day. Write the day into its header.")
                % {"number": at + 1}
            )


def _sign(row: Row, at: int) -> str:
    try:
        return cells.words(row.cells[at]) if at < len(row.cells) else ""
    except CellError:
        return ""


def refuse_all(table: Table, report: Report) -> None:
    """Set every row of a sheet aside."""
    for row in table.body:
        RowReader(table, row, report).refuse()


def words_of(row: Row) -> str:
    """The cells of a row as one text; what cannot be read as text is left out."""
    return " ".join(filter(None, (_sign(row, at) for at in range(len(row.cells)))))


_CLASS = re.compile(
    r"((?:小学)?[一二三四五六七八九1-9]年级?|初[一二三]|[一二三四五六七八九](?=\s*[((]?\s*[\d一二三四五六七八九十]{1,2}\s*[))]?\s*班))"
    r"\s*[((]?([\w]{1,6}?)[))]?\s*班"
)
_NUMBERED = re.compile(r"(?<!\d)([1-9])0?(\d{1,2})\s*班")


def class_in(title: str) -> str:
    """The class that a title names, as rosters name it; empty if none."""
    found = _CLASS.search(title) or _NUMBERED.search(title)
    if not found:
        return ""
    try:
        return roster.grade(found[1].removeprefix("小学")) + roster.class_name(f"{found[2]}班")
    except CellError:
        return ""


def _row(reader: RowReader, days: dict[date, list[int]], legend: dict[str, Mark]) -> RollRow:
    status_number = reader.take("status_number", cells.number, "")
    id_number = reader.take("id_number", cells.number, "")
    name = reader.take("name", cells.name, "")
    if not (status_number or id_number or name):
        reader.error("status_number", _("The cell is empty. Fill it in."))
    row = RollRow(reader, status_number, id_number, name, {})
    for day, columns in days.items():
        row.marks[day] = _mark(row, day, columns, legend)
    return row


def _mark(row: RollRow, day: date, columns: list[int], legend: dict[str, Mark]) -> Mark:
    """What the columns of a day come to; an empty one of several says nothing against the others."""
    said = [mark for at in columns if (mark := _cell(row, day, at, legend)) is not None]
    return Mark(day_mark(said, half_counts=False)) if said else Mark.BLANK


def _cell(row: RollRow, day: date, at: int, legend: dict[str, Mark]) -> Mark | None:
    cell: Any = row.reader.row.cells[at] if at < len(row.reader.row.cells) else ""
    try:
        said = cells.words(cell)
    except CellError as error:
        row.wrong[day] = str(error)
        return None
    if not said:
        return None
    mark = meaning(said, legend)
    if mark is None:
        row.wrong[day] = _("This sign is not in the legend. Mend the sign or the legend.")
        ask(said, row.reader.report)
    return mark
