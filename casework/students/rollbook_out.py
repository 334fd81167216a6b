"""A month's roll-book (考勤表) of a class out of its roll calls, in the shape in which schools keep it and the import reads it."""

from datetime import date, timedelta

from openpyxl import Workbook

from casework.deadlines.days import school_days
from casework.org.models import Unit, UnitKind
from casework.students.models import Absence, Enrolment, Mark, RollCall
from casework.students.movements import spans_away
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
    """The workbook of a month (any day of it). A day whose roll was not called stays empty. It names nobody by number: it leaves the house."""
    days = days_of_month(class_unit, month)
    pupils = pupils_between(class_unit, days[0], days[-1])
    marks = _marks([each.pupil_id for each in pupils], days)
    called = set(
        RollCall.objects.filter(class_unit=class_unit, day__in=days).values_list("day", flat=True)
    )
    away = spans_away([each.pupil_id for each in pupils])
    book = Workbook(write_only=True)
    sheet = book.create_sheet(class_unit.name)
    school = class_unit.above(UnitKind.SCHOOL) or class_unit
    title = f"{school.name} {class_unit.name} {month.year}年{month.month}月学生考勤表"
    header = [*HEADER, *(str(day.day) for day in days)]
    for line in ([title], [LEGEND], header):
        sheet.append([text_cell(sheet, each, bold=line is header) for each in line])
    for number, each in enumerate(pupils, 1):
        off = away.get(each.pupil_id, [])
        signs = [_sign(each, day, marks, called, off) for day in days]
        line = [str(number), "", each.pupil.name, *signs]
        sheet.append([text_cell(sheet, cell) for cell in line])
    return saved(book)


def days_of_month(class_unit: Unit, month: date) -> list[date]:
    """The school days of the month, at least its first day."""
    first = month.replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return school_days(class_unit, first, last) or [first]


def pupils_between(class_unit: Unit, first: date, last: date) -> list[Enrolment]:
    """Who was in the class on any of the days, once each."""
    rows = Enrolment.objects.filter(class_unit=class_unit, since__lte=last).exclude(
        until__lte=first
    )
    newest = {row.pupil_id: row for row in rows.select_related("pupil").order_by("since", "pk")}
    return sorted(newest.values(), key=by_seat)


def _marks(pupils: list[int], days: list[date]) -> dict[tuple[int, date], str]:
    rows = Absence.objects.filter(pupil__in=pupils, day__in=days)
    return {(pupil, day): mark for pupil, day, mark in rows.values_list("pupil", "day", "mark")}


def _sign(
    each: Enrolment,
    day: date,
    marks: dict[tuple[int, date], str],
    called: set[date],
    away: list[tuple[date, date]],
) -> str:
    """The mark of a day; nothing while the pupil is not of the class, or its study is suspended."""
    here = each.since <= day and (each.until is None or day < each.until)
    if day not in called or not here or any(first <= day <= last for first, last in away):
        return ""
    return SIGNS[Mark(marks.get((each.pupil_id, day), Mark.PRESENT))]
