"""Learning records of a term and the survey of learning at home: signed class by class, what alarms stands on the attention list (B19, B20)."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.cases.attention import attention_list
from casework.cases.census import begin, count, lines_of
from casework.cases.learning import days_missed, signals
from casework.cases.models import Census, SignOff
from casework.cases.sheets import SHEETS, tones
from casework.core.clock import local_date, moved_to
from casework.core.errors import DomainError
from casework.detection.models import Finding
from casework.students.models import Absence, Enrolment, Pupil
from tests.world import OPENED, World, client_of, fresh

pytestmark = pytest.mark.django_db
TODAY = local_date(OPENED)
WELL = {
    "learning": {"results": "good", "attitude": "even"},
    "home": {"device": "own_device", "network": "steady_line", "company": "with_parents", "takes_part": "daily"},
}  # fmt: skip


def opened(world: World, kind: str, title: str = "秋季学期", day: date = TODAY) -> Census:
    said = {"kind": kind, "title": title, "tasks": "", "opens_on": day, "due_on": TODAY}
    return begin(said, unit=world.school, by=fresh(world.officer), at=OPENED)


def signed(
    world: World, sheet: Census, pupil: Pupil, note: str = "", at: datetime = OPENED, **other: str
) -> SignOff:
    """The teacher of the class answers: all is well but with one pupil."""
    well = WELL[sheet.kind]
    said = {each.pupil.pk: (well, "") for each in lines_of(sheet, world.units["class"], at)}
    said[pupil.pk] = (well | other, note)
    return count(sheet, world.units["class"], said, by=fresh(world.teacher), at=at)


def test_no_answer_of_a_sheet_has_the_code_of_another() -> None:
    for kind in SHEETS:
        codes = [code for code, _label, _tone in tones(kind)]
        assert len(codes) == len(set(codes)) > 3


def test_what_alarms_in_a_learning_record_stands_on_the_attention_list(world: World) -> None:
    sheet = opened(world, "learning")
    done = signed(world, sheet, world.lan, "说想去打工", results="failing", attitude="weary")
    assert done.counts["failing"] == 1 and done.counts["weary"] == 1
    assert [sign for sign, _source in signals([world.lan.pk, world.yun.pk], OPENED)[world.lan.pk]]
    child = next(c for c in attention_list(world.units["class"], OPENED) if c.pupil == world.lan)
    assert ("failing", "秋季学期") in [(str(sign), source) for sign, source in child.groups]
    assert not Finding.objects.exists(), "a sign is looked at, no suspicion"


def test_results_that_fell_are_told_and_the_newest_record_counts(world: World) -> None:
    before = opened(world, "learning", "春季学期", TODAY - timedelta(days=100))
    signed(world, before, world.lan, results="good")
    Census.objects.update(closed_at=OPENED)
    now = opened(world, "learning", "秋季学期")
    signed(world, now, world.lan, results="passing")
    assert signals([world.lan.pk], OPENED) == {world.lan.pk: [("results fell", "秋季学期")]}
    signed(world, now, world.lan, results="fair")
    assert signals([world.lan.pk], OPENED) == {}


def test_a_survey_of_learning_at_home_tells_who_is_out_of_reach(world: World) -> None:
    sheet = opened(world, "home", "停课期间")
    signed(world, sheet, world.yun, device="no_device", takes_part="never")
    signs = [sign for sign, _source in signals([world.yun.pk], OPENED)[world.yun.pk]]
    assert signs == ["no device", "does not take part"]


def test_every_pupil_is_answered_for_and_weariness_in_words(world: World) -> None:
    sheet = opened(world, "learning")
    with pytest.raises(DomainError, match="罗小兰: an answer is missing"):
        signed(world, sheet, world.lan, results="")
    with pytest.raises(DomainError, match="罗小兰: say in words"):
        signed(world, sheet, world.lan, attitude="weary")
    assert not SignOff.objects.exists()


def test_who_left_the_class_is_not_asked_about(world: World) -> None:
    Enrolment.objects.filter(pupil=world.lan).update(until=TODAY - timedelta(days=1))
    lines = lines_of(opened(world, "learning"), world.units["class"], OPENED)
    assert world.lan not in {each.pupil for each in lines}


def test_the_days_missed_in_the_term_stand_beside_the_record(world: World) -> None:
    Absence.objects.all().delete()
    for day, mark in ((1, "absent"), (2, "sick"), (3, "late")):
        Absence.objects.create(
            pupil=world.lan,
            day=TODAY - timedelta(days=day),
            mark=mark,
            source="",
            row=0,
        )
    assert days_missed([world.lan.pk], world.units["class"], OPENED) == {world.lan.pk: 2}
    sheet = opened(world, "learning")
    place = reverse("cases:count_class", args=[sheet.pk, world.units["class"].pk])
    with moved_to(OPENED):
        shown = client_of(world.teacher).get(place).content.decode()
    assert "away on 2 days this term" in shown and "Attitude" in shown


def test_the_sheet_of_a_class_has_a_fixed_number_of_queries(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sheet = opened(world, "learning")
    signed(world, sheet, world.lan, results="failing")
    client = client_of(world.teacher)
    for place in (
        reverse("cases:count_class", args=[sheet.pk, world.units["class"].pk]),
        reverse("cases:attention", args=[world.units["class"].pk]),
    ):
        with moved_to(OPENED), django_assert_max_num_queries(22):
            assert client.get(place).status_code == 200


def test_the_rest_of_a_class_is_answered_for_at_once(world: World) -> None:
    """Only who differs is ticked; a form that lacks an answer says at which pupil."""
    sheet = opened(world, "learning")
    place = reverse("cases:count_class", args=[sheet.pk, world.units["class"].pk])
    with moved_to(OPENED):
        teacher = client_of(world.teacher)
        wrong = teacher.post(place, {"rest-results": "fair"})
        assert wrong.status_code == 409 and "missing" in wrong.content.decode()
        typed = {
            "rest-results": "fair",
            "rest-attitude": "even",
            f"results{world.lan.pk}": "failing",
        }
        assert teacher.post(place, typed).status_code == 302
    counts = SignOff.objects.get().counts
    assert counts["failing"] == 1 and counts["fair"] == counts["even"] - 1 > 0
