"""The pages of lists beside the rolls: cards, explanations, what is out of reach."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.audit.models import Entry, Look
from casework.core.clock import moved_to
from casework.detection.compared import suspect_row
from casework.detection.models import Finding
from casework.detection.words import why
from casework.students.compare import ask, explanations_of, only_listed, only_on_roll
from casework.students.differences import explain
from casework.students.lists import import_list
from casework.students.models import Enrolment, OtherList
from tests.cases.other_lists import (
    BORN,
    alone,
    asked,
    book,
    everybody,
    give_sound_numbers,
    in_force,
    line,
    take,
)
from tests.students.books import id_number
from tests.world import OPENED, World, client_of, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sound_numbers(world: World) -> None:
    give_sound_numbers(world)


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
