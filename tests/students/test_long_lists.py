"""Attendance as one long list: a row a pupil and day, as machines and platforms export it (issue: the many shapes of the roll-book)."""

from datetime import date, datetime
from typing import Any

import pytest

from casework.org.models import Unit
from casework.students.models import Absence, RollCall
from casework.students.report import Report
from casework.students.workbook import Upload
from tests.students.books import (
    SCHOOL,
    id_number,
    pupil,
    roster,
    said,
    take_roll,
    take_roster,
    workbook,
)

pytestmark = pytest.mark.django_db
NUMBERS = [f"G{id_number(sequence=100 + n)}" for n in (1, 2, 3)]
HEADER = ["学校", "班级", "学籍号", "姓名", "日期", "考勤状态"]
ONE, TWO = "六年级1班", "六年级2班"


@pytest.fixture(autouse=True)
def classes(county: Unit) -> None:
    take_roster(roster(pupil(1), pupil(2), pupil(3, **{"班级★": "2班"})))


def take(*rows: list[Any], header: list[str] | None = None, title: str = "考勤明细") -> Report:
    return take_roll(Upload("明细.xlsx", workbook({"明细": [[title], header or HEADER, *rows]})))


def line(number: int, day: Any, mark: str, room: str = ONE) -> list[Any]:
    return [SCHOOL, room, NUMBERS[number - 1], "", day, mark]


def marks() -> set[tuple[str, int, str]]:
    rows = Absence.objects.values_list("pupil__name", "day", "mark")
    return {(name, day.day, mark) for name, day, mark in rows}


def test_a_list_of_two_classes_is_read_by_class(county: Unit) -> None:
    report = take(
        line(1, "2026-09-01", "旷课"), line(1, "2026-09-02", "出勤"), line(2, "2026-09-01", "病假"),
        line(2, "2026-09-02", "√"), line(3, "2026-09-01", "迟到", TWO),
    )  # fmt: skip
    assert (report.read, report.applied, report.unchanged, report.refused) == (5, 5, 0, 0), said(
        report
    )
    assert marks() == {("文涛二", 1, "absent"), ("文涛三", 1, "sick"), ("文涛四", 1, "late")}
    assert RollCall.objects.count() == 3


@pytest.mark.parametrize(
    "day",
    [
        "20260901",
        "2026/9/1",
        "2026年9月1日",
        "2026-09-01 07:58:10",
        date(2026, 9, 1),
        datetime(2026, 9, 1, 7, 58),
        46266,
    ],
)
def test_days_as_machines_write_them(county: Unit, day: Any) -> None:
    take(line(1, day, "旷课"), line(2, day, "出勤"))
    assert marks() == {("文涛二", 1, "absent")}


def test_whoever_the_list_does_not_name_is_not_present_but_a_gap(county: Unit) -> None:
    report = take(line(1, "2026-09-01", "旷课"))
    assert ("文涛三", 1, "blank") in marks()
    assert any("says nothing" in each.message for each in report.warnings)


def test_again_nothing_changes(county: Unit) -> None:
    rows = [line(1, "2026-09-01", "旷课"), line(2, "2026-09-01", "出勤")]
    take(*rows)
    report = take(*rows)
    assert (report.read, report.applied, report.unchanged) == (2, 0, 2)


def test_a_pupil_twice_on_a_day_is_taken_once(county: Unit) -> None:
    report = take(
        line(1, "2026-09-01", "旷课"), line(1, "2026-09-01", "出勤"), line(2, "2026-09-01", "出勤")
    )
    assert (report.read, report.applied, report.refused) == (3, 2, 1)


@pytest.mark.parametrize(
    ("bad", "column", "words"),
    [
        (line(1, "2026-09-31", "旷课"), "日期", "day"),
        (line(1, "", "旷课"), "日期", "empty"),
        (line(1, "2026-09-01", "在校外"), "考勤状态", "no word of attendance"),
        (line(1, "2026-09-01", ""), "考勤状态", "empty"),
        ([SCHOOL, ONE, "", "", "2026-09-01", "旷课"], "姓名", "empty"),
    ],
)
def test_a_bad_row_is_handed_back(county: Unit, bad: list[Any], column: str, words: str) -> None:
    report = take(bad, line(2, "2026-09-01", "出勤"))
    assert (report.read, report.applied, report.refused) == (2, 1, 1)
    ((row, field, message),) = said(report)
    assert (row, field) == (3, column) and words in message


def test_a_class_that_is_not_known_refuses_its_rows(county: Unit) -> None:
    report = take(line(1, "2026-09-01", "旷课", "六年级9班"), line(2, "2026-09-01", "出勤"))
    assert (report.read, report.applied, report.refused) == (2, 1, 1)
    assert "no known class" in said(report)[0][2]


def test_the_class_may_stand_in_the_title_and_names_be_enough(county: Unit) -> None:
    report = take(
        ["文涛二", "2026-09-01", "旷课"], ["文涛三", "2026-09-01", "出勤"],
        header=["姓名", "日期", "考勤"], title=f"{SCHOOL} 六年级1班 考勤明细",
    )  # fmt: skip
    assert not report.errors and marks() == {("文涛二", 1, "absent")}


def test_a_row_of_a_day_without_school_is_handed_back(county: Unit) -> None:
    report = take(line(1, "2026-09-05", "旷课"), line(2, "2026-09-01", "出勤"))
    assert (report.read, report.applied, report.refused) == (2, 1, 1)
    assert "no school day" in said(report)[0][2]
