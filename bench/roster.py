"""A roster of 100,000 pupils: reading it against openpyxl (must be >= 8 times faster), writing it against Django's
bulk_create with update_conflicts of the same rows (must be no slower). ROWS sets another size."""

import io
import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import openpyxl
from django.db import models, transaction

from bench import figure, ratio, with_database

if TYPE_CHECKING:
    from casework.students.places import Places
    from casework.students.roster_match import Match
    from casework.students.workbook import Upload

ROWS = int(os.environ.get("ROWS", "100000"))
HEADER = [
    "学校名称", "姓名", "性别", "出生日期", "身份证件号", "学籍号", "年级", "班级", "入学年月", "现住址",
    "成员1姓名", "成员1关系", "成员1联系电话",
]  # fmt: skip


def main() -> None:
    with_database()
    from casework.students.workbook import Upload, read

    upload = Upload("roster.xlsx", workbook())
    value = ratio(lambda: by_openpyxl(upload), lambda: read(upload), rounds=1)
    figure("roster_read_times_faster_than_openpyxl", value)
    matches, write = prepared(upload)
    rolled_back(write)()  # fills the pupils that the bound copies
    value = ratio(rolled_back(lambda: by_bulk_create(matches)), rolled_back(write), rounds=3)
    figure("roster_write_times_faster_than_bulk_create", value)


def workbook() -> bytes:
    """Invented pupils of area 990026 in fifty schools, forty-five to a class."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("学生基本信息")
    sheet.append(HEADER)
    for number in range(ROWS):
        sheet.append(line(number))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def line(number: int) -> list[str]:
    """The row of one pupil."""
    from casework.students.idnumber import check_digit

    born = date(2012, 1, 1) + timedelta(days=number % 3000)
    digits = f"990026{born:%Y%m%d}{number // 3000:03d}"
    resident = digits + check_digit(digits)
    sex = "男" if int(digits[-1]) % 2 else "女"
    room = number // 45
    return [
        f"第{room % 50 + 1}小学", f"学生{number}", sex, f"{born:%Y%m%d}", resident, f"G{resident}",
        f"{'一二三四五六'[room // 50 % 6]}年级", f"{room // 300 + 1}班", "202609", f"青石镇第{room % 90}村",
        f"家长{number}", "父亲", f"100{number:08d}",
    ]  # fmt: skip


def by_openpyxl(upload: "Upload") -> list[tuple[Any, ...]]:
    """The bound of reading: all cells as values."""
    book = openpyxl.load_workbook(io.BytesIO(upload.data), read_only=True)
    return list(book.worksheets[0].iter_rows(values_only=True))


def new_county(at: datetime) -> None:
    """A county with its calendar and terms, and nobody in it."""
    from casework.deadlines.calendar import load_official
    from casework.deadlines.terms import add_default_terms
    from casework.org.models import Unit

    county = Unit.objects.add_root({"kind": "county", "name": "bench", "code": "990026"})
    load_official(at=at, by=None)
    add_default_terms(county, at=at, by=None)


def matched(upload: "Upload") -> tuple[list["Match"], "Places"]:
    """The rows matched with an empty county, whose units are made."""
    from casework.students import roster, roster_match
    from casework.students.columns import find_table, open_sheets
    from casework.students.places import Places
    from casework.students.report import Report

    report, places = Report(), Places("青石镇")
    tables = [find_table(sheet, roster.COLUMNS, report) for sheet in open_sheets([upload], report)]
    rows = [found for table in tables if table for found in roster.rows_of(table, report)]
    placed = list(roster_match.place_rows(rows, places, None))
    matches = roster_match.match(placed, report, places)
    if len(matches) != ROWS:
        raise SystemExit(f"{len(matches)} of {ROWS} rows are good")
    places.make(child for _parent, child in places.new)
    return matches, places


def prepared(upload: "Upload") -> tuple[list["Match"], Callable[[], None]]:
    """The rows matched with an empty county, and what writes them."""
    from casework.core import clock
    from casework.students import roster_write

    at = clock.local_moment(date(2026, 9, 1), 9)
    new_county(at)
    matches, places = matched(upload)

    def write() -> None:
        for made in matches:  # as new as the first time, after a round was taken back
            made.pupil.pk, made.pupil._state.adding = None, True
        roster_write.write(matches, places, at=at)

    return matches, write


def rolled_back(work: Callable[[], object]) -> Callable[[], None]:
    """The work in a transaction that leaves nothing behind."""

    def run() -> None:
        with transaction.atomic():
            work()
            transaction.set_rollback(True)

    return run


def by_bulk_create(matches: list["Match"]) -> None:
    """The bound of writing: the same pupils, guardians and enrolments, each table in one upsert."""
    from casework.students.models import Enrolment, Guardian, Pupil

    pupils = [copy_of(made.pupil, number) for number, made in enumerate(matches, 1)]
    upsert(Pupil, pupils)
    upsert(
        Guardian,
        [
            Guardian(
                pk=pupil.pk, pupil=pupil, name=row.guardian, relation=row.relation, phone=row.phone
            )
            for pupil, row in (
                (pupil, made.placed.row) for pupil, made in zip(pupils, matches, strict=True)
            )
        ],
    )
    upsert(
        Enrolment,
        [
            Enrolment(
                pk=pupil.pk,
                pupil=pupil,
                class_unit=made.placed.class_unit,
                school=made.placed.school,
                since=date(2026, 9, 1),
            )
            for pupil, made in zip(pupils, matches, strict=True)
        ],
    )


def copy_of(pupil: Any, number: int) -> Any:
    """A pupil with the same values and a key of its own, its numbers encrypted anew."""
    fields = {field.attname: getattr(pupil, field.attname) for field in pupil._meta.concrete_fields}
    made = type(pupil)(**(fields | {"id": number}))
    made.set_numbers(id_number=pupil.id_number, status_number=pupil.status_number)
    return made


def upsert(model: type[models.Model], rows: list[Any]) -> None:
    """Django's own upsert, on the primary key."""
    names = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    model._default_manager.bulk_create(
        rows, update_conflicts=True, unique_fields=["id"], update_fields=names, batch_size=2000
    )


if __name__ == "__main__":
    main()
