"""Four checks, three comparisons: lists of others beside the rolls, each difference decided once and remembered (B13, E6, E9)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.audit.models import Entry, Look
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from casework.detection.compared import suspect_row
from casework.detection.models import Finding
from casework.detection.words import why
from casework.students.compare import ask, explanations_of, only_listed, only_on_roll, school_age
from casework.students.differences import explain, say_same
from casework.students.lists import import_list
from casework.students.models import Enrolment, ListRow, OtherList, Pupil
from casework.students.report import Report
from casework.students.workbook import Upload
from tests.students.books import id_number, workbook
from tests.world import OPENED, World, client_of, fresh

pytestmark = pytest.mark.django_db
HEADER = [
    "户号",
    "户主",
    "儿童姓名",
    "性别",
    "出生日期",
    "身份证号",
    "监护人",
    "联系电话",
    "住址",
    "就学状态",
]
BORN = "20130308"


def line(
    name: str,
    *,
    number: str = "",
    born: str = BORN,
    guardian: str = "",
    village: str = "青石村",
    sex: str = "女",
) -> list[str]:
    return [
        "0101",
        guardian or "某某",
        name,
        sex,
        born,
        number,
        guardian,
        "10000001234",
        f"示范县青石镇{village}3组",
        "在读",
    ]


def book(*lines: list[Any], header: list[str] | None = None) -> Upload:
    return Upload(
        "文化户口.xlsx", workbook({"登记": [["青石镇文化户口册"], header or HEADER, *lines]})
    )


def take(
    world: World,
    *lines: list[Any],
    kind: str = "household",
    dry_run: bool = False,
    at: Any = OPENED,
) -> Report:
    return import_list(
        [book(*lines)], kind=kind, unit=world.town, by=world.township, at=at, dry_run=dry_run
    )


def number_of(pupil: Pupil) -> str:
    return pupil.id_number


def in_force(kind: str = "household") -> OtherList:
    return OtherList.objects.get(kind=kind, replaced_at=None)


def everybody(world: World) -> list[list[str]]:
    """The five pupils of the town, by number."""
    return [
        line(p.name, number=number_of(p))
        for p in (world.lan, world.ming, world.yun, world.qi, world.an)
    ]


@pytest.fixture(autouse=True)
def sound_numbers(world: World) -> None:
    """The pupils of the world get numbers whose check digit is right: a list is read more strictly than the world is made."""
    for at, pupil in enumerate((world.lan, world.ming, world.yun, world.qi, world.an), 1):
        number = id_number(born=BORN, sequence=100 + 2 * at)
        pupil.set_numbers(id_number=number, status_number=f"G{number}")
        pupil.save()


def test_a_list_is_read_matched_and_counted(world: World) -> None:
    report = take(
        world, *everybody(world), line("龚小军", born="20140506", sex="男", guardian="龚军")
    )
    assert (report.read, report.applied, report.unchanged, report.refused) == (6, 6, 0, 0)
    other = in_force()
    assert {row.name: row.how for row in other.rows.all()} == {
        **dict.fromkeys(("罗小兰", "易大明", "田小云", "潘思琪", "董小安"), "number"), "龚小军": "none",
    }  # fmt: skip
    assert [row.name for row in only_listed(other, OPENED)] == ["龚小军"]
    assert list(only_on_roll(other, OPENED)) == []
    row = other.rows.get(name="龚小军")
    assert (row.village, row.householder, row.state) == (world.village, "龚军", "在读")


def test_numbers_and_phones_are_sealed(world: World) -> None:
    take(world, *everybody(world))
    raw = ListRow.objects.raw(
        "SELECT id, phone || '' AS said, id_number || '' AS nr FROM students_listrow"
    )
    assert all("10000001234" not in row.said and BORN not in row.nr for row in raw)


def test_whoever_is_missing_from_a_list_that_names_everybody_is_shown(world: World) -> None:
    take(world, *everybody(world)[1:])
    assert [pupil.name for pupil in only_on_roll(in_force(), OPENED)] == ["罗小兰"]
    take(world, *everybody(world)[1:], kind="aid")
    assert list(only_on_roll(in_force("aid"), OPENED)) == []


def test_the_status_list_of_a_school_is_compared_with_its_roll(world: World) -> None:
    rows = [["G" + number_of(world.lan), world.lan.name, "", ""]]
    upload = book(*rows, header=["学籍号", "姓名", "年级", "班级"])
    import_list(
        [upload], kind="status", unit=world.school, by=world.officer, at=OPENED, dry_run=False
    )
    assert {p.name for p in only_on_roll(in_force("status"), OPENED)} == {
        "易大明",
        "田小云",
        "潘思琪",
        "董小安",
    }


def test_of_a_household_register_only_children_of_school_age_are_differences(world: World) -> None:
    assert school_age(OPENED.date()) == (date(2010, 9, 1), date(2020, 8, 31))
    take(
        world,
        line("小一", born="20200831"),
        line("小二", born="20200901"),
        line("大一", born="20100901"),
        line("大二", born="20100831"),
    )
    assert {row.name for row in only_listed(in_force(), OPENED)} == {"小一", "大一"}


def test_again_the_same_list_changes_nothing(world: World) -> None:
    take(world, *everybody(world))
    first = in_force()
    report = take(world, *everybody(world), at=OPENED + timedelta(days=1))
    assert (report.applied, report.unchanged) == (0, 5)
    assert in_force() == first


def test_the_next_list_replaces_the_one_before(world: World) -> None:
    take(world, *everybody(world))
    report = take(
        world,
        *everybody(world)[:4],
        line("龚小军", born="20140506", sex="男"),
        at=OPENED + timedelta(days=1),
    )
    assert (report.applied, report.unchanged) == (1, 4)
    assert OtherList.objects.exclude(replaced_at=None).count() == 1
    assert in_force().rows.count() == 5


def test_a_dry_run_writes_nothing(world: World) -> None:
    report = take(world, *everybody(world), dry_run=True)
    assert report.applied == 5 and not OtherList.objects.exists() and not ListRow.objects.exists()


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (line("", born=BORN), "The cell is empty"),
        (line("龚小军", born=""), "Without number and birth date"),
        (line("龚小军", born="20131301"), "day"),
        (
            line("龚小军", born="20130309", number=id_number(born=BORN, sequence=222)),
            "contradicts the ID number",
        ),
        (line("龚小军", sex="?"), "男"),
    ],
)
def test_a_bad_row_is_handed_back_and_the_good_ones_are_taken(
    world: World, bad: list[str], words: str
) -> None:
    report = take(world, *everybody(world), bad)
    assert (report.read, report.applied, report.refused) == (6, 5, 1)
    assert any(words in each.message for each in report.errors), report.errors


def test_a_child_twice_on_a_list_is_taken_once(world: World) -> None:
    report = take(world, everybody(world)[0], everybody(world)[0])
    assert (report.read, report.applied, report.refused) == (2, 1, 1)


def test_a_list_without_the_needed_columns_replaces_nothing(world: World) -> None:
    take(world, *everybody(world))
    upload = book(["罗小兰", "青石村"], header=["姓名", "村"])
    report = import_list(
        [upload], kind="household", unit=world.town, by=world.township, at=OPENED, dry_run=False
    )
    assert report.errors and in_force().rows.count() == 5


# ---- the same child? ----


def asked(world: World) -> ListRow:
    """罗小兰 written with another sign and without number."""
    take(world, *everybody(world)[1:], line("罗晓兰", guardian="罗建国"))
    return ask(in_force()).get()


def test_a_name_that_sounds_alike_is_asked_about(world: World) -> None:
    row = asked(world)
    assert (row.name, row.possible) == ("罗晓兰", [world.lan.pk])
    assert list(only_on_roll(in_force(), OPENED)) == [], (
        "who may be on the list is not missing from it"
    )


def test_the_word_of_a_person_holds_for_the_next_list_too(world: World) -> None:
    say_same(asked(world), world.lan, same=True, by=world.township, at=OPENED)
    assert in_force().rows.get(name="罗晓兰").pupil == world.lan
    take(
        world,
        *everybody(world)[1:],
        line("罗晓兰", guardian="罗建国"),
        line("新", born="20140101"),
        at=OPENED + timedelta(days=9),
    )
    row = in_force().rows.get(name="罗晓兰")
    assert (row.how, row.pupil) == ("person", world.lan)


def test_another_child_then_both_are_differences(world: World) -> None:
    say_same(asked(world), world.lan, same=False, by=world.township, at=OPENED)
    assert [row.name for row in only_listed(in_force(), OPENED)] == ["罗晓兰"]
    assert [pupil.name for pupil in only_on_roll(in_force(), OPENED)] == ["罗小兰"]


def test_a_word_is_taken_back(world: World) -> None:
    row = say_same(asked(world), world.lan, same=True, by=world.township, at=OPENED)
    say_same(row, world.lan, same=None, by=world.township, at=OPENED)
    assert ask(in_force()).get().possible == [world.lan.pk]


def test_nobody_is_joined_who_was_not_asked_about_or_is_another_s(world: World) -> None:
    row = asked(world)
    with pytest.raises(DomainError, match="Nobody asks"):
        say_same(row, world.yun, same=True, by=world.township, at=OPENED)


# ---- explained once ----


def alone(world: World) -> ListRow:
    take(world, *everybody(world), line("龚小军", born="20140506", sex="男", guardian="龚军"))
    return only_listed(in_force(), OPENED).get()


def test_an_explanation_is_remembered_and_taken_back(world: World) -> None:
    row = alone(world)
    explain(in_force(), row=row, reason="moved", note="", by=world.township, at=OPENED)
    assert not only_listed(in_force(), OPENED).exists()
    take(world, *everybody(world)[1:], line("龚小军", born="20140506", sex="男", guardian="龚军"))
    again = only_listed(in_force(), OPENED, explained=True).get()
    assert not only_listed(in_force(), OPENED).exists()
    explain(in_force(), row=again, reason="", note="", by=world.township, at=OPENED)
    assert only_listed(in_force(), OPENED).get() == again


def test_an_explanation_is_of_one_child_alone(world: World) -> None:
    take(
        world,
        *everybody(world)[2:],
        line("龚小军", born="20140506", sex="男"),
        line("龚小华", born="20150506"),
    )
    row = only_listed(in_force(), OPENED).get(name="龚小华")
    explain(in_force(), row=row, reason="moved", note="", by=world.township, at=OPENED)
    assert [each.name for each in only_listed(in_force(), OPENED)] == ["龚小军"]
    assert [each.name for each in only_listed(in_force(), OPENED, explained=True)] == ["龚小华"]
    explain(in_force(), pupil=world.ming, reason="moved", note="", by=world.township, at=OPENED)
    assert [each.name for each in only_on_roll(in_force(), OPENED)] == ["罗小兰"]
    assert [each.name for each in only_on_roll(in_force(), OPENED, explained=True)] == ["易大明"]


def test_studying_elsewhere_needs_words(world: World) -> None:
    row = alone(world)
    with pytest.raises(DomainError, match="Say where"):
        explain(in_force(), row=row, reason="elsewhere", note=" ", by=world.township, at=OPENED)
    with pytest.raises(DomainError, match="Choose one"):
        explain(in_force(), row=row, reason="gone", note="", by=world.township, at=OPENED)


def test_a_suspected_child_becomes_a_finding_with_what_the_list_knows(world: World) -> None:
    row, by = alone(world), fresh(world.township)
    finding = suspect_row(row, world.school, "户口在村，无人知去向", by=by, at=OPENED)
    assert (finding.rule, finding.unit) == ("compared", world.school)
    assert finding.child["name"] == "龚小军" and finding.child["born"] == "2014-05-06"
    assert not only_listed(in_force(), OPENED).exists()
    with pytest.raises(DomainError, match="reported already"):
        suspect_row(row, world.school, "", by=by, at=OPENED)


# ---- pages ----


def say(world: World, **data: Any) -> Any:
    with moved_to(OPENED):
        return client_of(world.township).post(
            reverse("cases:say_difference", args=[in_force().pk]), data
        )


def show(world: World, tab: str, who: str = "township") -> Any:
    with moved_to(OPENED):
        return client_of(world.people[who]).get(
            reverse("cases:differences", args=[in_force().pk]), {"show": tab}
        )


def test_the_card_says_why(world: World) -> None:
    asked(world)
    page = show(world, "ask").content.decode()
    assert "names sound alike" in page and "same date of birth" in page and "罗小兰" in page


def test_deciding_on_the_page(world: World) -> None:
    row = asked(world)
    assert say(world, act="same", row=row.pk, pupil=world.lan.pk).status_code == 302
    assert in_force().rows.get(pk=row.pk).pupil == world.lan
    assert say(world, act="same", row=row.pk, pupil=world.far_hua.pk).status_code == 404
    assert "罗小兰" in show(world, "joined").content.decode()
    say(world, act="undo", row=row.pk, pupil=world.lan.pk)
    assert in_force().rows.get(pk=row.pk).how == "ask"


def test_explaining_and_suspecting_on_the_page(world: World) -> None:
    row = alone(world)
    assert say(world, act="explain", row=row.pk).status_code == 409
    assert say(world, act="suspect", row=row.pk).status_code == 409
    say(world, act="explain", row=row.pk, reason="finished")
    assert "has finished school" in show(world, "told").content.decode().lower()
    say(world, act="untell", row=row.pk)
    assert say(world, act="explain", row=row.pk, reason="suspected").status_code == 409
    assert say(world, act="burn", row=row.pk).status_code == 404
    say(world, act="suspect", row=row.pk, unit=world.school.pk, note="无人知去向")
    assert Finding.objects.get(rule="compared").unit == world.school


def test_a_pupil_missing_from_the_list_can_be_suspected(world: World) -> None:
    take(world, *everybody(world)[1:])
    assert "罗小兰" in show(world, "roll").content.decode()
    say(world, act="suspect", pupil=world.lan.pk, unit=world.units["far_school"].pk)
    finding = Finding.objects.get(rule="compared")
    assert (finding.pupil, finding.unit, finding.note) == (world.lan, world.school, "")
    assert why(finding) == "On the roll and not on the list (household education register, 青石镇)."
    assert "罗小兰" in show(world, "told_roll").content.decode()
    assert not only_on_roll(in_force(), OPENED).exists()
    assert say(world, act="explain", pupil=world.yun.pk, reason="moved").status_code == 404


def test_who_lives_and_learns_elsewhere_is_not_shown(world: World) -> None:
    world.far_hua.set_numbers(id_number=id_number(born=BORN, sequence=301), status_number="")
    world.far_hua.born, world.far_hua.sex = date(2013, 3, 8), "f"
    world.far_hua.save()
    take(world, *everybody(world), line("庞春花"))
    row = ask(in_force()).get()
    assert row.possible == [world.far_hua.pk]
    page = show(world, "ask").content.decode()
    assert "庞春华" not in page and "1 pupil of another place" in page
    assert say(world, act="same", row=row.pk, pupil=world.far_hua.pk).status_code == 404


def test_words_of_a_township_do_not_hold_for_the_county(world: World) -> None:
    row = alone(world)
    explain(in_force(), row=row, reason="moved", note="", by=world.township, at=OPENED)
    upload = book(*everybody(world), line("龚小军", born="20140506", sex="男", guardian="龚军"))
    import_list(
        [upload],
        kind="household",
        unit=world.county,
        by=world.county_officer,
        at=OPENED,
        dry_run=False,
    )
    lists = OtherList.objects.filter(replaced_at=None).order_by("pk")
    counts = [only_listed(other, OPENED).count() for other in lists]
    assert counts == [0, 1]
    explain(
        lists[1],
        row=lists[1].rows.get(name="龚小军"),
        reason="age",
        note="",
        by=world.county_officer,
        at=OPENED,
    )
    assert [each.reason for each in explanations_of(lists[0], key__in=[row.key])] == ["age"]


def test_a_child_whose_number_is_a_known_pupil_s_is_that_pupil(world: World) -> None:
    Enrolment.objects.filter(pupil=world.far_hua).update(until=OPENED.date())
    number = id_number(born=BORN, sequence=305)
    world.far_hua.set_numbers(id_number=number, status_number="")
    world.far_hua.save()
    take(world, *everybody(world), line("庞春华", number=number))
    (row,) = only_listed(in_force(), OPENED)
    finding = suspect_row(row, world.school, "", by=fresh(world.township), at=OPENED)
    assert (finding.pupil, finding.child) == (world.far_hua, {})


def test_another_township_s_lists_are_out_of_reach(world: World) -> None:
    take(world, *everybody(world))
    assert show(world, "ask", "far_township").status_code == 404
    with moved_to(OPENED):
        page = client_of(world.far_township).get(reverse("cases:lists"))
    assert page.context["rows"] == []


def test_looking_at_differences_is_logged_and_the_trail_names_nobody(world: World) -> None:
    alone(world)
    show(world, "list")
    assert Look.objects.filter(what="list_list").exists()
    assert "龚" not in str(list(Entry.objects.values_list("facts", flat=True)))


def test_the_pages_of_lists_have_a_fixed_number_of_queries(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    asked(world)
    client = client_of(world.township)
    for tab in ("ask", "list", "roll", "told", "told_roll", "joined"):
        address = f"{reverse('cases:differences', args=[in_force().pk])}?show={tab}"
        with moved_to(OPENED), django_assert_max_num_queries(16):
            client.get(address)
