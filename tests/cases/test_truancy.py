"""The truancy ladder: which talk is owed, by whom, and that a recorded one is owed no more (domain.md B2)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.cases.truancy import rung_owed, talks_owed
from casework.core.clock import local_moment, moved_to
from casework.documents.models import Document
from casework.registers.forms import form_for
from casework.registers.places import Of, place_for
from casework.registers.sheets import SHEETS
from casework.registers.writing import write
from casework.students.models import Absence, Pupil, RollCall
from tests.world import World, client_of, fresh, open_case

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 23)
AT = local_moment(TODAY, 16)
DAYS = [date(2026, 10, n) for n in (12, 13, 14, 15, 16, 19, 20, 21, 22, 23)]


@pytest.fixture(autouse=True)
def called(world: World) -> None:
    """Every roll of two weeks."""
    RollCall.objects.bulk_create(
        RollCall(class_unit=world.units["class"], day=day, source="表") for day in DAYS
    )


def away(pupil: Pupil, signs: str) -> None:
    """One sign a day: `×` absent, `½` for a part of it, `○` sick."""
    marks = {"×": "absent", "½": "half", "○": "sick"}
    for day, sign in zip(DAYS, signs, strict=False):
        if sign in marks:
            Absence.objects.create(pupil=pupil, day=day, mark=marks[sign], source="表", row=1)


def owed(world: World, who: str) -> list[tuple[str, int, str]]:
    names = dict(Pupil.objects.values_list("pk", "name"))
    return [(names[o.pupil_id], o.times, o.rung) for o in talks_owed(fresh(world.people[who]), AT)]


def talk(world: World, pupil: Pupil, of: Of = Of.PUPIL, pk: int = 0) -> Document:
    sheet = next(each for each in SHEETS if (each.code, each.of) == ("P24", of))
    place = place_for(fresh(world.teacher), of, pk or pupil.pk)
    said: dict[str, Any] = {
        "rung": "oral", "held_on": TODAY.isoformat(), "place": "教室", "cause": "旷课", "content": "谈话。",
        "parent_told": "yes", "sign_state": "paper",
    }  # fmt: skip
    form = form_for(sheet)(said)
    assert form.is_valid(), form.errors
    return write(sheet, place, form.cleaned_data, by=fresh(world.teacher), at=AT)


@pytest.mark.parametrize(
    ("signs", "times", "rung", "whose"),
    [
        ("×", 1, "oral", "teacher"),
        ("×××", 1, "oral", "teacher"),
        ("×√×", 2, "written", "teacher"),
        ("½√½√×", 3, "grade", "officer"),
        ("×√×√×√×", 4, "school", "principal"),
        ("×√×√×√×√×", 5, "school", "principal"),
    ],
)
def test_each_time_has_its_rung_and_its_person(
    world: World, signs: str, times: int, rung: str, whose: str
) -> None:
    away(world.lan, signs)
    for who in ("teacher", "officer", "principal"):
        assert owed(world, who) == ([("罗小兰", times, rung)] if who == whose else [])


def test_leave_is_no_truancy(world: World) -> None:
    away(world.lan, "○○")
    assert owed(world, "teacher") == []


def test_a_recorded_talk_is_owed_no_more_until_the_next_time(world: World) -> None:
    away(world.lan, "×√√")
    talk(world, world.lan)
    assert owed(world, "teacher") == []
    Absence.objects.create(pupil=world.lan, day=DAYS[4], mark="absent", source="表", row=1)
    assert owed(world, "teacher") == [("罗小兰", 2, "written")]


def test_a_talk_within_the_case_counts_too(world: World) -> None:
    case = open_case(world, world.lan)
    away(world.lan, "×")
    talk(world, world.lan, Of.CASE, case.pk)
    assert owed(world, "teacher") == []


def test_what_lies_a_month_back_is_forgotten(world: World) -> None:
    away(world.lan, "×")
    later = AT + timedelta(days=31)
    assert talks_owed(fresh(world.teacher), later) == []


def test_the_form_proposes_the_rung(world: World) -> None:
    away(world.lan, "×√×")
    assert rung_owed(world.lan, AT) == "written" and rung_owed(world.yun, AT) == ""
    with moved_to(AT):
        address = reverse("registers:write", args=["pupil", world.lan.pk, "P24"])
        form = client_of(world.teacher).get(address).context["form"]
    assert form["rung"].value() == "written"


def test_the_page_lists_them_with_a_fixed_number_of_queries(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for pupil in (world.lan, world.yun, world.qi):
        away(pupil, "×")
    client = client_of(world.teacher)
    with moved_to(AT), django_assert_max_num_queries(23):
        page = client.get(reverse("cases:talks")).content.decode()
    assert "罗小兰" in page and "Record the talk" in page
