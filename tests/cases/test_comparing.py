"""Four checks, three comparisons: lists of others beside the rolls, each difference decided once and remembered (B13, E6, E9)."""

from datetime import date, timedelta
from typing import Any

import pytest

from casework.core.errors import DomainError
from casework.detection.compared import suspect_row
from casework.students.compare import ask, only_listed, only_on_roll, school_age
from casework.students.differences import explain, say_same
from casework.students.lists import import_list
from casework.students.models import ListRow, OtherList
from tests.cases.other_lists import (
    BORN,
    alone,
    asked,
    book,
    everybody,
    give_sound_numbers,
    in_force,
    line,
    number_of,
    take,
)
from tests.students.books import id_number
from tests.world import OPENED, World, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sound_numbers(world: World) -> None:
    give_sound_numbers(world)


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
    who: dict[str, Any] = {"kind": "household", "unit": world.town, "by": world.township}
    assert import_list([upload], **who, at=OPENED, dry_run=True).errors
    with pytest.raises(DomainError, match="No row of these files"):
        import_list([upload], **who, at=OPENED, dry_run=False)
    assert in_force().rows.count() == 5


# ---- the same child? ----


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
