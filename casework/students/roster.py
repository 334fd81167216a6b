"""A roster as people send it, read into plain rows: the columns of the national collection form and their usual other names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from casework.students import cells
from casework.students.cells import CellError
from casework.students.columns import Columns, RowReader, Table
from casework.students.idnumber import check_status, read_id
from casework.students.report import Place, Report

COLUMNS = Columns(
    names={
        "school_code": ("学校标识码", "学校代码", "学校编码", "学校(机构)标识码", "school code"),
        "school": ("学校名称", "学校", "所在学校", "school"),
        "name": ("姓名", "学生姓名", "name"),
        "sex": ("性别", "sex"),
        "born": ("出生日期", "出生年月日", "生日", "born"),
        "ethnic": ("民族",),
        "id_kind": ("身份证件类型", "证件类型"),
        "id_number": (
            "身份证件号",
            "身份证号",
            "身份证号码",
            "证件号码",
            "公民身份号码",
            "id number",
        ),
        "household": ("户口所在地", "户籍所在地", "户籍地址", "户口地址"),
        "status_number": ("学籍号", "全国学籍号", "学籍号码", "status number"),
        "seat": ("班内学号", "座号", "学号"),
        "grade": ("年级", "grade"),
        "class": ("班级", "班级名称", "班", "class"),
        "entered": ("入学年月", "入学日期", "入学时间"),
        "boarding": ("就读方式", "是否住校", "住宿方式"),
        "address": ("现住址", "家庭住址", "家庭地址", "现居住地址", "address"),
        "phone": ("联系电话", "家长电话", "电话"),
        "left_behind": ("是否留守儿童", "留守儿童"),
        "migrant": ("是否进城务工人员随迁子女", "随迁子女"),
        "orphan": ("是否孤儿", "孤儿"),
        "disabled": ("残疾类型", "残疾"),
        "aid": ("是否需要申请资助",),
        "subsidised": ("是否享受一补",),
        "guardian": ("成员1姓名", "监护人姓名", "监护人", "家长姓名", "guardian"),
        "relation": ("成员1关系", "与学生关系", "监护人关系", "关系"),
        "guardian_phone": ("成员1联系电话", "监护人电话", "监护人联系电话"),
    },
    required=("name", "grade", "class", "id_number|status_number", "school_code|school"),
)
RESIDENT_ID = ("", "居民身份证", "身份证", "户口簿")
GRADES = "一二三四五六七八九"
_OTHER_GRADES = {
    "初一": "七",
    "初二": "八",
    "初三": "九",
    "初中一": "七",
    "初中二": "八",
    "初中三": "九",
}
_DIGITS = "一二三四五六七八九"
# 一 to 三十九
_NUMERAL = {
    f"{tens}{ones}": 10 * ten + one
    for ten, tens in enumerate(("", "十", "二十", "三十"))
    for one, ones in enumerate(("", *_DIGITS))
    if ten or one
}


@dataclass(frozen=True)
class RosterRow:
    """One pupil as a roster has it. `sex` is m or f; `groups` are codes; `entered` is year and month.

    None: the roster has no such column and says nothing of it.
    """

    place: Place
    school_code: str
    school: str
    name: str
    sex: str
    born: date
    ethnic: str
    id_number: str
    status_number: str
    household: str
    address: str
    seat: str
    grade: str
    class_name: str
    entered: str
    boarding: bool | None
    left_behind: str | None
    groups: tuple[str, ...] | None
    guardian: str
    relation: str
    phone: str


@lru_cache(maxsize=256)
def grade(value: Any) -> str:
    """`七年级` for 七年级, 7年级, 7 or 初一. Another word: CellError."""
    said = cells.words(value).removesuffix("级").removesuffix("年")
    said = _OTHER_GRADES.get(said, said)
    if said in "123456789" and said:
        said = GRADES[int(said) - 1]
    if not said:
        return ""
    if len(said) != 1 or said not in GRADES:
        raise CellError(_("This is no grade from one to nine. Write it like 七年级."))
    return f"{said}年级"


_GRADE_BEFORE = re.compile(
    r"^(?:小学|初中)?(?:[一二三四五六七八九1-9]年级?|初[一二三]|[一二三四五六七八九1-9](?=[(]|[一二三四五六七八九1-9]$)|[一二三四五六七八九](?=\d))"
)
LONGEST_CLASS = 40


@lru_cache(maxsize=1024)
def class_name(value: Any) -> str:
    """`1班` for 1班, (1)班, 七年级1班, 七(1)班, 701, 一班 or 1; a class with a name keeps it. One too long for a name: CellError."""
    said = cells.words(value).replace(" ", "").removesuffix("班")
    if re.fullmatch(r"[1-9]0[1-9]|[1-9][1-9]\d", said):  # 701: grade seven, class one
        said = said[1:].lstrip("0")
    said = _GRADE_BEFORE.sub("", said).removesuffix("班").strip("()[]")
    said = str(_NUMERAL.get(said, said))
    if len(said) > LONGEST_CLASS:
        raise CellError(_("This name of a class is too long. Shorten it."))
    return f"{int(said) if said.isdecimal() and said.isascii() else said}班" if said else ""


@lru_cache(maxsize=64)
def sex(value: Any) -> str:
    said = cells.words(value).lower()
    found = {"男": "m", "女": "f", "男性": "m", "女性": "f", "m": "m", "f": "f", "": ""}.get(said)
    if found is None:
        raise CellError(_("Write 男 or 女."))
    return found


def _yes(value: Any) -> bool:
    return cells.words(value) in ("是", "有", "住校", "寄宿", "寄宿生", "住宿", "√", "1", "Y", "y")


def _phone(value: Any) -> str:
    said = cells.number(value).removeprefix("+86")
    if said and not re.match(r"^(1\d{10}|0\d{9,11})$", said):
        raise CellError(_("A mobile number has eleven digits and begins with 1. Mend it."))
    return said


def _school_code(value: Any) -> str:
    said = cells.number(value)
    if said and not re.match(r"^\d{10}$", said):
        raise CellError(_("A school code has ten digits. Compare with the platform."))
    return said


def rows_of(table: Table, report: Report) -> Iterator[tuple[RosterRow, RowReader]]:
    """The good rows of a roster with their readers; the others are refused in `report`, every one is counted as read."""
    for row in table.body:
        report.read += 1
        reader = RowReader(table, row, report)
        found = _read(reader)
        if found is not None:
            yield found, reader


def _read(reader: RowReader) -> RosterRow | None:
    take, need = reader.take, reader.need
    id_number, status_number, born, said_sex = _identity(reader)
    in_grade = need("grade", grade, "")
    row = RosterRow(
        place=reader.place,
        school_code=take("school_code", _school_code, ""),
        school=take("school", cells.words, ""),
        name=need("name", cells.name, "")[:60],
        sex=said_sex,
        born=born,
        ethnic=take("ethnic", cells.words, "")[:20],
        id_number=id_number,
        status_number=status_number,
        household=take("household", cells.words, "")[:120],
        address=take("address", cells.words, "")[:160],
        seat=take("seat", cells.words, "")[:10],
        grade=in_grade,
        class_name=in_grade + need("class", class_name, ""),
        entered=take("entered", cells.month, ""),
        boarding=take("boarding", _yes, None),
        left_behind=take("left_behind", _left_behind, None),
        groups=_groups(reader),
        guardian=take("guardian", cells.name, "")[:60],
        relation=take("relation", cells.words, "")[:20],
        phone=take("guardian_phone", _phone, "") or take("phone", _phone, ""),
    )
    if not row.school_code and not row.school and reader.good:
        reader.error("school_code", _("The cell is empty. Fill it in."))
    return row if reader.good else None


def _left_behind(value: Any) -> str:
    said = cells.words(value)
    return "" if said in ("否", "非留守儿童", "无") else said[:20]


def _groups(reader: RowReader) -> tuple[str, ...] | None:
    says = {key: reader.take(key, _yes, None) for key in ("migrant", "orphan", "aid", "subsidised")}
    says["disabled"] = reader.take("disabled", _disabled, None)
    if all(said is None for said in says.values()):
        return None
    return tuple(key for key, said in says.items() if said)


def _disabled(value: Any) -> bool:
    return cells.words(value) not in ("", "无残疾", "否", "无")


def _identity(reader: RowReader) -> tuple[str, str, date, str]:
    """ID number, status number, birth date and sex, each checked against the others."""
    id_number = reader.take("id_number", cells.number, "")
    status_number = reader.take("status_number", cells.number, "")
    born, said = reader.take("born", cells.day, None), reader.take("sex", sex, "")
    resident = reader.take("id_kind", cells.words, "") in RESIDENT_ID
    if not id_number and not status_number and reader.good:
        reader.error(
            "id_number", _("Without ID number and status number nobody can be known. Fill one in.")
        )
    if id_number and resident:
        born, said = _against_id(reader, id_number, born, said)
    if status_number:
        reader.check("status_number", check_status, status_number, id_number if resident else "")
    for key, value in (("born", born), ("sex", said)):
        if reader.good and not value:
            reader.error(key, _("The cell is empty. Fill it in."))
    return id_number, status_number, born or date.min, said


def _against_id(
    reader: RowReader, id_number: str, born: date | None, said: str
) -> tuple[date | None, str]:
    try:
        facts = read_id(id_number)
    except CellError as error:
        reader.error("id_number", str(error))
        return born, said
    if not facts.known_place:
        reader.warn(
            "id_number", _("The place code of the ID number is unknown. Compare with the card.")
        )
    if born not in (None, facts.born):
        reader.error(
            "born", _("The birth date contradicts the ID number. Mend whichever is wrong.")
        )
    if said not in ("", facts.sex):
        reader.error("sex", _("The sex contradicts the ID number. Mend whichever is wrong."))
    return facts.born, facts.sex
