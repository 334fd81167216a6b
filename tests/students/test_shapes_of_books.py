"""Roll-books, rosters and lists as the world writes them: what can be read is, what cannot is refused aloud, nothing is lost."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.core.errors import DomainError
from casework.org.models import Unit
from casework.students.columns import open_sheets
from casework.students.imports import _rolls_of
from casework.students.legends import is_legend, legend_of
from casework.students.models import Absence, Mark, Pupil, RollCall
from casework.students.report import Report
from casework.students.rollheads import months_in
from casework.students.roster import class_name
from casework.students.templates_xlsx import refused_rows
from casework.students.workbook import UnreadableError, Upload, read
from tests.students.books import (
    LEGEND,
    SCHOOL,
    id_number,
    pupil,
    roster,
    take_roll,
    take_roster,
    workbook,
)

A, B, C = "文涛二", "文涛三", "文涛四"
TITLE = f"{SCHOOL} 六年级1班 2026年9月学生考勤表"
GOOD = [[A, "√", "√"], [B, "√", "√"], [C, "√", "√"]]


@pytest.fixture
def classroom(county: Unit) -> Unit:
    take_roster(roster(pupil(1), pupil(2), pupil(3)))
    return county


def book(
    *rows: list[Any],
    title: str = TITLE,
    legend: str = LEGEND,
    sheet: str = "六年级1班",
    name: str = "a.xlsx",
) -> Upload:
    top = [[title], *([[legend]] if legend else [])]
    return Upload(name, workbook({sheet: [*top, *rows]}))


def take(*rows: list[Any], **more: Any) -> Report:
    report = take_roll(book(*rows, **more))
    assert report.read == report.applied + report.unchanged + report.refused
    return report


def marks() -> set[tuple[str, int, str]]:
    rows = Absence.objects.exclude(mark="blank").values_list("pupil__name", "day", "mark")
    return {(name, day.day, mark) for name, day, mark in rows}


def errors(report: Report) -> str:
    return " ".join(each.message for each in report.errors)


# ---- days ----


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header",
    [
        [["姓名", 1, ""], ["", "上午", "下午"]],
        [["姓名", "1日上午", "1日下午"]],
        [["姓名", "日期", ""], ["", "1上午", "1下午"]],
    ],
)  # fmt: skip
def test_mornings_and_afternoons_come_to_a_day(classroom: Unit, header: list[list[Any]]) -> None:
    report = take(*header, [A, "√", "×"], [B, "×", "×"], [C, "√", "√"])
    assert not report.errors, errors(report)
    assert marks() == {(A, 1, "half"), (B, 1, "absent")} and RollCall.objects.count() == 1


@pytest.mark.django_db
def test_signs_under_no_day_refuse_the_sheet(classroom: Unit) -> None:
    report = take(["姓名", 1, ""], [A, "√", "×"], *GOOD[1:])
    assert "Column 3 holds signs and names no day" in errors(report)
    assert report.refused == 3 and not RollCall.objects.exists()


@pytest.mark.django_db
def test_the_second_half_of_the_month_below_the_first(classroom: Unit) -> None:
    take(["姓名", 1, 2], *GOOD, ["姓名", 16, 21], [A, "√", "×"], *GOOD[1:])
    assert marks() == {(A, 21, "absent")} and RollCall.objects.count() == 4


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            {
                "title": f"{SCHOOL} 六年级1班 2026年10月学生考勤表",
                "header": [date(2026, 9, 8), date(2026, 9, 9)],
            },
            "different months",
        ),
        (
            {"title": f"{SCHOOL} 六年级1班 2026年9月—2026年10月考勤", "header": [8, 9]},
            "more than one month",
        ),
        ({"title": TITLE, "header": [8, 9], "sheet": "10月"}, "different months"),
    ],
)
def test_months_that_contradict_refuse_the_sheet(
    classroom: Unit, more: dict[str, Any], words: str
) -> None:
    header = more.pop("header")
    report = take(["姓名", *header], *GOOD, **more)
    assert words in errors(report) and not RollCall.objects.exists()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026年9月考勤表", {(2026, 9)}),
        ("填表日期：2026年11月2日 2026年9月", {(2026, 9)}),
        ("2026-2027学年度第一学期 9月份考勤", {(2026, 9)}),
        ("2026-2027学年第二学期3月", {(2027, 3)}),
        ("2026-2027学年 2026年9月", {(2026, 9)}),
        ("考勤202609", {(2026, 9)}),
        ("考勤表", set()),
    ],
)
def test_the_month_of_a_title(text: str, found: set[tuple[int, int]]) -> None:
    assert months_in(text) == found


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header",
    ["2026年9月1日星期二", "2026-9-1(周二)", "2026-09-01 00:00:00", "1日(周二)", "9.1", "1号"],
)
def test_more_days_as_headers_write_them(classroom: Unit, header: str) -> None:
    take(["姓名", header], [A, "×"], [B, "√"], [C, "√"])
    assert marks() == {(A, 1, "absent")}


@pytest.mark.django_db
def test_a_day_that_a_spreadsheet_shortened_is_no_day(classroom: Unit) -> None:
    report = take(["姓名", 9.2, "9月3日"], *GOOD)
    assert "9.1 may be the 1st or the 10th" in errors(report)
    assert [call.day.day for call in RollCall.objects.all()] == [3]


@pytest.mark.django_db
@pytest.mark.parametrize("label", ["9月合计", "5天合计", "出勤天数", "备注", "9月份出勤天数"])
def test_sums_are_no_days(classroom: Unit, label: str) -> None:
    report = take(["姓名", 1, 2, label], [A, "×", "√", 1], [B, "√", "√", 2], [C, "√", "√", 2])
    assert not report.errors, errors(report)
    assert marks() == {(A, 1, "absent")}


@pytest.mark.django_db
def test_what_stands_in_the_column_of_a_weekend_hurts_nobody(classroom: Unit) -> None:
    report = take(["姓名", 4, 5, 7], [A, "×", "/", "√"], [B, "√", "周", "√"], [C, "√", "末", "√"])
    assert not report.errors and marks() == {(A, 4, "absent")}


@pytest.mark.django_db
def test_rows_below_the_table_are_no_pupils_and_call_no_roll(classroom: Unit) -> None:
    rows = [
        [A, "×", ""],
        [B, "√", ""],
        [C, "√", ""],
        ["合计", "√", "√"],
        ["班主任签名：", "√", "√"],
    ]
    report = take(["姓名", 1, 2], *rows)
    assert (report.read, report.refused) == (3, 0)
    assert [call.day.day for call in RollCall.objects.all()] == [1]
    assert any("left out" in each.message for each in report.warnings)


@pytest.mark.django_db
def test_an_empty_cell_takes_no_mark_back(classroom: Unit) -> None:
    take(["姓名", 1, 2], [A, "×", "×"], *GOOD[1:])
    take(["姓名", 1, 2], [A, "", "√"], *GOOD[1:], name="b.xlsx")
    assert marks() == {(A, 1, "absent")}


# ---- signs ----


@pytest.mark.parametrize(
    "line",
    [
        "符号：√出勤 ○旷课 ×病假", "∨ 出勤 ○ 旷课 × 病假", "出勤√ 旷课○ 病假×", "出勤（√） 旷课（○） 病假（×）",
        "√表示出勤，○表示旷课，×表示病假。", "√=出勤/○=旷课/×=病假",
    ],
)  # fmt: skip
def test_legends_in_many_words(line: str) -> None:
    import unicodedata

    plain = unicodedata.normalize("NFKC", line)
    assert is_legend(plain)
    assert legend_of([plain]) == {"√": Mark.PRESENT, "○": Mark.ABSENT, "×": Mark.SICK}


@pytest.mark.parametrize(
    "line",
    [
        "有迟到的请注明",
        "请假须附病假条",
        "应到3人 实到3人 病假0人 事假0人",
        "请用规定符号填写",
        "学生迟到早退登记",
    ],
)
def test_notes_that_are_no_legend(line: str) -> None:
    assert not is_legend(line)


@pytest.mark.django_db
def test_a_legend_below_the_table_is_obeyed(classroom: Unit) -> None:
    report = take(
        ["姓名", 1], [A, "○"], [B, "√"], [C, "√"], ["符号：√出勤 ○旷课 ×病假 △事假"], legend=""
    )
    assert marks() == {(A, 1, "absent")} and report.read == 3


@pytest.mark.django_db
@pytest.mark.parametrize("sign", ["×", "x", "X", "✗", "❌", "旷课", "旷"])
def test_signs_in_their_many_shapes(classroom: Unit, sign: str) -> None:
    take(["姓名", 1], [A, sign], [B, "✔️"], [C, "V"])
    assert marks() == {(A, 1, "absent")}


# ---- classes and schools ----


@pytest.mark.parametrize(
    "said",
    [
        "1班",
        "(1)班",
        "六年级1班",
        "六(1)班",
        "六1班",
        "601",
        "601班",
        "一班",
        "1",
        "六年1班",
        "小学六年级1班",
    ],
)
def test_a_class_in_many_spellings(said: str) -> None:
    assert class_name(said) == "1班"


@pytest.mark.parametrize(
    ("said", "name"), [("十一班", "11班"), ("二十三班", "23班"), ("实验班", "实验班"), ("", "")]
)
def test_classes_with_higher_numbers_and_names(said: str, name: str) -> None:
    assert class_name(said) == name


@pytest.mark.django_db
@pytest.mark.parametrize(
    "named", ["六(1)班", "六（1）班", "六1班", "601班", "六年级（1）班", "六年级一班"]
)
def test_a_title_names_its_class_in_many_spellings(classroom: Unit, named: str) -> None:
    take(
        ["姓名", 1],
        [A, "×"],
        [B, "√"],
        [C, "√"],
        title=f"{SCHOOL} {named} 2026年9月学生考勤表",
        sheet="Sheet1",
    )
    assert marks() == {(A, 1, "absent")}


@pytest.mark.django_db
def test_a_school_whose_name_holds_another_s_is_another_school(classroom: Unit) -> None:
    report = take(["姓名", 1], [A, "×"], title=f"上{SCHOOL} 六年级1班 2026年9月考勤表")
    assert "no known school" in errors(report)
    take(
        ["姓名", 1],
        [A, "×"],
        [B, "√"],
        [C, "√"],
        title=f"示范县青石镇{SCHOOL} 六年级1班 2026年9月考勤表",
    )
    assert marks() == {(A, 1, "absent")}


@pytest.mark.django_db
def test_either_number_finds_the_same_child(county: Unit) -> None:
    take_roster(roster(pupil(1, **{"学籍号": ""}), name="a.xlsx"))
    report = take_roster(roster(pupil(1, **{"身份证件号★": ""}), name="b.xlsx"))
    assert Pupil.objects.count() == 1 and not report.warnings
    again = take_roster(roster(pupil(1, **{"身份证件号★": ""}), name="b.xlsx"))
    assert (again.applied, again.unchanged) == (0, 1)
    one = Pupil.objects.get()
    assert one.id_number and one.status_number == f"G{one.id_number}"


# ---- files ----


def test_a_quotation_mark_that_does_not_close_refuses_the_file() -> None:
    text = '姓名,出生日期,备注\n甲,2014-03-05,"困难\n乙,2014-03-06,\n丙,2014-03-07,\n'
    with pytest.raises(UnreadableError, match="does not close"):
        read(Upload("a.csv", text.encode()))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_delimiter_is_told_by_the_table_not_by_the_title(delimiter: str, encoding: str) -> None:
    lines = [
        TITLE,
        LEGEND.replace("，", " "),
        *(delimiter.join(map(str, row)) for row in (["姓名", 1, 2], *GOOD)),
    ]
    (sheet,) = read(Upload("a.csv", "\n".join(lines).encode(encoding)))
    assert sheet.rows[2].cells == ["姓名", "1", "2"]


@pytest.mark.django_db
def test_two_blocks_side_by_side_are_refused(classroom: Unit) -> None:
    report = take_roll(book(["姓名", 1, "姓名", 1], [A, "×", B, "×"]))
    assert "side by side" in errors(report) and not RollCall.objects.exists()


@pytest.mark.django_db
def test_two_files_of_one_name_are_two_places(classroom: Unit) -> None:
    files = [book(["姓名", 1], ["外人", "×"]), book(["姓名", 1], ["路人", "×"])]
    report = take_roll(*files)
    assert (report.read, report.refused) == (2, 2)


@pytest.mark.django_db
def test_what_no_spreadsheet_keeps_is_handed_back_marked(classroom: Unit) -> None:
    report = Report()
    for sheet in open_sheets([Upload("a.csv", "姓名,1\n外\x01人,×\n".encode())], report):
        report.refuse(sheet.place(2), ["姓名"], ["外\x01人"])
    assert refused_rows(report)


CELLS = st.one_of(
    st.sampled_from(["", "姓名", "学籍号", "日期", "考勤", "上午", "下午", "√", "×", "合计", "#N/A", "=1+1", LEGEND, TITLE, "፩", "²"]),
    st.integers(-5, 50), st.floats(allow_nan=False), st.dates(), st.text(max_size=6), st.none(),
)  # fmt: skip
GRIDS = st.lists(st.lists(CELLS, max_size=6), max_size=12)


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(GRIDS)
def test_no_grid_breaks_the_reader_of_rolls(grid: list[list[Any]]) -> None:
    """Every row of a table is read once: into a line, or handed back with its reason."""
    from casework.students.workbook import Row, Sheet

    report = Report()
    rows = [
        Row(at, ["" if cell is None else cell for cell in cells])
        for at, cells in enumerate(grid, 1)
    ]
    sheet = Sheet("f", "s", [row for row in rows if any(cell != "" for cell in row.cells)])
    try:
        lines = [line for roll in _rolls_of(sheet, report) for line in roll.rows]
    except DomainError:
        return
    bad = {place for place in report.refused_rows if place.row}
    good = [line for line in lines if line.reader.good]
    assert report.read == len(good) + len(bad) or not report.read


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_break_the_opening_of_a_file(data: bytes) -> None:
    report = Report()
    list(open_sheets([Upload("x", data)], report))


@pytest.mark.django_db
def test_a_number_written_as_none_is_none(county: Unit) -> None:
    take_roster(roster(pupil(1, **{"身份证件号★": "无", "学籍号": f"G{id_number(sequence=101)}"})))
    assert Pupil.objects.get().id_number == ""
