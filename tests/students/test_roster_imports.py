"""Rosters: what they make, what they change, what is refused and where; applying twice changes nothing."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from casework.audit.models import Entry
from casework.core.errors import DomainError
from casework.org.models import Unit
from casework.students.imports import import_roster
from casework.students.models import Enrolment, Guardian, ImportRun, Pupil, StatusMovement
from casework.students.report import Report
from casework.students.workbook import Upload
from tests.students.books import (
    AT,
    SCHOOL,
    data_files,
    id_number,
    pupil,
    roster,
    said,
    take_roster,
    workbook,
)


def counts(report: Report) -> tuple[int, int, int, int]:
    assert report.read == report.applied + report.unchanged + report.refused
    return report.read, report.applied, report.unchanged, report.refused


def one_error(*pupils: dict[str, Any]) -> tuple[int, str, str]:
    """The single error of a roster; nothing of its row is taken."""
    report = take_roster(roster(*pupils))
    assert len(report.errors) == 1, said(report)
    counts(report)
    return said(report)[0]


def test_it_works(county: Unit) -> None:
    report = take_roster(roster(pupil(1), pupil(2)))
    assert (counts(report), report.errors, report.warnings) == ((2, 2, 0, 0), [], [])
    child = Pupil.objects.get(name="文涛二")
    enrolment = child.enrolments.get()
    assert child.status_number == f"G{id_number(sequence=101)}"
    assert (enrolment.class_unit.name, enrolment.school.code) == ("六年级1班", "2152990003")
    assert enrolment.since == date(2026, 9, 1)
    assert child.village is not None and child.village.name == "岩头村"
    assert child.guardians.get().phone == "10097599840"


def test_the_units_that_are_named_are_made_once(county: Unit) -> None:
    take_roster(*data_files("岩头村小学_学生*"))
    take_roster(*data_files("岩头村小学_学生*"))
    kinds = ["township", "school", "grade", "class", "village"]
    assert [Unit.objects.filter(kind=kind).count() for kind in kinds] == [1, 1, 6, 6, 6]
    assert Unit.objects.get(kind="school").short == SCHOOL
    assert all(not problems for problems in Unit.objects.find_problems())


def test_applying_twice_changes_nothing(county: Unit) -> None:
    files = data_files("岩头村小学_学生*")
    assert counts(take_roster(*files)) == (126, 126, 0, 0)
    assert counts(take_roster(*files)) == (126, 0, 126, 0)
    assert Pupil.objects.count() == Guardian.objects.count() == Enrolment.objects.count() == 126


def test_a_dry_run_writes_nothing(county: Unit) -> None:
    report = take_roster(roster(pupil(1)), dry_run=True)
    assert counts(report) == (1, 1, 0, 0)
    assert [change.kind for change in report.changes] == ["new"]
    assert (Pupil.objects.count(), ImportRun.objects.count(), Unit.objects.count()) == (0, 0, 1)


def test_without_a_county_nothing_is_imported(db: None) -> None:
    with pytest.raises(DomainError, match="init"):
        take_roster(roster(pupil(1)))


def test_a_class_move_ends_the_old_enrolment(county: Unit) -> None:
    take_roster(roster(pupil(1)), at=AT - timedelta(days=30))
    report = take_roster(roster(pupil(1, **{"班级★": "2班"})))
    old, new = Enrolment.objects.order_by("pk")
    assert [change.kind for change in report.changes] == ["moved"]
    assert (old.until, new.since, new.until) == (date(2026, 11, 20), date(2026, 11, 20), None)
    assert (old.class_unit.name, new.class_unit.name) == ("六年级1班", "六年级2班")
    assert StatusMovement.objects.get().kind == "class_moved"


def test_what_differs_is_changed_and_what_is_not_said_stays(county: Unit) -> None:
    take_roster(roster(pupil(1), pupil(2)))
    changed = pupil(1, **{"成员1联系电话★": "10011112222", "现住址★": ""})
    report = take_roster(roster(changed, pupil(2)))
    assert counts(report) == (2, 1, 1, 0)
    assert report.changes[0].fields == ("phone",)
    child = Pupil.objects.get(name="文涛二")
    assert child.guardians.get().phone == "10011112222"
    assert child.address == "示范县青石镇岩头村6组9号"


def test_a_temporary_status_number_becomes_the_lasting_one(county: Unit) -> None:
    temporary = "L99002620140305000X"
    take_roster(roster(pupil(1, **{"学籍号": temporary})))
    take_roster(roster(pupil(1)))
    assert Pupil.objects.get().status_number == f"G{id_number(sequence=101)}"


def test_a_pupil_missing_from_a_newer_roster_is_a_warning_and_stays(county: Unit) -> None:
    take_roster(roster(pupil(1), pupil(2), pupil(3)))
    report = take_roster(roster(pupil(1)))
    (warning,) = report.warnings
    assert warning.count == 2 and "not in this roster" in warning.message
    assert Enrolment.objects.filter(until=None).count() == 3


def test_columns_stand_anywhere_and_have_other_names(county: Unit) -> None:
    header = [
        "家庭住址",
        "班级",
        "年级",
        "身份证号码",
        "学生姓名*",
        "学校",
        "学校代码",
        "全国学籍号",
    ]
    row = ["青石镇大湾村", 1.0, 6.0, id_number(), "文　涛", SCHOOL, 2152990003.0, f"G{id_number()}"]
    report = take_roster(Upload("other.xlsx", workbook({"x": [header, row]})))
    assert counts(report) == (1, 1, 0, 0)
    child = Pupil.objects.get()
    assert (child.name, child.sex, child.born) == ("文涛", "m", date(2014, 3, 5))


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig"])
def test_csv_rosters_are_read(county: Unit, encoding: str) -> None:
    row = pupil(1)
    table = "\n".join([",".join(row), ",".join(row.values())])
    assert counts(take_roster(Upload("r.csv", table.encode(encoding)))) == (1, 1, 0, 0)


def test_missing_columns_are_one_clear_error(county: Unit) -> None:
    rows = [["名单"], ["姓名", "性别"], ["文涛", "男"]]
    report = take_roster(Upload("short.xlsx", workbook({"x": rows})))
    (error,) = report.errors
    assert (error.place.file, error.place.sheet, error.place.row) == ("short.xlsx", "x", 2)
    assert "年级、班级、身份证件号/学籍号、学校标识码/学校名称" in error.message


def test_a_sheet_of_notes_is_left_out_with_a_warning(county: Unit) -> None:
    row = pupil(1)
    table = [list(row), list(row.values())]
    sheets = {"填表说明": [["一、请逐项填写"], [], ["二、勿改表头"]], "名单": table}
    report = take_roster(Upload("r.xlsx", workbook(sheets)))
    assert (counts(report), report.errors) == ((1, 1, 0, 0), [])
    assert [warning.place.sheet for warning in report.warnings] == ["填表说明"]


def test_a_code_with_another_school_name_is_a_warning(county: Unit) -> None:
    take_roster(roster(pupil(1)))
    report = take_roster(roster(pupil(1, **{"学校名称": "岩头小学"})))
    assert (counts(report), len(report.warnings)) == ((1, 0, 1, 0), 1)
    assert Unit.objects.get(kind="school").name == SCHOOL


def test_an_unreadable_file_does_not_stop_the_others(county: Unit) -> None:
    report = take_roster(Upload("bad.xlsx", b"PK\x03\x04"), roster(pupil(1)))
    assert counts(report) == (1, 1, 0, 0)
    assert [error.place.file for error in report.errors] == ["bad.xlsx"]


WRONG_DIGIT = id_number()[:17] + ("0" if id_number()[17] != "0" else "1")


@pytest.mark.parametrize(
    ("other", "field", "part"),
    [
        ({"身份证件号★": WRONG_DIGIT, "学籍号": ""}, "身份证件号", "check digit"),
        ({"身份证件号★": "5.2E+17"}, "身份证件号", "shortened"),
        ({"身份证件号★": 5.2e17}, "身份证件号", "shortened"),
        ({"出生日期★": "20140306"}, "出生日期", "contradicts"),
        ({"出生日期★": "2014-02-30"}, "出生日期", "no such day"),
        ({"性别★": "女"}, "性别", "contradicts"),
        ({"性别★": "?"}, "性别", "男"),
        ({"学籍号": f"G{id_number(sequence=555)}"}, "学籍号", "contradicts"),
        ({"学籍号": "12345"}, "学籍号", "18 characters"),
        ({"身份证件号★": "", "学籍号": ""}, "身份证件号", "Fill one in"),
        ({"姓名★": "　"}, "姓名", "empty"),
        ({"姓名★": "=A1"}, "姓名", "formula"),
        ({"年级★": "高一"}, "年级", "no grade"),
        ({"学校标识码★": "215"}, "学校标识码", "ten digits"),
        ({"成员1联系电话★": "12"}, "成员1联系电话", "eleven"),
        ({"入学年月★": "202613"}, "入学年月", "month"),
    ],
)
def test_a_bad_cell_refuses_its_row_with_its_place(
    county: Unit, other: dict[str, Any], field: str, part: str
) -> None:
    row, where, message = one_error(pupil(2), pupil(1, **other))
    assert (row, where) == (4, field)
    assert part in message
    assert Pupil.objects.count() == 1


def test_messages_hold_no_number_and_no_name(county: Unit) -> None:
    report = take_roster(roster(pupil(1, **{"身份证件号★": WRONG_DIGIT, "学籍号": "G1"})))
    assert "文涛" not in str(report.as_json()) and WRONG_DIGIT not in str(report.as_json())


def test_an_unknown_place_code_is_a_warning_counted_once_a_column(county: Unit) -> None:
    strange = [id_number(area="180026", sequence=101 + 2 * n) for n in range(3)]
    rows = [pupil(1, **{"身份证件号★": one, "学籍号": f"G{one}"}) for one in strange]
    report = take_roster(roster(*rows))
    assert counts(report) == (3, 3, 0, 0)
    assert [(each.field, each.count) for each in report.warnings] == [("身份证件号", 3)]


def test_the_same_row_twice_is_a_warning(county: Unit) -> None:
    report = take_roster(roster(pupil(1), pupil(1)))
    assert counts(report) == (2, 1, 1, 0)
    assert "twice" in report.warnings[0].message


def test_two_rows_of_one_number_are_an_error(county: Unit) -> None:
    row, _field, message = one_error(pupil(1), pupil(1, **{"姓名★": "文海"}))
    assert row == 4 and "same number" in message


def test_a_pupil_in_two_schools_is_an_error_in_both(county: Unit) -> None:
    elsewhere = pupil(1, **{"学校标识码★": "2152990009", "学校名称": "大湾小学"})
    report = take_roster(roster(pupil(1), pupil(2)), roster(elsewhere, name="b.xlsx"))
    assert counts(report) == (3, 1, 0, 2)
    assert {error.place.file for error in report.errors} == {"roster.xlsx", "b.xlsx"}


def test_a_pupil_enrolled_elsewhere_moves_only_with_the_other_roster(county: Unit) -> None:
    moved = pupil(1, **{"学校标识码★": "2152990009", "学校名称": "大湾小学"})
    take_roster(roster(pupil(1), pupil(2)))
    alone = take_roster(roster(moved, name="b.xlsx"))
    assert "another school" in said(alone)[0][2] and counts(alone) == (1, 0, 0, 1)
    both = take_roster(
        roster(pupil(2)),
        roster(moved, pupil(3, **{"学校标识码★": "2152990009", "学校名称": "大湾小学"})),
    )

    assert not both.errors
    assert StatusMovement.objects.get().kind == "school_moved"


def test_a_school_of_another_township_is_refused(county: Unit) -> None:
    take_roster(roster(pupil(1)))
    report = import_roster([roster(pupil(2))], township="龙泉乡", by=None, at=AT, dry_run=False)
    assert "another township" in said(report)[0][2]


def test_rows_that_are_refused_make_no_units(county: Unit) -> None:
    elsewhere = pupil(1, **{"学校标识码★": "2152990009", "学校名称": "大湾小学", "班级★": "9班"})
    take_roster(roster(pupil(1)), roster(elsewhere, name="b.xlsx"))
    assert Unit.objects.count() == 1


def test_a_formula_is_refused_without_its_value_and_named_with_it(county: Unit) -> None:
    report = take_roster(roster(pupil(1, **{"姓名★": '="文"&"涛"'})))
    assert said(report) == [(3, "姓名", "The cell holds a formula. Replace it by its value.")]


def test_the_audit_holds_counts_only_AUD_04(county: Unit) -> None:
    take_roster(roster(pupil(1)))
    entry = Entry.objects.get(verb="roster.imported")
    assert entry.facts == {"read": 1, "applied": 1, "unchanged": 0, "refused": 0}


def test_few_statements_however_many_rows(
    county: Unit, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(90):
        take_roster(*data_files("青石镇中学_学生*"))


def test_no_number_stands_plain_in_the_database_PRIV_03(county: Unit, tmp_path: Path) -> None:
    take_roster(*data_files("岩头村小学_学生*"))
    child = Pupil.objects.select_related(None).first()
    assert child is not None and len(child.id_number) == 18
    plain = [child.id_number, child.status_number, child.guardians.get().phone]
    dumped = raw_dump(tmp_path)
    assert child.name in dumped
    assert [number for number in plain if number in dumped or number[-8:] in dumped] == []


def raw_dump(tmp_path: Path) -> str:
    """Every value of every table as the database holds it."""
    values = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            values += [str(row) for row in cursor.fetchall()]
    return "\n".join(values)


CELLS = st.sampled_from(
    ["", "文 涛", "5.2E+17", "=1", "2班", "七年级", "１", "20140305", "G1", "x"]
)
ROWS = st.lists(
    st.tuples(
        st.integers(1, 4), st.dictionaries(st.sampled_from(sorted(pupil())), CELLS, max_size=2)
    ),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ROWS)
def test_every_row_is_counted_once_and_a_second_time_changes_nothing(
    county: Unit, rows: list[tuple[int, dict[str, str]]]
) -> None:
    upload = roster(*(pupil(number, **other) for number, other in rows))
    first = take_roster(upload)
    counts(first)
    assert first.read == len(rows)
    again = take_roster(upload)
    counts(again)
    assert again.applied == 0
    assert again.refused == first.refused
