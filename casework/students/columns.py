"""Finding the columns of a table by what its header says, in any order, and reading its rows with their errors in place."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from casework.students import cells
from casework.students.own_words import as_known
from casework.students.report import Place, Report
from casework.students.workbook import Row, Sheet, UnreadableError, Upload, read

T = TypeVar("T")
U = TypeVar("U")
IDENTIFYING = ("name", "id_number", "status_number")
FOOTER = re.compile(
    "(?:合计|总计|小计|累计)|(?:班主任|任课教师|教师|校长|负责人|制表人?|填表人?|审核人?|统计人?)(?:签名|签字|签章|[:：])|(?:备注|说明|注|填表日期|填表说明)[:：]"
)
HEADER_DEPTH = 12  # a header stands near the top, below at most some title rows


def plain_header(value: Any) -> str:
    """A header cell without stars, blanks, notes in brackets and case: `出生日期★` is `出生日期`."""
    try:
        said = cells.words(value)
    except cells.CellError:
        return ""
    return as_known(re.sub(r"[\s★☆*＊:]|\([^)]*\)", "", said).lower())


@dataclass(frozen=True)
class Columns:
    """What a table may hold: names of each column (the first is ours) and which must be there ('a|b': one of them)."""

    names: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]

    def find(self, row: Row) -> dict[str, int]:
        """Which column stands where, if `row` is the header."""
        known = {name: key for key, names in self.names.items() for name in names}
        found: dict[str, int] = {}
        for at, cell in enumerate(row.cells):
            key = known.get(plain_header(cell))
            if key:
                found.setdefault(key, at)
        return found

    def doubled(self, row: Row) -> bool:
        """Whether the header names a child twice: two blocks printed side by side, of which one would be lost."""
        said = [plain_header(cell) for cell in row.cells]
        own = {name for key in IDENTIFYING for name in self.names.get(key, ())}
        return any(said.count(name) > 1 for name in own)

    @property
    def titles(self) -> list[str]:
        """The word by which each column is known."""
        return [names[0] for names in self.names.values()]

    def knows(self, title: str) -> bool:
        """Whether a plain header is one of ours."""
        return any(title in names for names in self.names.values())

    def missing(self, found: Mapping[str, int]) -> list[str]:
        """The required columns that are not there, by the names people know."""
        return [
            "/".join(self.names[key][0] for key in need.split("|"))
            for need in self.required
            if not any(key in found for key in need.split("|"))
        ]


@dataclass(frozen=True)
class Table:
    """A sheet whose header was found; `body` are the rows below it."""

    sheet: Sheet
    header: Row
    at: Mapping[str, int]
    body: Sequence[Row]

    def label(self, key: str) -> str:
        """What the file itself calls the column."""
        return str(self.header.cells[self.at[key]]).strip(" ★☆*＊") if key in self.at else key


def find_table(sheet: Sheet, columns: Columns, report: Report) -> Table | None:
    """The table of a sheet; one clear error and None when required columns are missing."""
    best: tuple[int, dict[str, int]] = (0, {})
    for at, row in enumerate(sheet.rows[:HEADER_DEPTH]):
        found = columns.find(row)
        if not columns.missing(found):
            if columns.doubled(row):
                report.error(
                    sheet.place(row.number),
                    _("header"),
                    _("Two tables stand side by side. Put one below the other."),
                )
                return None
            return Table(sheet, row, found, _without_footers(sheet.rows[at + 1 :], sheet, report))
        if len(found) > len(best[1]):
            best = (row.number, found)
    lacking = "、".join(columns.missing(best[1]))
    report.ask_columns(columns, header_words(sheet, best[0]))
    message = _("Columns are missing: %(names)s. Compare with the template.") % {"names": lacking}
    report.error(sheet.place(best[0]), _("header"), message)
    return None


def header_words(sheet: Sheet, row_number: int = 0) -> list[str]:
    """The words of the row that was most like a header, else of the first with several short texts: what a person is asked about."""
    top = sheet.rows[:HEADER_DEPTH]
    rows = [row for row in top if row.number == row_number] or top
    for row in rows:
        words = [plain_header(cell) for cell in row.cells]
        named = [word for word in words if word and not word.isdecimal()]
        if len(named) > 1:
            return named
    return []


def _without_footers(rows: Sequence[Row], sheet: Sheet, report: Report) -> list[Row]:
    """The rows without sums, signatures and notes below a table; each kind is told once."""
    body = []
    for row in rows:
        if _is_footer(row):
            report.warn(
                sheet.place(row.number),
                _("row"),
                _("A sum, signature or note below the table was left out."),
            )
        else:
            body.append(row)
    return body


def _is_footer(row: Row) -> bool:
    first = next((str(cell).strip() for cell in row.cells if cell != ""), "")
    return bool(FOOTER.match(re.sub(r"\s", "", first)))


def open_sheets(files: Sequence[Upload], report: Report) -> Iterator[Sheet]:
    """All sheets with rows of all files; a file that cannot be read becomes an error, the others go on."""
    names: Counter[str] = Counter()
    for upload in files:
        names[upload.name] += 1
        if names[upload.name] > 1:  # two files of one name are two places
            upload = Upload(f"{upload.name} ({names[upload.name]})", upload.data)
        try:
            sheets, sha256 = [sheet for sheet in read(upload) if sheet.rows], upload.sha256
        except UnreadableError as error:
            report.error(Place(upload.name), _("file"), str(error))
            continue
        if not sheets:
            message = _("The file is empty. Save it again and upload it.")
            report.error(Place(upload.name), _("file"), message)
        yield from _tables([replace(sheet, file_sha256=sha256) for sheet in sheets], report)


def _tables(sheets: Sequence[Sheet], report: Report) -> Iterator[Sheet]:
    """The sheets without those that only hold words (notes how to fill in), unless there is nothing else."""
    notes = [sheet.name for sheet in sheets if all(_is_line(row) for row in sheet.rows)]
    for sheet in sheets:
        if sheet.name in notes and len(notes) < len(sheets):
            report.warn(sheet.place(), _("sheet"), _("This sheet holds no table. It was left out."))
        else:
            yield sheet


def _is_line(row: Row) -> bool:
    return len([cell for cell in row.cells if cell != ""]) <= 1


class RowReader:
    """Takes the cells of one row; what is wrong is noted and the row is not taken."""

    def __init__(self, table: Table, row: Row, report: Report) -> None:
        self.table, self.row, self.report = table, row, report
        self.place = table.sheet.place(row.number)
        self.good = True

    def take(self, key: str, convert: Callable[[Any], T], empty: U) -> T | U:
        """The cell of a column through `convert`; `empty` where there is no such column or it is refused."""
        at = self.table.at.get(key)
        if at is None or at >= len(self.row.cells):
            return empty
        if self.table.sheet.formulas:
            self._check_formula(key, at)
        try:
            return convert(self.row.cells[at])
        except cells.CellError as error:
            self.error(key, str(error))
            return empty

    def need(self, key: str, convert: Callable[[Any], T], empty: T) -> T:
        """Like `take`, and an empty cell is an error."""
        before = self.good
        taken = self.take(key, convert, empty)
        if taken == empty and self.good == before:
            self.error(key, _("The cell is empty. Fill it in."))
        return taken

    def check(self, key: str, rule: Callable[..., object], *values: object) -> None:
        """Note an error of the column where `rule` refuses the values with a CellError."""
        try:
            rule(*values)
        except cells.CellError as error:
            self.error(key, str(error))

    def _check_formula(self, key: str, at: int) -> None:
        if (self.row.number, at) not in self.table.sheet.formulas:
            return
        if self.row.cells[at] == "":
            self.error(key, _("The cell holds a formula. Replace it by its value."))
        else:
            self.warn(key, _("The cell holds a formula; the value it last showed was taken."))

    def error(self, key: str, message: str) -> None:
        """Note an error of this row and set the row aside."""
        self.good = False
        self.report.error(self.place, self.table.label(key), message)
        self.refuse()

    def refuse(self) -> None:
        """Set the row aside for the file that is handed back."""
        self.report.refuse(self.place, [str(c) for c in self.table.header.cells], self.row.cells)

    def warn(self, key: str, message: str) -> None:
        """Note a warning of this column."""
        self.report.warn(self.place, self.table.label(key), message)
