"""The head of a roll-book: which month its title means, which day stands over which column. No database."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from casework.students import cells
from casework.students.cells import CellError
from casework.students.columns import Table
from casework.students.report import Report
from casework.students.workbook import Row

Month = tuple[int, int]
_FULL_DAY = re.compile(r"20\d\d\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}\s*日?")
_SCHOOL_YEAR = re.compile(r"(20\d\d)\s*[-—–~至/]+\s*20\d\d\s*学?年?")
_MONTH = re.compile(r"(20\d\d)\s*[年._-]\s*(\d{1,2})(?!\d)|(20\d\d)(0[1-9]|1[0-2])(?!\d)")
_BARE_MONTH = re.compile(r"(?<!\d)(\d{1,2})\s*月")
_WEEKDAY = re.compile(r"[((]?(?:周|星期)[一二三四五六日天][))]?$")
_TIME = re.compile(r"[ T]\d{1,2}:\d{2}(?::\d{2})?$")
_DAY = re.compile(r"^(?:(\d{1,2})[月/.-])?(\d{1,2})[日号]?(?:[((][一二三四五六日天][))])?$")
_PART = re.compile("(?:上午|下午|上|下|早|中|晚)$")
_SUM = re.compile("合计|共|天数|次数|出勤|缺勤|率|止|小计|累计|人")
PARTS = {"上午", "下午", "上", "下", "早", "中", "晚"}
WEEKDAYS = {
    *"一二三四五六日天",
    *(f"{week}{day}" for week in ("周", "星期") for day in "一二三四五六日天"),
}
AUTUMN = 8


def months_in(text: str) -> set[Month]:
    """The months that a text names; a whole date (填表日期) names none, 9月 after a school year does."""
    plain = _FULL_DAY.sub(" ", text)
    found = {
        (int(year or other), int(month or number))
        for year, month, other, number in _MONTH.findall(_SCHOOL_YEAR.sub(" ", plain))
    }
    school_year = _SCHOOL_YEAR.search(plain)
    if school_year and not found:
        first = int(school_year[1])
        months = (int(month) for month in _BARE_MONTH.findall(plain))
        found = {(first if month >= AUTUMN else first + 1, month) for month in months}
    return {(year, month) for year, month in found if 1 <= month <= 12}


def month_of(top: Iterable[str], sheet: str, file: str) -> Month | None:
    """The month of a sheet: by the lines above its header, else by its own name, else by the file's.

    More than one named in the same place, or a sheet whose name contradicts its title: CellError.
    """
    for text in (" ".join(top), sheet, file):
        found = months_in(text)
        if len(found) > 1:
            raise CellError(_("The title names more than one month. Write the one that is meant."))
        if found:
            month = found.pop()
            bare = {int(each) for each in _BARE_MONTH.findall(sheet)}
            if bare and month[1] not in bare:
                raise CellError(
                    _(
                        "The title and the name of the sheet mean different months. Mend one of them."
                    )
                )
            return month
    return None


def settled(table: Table) -> Table:
    """The table with one header row: a second row of days, or of mornings and afternoons, is joined to it; weekdays are left out."""
    for _n in range(3):
        if not table.body:
            break
        header = _joined(table, table.body[0])
        if header is None:
            break
        table = replace(table, header=Row(table.header.number, header), body=table.body[1:])
    return table


def _joined(table: Table, row: Row) -> list[Any] | None:
    """The header with what the row below adds; None where that row is a pupil's."""
    known = set(table.at.values())
    if any(row.cells[at] != "" for at in known if at < len(row.cells)):
        return None
    said = {at: _said(cell) for at, cell in enumerate(row.cells) if cell != "" and at not in known}
    if not said:
        return None
    width = max(len(table.header.cells), len(row.cells))
    header = [*table.header.cells, *[""] * (width - len(table.header.cells))]
    if set(said.values()) <= PARTS:
        return [
            f"{_said(_left_of(header, at, known))}{said[at]}" if at in said else cell
            for at, cell in enumerate(header)
        ]
    if set(said.values()) <= WEEKDAYS:
        return header
    if all(_DAY.match(_PART.sub("", _WEEKDAY.sub("", each))) for each in said.values()):
        return [row.cells[at] if at in said else cell for at, cell in enumerate(header)]
    return None


def _said(cell: Any) -> str:
    try:
        return cells.words(cell).replace(" ", "")
    except CellError:
        return ""


def _left_of(header: list[Any], at: int, known: set[int]) -> Any:
    """The day over a column, which a merged cell writes into its first column only."""
    while header[at] == "" and at - 1 not in known and at > 0:
        at -= 1
    return header[at]


def days_of(table: Table, month: Month | None, report: Report) -> dict[date, list[int]]:
    """The columns of each day: one, or its parts. A header with a day that cannot be: an error of that column, which is left out.

    No day at all, or days of another month than the title's: CellError.
    """
    known = set(table.at.values())
    days: dict[date, list[int]] = defaultdict(list)
    for at, cell in enumerate(table.header.cells):
        if at in known:
            continue
        try:
            day = _day(cell, month)
            if day in days and not _are_parts(table, [*days[day], at]):
                raise CellError(_("This day has two columns. Delete one of them."))
        except CellError as error:
            report.error(table.sheet.place(table.header.number), _said(cell), str(error))
            continue
        if day is not None:
            days[day].append(at)
    if not days:
        raise CellError(_("No column of a day was found. Put the days into the header row."))
    if month and all((day.year, day.month) != month for day in days):
        raise CellError(
            _("The title and the days of the header mean different months. Mend one of them.")
        )
    return dict(days)


def _are_parts(table: Table, columns: list[int]) -> bool:
    """Whether these columns of one day are its morning, its afternoon …, each once."""
    parts = [found[0] for at in columns if (found := _PART.search(_said(table.header.cells[at])))]
    return len(parts) == len(columns) == len(set(parts))


def _day(cell: Any, month: Month | None) -> date | None:
    """The day a header means; None for a header that is none (序号, 备注, 9月合计)."""
    if isinstance(cell, date | datetime):
        return cells.day(cell)
    if isinstance(cell, float) and not cell.is_integer():
        raise CellError(
            _(
                "9.1 may be the 1st or the 10th: the spreadsheet has shortened it. Write the day as text."
            )
        )
    said = _WEEKDAY.sub("", _TIME.sub("", cells.words(cell))).replace(" ", "")
    said = _PART.sub("", _WEEKDAY.sub("", said))
    if not re.match(r"^\d", said):
        return None
    if re.match(r"^\d{5}$|^\d{8}$|^\d{4}[年/.-]", said):
        return cells.day(said)
    parts = _DAY.match(said)
    if not parts:
        if _SUM.search(said):
            return None
        raise CellError(_("This is not a day. Write its number or its date."))
    if month is None:
        raise CellError(_("The title names no year and month. Write it like 2026年9月."))
    return cells.day(f"{month[0]}-{parts[1] or month[1]}-{parts[2]}")


def nameless(table: Table, days: dict[date, list[int]]) -> list[int]:
    """The columns over which no day, sum or note stands: what is written there must be no mark."""
    used = set(table.at.values()) | {at for columns in days.values() for at in columns}
    width = max([len(table.header.cells), *(len(row.cells) for row in table.body)])
    header = [*table.header.cells, *[""] * (width - len(table.header.cells))]
    return [at for at in range(width) if at not in used and _is_nameless(_said(header[at]))]


def _is_nameless(said: str) -> bool:
    return (
        not said
        or said in PARTS | WEEKDAYS
        or bool(re.search("星期|周[一二三四五六日天]|日期|上午|下午", said))
    )
