"""Workbooks to hand out: empty templates with their columns and lists, and refused rows with the reasons (EXP-01)."""

import io
from collections.abc import Sequence
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation

from casework.students.report import Refused, Report
from casework.students.staff import ROLES

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROSTER_HEADER = [
    "序号",
    "学校标识码★",
    "学校名称",
    "姓名★",
    "性别★",
    "出生日期★",
    "民族★",
    "国籍/地区★",
    "身份证件类型★",
    "身份证件号★",
    "户口所在地★",
    "户口性质★",
    "学籍号",
    "班内学号",
    "年级★",
    "班级★",
    "入学年月★",
    "就读方式★",
    "现住址★",
    "联系电话★",
    "是否独生子女★",
    "是否留守儿童★",
    "是否进城务工人员随迁子女★",
    "是否孤儿★",
    "随班就读★",
    "残疾类型★",
    "是否需要申请资助★",
    "是否享受一补★",
    "成员1姓名★",
    "成员1关系★",
    "成员1是否监护人★",
    "成员1联系电话★",
]
STAFF_HEADER = ["姓名★", "工号或手机号★", "岗位★", "单位★", "电话", "起始日期", "终止日期"]
VILLAGE_HEADER = ["村名称★", "乡镇★", "代码"]
LEDGER_HEADER = ["编号", "姓名★", "学籍号★", "性别", "出生日期", "学校", "发现日期★", "状态★", "辍学原因", "去向", "家访次数", "最近家访日期", "复学日期", "销号日期", "结果", "备注"]  # fmt: skip
LISTS = {
    "性别★": ("男", "女"),
    "就读方式★": ("走读", "住校"),
    "岗位★": tuple(dict.fromkeys(ROLES)),
    "状态★": ("疑似辍学", "家访", "劝返", "辍学", "已复学", "已销号"),
}
TEMPLATES: dict[str, tuple[tuple[str, Sequence[str]], ...]] = {
    "roster": (("学生基本信息", ROSTER_HEADER),),
    "staff": (("人员", STAFF_HEADER), ("村", VILLAGE_HEADER)),
    "cases": (("台账", LEDGER_HEADER),),
}
ROWS_WITH_LISTS = 5_000


def template(kind: str) -> bytes:
    """The empty workbook of a kind of import (`roster`, `staff`, `cases`): text columns, so that no number is eaten."""
    book = Workbook(write_only=True)
    for title, header in TEMPLATES[kind]:
        sheet = book.create_sheet(title)
        for at, label in enumerate(header):
            letter = _letter(at)
            sheet.column_dimensions[letter].number_format = "@"
            sheet.column_dimensions[letter].width = 22 if "号" in label or "址" in label else 12
            if label in LISTS:
                choice = DataValidation("list", formula1=f'"{",".join(LISTS[label])}"')
                choice.add(f"{letter}2:{letter}{ROWS_WITH_LISTS}")
                sheet.data_validations.append(choice)
        sheet.append([text_cell(sheet, label, bold=True) for label in header])
    return saved(book)


MOST_REFUSED = 5_000  # more are no work for a person: the file is mended at its source


def refused_rows(report: Report) -> bytes:
    """The rows that were not taken, the first thousands, a sheet for each header they had, each with its place and what is wrong."""
    book = Workbook(write_only=True)
    groups: dict[tuple[str, ...], list[Refused]] = {}
    for row in islice(report.refused_rows.values(), MOST_REFUSED):
        groups.setdefault(row.header, []).append(row)
    reasons: dict[Any, list[str]] = {}
    for error in report.errors:
        reasons.setdefault(error.place, []).append(f"{error.field}: {error.message}")
    for number, (header, rows) in enumerate(groups.items(), 1):
        sheet = book.create_sheet(f"{number}")
        titles = (*header, _("reason"), _("file"), _("sheet"), _("row"))
        sheet.append([text_cell(sheet, title, bold=True) for title in titles])
        for row in rows:
            why = " ".join(reasons.get(row.place) or reasons.get(row.place._replace(row=0), []))
            cells = (*_padded(row.cells, len(header)), why, *row.place)
            sheet.append([text_cell(sheet, cell) for cell in cells])
    if not groups:
        book.create_sheet("1")
    return saved(book)


def _padded(cells: Sequence[Any], width: int) -> list[Any]:
    return [*cells[:width], *[""] * (width - len(cells))]


def text_cell(sheet: WriteOnlyWorksheet, value: Any, *, bold: bool = False) -> WriteOnlyCell:
    """A cell that is text whatever it begins with: a spreadsheet runs nothing from it."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("�", str(value)))
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)
    return cell


def _letter(at: int) -> str:
    return chr(65 + at) if at < 26 else f"{chr(64 + at // 26)}{chr(65 + at % 26)}"


def saved(book: Workbook) -> bytes:
    """The workbook as a file."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
