"""Templates and refused rows: they come back in, and nothing in them runs."""

import io
import zipfile

import openpyxl
import pytest

from casework.org.models import Unit
from casework.students import roster, staff
from casework.students.columns import Columns, find_table
from casework.students.report import Report
from casework.students.templates_xlsx import refused_rows, template
from casework.students.workbook import Upload, read
from tests.students.books import pupil, take_roster
from tests.students.books import roster as roster_of

PAYLOADS = [
    "=1+1",
    '=HYPERLINK("http://x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1",
    "＋1",
    "＠x",
    "=cmd|' /C calc'!A0",
]


@pytest.mark.parametrize(("kind", "columns"), [("roster", roster.COLUMNS), ("staff", staff.STAFF)])
def test_a_template_has_every_column_that_is_needed(kind: str, columns: Columns) -> None:
    report = Report()
    sheets = read(Upload("t.xlsx", template(kind)))
    assert find_table(sheets[0], columns, report) is not None
    assert not report.errors


def test_the_staff_template_has_a_sheet_for_villages() -> None:
    people, villages = read(Upload("t.xlsx", template("staff")))
    assert not staff.is_villages(people) and staff.is_villages(villages)


def test_refused_rows_come_back_with_reason_and_place(county: Unit) -> None:
    report = take_roster(roster_of(pupil(1), pupil(2, **{"年级★": "?", "性别★": "?"})))
    (sheet,) = read(Upload("refused.xlsx", refused_rows(report)))
    header, row = sheet.rows
    assert header.cells[-4:] == ["reason", "file", "sheet", "row"]
    assert row.cells[-3:] == ["roster.xlsx", "学生基本信息", "4"]
    assert "性别: Write 男 or 女." in row.cells[-4] and "年级: " in row.cells[-4]


def test_the_mended_file_goes_in_as_it_was_handed_out(county: Unit) -> None:
    report = take_roster(roster_of(pupil(1), pupil(2, **{"年级★": "?"})))
    book = openpyxl.load_workbook(io.BytesIO(refused_rows(report)))
    for row in book.worksheets[0].iter_rows():
        for cell in row:
            cell.value = "六年级" if cell.value == "?" else cell.value
    out = io.BytesIO()
    book.save(out)
    again = take_roster(Upload("mended.xlsx", out.getvalue()))
    assert (again.read, again.applied, again.errors) == (1, 1, [])


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_is_handed_out_holds_no_formula_EXP_01(county: Unit, payload: str) -> None:
    report = take_roster(
        roster_of(pupil(1, **{"年级★": "?", "民族★": payload, "成员1姓名★": payload}))
    )
    for row in report.refused_rows.values():
        row_with_text = [payload if cell == "" else cell for cell in row.cells]
        report.refused_rows[row.place] = type(row)(row.place, row.header, tuple(row_with_text))
    data = refused_rows(report)
    book = openpyxl.load_workbook(io.BytesIO(data))
    kinds = {cell.data_type for row in book.worksheets[0].iter_rows() for cell in row if cell.value}
    assert kinds == {"s"}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
