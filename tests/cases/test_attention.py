"""The attention list of a class: five groups, known by cases, rosters and tags; a dated check a child (domain.md D13)."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.cases.attention import attention_list, check, tag, untag
from casework.cases.models import Case
from casework.core.append_only import AppendOnlyError
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from casework.students.models import AttentionCheck, GroupTag, Pupil
from tests.world import OPENED, World, client_of, fresh, open_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def listed(world: World) -> World:
    """One back after a case, one left behind and poor, one with a tag, one in none."""
    case = open_case(world, world.lan)
    Case.objects.filter(pk=case.pk).update(returned_at=OPENED - timedelta(days=9))
    Pupil.objects.filter(pk=world.yun.pk).update(left_behind="留守儿童", groups=["aid"])
    tag(
        world.qi,
        "learning",
        "期中成绩",
        class_unit=world.units["class"],
        by=fresh(world.teacher),
        at=OPENED,
    )
    return world


def names(world: World, at: Any = OPENED) -> dict[str, list[str]]:
    rows = attention_list(world.units["class"], at)
    return {each.pupil.name: [group for group, _source in each.groups] for each in rows}


def test_each_group_is_known_by_its_source(listed: World) -> None:
    assert names(listed) == {
        "罗小兰": ["back at school after a case"],
        "潘思琪": ["learning difficulty"],
        "田小云": ["left-behind child", "poor family"],
    }
    sources = {
        each.pupil.name: [s for _g, s in each.groups]
        for each in attention_list(listed.units["class"], OPENED)
    }
    assert sources["罗小兰"][0].startswith("KC-") and sources["田小云"] == ["roster", "roster"]
    assert sources["潘思琪"] == ["期中成绩"]


def test_a_return_counts_for_a_year(listed: World) -> None:
    assert "罗小兰" not in names(listed, OPENED + timedelta(days=400))


def test_a_check_is_due_again_after_the_days_of_the_rules(listed: World) -> None:
    by = fresh(listed.teacher)
    assert all(each.is_due for each in attention_list(listed.units["class"], OPENED))
    check(
        Pupil.objects.filter(pk=listed.yun.pk), listed.units["class"], "well", "", by=by, at=OPENED
    )
    due = {e.pupil.name: e.is_due for e in attention_list(listed.units["class"], OPENED)}
    assert due == {"罗小兰": True, "潘思琪": True, "田小云": False}
    later = attention_list(listed.units["class"], OPENED + timedelta(days=30))
    assert all(each.is_due for each in later)
    with pytest.raises(AppendOnlyError):
        AttentionCheck.objects.update(note="")


@pytest.mark.parametrize(
    ("look", "note", "words"),
    [
        ("worse", " ", "in words"),
        ("fine", "", "how the children are"),
        ("", "", "how the children are"),
    ],
)
def test_a_check_that_says_nothing_is_refused(
    listed: World, look: str, note: str, words: str
) -> None:
    with pytest.raises(DomainError, match=words):
        check(Pupil.objects.all(), listed.units["class"], look, note, by=listed.teacher, at=OPENED)


def test_a_tag_needs_a_source_and_is_there_once(listed: World) -> None:
    unit, by = listed.units["class"], fresh(listed.teacher)
    for group, source, words in (
        ("learning", "x", "already"), ("poor", " ", "by what"), ("returned", "x", "from the cases"), ("?", "x", "Choose"),
    ):  # fmt: skip
        with pytest.raises(DomainError, match=words):
            tag(listed.qi, group, source, class_unit=unit, by=by, at=OPENED)


def test_a_tag_is_ended_and_kept(listed: World) -> None:
    made, unit = GroupTag.objects.get(), listed.units["class"]
    untag(made, class_unit=unit, by=listed.teacher, at=OPENED)
    assert "潘思琪" not in names(listed) and GroupTag.objects.count() == 1
    with pytest.raises(DomainError, match="ended already"):
        untag(made, class_unit=unit, by=listed.teacher, at=OPENED)


def test_one_tap_for_all_who_are_well(listed: World) -> None:
    with moved_to(OPENED):
        client = client_of(listed.teacher)
        place = reverse("cases:attention", args=[listed.units["class"].pk])
        children = [listed.lan.pk, listed.yun.pk, listed.ming.pk]  # the last is of another class
        page = client.post(place, {"act": "well", "child": children}, follow=True).content.decode()
    assert "2 children checked" in page
    assert set(AttentionCheck.objects.values_list("pupil__name", flat=True)) == {"罗小兰", "田小云"}


def test_a_teacher_is_led_to_her_class_and_sees_no_other(listed: World) -> None:
    with moved_to(OPENED):
        client = client_of(listed.teacher_two)
        own, other = (
            reverse("cases:attention", args=[listed.units[k].pk]) for k in ("class_two", "class")
        )
        assert client.get(reverse("cases:attention_classes")).url == own
        assert client.get(other).status_code == 404


def test_the_list_has_a_fixed_number_of_queries(
    listed: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(listed.teacher)
    with moved_to(OPENED), django_assert_max_num_queries(16):
        client.get(reverse("cases:attention", args=[listed.units["class"].pk]))
