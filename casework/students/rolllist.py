"""Attendance as one long list: a row a pupil and day, with the class in a column or in the title; or the export of a card machine, with stamps in place of words. No database."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from casework.students import cells, roster
from casework.students.attendance import day_mark
from casework.students.columns import Columns, RowReader, Table
from casework.students.models import Mark
from casework.students.report import Report
from casework.students.rollbook import Roll, RollRow, class_in, words_of
from casework.students.stamps import stamped, word_of
from casework.students.workbook import Sheet

COLUMNS = Columns(
    names={
        **{key: roster.COLUMNS.names[key] for key in ("status_number", "id_number", "name", "school", "grade", "class")},
        "day": ("日期", "考勤日期", "缺勤日期", "date"),
        "class": (*roster.COLUMNS.names["class"], "部门", "所属部门", "部门名称", "组织"),
        "mark": ("考勤", "考勤状态", "考勤结果", "出勤情况", "出勤状态", "状态", "缺勤类型", "类别"),
        "arrived": ("签到时间", "签到", "上班打卡", "上班打卡时间", "上午签到", "进校时间", "到校时间", "首次打卡", "最早打卡", "打卡时间"),
        "left": ("签退时间", "签退", "下班打卡", "下班打卡时间", "离校时间", "末次打卡", "最晚打卡"),
        "late": ("迟到时间", "迟到", "迟到分钟", "迟到分钟数", "迟到时长"),
        "early": ("早退时间", "早退", "早退分钟", "早退分钟数", "早退时长"),
        "missed": ("是否旷工", "旷工", "是否旷课", "旷课", "是否缺勤", "缺勤"),
        "excused": ("例外情况", "请假类型", "请假", "请假情况"),
    },
    required=("status_number|id_number|name", "day", "mark|arrived"),
)  # fmt: skip
CAME = (Mark.PRESENT, Mark.LATE, Mark.LEFT_EARLY, Mark.HALF)


def is_long(sheet: Sheet) -> bool:
    """Whether a sheet is such a list: it has a column of days and one of marks or stamps."""
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
    for (school, class_name), found_rows in classes.items():
        rows = found_rows if "mark" in table.at else _without_days_off(_merged(found_rows))
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
    mark: Mark | None
    if "mark" in reader.table.at:
        mark = reader.need("mark", lambda cell: word_of(cell, reader.report), None)
    else:
        mark = stamped(reader)
    if not (status_number or id_number or name):
        reader.error("name", _("The cell is empty. Fill it in."))
    if not reader.good or day is None or mark is None:
        return None
    return RollRow(reader, status_number, id_number, name, {day: mark})


def _merged(rows: list[RollRow]) -> list[RollRow]:
    """One row a pupil and day: a machine writes one for each part of the day."""
    found: dict[tuple[str, str, str, date], RollRow] = {}
    said: dict[tuple[str, str, str, date], list[Mark]] = defaultdict(list)
    for row in rows:
        ((day, mark),) = row.marks.items()
        key = (row.status_number, row.id_number, row.name, day)
        said[key].append(mark)
        if found.setdefault(key, row) is not row:
            row.reader.report.read -= 1  # the part of a day is no line of its own
    for (*_who, day), row in found.items():
        key = (row.status_number, row.id_number, row.name, day)
        row.marks[day] = Mark(day_mark(said[key], half_counts=False))
    return list(found.values())


def _without_days_off(rows: list[RollRow]) -> list[RollRow]:
    """On a day on which nobody of a class used the machine there was no school, or no machine: who was absent is not known."""
    used = {day for row in rows for day, mark in row.marks.items() if mark in CAME}
    for row in rows:
        for day in {day for day, mark in row.marks.items() if mark == Mark.ABSENT} - used:
            row.reader.warn(
                "day", _("Nobody of the class used the machine on a day: it was left out.")
            )
            row.marks[day] = Mark.BLANK
    return rows


def _day(value: Any) -> date | None:
    """A day, whatever time of it an export adds."""
    if isinstance(value, str):
        value = re.sub(r"[ T]\d{1,2}:\d{2}.*$", "", value.strip())
    return cells.day(value)
