"""Leave slips: granted at once or by the principal, and what they do to rolls (domain.md 2.4, P23)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from casework.cases.alerts import alerts_for
from casework.cases.leave_slips import leaves_to_decide, record_leave, settle_leave
from casework.cases.models import Draft
from casework.core.append_only import AppendOnlyError
from casework.core.clock import local_moment, moved_to
from casework.core.errors import DomainError
from casework.deadlines.models import LocalDay
from casework.documents.models import Document
from casework.students.attendance import day_mark
from casework.students.models import (
    Enrolment,
    LeaveSlip,
    LeaveState,
    Mark,
    MarkCorrection,
    Part,
    RollCall,
    Way,
)
from casework.students.roll_call import correct_roll
from casework.students.uncalled import days_open, todays_classes
from tests.cases.rolls import AT, NOON, TODAY, call, marks
from tests.world import World, client_of, fresh

pytestmark = pytest.mark.django_db
SLIP: dict[str, Any] = {
    "mark": Mark.SICK, "first": TODAY, "last": TODAY + timedelta(days=1), "reason": "发烧。", "proof": "微信消息",
    "asked_by": "罗建国",
}  # fmt: skip


def test_a_short_leave_is_granted_at_once_with_its_paper(world: World) -> None:
    slip = record_leave(world.lan, SLIP, by=fresh(world.teacher), at=AT)
    assert slip.state == LeaveState.GRANTED
    paper = Document.objects.get(kind="P23")
    assert (paper.chain, paper.subject) == (f"pupil:{world.lan.pk}", f"leave:{slip.pk}")
    assert "发烧。" in paper.record


def test_a_long_leave_waits_for_the_principal(world: World) -> None:
    said = SLIP | {"last": TODAY + timedelta(days=9)}
    slip = record_leave(world.lan, said, by=fresh(world.teacher), at=AT)
    assert slip.state == LeaveState.ASKED and not Document.objects.filter(kind="P23").exists()
    with pytest.raises(DomainError, match="granted by the principal"):
        settle_leave(slip, granted=True, by=fresh(world.teacher), at=AT)
    assert list(leaves_to_decide(fresh(world.principal))) == [slip]
    settle_leave(slip, granted=True, by=fresh(world.principal), at=AT)
    assert Document.objects.filter(kind="P23").count() == 1
    with pytest.raises(DomainError, match="decided already"):
        settle_leave(slip, granted=False, by=fresh(world.principal), at=AT)


def test_a_slip_that_comes_later_excuses_the_called_days(world: World) -> None:
    call(world, world.lan)
    record_leave(world.lan, SLIP, by=fresh(world.teacher), at=NOON)
    assert marks() == {("罗小兰", TODAY): Mark.SICK}
    assert MarkCorrection.objects.get().now == Mark.SICK


@pytest.mark.parametrize(
    ("said", "half", "whole"),
    [
        ([Mark.ABSENT, Mark.ABSENT], Mark.ABSENT, Mark.ABSENT),
        ([Mark.ABSENT, Mark.PRESENT], Mark.HALF, Mark.ABSENT),
        ([Mark.SICK, Mark.ABSENT], Mark.HALF, Mark.ABSENT),
        ([Mark.PRESENT, Mark.SICK], Mark.SICK, Mark.SICK),
        ([Mark.LATE, Mark.LEFT_EARLY], Mark.LATE, Mark.LATE),
        ([Mark.PRESENT, Mark.PRESENT], Mark.PRESENT, Mark.PRESENT),
        ([Mark.LATE], Mark.LATE, Mark.LATE),
    ],
)
def test_the_parts_of_a_day_come_to_one_mark(said: list[str], half: str, whole: str) -> None:
    assert day_mark(said, half_counts=False) == half
    assert day_mark(said, half_counts=True) == whole


def test_back_in_the_afternoon_it_was_part_of_a_day(world: World) -> None:
    call(world, world.lan, world.yun)
    call(world, world.yun, part=Part.AFTERNOON)
    assert marks() == {("罗小兰", TODAY): Mark.HALF, ("田小云", TODAY): Mark.ABSENT}


def test_a_missed_part_of_a_day_is_an_alert_too(world: World) -> None:
    call(world, world.lan)
    call(world, part=Part.AFTERNOON)
    assert [each.pupil.name for each in alerts_for(fresh(world.teacher), NOON)] == ["罗小兰"]


def test_a_correction_keeps_what_was_said_and_why(world: World) -> None:
    taking = call(world, world.lan)
    made = correct_roll(
        taking, {world.lan.pk: Mark.LATE}, reason="9点到校", by=world.officer, at=NOON
    )
    assert [(each.was, each.now, each.reason) for each in made] == [("absent", "late", "9点到校")]
    assert marks() == {("罗小兰", TODAY): Mark.LATE}
    with pytest.raises(AppendOnlyError):
        MarkCorrection.objects.update(reason="")


def test_a_correction_needs_a_reason_and_a_change(world: World) -> None:
    taking = call(world, world.lan)
    assert (
        correct_roll(taking, {world.lan.pk: Mark.ABSENT}, reason="", by=world.teacher, at=NOON)
        == []
    )
    with pytest.raises(DomainError, match="Say why the roll is corrected"):
        correct_roll(taking, {world.lan.pk: Mark.PRESENT}, reason=" ", by=world.teacher, at=NOON)
    assert marks() == {("罗小兰", TODAY): Mark.ABSENT}


@pytest.mark.parametrize(
    ("day", "part", "words"),
    [
        (TODAY + timedelta(days=1), Part.MORNING, "cannot be called yet"),
        (TODAY, Part.AFTERNOON, "cannot be called yet"),
        (date(2026, 10, 11), Part.MORNING, "no school day"),
        (date(2026, 6, 3), Part.MORNING, "school day|before this term"),
    ],
)
def test_a_day_that_cannot_be_called(world: World, day: date, part: Part, words: str) -> None:
    with pytest.raises(DomainError, match=words):
        call(world, day=day, part=part, at=AT)
    assert not RollCall.objects.exists()


def test_a_pupil_of_another_class_is_refused(world: World) -> None:
    with pytest.raises(DomainError, match="1 pupils are not in it"):
        call(world, world.ming)


def test_a_day_that_came_with_a_file_is_mended_in_the_file(world: World) -> None:
    RollCall.objects.create(class_unit=world.units["class"], day=TODAY, source="roll.xlsx / 1")
    with pytest.raises(DomainError, match=r"came with a file \(roll.xlsx / 1\)"):
        call(world)


def test_school_closed_and_taught_online_is_called_all_the_same(world: World) -> None:
    """B15: the day is entered as a school day; the roll says that it was called online."""
    sunday = date(2026, 10, 11)
    LocalDay.objects.create(
        unit=world.school, day=sunday, school=True, reason="线上教学", entered_at=AT
    )
    taking = call(world, world.lan, day=sunday, way=Way.ONLINE)
    assert taking.way == Way.ONLINE and marks() == {("罗小兰", sunday): Mark.ABSENT}


def test_whoever_left_the_class_is_on_no_later_roll(world: World) -> None:
    Enrolment.objects.filter(pupil=world.lan).update(until=TODAY)
    with pytest.raises(DomainError, match="has changed"):
        call(world, world.lan)


def test_the_classes_of_today_and_what_is_late(world: World) -> None:
    units = [world.units["class"], world.units["class_two"]]
    call(world)
    one, two = todays_classes(units, TODAY, local_moment(TODAY, 9, 30))
    assert [part.late for part in one.parts] == [False]
    assert [part.late for part in two.parts] == [True]
    assert [len(each.parts) for each in todays_classes(units, TODAY, NOON)] == [2, 2]
    assert all(not each.parts for each in todays_classes(units, date(2026, 10, 11), NOON))


def test_days_of_which_no_roll_says_anything(world: World) -> None:
    missing = [day for day, _part in days_open(world.units["class"], AT)]
    assert missing[:3] == [date(2026, 10, 13), date(2026, 10, 12), date(2026, 10, 10)]
    call(world, day=date(2026, 10, 13))
    assert days_open(world.units["class"], AT)[0][0] == date(2026, 10, 12)


# ---- leave slips ----

SLIP: dict[str, Any] = {
    "mark": Mark.SICK, "first": TODAY, "last": TODAY + timedelta(days=1), "reason": "发烧。", "proof": "微信消息",
    "asked_by": "罗建国",
}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"last": TODAY - timedelta(days=1)}, "ends before it begins"),
        ({"last": TODAY + timedelta(days=90)}, "at most 60 days"),
    ],
)
def test_a_slip_with_impossible_days_is_refused(
    world: World, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(DomainError, match=words):
        record_leave(world.lan, SLIP | more, by=fresh(world.teacher), at=AT)


def test_two_slips_for_one_day_are_refused(world: World) -> None:
    record_leave(world.lan, SLIP, by=fresh(world.teacher), at=AT)
    with pytest.raises(DomainError, match="some of these days"):
        record_leave(world.lan, SLIP, by=fresh(world.teacher), at=AT)


def test_a_slip_excuses_in_the_classes_of_who_takes_it_only(world: World) -> None:
    call(world, world.lan)
    Enrolment.objects.filter(pupil=world.lan).update(
        class_unit=world.units["far_class"], school=world.units["far_school"]
    )
    record_leave(world.lan, SLIP, by=fresh(world.far_teacher), at=NOON)
    assert marks() == {("罗小兰", TODAY): Mark.ABSENT}


def test_who_noted_a_long_leave_does_not_grant_it(world: World) -> None:
    said = SLIP | {"last": TODAY + timedelta(days=9)}
    slip = record_leave(world.lan, said, by=fresh(world.teacher), at=AT)
    LeaveSlip.objects.update(recorded_by=world.principal)
    assert not leaves_to_decide(fresh(world.principal))
    with pytest.raises(DomainError, match="who noted it"):
        settle_leave(slip, granted=True, by=fresh(world.principal), at=AT)


def test_only_a_word_decides_a_slip(world: World) -> None:
    said = SLIP | {"last": TODAY + timedelta(days=9)}
    slip = record_leave(world.lan, said, by=fresh(world.teacher), at=AT)
    with moved_to(AT):
        answer = client_of(world.principal).post(reverse("cases:leaves"), {"slip": slip.pk})
    assert answer.status_code == 404 and LeaveSlip.objects.get().state == LeaveState.ASKED


def test_a_slip_of_a_pupil_who_has_left_is_granted_all_the_same(world: World) -> None:
    said = SLIP | {"last": TODAY + timedelta(days=9)}
    slip = record_leave(world.lan, said, by=fresh(world.teacher), at=AT)
    Enrolment.objects.filter(pupil=world.lan).update(until=TODAY)
    settle_leave(slip, granted=True, by=fresh(world.principal), at=AT)
    assert LeaveSlip.objects.get().state == LeaveState.GRANTED


def test_a_leave_slip_ticks_its_days(world: World) -> None:
    record_leave(world.lan, SLIP, by=fresh(world.teacher), at=AT)
    with moved_to(AT):
        address = reverse(
            "cases:roll", args=[world.units["class"].pk, TODAY.isoformat(), "morning"]
        )
        lines = client_of(world.teacher).get(address).context["lines"]
    assert {line.enrolment.pupil.name: line.mark for line in lines}["罗小兰"] == Mark.SICK


def test_a_name_too_long_and_a_strange_key_are_no_error_of_the_system(world: World) -> None:
    """What a form takes fits into the record; nothing is kept for a child out of reach."""
    said = {
        "mark": "sick",
        "first": "2026-10-14",
        "last": "2026-10-14",
        "reason": "x",
        "proof": "x",
    }
    place = reverse("cases:leave", args=[world.lan.pk])
    with moved_to(AT):
        teacher = client_of(world.teacher)
        assert teacher.post(place, said | {"asked_by": "长" * 61}).status_code == 422
        answer = teacher.post(place, said | {"asked_by": "长" * 60, "form_key": "k" * 41})
        assert answer.status_code == 302
        far = reverse("cases:leave", args=[world.far_hua.pk])
        Draft.objects.all().delete()
        assert teacher.post(far, {}).status_code == 404
    assert not Draft.objects.exists()
