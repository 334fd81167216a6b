"""Rosters and roll-books of invented pupils, as small as a test needs them."""

import io
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from casework.core.clock import local_moment
from casework.deadlines.calendar import load_official
from casework.deadlines.models import Term
from casework.org.models import Unit
from casework.org.units import add_unit
from casework.profiles import rules
from casework.students.idnumber import check_digit
from casework.students.imports import import_attendance, import_roster
from casework.students.report import Report
from casework.students.workbook import Upload

DATA = Path(__file__).parent.parent / "data" / "township"
AT = local_moment(date(2026, 11, 20), 18)
TOWNSHIP = "青石镇"
SCHOOL = "岩头村小学"
LEGEND = "符号：√出勤 ×旷课 ○病假 △事假 迟=迟到 退=早退"


def ready_county() -> Unit:
    """A county with the official calendar, its autumn term and the baseline profile."""
    county = add_unit(parent=None, kind="county", name="示范县", code="990026", by=None, at=AT)
    load_official(at=AT, by=None)
    Term.objects.create(
        unit=county,
        code="2026-2027-1",
        first_day=date(2026, 9, 1),
        last_day=date(2027, 1, 22),
        entered_at=AT,
    )
    rules.publish(
        county,
        rules.baseline(),
        name="baseline",
        valid_from=date(2026, 1, 1),
        by=None,
        at=AT,
    )
    return county


def id_number(born: str = "20140305", sequence: int = 101, area: str = "990026") -> str:
    """A valid ID number of the test area."""
    first = f"{area}{born}{sequence:03}"
    return first + check_digit(first)


def pupil(number: int = 0, **other: Any) -> dict[str, Any]:
    """A roster row by its column names; `number` tells pupils apart (even ones are girls)."""
    identity = id_number(sequence=100 + number)
    return {
        "学校标识码★": "2152990003",
        "学校名称": SCHOOL,
        "姓名★": "文涛" + "一二三四五六七八九十"[number % 10],
        "性别★": "男" if number % 2 else "女",
        "出生日期★": "20140305",
        "身份证件号★": identity,
        "户口所在地★": "示范县青石镇岩头村",
        "学籍号": f"G{identity}",
        "年级★": "六年级",
        "班级★": "1班",
        "入学年月★": "202109",
        "现住址★": "示范县青石镇岩头村6组9号",
        "成员1姓名★": "毛珍平",
        "成员1关系★": "母亲",
        "成员1联系电话★": "10097599840",
    } | other


def workbook(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """Sheets of rows as an XLSX file."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def roster(*pupils: Mapping[str, Any], name: str = "roster.xlsx") -> Upload:
    """A roster with a title row."""
    header = list(pupils[0])
    rows = [["学生基本信息表"], header, *([row.get(key, "") for key in header] for row in pupils)]
    return Upload(name, workbook({"学生基本信息": rows}))


def rollbook(
    marks: Mapping[str, str],
    days: Sequence[Any],
    *,
    title: str = f"{SCHOOL} 六年级1班 2026年9月学生考勤表",
    legend: str | None = LEGEND,
    name: str = "roll.xlsx",
) -> Upload:
    """A roll-book of one class: status number → a sign a day (`.` is an empty cell)."""
    top = [[title], *([[legend]] if legend else [])]
    header = ["序号", "学籍号", "姓名", *days]
    rows = [
        [at, number, "", *("" if sign == "." else sign for sign in signs)]
        for at, (number, signs) in enumerate(marks.items(), 1)
    ]
    return Upload(name, workbook({"六年级1班": [*top, header, *rows]}))


def data_files(pattern: str) -> list[Upload]:
    """Files of the township, by name."""
    return [Upload(each.name, each.read_bytes()) for each in sorted(DATA.glob(pattern))]


def take_roster(*uploads: Upload, dry_run: bool = False, at: Any = AT) -> Report:
    """Import rosters of the township."""
    return import_roster(uploads, township=TOWNSHIP, by=None, at=at, dry_run=dry_run)


def take_roll(*uploads: Upload, dry_run: bool = False, at: Any = AT) -> Report:
    """Import roll-books."""
    return import_attendance(uploads, by=None, at=at, dry_run=dry_run)


def said(report: Report) -> list[tuple[int, str, str]]:
    """The errors as (row, field, message)."""
    return [(each.place.row, each.field, each.message) for each in report.errors]
