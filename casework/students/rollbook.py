"""A monthly roll-book as people keep it, read into marks: a sheet a class, a title, a legend, a column a day. No database."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from casework.students import cells, roster
from casework.students.cells import CellError
from casework.students.columns import Columns, RowReader, Table, find_table
from casework.students.models import Mark
from casework.students.report import Report
from casework.students.workbook import Sheet

COLUMNS = Columns(
    names={key: roster.COLUMNS.names[key] for key in ("status_number", "id_number", "name")},
    required=("status_number|id_number|name",),
)
WORDS = {
    "出勤": Mark.PRESENT,
    "到校": Mark.PRESENT,
    "到": Mark.PRESENT,
    "正常": Mark.PRESENT,
    "旷课": Mark.ABSENT,
    "旷": Mark.ABSENT,
    "无故缺勤": Mark.ABSENT,
    "半天旷课": Mark.HALF,
    "旷课半天": Mark.HALF,
    "病假": Mark.SICK,
    "病": Mark.SICK,
    "事假": Mark.LEAVE,
    "请假": Mark.LEAVE,
    "事": Mark.LEAVE,
    "公假": Mark.LEAVE,
    "迟到": Mark.LATE,
    "迟": Mark.LATE,
    "早退": Mark.LEFT_EARLY,
    "退": Mark.LEFT_EARLY,
}
USUAL = "√出勤 ×旷课 ○病假 △事假 迟=迟到 退=早退"
LOOKALIKES = {"✓": "√", "✔": "√", "x": "×", "X": "×", "✕": "×", "✖": "×", "╳": "×", "〇": "○", "◯": "○", "∆": "△"}  # fmt: skip
_MONTH = re.compile(r"(20\d\d)\s*[年./_-]\s*(\d{1,2})")
_DAY = re.compile(r"^(?:(\d{1,2})[月/.-])?(\d{1,2})日?(?:\D.*)?$")


@dataclass(frozen=True)
class RollRow:
    """One pupil's line: who, and a mark for each day (`blank` where the cell is empty)."""

    reader: RowReader
    status_number: str
    id_number: str
    name: str
    marks: dict[date, Mark]


@dataclass(frozen=True)
class Roll:
    """One sheet: its title in words, the days with the column they stand in, and its lines."""

    sheet: Sheet
    title: str
    class_name: str
    header_row: int
    days: dict[date, int]
    rows: list[RollRow]


def read_roll(sheet: Sheet, report: Report) -> Roll | None:
    """The roll of a sheet; where header, month or legend cannot be read, an error and None: its rows are refused."""
    table = find_table(sheet, COLUMNS, report)
    if table is None:
        return None
    report.read += len(table.body)
    top = [_joined(row.cells) for row in sheet.rows if row.number < table.header.number]
    title = " ".join([*top, sheet.name, sheet.file])
    try:
        days = _days(table, title, report)
        legend = _legend(top, sheet, report)
    except CellError as error:
        report.error(sheet.place(), _("title"), str(error))
        refuse_all(table, report)
        return None
    rows = [_row(RowReader(table, row, report), days, legend) for row in table.body]
    class_name = class_in(title)
    return Roll(sheet, title, class_name, table.header.number, days, rows)


def refuse_all(table: Table, report: Report) -> None:
    """Set every row of a sheet aside."""
    for row in table.body:
        RowReader(table, row, report).refuse()


def _joined(row: list[Any]) -> str:
    return " ".join(cells.words(cell) for cell in row if cell != "")


def class_in(title: str) -> str:
    """The class that a title names, as rosters name it; empty if none."""
    found = re.search(
        r"([一二三四五六七八九1-9]年级|初[一二三])\s*[((]?([\w]{1,6}?)[))]?\s*班", title
    )
    if not found:
        return ""
    return roster.grade(found[1]) + roster.class_name(f"{found[2]}班")


def _days(table: Table, title: str, report: Report) -> dict[date, int]:
    """The day of each column. A header with a day that cannot be: an error of that column, which is left out."""
    month = _MONTH.search(title)
    known = set(table.at.values())
    days: dict[date, int] = {}
    for at, cell in enumerate(table.header.cells):
        if at in known:
            continue
        try:
            day = _day(cell, month)
            if day in days:
                raise CellError(_("This day has two columns. Delete one of them."))
        except CellError as error:
            place = table.sheet.place(table.header.number)
            report.error(place, cells.words(cell), str(error))
            continue
        if day is not None:
            days[day] = at
    if not days:
        raise CellError(_("No column of a day was found. Put the days into the header row."))
    return days


def _day(cell: Any, month: re.Match[str] | None) -> date | None:
    """The day a header means; None for a header that is none (序号, 备注)."""
    if isinstance(cell, date | datetime):
        return cells.day(cell)
    said = cells.words(cell).replace(" ", "")
    if not re.match(r"^\d", said):
        return None
    if re.match(r"^\d{5}$|^\d{8}$|^\d{4}[年/.-]", said):
        return cells.day(said)
    parts = _DAY.match(said)
    if not parts:
        raise CellError(_("This is not a day. Write its number or its date."))
    if month is None:
        raise CellError(_("The title names no year and month. Write it like 2026年9月."))
    return cells.day(f"{month[1]}-{parts[1] or month[2]}-{parts[2]}")


def _legend(top: list[str], sheet: Sheet, report: Report) -> dict[str, Mark]:
    """What each symbol means, by the legend of the sheet; without one the usual signs, with a warning."""
    line = next((each for each in top if _is_legend(each)), "")
    if not line:
        report.warn(
            sheet.place(), _("legend"), _("There is no legend; the usual signs were taken.")
        )
    return dict(entries(line or USUAL))


def _is_legend(line: str) -> bool:
    return "符号" in line or sum(word in line for word in WORDS) >= 3


def entries(line: str) -> Iterator[tuple[str, Mark]]:
    """The signs of a legend with what they mean. A word that is not known: CellError."""
    said = re.sub(r"^.*?(?:符号|图例|说明)[^:]*:", "", line)
    for entry in re.split(r"[\s,;,;、]+", said):
        symbol, _equals, word = entry.partition("=")
        if entry and not word:
            symbol, word = entry[:1], entry[1:].lstrip(":-")
        if not word:
            continue
        if word not in WORDS:
            raise CellError(
                _(
                    "The legend holds a word that is not known: %(word)s. Use 出勤, 旷课, 病假, 事假, 迟到, 早退."
                )
                % {"word": word}
            )
        yield symbol, WORDS[word]


def _row(reader: RowReader, days: dict[date, int], legend: dict[str, Mark]) -> RollRow:
    status_number = reader.take("status_number", cells.number, "")
    id_number = reader.take("id_number", cells.number, "")
    name = reader.take("name", cells.name, "")
    if not (status_number or id_number or name):
        reader.error("status_number", _("The cell is empty. Fill it in."))
    marks = {day: _mark(reader, day, at, legend) for day, at in days.items()}
    return RollRow(reader, status_number, id_number, name, marks)


def _mark(reader: RowReader, day: date, at: int, legend: dict[str, Mark]) -> Mark:
    cell = reader.row.cells[at] if at < len(reader.row.cells) else ""
    try:
        said = cell if cell in legend else cells.words(cell)
    except CellError as error:
        reader.error(day.isoformat(), str(error))
        return Mark.BLANK
    if not said:
        return Mark.BLANK
    mark = legend.get(said) or legend.get(LOOKALIKES.get(said, ""))
    if mark is None:
        reader.error(
            day.isoformat(), _("This sign is not in the legend. Mend the sign or the legend.")
        )
        return Mark.BLANK
    return mark
