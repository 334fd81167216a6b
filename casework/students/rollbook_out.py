"""A month's roll-book (考勤表) of a class out of its roll calls, in the shape in which schools keep it and the import reads it."""

from collections import Counter
from datetime import date, timedelta

from openpyxl import Workbook

from casework.deadlines.days import school_days
from casework.org.models import Unit, UnitKind
from casework.students.models import Absence, Enrolment, Mark, RollCall
from casework.students.roll_call import by_seat
from casework.students.templates_xlsx import saved, text_cell

# Chinese in every language: it is the school's own book, and what the import reads back
SIGNS = {
    Mark.PRESENT: "√", Mark.ABSENT: "×", Mark.HALF: "半", Mark.SICK: "○", Mark.LEAVE: "△", Mark.LATE: "迟",
    Mark.LEFT_EARLY: "退", Mark.BLANK: "",
}  # fmt: skip
LEGEND = "符号：√=出勤 ×=旷课 半=半天旷课 ○=病假 △=事假 迟=迟到 退=早退"
HEADER = ["序号", "学籍号", "姓名"]


def roll_book(class_unit: Unit, month: date) -> bytes:
    """The workbook of a month (any day of it). A day whose roll was not called stays empty; no number but where two of a class share a name."""
    days = _days(class_unit, month)
    pupils = _pupils(class_unit, days[0], days[-1])
    marks = _marks([each.pupil_id for each in pupils], days)
    called = set(
        RollCall.objects.filter(class_unit=class_unit, day__in=days).values_list("day", flat=True)
    )
    names = Counter(each.pupil.name for each in pupils)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(class_unit.name)
    school = class_unit.above(UnitKind.SCHOOL) or class_unit
    title = f"{school.name} {class_unit.name} {month.year}年{month.month}月学生考勤表"
    header = [*HEADER, *(str(day.day) for day in days)]
    for line in ([title], [LEGEND], header):
        sheet.append([text_cell(sheet, each, bold=line is header) for each in line])
    for number, each in enumerate(pupils, 1):
        shown = each.pupil.status_number if names[each.pupil.name] > 1 else ""
        signs = [_sign(each, day, marks, called) for day in days]
        line = [str(number), shown, each.pupil.name, *signs]
        sheet.append([text_cell(sheet, cell) for cell in line])
    return saved(book)


def _days(class_unit: Unit, month: date) -> list[date]:
    """The school days of the month, at least its first day."""
    first = month.replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return school_days(class_unit, first, last) or [first]


def _pupils(class_unit: Unit, first: date, last: date) -> list[Enrolment]:
    """Who was in the class on any of the days, once each."""
    rows = Enrolment.objects.filter(class_unit=class_unit, since__lte=last).exclude(
        until__lte=first
    )
    newest = {row.pupil_id: row for row in rows.select_related("pupil").order_by("since", "pk")}
    return sorted(newest.values(), key=by_seat)


def _marks(pupils: list[int], days: list[date]) -> dict[tuple[int, date], str]:
    rows = Absence.objects.filter(pupil__in=pupils, day__in=days)
    return {(pupil, day): mark for pupil, day, mark in rows.values_list("pupil", "day", "mark")}


def _sign(each: Enrolment, day: date, marks: dict[tuple[int, date], str], called: set[date]) -> str:
    here = each.since <= day and (each.until is None or day < each.until)
    if day not in called or not here:
        return ""
    return SIGNS[Mark(marks.get((each.pupil_id, day), Mark.PRESENT))]
