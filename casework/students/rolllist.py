"""Attendance as one long list: a row a pupil and day, with the class in a column or in the title. No database."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from casework.students import cells, roster
from casework.students.columns import Columns, RowReader, Table
from casework.students.legends import USUAL, meaning
from casework.students.models import Mark
from casework.students.report import Report
from casework.students.rollbook import Roll, RollRow, class_in, words_of
from casework.students.workbook import Sheet

COLUMNS = Columns(
    names={
        **{key: roster.COLUMNS.names[key] for key in ("status_number", "id_number", "name", "school", "grade", "class")},
        "day": ("日期", "考勤日期", "缺勤日期", "date"),
        "mark": ("考勤", "考勤状态", "考勤结果", "出勤情况", "出勤状态", "状态", "缺勤类型", "类别"),
    },
    required=("status_number|id_number|name", "day", "mark"),
)  # fmt: skip


def is_long(sheet: Sheet) -> bool:
    """Whether a sheet is such a list: it has a column of days and one of marks."""
    return any(not COLUMNS.missing(COLUMNS.find(row)) for row in sheet.rows[:12])


def read_long(table: Table, report: Report) -> Iterator[Roll]:
    """A roll for each class that the list names; rows that cannot be read are refused, every one is counted as read."""
    sheet = table.sheet
    top = [words_of(row) for row in sheet.rows if row.number < table.header.number]
    title = " ".join([*top, sheet.name, sheet.file])
    classes: dict[tuple[str, str], list[RollRow]] = defaultdict(list)
    for row in table.body:
        report.read += 1
        reader = RowReader(table, row, report)
        found = _row(reader)
        if found is not None:
            classes[_place(reader, title)].append(found)
    for (school, class_name), rows in classes.items():
        days = {day: [table.at["day"]] for line in rows for day in line.marks}
        whole = f"{school} {class_name} {title}"
        yield Roll(sheet, whole, class_name, table.header.number, days, rows)


def _place(reader: RowReader, title: str) -> tuple[str, str]:
    """School and class of a row: by its columns, else by the title."""
    school = reader.take("school", cells.words, "")
    said = reader.take("grade", cells.words, "") + reader.take("class", cells.words, "")
    said = said if said.endswith("班") or not said else f"{said}班"
    return school, class_in(said) or class_in(title)


def _row(reader: RowReader) -> RollRow | None:
    status_number = reader.take("status_number", cells.number, "")
    id_number = reader.take("id_number", cells.number, "")
    name = reader.take("name", cells.name, "")
    day: date | None = reader.need("day", _day, None)
    mark: Mark | None = reader.need("mark", _mark, None)
    if not (status_number or id_number or name):
        reader.error("name", _("The cell is empty. Fill it in."))
    if not reader.good or day is None or mark is None:
        return None
    return RollRow(reader, status_number, id_number, name, {day: mark})


def _day(value: Any) -> date | None:
    """A day, whatever time of it an export adds."""
    if isinstance(value, str):
        value = re.sub(r"[ T]\d{1,2}:\d{2}.*$", "", value.strip())
    return cells.day(value)


def _mark(value: Any) -> Mark | None:
    said = cells.words(value)
    if not said:
        return None
    found = meaning(said, USUAL)
    if found is None:
        raise cells.CellError(
            _("This is no word of attendance. Write 出勤, 旷课, 病假, 事假, 迟到 or 早退.")
        )
    return found
