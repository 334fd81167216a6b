"""Calling the roll on a page: who was not there, twice a day; corrections with reason; leave slips (domain.md B1, B3, B15, P23)."""

from datetime import date, timedelta

import pytest
from django.db.models import ProtectedError
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.audit.models import Entry
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.detection.models import Finding
from casework.org.units import add_unit
from casework.students.leave import ask_leave
from casework.students.models import (
    Enrolment,
    Mark,
    MarkCorrection,
    Part,
    RollCall,
    RollTaking,
    Way,
    Why,
)
from casework.students.roll_call import correct_roll, take_roll
from casework.students.uncalled import todays_classes
from tests.cases.rolls import AT, NOON, TODAY, call, marks, post
from tests.world import World, client_of, fresh

pytestmark = pytest.mark.django_db


def test_only_who_was_not_there_is_a_row(world: World) -> None:
    call(world, world.lan)
    assert marks() == {("罗小兰", TODAY): Mark.ABSENT}
    roll = RollCall.objects.get()
    assert (roll.class_unit, roll.day) == (world.units["class"], TODAY)
    assert roll.source == "林秀英 2026-10-14 14:00"
    entry = Entry.objects.get(verb="roll.called")
    assert entry.facts == {"day": "2026-10-14", "part": "morning", "exceptions": 1}


def test_the_same_roll_sent_twice_is_one(world: World) -> None:
    first = call(world, world.lan)
    assert call(world, world.lan) == first
    assert RollTaking.objects.count() == RollCall.objects.count() == 1


def test_a_second_caller_with_other_marks_is_told_who_called_it(world: World) -> None:
    call(world, world.lan)
    with pytest.raises(DomainError, match="林秀英 has called this roll at 14:00"):
        call(world, world.yun, by=world.officer)


# ---- pages ----


def test_a_teacher_of_one_class_is_led_to_its_roll(world: World) -> None:
    with moved_to(AT):
        client = client_of(world.teacher)
        answer = client.get(reverse("cases:rolls"))
        assert answer.url == reverse(
            "cases:roll", args=[world.units["class"].pk, "2026-10-14", "morning"]
        )
        page = client.get(answer.url).content.decode()
    assert "罗小兰" in page and "易大明" not in page


def test_one_tap_a_pupil_and_the_rest_is_present(world: World) -> None:
    post(
        world.teacher, world=world, **{f"m{world.lan.pk}": "absent", f"m{world.yun.pk}": "present"}
    )
    assert marks() == {("罗小兰", TODAY): Mark.ABSENT}


def test_same_as_in_the_morning(world: World) -> None:
    post(world.teacher, world=world, **{f"m{world.lan.pk}": "absent", f"m{world.yun.pk}": "late"})
    post(world.teacher, "afternoon", NOON, world=world, act="same")
    assert marks() == {("罗小兰", TODAY): Mark.ABSENT, ("田小云", TODAY): Mark.LATE}


def test_the_rules_run_at_once_when_the_roll_is_called(world: World) -> None:
    for day in (date(2026, 10, 12), date(2026, 10, 13)):
        call(world, world.lan, day=day)
    post(world.teacher, world=world, **{f"m{world.lan.pk}": "absent"})
    finding = Finding.objects.get()
    assert (finding.pupil, len(finding.days)) == (world.lan, 3)


def test_a_correction_on_the_page(world: World) -> None:
    post(world.teacher, world=world, **{f"m{world.lan.pk}": "absent"})
    refused = post(world.teacher, world=world, act="correct", **{f"m{world.lan.pk}": "late"})
    assert refused.status_code == 409 and "Say why" in refused.content.decode()
    post(world.teacher, world=world, act="correct", why="later", **{f"m{world.lan.pk}": "late"})
    assert MarkCorrection.objects.get().why == "later"


def test_a_correction_beside_another_s_is_refused(world: World) -> None:
    post(world.teacher, world=world, **{f"m{world.lan.pk}": "absent"})
    said = {"act": "correct", "why": "tap", "seen": 0}
    post(world.teacher, world=world, **said, **{f"m{world.lan.pk}": "late"})
    late = post(world.officer, world=world, **said, **{f"m{world.lan.pk}": "sick"})
    assert late.status_code == 409 and "corrected this roll meanwhile" in late.content.decode()
    assert marks() == {("罗小兰", TODAY): Mark.LATE}


def test_a_correction_keeps_what_was_said_of_who_has_left_the_class(world: World) -> None:
    taking = call(world, world.lan, world.yun)
    Enrolment.objects.filter(pupil=world.yun).update(until=TODAY)
    correct_roll(taking, {world.lan.pk: Mark.LATE}, why=Why.LATER, by=world.teacher, at=NOON)
    assert marks() == {("罗小兰", TODAY): Mark.LATE, ("田小云", TODAY): Mark.ABSENT}


def test_the_roll_of_a_past_term_is_not_corrected(world: World) -> None:
    taking = call(world, world.lan)
    next_term = NOON + timedelta(days=200)
    with pytest.raises(DomainError, match="before this term"):
        correct_roll(taking, {world.lan.pk: Mark.LATE}, why=Why.TAP, by=world.teacher, at=next_term)


def test_another_s_class_is_out_of_reach(world: World) -> None:
    assert post(world.teacher_two, world=world).status_code == 404
    assert post(world.far_officer, world=world).status_code == 404
    assert post(world.teacher, "evening", world=world).status_code == 404


def test_the_list_of_a_school_has_a_fixed_number_of_queries(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, grade = client_of(world.officer), world.units["grade"]
    for more in range(2):
        with moved_to(AT):
            client.get(reverse("cases:rolls"))
            with django_assert_num_queries(11):
                client.get(reverse("cases:rolls"))
        add_unit(parent=grade, kind="class", name=f"八年级{3 + more}班", by=None, at=AT)


def test_the_rows_of_a_roll_are_not_deleted_with_the_pupil(world: World) -> None:
    call(world, world.lan)
    with pytest.raises(ProtectedError):
        world.lan.delete()


def test_who_changes_class_at_noon_keeps_the_absence_of_the_morning(world: World) -> None:
    call(world, world.lan)
    Enrolment.objects.filter(pupil=world.lan).update(until=TODAY)
    Enrolment.objects.create(
        pupil=world.lan, class_unit=world.class_two, school=world.school, since=TODAY
    )
    take_roll(
        class_unit=world.class_two, day=TODAY, part=Part.AFTERNOON, marks={}, way=Way.CLASSROOM, by=world.officer, at=NOON
    )  # fmt: skip
    assert marks()["罗小兰", TODAY] == Mark.HALF


def test_an_empty_class_owes_no_roll(world: World) -> None:
    Enrolment.objects.filter(class_unit=world.units["class"]).update(until=TODAY)
    (day,) = todays_classes([world.units["class"]], TODAY, NOON)
    assert day.parts == ()


def test_what_did_not_come_is_not_taken_as_present(world: World) -> None:
    """A page cut off, or one that was opened before a pupil joined the class, is looked at again."""
    with moved_to(AT):
        place = reverse("cases:roll", args=[world.units["class"].pk, TODAY.isoformat(), "morning"])
        answer = client_of(world.teacher).post(place, {f"m{world.lan.pk}": "absent"})
    assert answer.status_code == 409 and not RollTaking.objects.exists()


def test_a_long_leave_is_no_shorter_in_pieces(world: World) -> None:
    said = {"mark": "sick", "reason": "住院", "proof": "", "asked_by": "罗建国"}
    states = []
    for first, last in ((14, 16), (19, 20), (21, 22)):
        days = {"first": date(2026, 10, first), "last": date(2026, 10, last)}
        with one_act():
            slip = ask_leave(world.lan, said | days, by=fresh(world.teacher), at=NOON)
        states.append(slip.state)
    assert states == ["granted", "asked", "asked"]
