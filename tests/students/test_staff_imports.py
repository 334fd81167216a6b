"""Staff and villages by file: people with dated posts, no password, nothing twice."""

from datetime import date
from typing import Any

import pytest

from casework.audit.models import Entry
from casework.org.models import Post, Unit, User
from casework.org.people import add_person, give_post
from casework.org.roles import Role
from casework.students.imports import import_staff
from casework.students.models import ImportRun
from casework.students.report import Report
from casework.students.staff import ROLES, role_of
from casework.students.workbook import Upload
from tests.students.books import AT, SCHOOL, pupil, roster, said, take_roster, workbook

HEADER = ["姓名★", "工号或手机号★", "岗位★", "单位★", "电话", "起始日期", "终止日期"]
TEACHER = ["何敏", "T001", "班主任", f"{SCHOOL}六年级1班", "10011112222", "2026-09-01", ""]


@pytest.fixture
def school(county: Unit) -> Unit:
    take_roster(roster(pupil(1)))
    unit: Unit = Unit.objects.get(kind="school")
    return unit


def take(*rows: list[Any], by: User | None = None, dry_run: bool = False) -> Report:
    upload = Upload("staff.xlsx", workbook({"人员": [HEADER, *rows]}))
    report = import_staff([upload], by=by, at=AT, dry_run=dry_run)
    assert report.read == report.applied + report.unchanged + report.refused
    return report


def test_it_works(school: Unit) -> None:
    report = take(TEACHER)
    assert (report.applied, report.errors) == (1, [])
    user, post = User.objects.get(), Post.objects.get()
    assert (user.username, user.display_name, user.phone) == ("T001", "何敏", "10011112222")
    assert not user.has_usable_password() and user.must_set_password
    assert (post.unit.name, post.role, post.since) == (
        "六年级1班",
        "class_teacher",
        date(2026, 9, 1),
    )


def test_again_changes_nothing(school: Unit) -> None:
    take(TEACHER)
    assert take(TEACHER).unchanged == 1
    assert (User.objects.count(), Post.objects.count()) == (1, 1)


def test_a_dry_run_writes_nothing(school: Unit) -> None:
    kept = (Entry, Unit, ImportRun)
    before = [model.objects.count() for model in kept]
    report = take(TEACHER, [*TEACHER[:2], "学籍管理员", SCHOOL, "", "", ""], dry_run=True)
    assert report.applied == 2
    assert User.objects.count() == 0
    assert [model.objects.count() for model in kept] == before


def test_a_person_may_hold_several_posts(school: Unit) -> None:
    take(TEACHER, [*TEACHER[:2], "学籍管理员", SCHOOL, "", "", ""])
    assert User.objects.count() == 1
    assert {post.role for post in Post.objects.all()} == {"class_teacher", "status_officer"}


def test_an_end_date_ends_an_open_post(school: Unit) -> None:
    take(TEACHER)
    assert take([*TEACHER[:6], "2026-12-31"]).applied == 1
    assert Post.objects.get().until == date(2026, 12, 31)
    assert take([*TEACHER[:6], "2026-12-31"]).unchanged == 1


@pytest.mark.parametrize(
    ("at", "value", "field", "part"),
    [
        (0, "", "姓名", "empty"),
        (1, "5.2E+17", "工号或手机号", "shortened"),
        (2, "仙人", "岗位", "no such post"),
        (3, "月球小学", "单位", "no such unit"),
        (6, "2026-08-01", "终止日期", "before it begins"),
        (5, "soon", "起始日期", "not a date"),
    ],
)
def test_a_bad_cell_refuses_its_row(
    school: Unit, at: int, value: str, field: str, part: str
) -> None:
    row = [*TEACHER[:at], value, *TEACHER[at + 1 :]]
    report = take(row, ["文海", "T002", "校长", SCHOOL, "", "", ""])
    ((number, where, message),) = said(report)
    assert (number, where) == (2, field) and part in message
    assert [user.username for user in User.objects.all()] == ["T002"]


def test_a_number_on_record_with_another_name_is_an_error(school: Unit) -> None:
    take(TEACHER)
    assert "another name" in said(take(["文海", *TEACHER[1:]]))[0][2]


def test_a_unit_name_that_is_used_twice_asks_for_more(school: Unit) -> None:
    take_roster(roster(pupil(2, **{"学校标识码★": "2152990009", "学校名称": "大湾小学"})))
    report = take([*TEACHER[:3], "六年级1班", "", "", ""], TEACHER)
    assert [(row, "Several units" in message) for row, _field, message in said(report)] == [
        (2, True)
    ]


def test_who_imports_stays_within_the_own_units(school: Unit) -> None:
    admin = add_person(username="A1", display_name="管理员", by=None, at=AT)
    Post.objects.create(user=admin, unit=school, role=Role.DATA_ADMIN, since=date(2026, 1, 1))
    report = take(TEACHER, ["文海", "T002", "督学", "示范县", "", "", ""], by=admin)
    assert [row for row, _field, _message in said(report)] == [3]


def test_a_post_in_a_unit_of_another_kind(school: Unit) -> None:
    report = take(
        ["文海", "T002", "系统管理员", SCHOOL, "", "", ""], [*TEACHER[:2], "校长", "示范县"]
    )
    assert [(row, "belongs to a unit of the kind" in why) for row, _f, why in said(report)] == [
        (2, True), (3, True)
    ]  # fmt: skip
    assert {field for _row, field, _why in said(report)} == {"单位"}
    assert not User.objects.exists() and report.applied == 0  # nothing of a refused row is kept


def test_nobody_gives_a_post_to_himself(school: Unit, county: Unit) -> None:
    admin = add_person(username="A1", display_name="管理员", by=None, at=AT)
    give_post(user=admin, unit=county, role=Role.DATA_ADMIN, since=date(2026, 1, 1), by=None, at=AT)
    dry = take(["管理员", "A1", "校长", SCHOOL, "", "", ""], by=admin, dry_run=True)
    report = take(["管理员", "A1", "校长", SCHOOL, "", "", ""], by=admin)
    assert "his own posts" in said(report)[0][2]
    assert said(dry) == said(report)


def test_villages_come_by_file_too(county: Unit) -> None:
    rows = [
        ["村（社区）名称", "乡镇", "代码"],
        ["新桥社区", "青石镇", ""],
        ["大湾村", "青石镇", ""],
        ["", "青石镇", ""],
    ]
    cadre = [HEADER, ["文海", "10011112222", "村干部", "大湾村", "", "", ""]]
    upload = Upload("v.xlsx", workbook({"人员": cadre, "村": rows}))
    dry = import_staff([upload], by=None, at=AT, dry_run=True)
    report = import_staff([upload], by=None, at=AT, dry_run=False)
    assert dry.as_json() == report.as_json()
    assert (report.read, report.applied, report.refused) == (4, 3, 1)
    assert Post.objects.get().unit.name == "大湾村"
    assert {unit.name for unit in Unit.objects.filter(kind="village")} == {"新桥社区", "大湾村"}
    assert import_staff([upload], by=None, at=AT, dry_run=False).unchanged == 3


def test_every_role_has_a_word_in_the_file_and_is_known_by_its_code() -> None:
    assert set(ROLES.values()) == set(Role)
    assert all(role_of(code) == code for code in Role.values)
    assert role_of("Village cadre".lower()) == "village_cadre"
