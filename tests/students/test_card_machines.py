"""The exports of card machines: stamps in place of words, a row a day or one for each part of it."""

from typing import Any

import pytest

from casework.org.models import Unit
from casework.students.attendance import day_mark
from casework.students.models import Absence, Mark, RollCall
from casework.students.report import Report
from casework.students.workbook import Upload
from tests.students.books import SCHOOL, pupil, roster, take_roll, take_roster, workbook

pytestmark = pytest.mark.django_db
HEADER = ["考勤号码", "姓名", "部门", "日期", "对应时段", "签到时间", "签退时间", "迟到时间", "早退时间", "是否旷工", "例外情况"]  # fmt: skip
ONE = "六年级1班"


@pytest.fixture(autouse=True)
def classes(county: Unit) -> None:
    take_roster(roster(pupil(1), pupil(2)))


def stamp(name: str, day: str, arrived: str = "", left: str = "", **more: str) -> list[str]:
    said = {"姓名": name, "部门": ONE, "日期": day, "签到时间": arrived, "签退时间": left} | more
    return [said.get(title, "") for title in HEADER]


def take(*rows: list[Any]) -> Report:
    book = workbook({"考勤": [[f"{SCHOOL} 考勤明细"], HEADER, *rows]})
    return take_roll(Upload("明细.xlsx", book))


def marks() -> dict[tuple[str, int], str]:
    rows = Absence.objects.values_list("pupil__name", "day", "mark")
    return {(name, day.day): mark for name, day, mark in rows}


@pytest.mark.parametrize(
    ("more", "mark"),
    [
        ({"arrived": "07:41", "left": "17:02"}, None),
        ({}, "absent"),
        ({"arrived": "07:41", "是否旷工": "是"}, "absent"),
        ({"arrived": "08:12", "迟到时间": "00:12"}, "late"),
        ({"arrived": "07:41", "迟到时间": "00:00", "早退时间": "25分钟"}, "left_early"),
        ({"例外情况": "病假"}, "sick"),
        ({"left": "17:00", "是否旷工": "否"}, None),
    ],
)
def test_what_stamps_come_to(more: dict[str, str], mark: str | None) -> None:
    report = take(stamp("文涛三", "2026-09-01", "07:40"), stamp("文涛二", "2026-09-01", **more))
    assert report.errors == [] and report.read == report.applied == 2
    assert marks().get(("文涛二", 1)) == mark


def test_a_row_for_each_part_of_a_day_is_one_line() -> None:
    report = take(
        stamp("文涛二", "2026-09-01", "07:40", 对应时段="上午"), stamp("文涛二", "2026-09-01", 对应时段="下午"),
        stamp("文涛三", "2026-09-01", "07:40", 对应时段="上午"), stamp("文涛三", "2026-09-01", "14:00", 对应时段="下午"),
    )  # fmt: skip
    assert (report.read, report.applied + report.unchanged + report.refused) == (2, 2)
    assert marks() == {("文涛二", 1): "half"}


def test_a_day_on_which_nobody_used_the_machine_is_no_roll() -> None:
    report = take(
        stamp("文涛二", "2026-09-01", "07:40"), stamp("文涛三", "2026-09-01", "07:41"),
        stamp("文涛二", "2026-09-05"), stamp("文涛三", "2026-09-05"),
    )  # fmt: skip
    assert marks() == {} and RollCall.objects.count() == 1 and report.errors == []
    assert any("machine" in each.message for each in report.warnings)


@pytest.mark.parametrize(
    ("more", "mark"),
    [
        ({"arrived": "未打卡"}, "absent"),
        ({"arrived": "缺卡", "left": "未签退"}, "absent"),
        ({"arrived": "07:41", "是否旷工": "正常", "迟到时间": "正常"}, None),
        ({"例外情况": "请病假"}, "sick"),
        ({"例外情况": "事假1天"}, "leave"),
        ({"arrived": "07:41", "例外情况": "正常"}, None),
    ],
)
def test_words_in_place_of_stamps(more: dict[str, str], mark: str | None) -> None:
    report = take(stamp("文涛三", "2026-09-01", "07:40"), stamp("文涛二", "2026-09-01", **more))
    assert report.errors == [] and marks().get(("文涛二", 1)) == mark


@pytest.mark.parametrize(
    "more",
    [{"例外情况": "外出比赛"}, {"arrived": "补打"}, {"arrived": "07:41", "迟到时间": "稍许"}],
)
def test_what_is_not_understood_is_an_error_and_no_mark(more: dict[str, str]) -> None:
    report = take(stamp("文涛三", "2026-09-01", "07:40"), stamp("文涛二", "2026-09-01", **more))
    assert len(report.errors) == report.refused == 1
    assert ("文涛二", 1) not in marks() or marks()["文涛二", 1] == "blank"
    assert set(report.asked) <= {*more.values()}


def test_three_parts_of_a_day_are_one_day() -> None:
    rows = [stamp("文涛二", "2026-09-01", at) for at in ("", "14:00", "18:00")]
    report = take(stamp("文涛三", "2026-09-01", "07:40"), *rows)
    assert report.errors == [] and marks()["文涛二", 1] == "half"


def test_one_sick_note_does_not_make_a_class_truant() -> None:
    report = take(
        stamp("文涛二", "2026-09-02", 例外情况="病假"), stamp("文涛三", "2026-09-02"),
        stamp("文涛二", "2026-09-01", "07:40"), stamp("文涛三", "2026-09-01", "07:40"),
    )  # fmt: skip
    assert report.errors == [] and marks()["文涛二", 2] == "sick"
    assert marks().get(("文涛三", 2)) in (None, "blank")


def test_every_pair_of_marks_comes_to_a_day() -> None:
    marks = [mark for mark in Mark if mark != Mark.BLANK]
    for one in marks:
        for other in marks:
            assert day_mark([one, other], half_counts=False) in marks
            whole = day_mark([one, other], half_counts=True)
            assert (whole == Mark.ABSENT) == bool(
                {one, other} & {Mark.ABSENT, Mark.HALF}
            ) or one == other
