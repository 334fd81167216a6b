"""The month's roll-book out of the roll calls, and back again."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest

from casework.cases.alerts import record_contact, told_in
from casework.core.clock import moved_to
from casework.students.class_diary import class_diary
from casework.students.imports import import_attendance
from casework.students.models import (
    Enrolment,
    Mark,
    Part,
)
from casework.students.rollbook_out import roll_book
from casework.students.workbook import Upload
from tests.cases.rolls import NOON, TODAY, call, marks
from tests.world import World, fresh

pytestmark = pytest.mark.django_db


def test_the_month_s_book_is_read_back_without_a_change(world: World) -> None:
    """What the import reads out of the printed book is what the rolls say: no second book for the teacher."""
    Enrolment.objects.filter(class_unit=world.units["class"]).update(since=date(2026, 9, 1))
    days = [date(2026, 10, n) for n in (9, 10, 12, 13, 14)]
    for number, mark in enumerate((Mark.ABSENT, Mark.SICK, Mark.LEAVE, Mark.LATE, Mark.LEFT_EARLY)):
        call(world, world.lan, mark=mark, day=days[number])
    call(world, world.yun, day=date(2026, 10, 8))
    call(world, part=Part.AFTERNOON, day=date(2026, 10, 8))
    before = marks()
    book = Upload("book.xlsx", roll_book(world.units["class"], TODAY))
    report = import_attendance([book], by=None, at=NOON, dry_run=False)
    assert not report.errors, report.errors
    assert (report.read, report.applied, report.unchanged) == (4, 0, 4)
    assert not [each for each in report.warnings if "says otherwise" in each.message]
    assert marks() == before and marks()[("田小云", date(2026, 10, 8))] == Mark.HALF


def test_the_book_names_nobody_by_number(world: World) -> None:
    text = sheet_of(roll_book(world.units["class"], TODAY))
    assert "青石镇中学 八年级1班 2026年10月学生考勤表" in text and "罗小兰" in text
    assert world.lan.status_number not in text and world.lan.id_number not in text


def rows_of(data: bytes) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    return list(book.worksheets[0].iter_rows(values_only=True))


def sheet_of(data: bytes) -> str:
    return " ".join(str(cell) for row in rows_of(data) for cell in row if cell)


def test_the_class_diary_has_a_line_for_every_roll(world: World) -> None:
    """Expected and present, who was away and how, what was corrected, whose family was called."""
    unit = world.units["class"]
    here = Enrolment.objects.running_on(TODAY).filter(class_unit=unit).count()
    call(world, world.lan)
    call(world, world.lan, mark=Mark.LATE, part=Part.AFTERNOON)
    said = {"when": NOON, "way": "phone", "reached": "reached", "result": "back"}
    with moved_to(NOON):
        record_contact(world.lan, said, by=fresh(world.teacher), at=NOON)
    assert told_in(unit, TODAY.replace(day=1)) == {TODAY: ["罗小兰"]}
    rows = rows_of(class_diary(unit, TODAY, told_in(unit, TODAY.replace(day=1))))
    assert rows[0][0] == "青石镇中学 八年级1班 2026年10月班级日志"
    morning, afternoon = rows[2:]
    assert morning[:6] == ("2026-10-14", "三", "上午", str(here), str(here - 1), "罗小兰")
    assert afternoon[2:5] == ("下午", str(here), str(here)) and afternoon[8] == "罗小兰"
    assert morning[13] is None and afternoon[13] == "罗小兰"
