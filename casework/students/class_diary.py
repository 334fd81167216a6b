"""The class diary (班级日志) of a month out of its roll calls: a line for every time the roll was called, who was away and how, what was corrected, which families were told."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from openpyxl import Workbook

from casework.core.clock import LOCAL
from casework.org.models import Unit, UnitKind
from casework.students.models import Enrolment, Mark, Part, RollTaking, Way
from casework.students.rollbook_out import days_of_month, pupils_between
from casework.students.templates_xlsx import saved, text_cell

# Chinese in every language, as the roll-book: it is the school's own book
HEADER = [
    "日期", "星期", "时段", "应到", "实到", "旷课", "病假", "事假", "迟到", "早退", "点名人", "点名时间", "更正", "家长联系", "备注",
]  # fmt: skip
WEEKDAYS = "一二三四五六日"
PARTS = {Part.MORNING: "上午", Part.AFTERNOON: "下午"}
KINDS = (Mark.ABSENT, Mark.SICK, Mark.LEAVE, Mark.LATE, Mark.LEFT_EARLY)
SAID = {
    Mark.PRESENT: "出勤", Mark.ABSENT: "旷课", Mark.HALF: "半天旷课", Mark.SICK: "病假", Mark.LEAVE: "事假", Mark.LATE: "迟到",
    Mark.LEFT_EARLY: "早退", Mark.BLANK: "无记录",
}  # fmt: skip
AWAY = (Mark.ABSENT, Mark.SICK, Mark.LEAVE)


def class_diary(class_unit: Unit, month: date, told: Mapping[date, list[str]]) -> bytes:
    """The workbook of a month (any day of it); `told` names, by day, the pupils whose families were called. It names nobody by number."""
    days = days_of_month(class_unit, month)
    school = class_unit.above(UnitKind.SCHOOL) or class_unit
    book = Workbook(write_only=True)
    sheet = book.create_sheet(class_unit.name)
    title = f"{school.name} {class_unit.name} {month.year}年{month.month}月班级日志"
    for line in ([title], HEADER):
        sheet.append([text_cell(sheet, each, bold=line is HEADER) for each in line])
    pupils = pupils_between(class_unit, days[0], days[-1])
    for line in _lines(class_unit, days, pupils, told):
        sheet.append([text_cell(sheet, each) for each in line])
    return saved(book)


def _lines(
    class_unit: Unit, days: list[date], pupils: list[Enrolment], told: Mapping[date, list[str]]
) -> list[list[Any]]:
    rows = RollTaking.objects.filter(class_unit=class_unit, day__in=days).select_related("by")
    rows = rows.prefetch_related("marks__pupil", "corrections__pupil")
    order = list(PARTS)
    takings = sorted(rows, key=lambda each: (each.day, order.index(Part(each.part))))
    last = {each.day: each for each in takings}  # families are told once a day
    return [
        _line(each, pupils, told.get(each.day, []) if last[each.day] is each else [])
        for each in takings
    ]


def _line(taking: RollTaking, pupils: list[Enrolment], told: list[str]) -> list[Any]:
    day = taking.day
    here = [each for each in pupils if each.since <= day and (not each.until or day < each.until)]
    names: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for each in sorted(taking.marks.all(), key=lambda mark: mark.pk):
        names.setdefault(each.mark, []).append(each.pupil.name)
    away = sum(len(names[kind]) for kind in AWAY)
    return [
        f"{day:%Y-%m-%d}", WEEKDAYS[day.weekday()], PARTS[Part(taking.part)], str(len(here)), str(len(here) - away),
        *("、".join(names[kind]) for kind in KINDS), taking.by.display_name, f"{taking.at.astimezone(LOCAL):%m-%d %H:%M}",
        _corrected(taking), "、".join(f"{name}×{n}" if n > 1 else name for name, n in Counter(told).items()),
        "线上" if taking.way == Way.ONLINE else "",
    ]  # fmt: skip


def _corrected(taking: RollTaking) -> str:
    """Each correction in the order in which it was made."""
    made = sorted(taking.corrections.all(), key=lambda each: each.pk)
    return "；".join(f"{e.pupil.name}：{SAID[Mark(e.was)]}→{SAID[Mark(e.now)]}" for e in made)
