"""Movements of status: asked with proof, approved by another, followed by receipt and platform (domain.md E1–E9)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.http import Http404
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.cases.views.case import check_paper
from casework.core.clock import local_date, moved_to
from casework.core.errors import DomainError
from casework.detection.models import Finding
from casework.detection.scan import scan
from casework.documents.models import Document
from casework.notices.models import Notice
from casework.org.models import Post, User
from casework.org.roles import Role
from casework.registers.status import WORKLISTS, ask, decide
from casework.students.models import Enrolment, MovementState, Pupil, StatusMovement
from casework.students.movements import (
    away_pupils,
    confirm_receipt,
    done_on_platform,
    may_decide,
    spans_away,
)
from casework.students.roll_call import members
from tests.world import OPENED, World, client_of, fresh

pytestmark = pytest.mark.django_db
TODAY = local_date(OPENED)
OUT: dict[str, Any] = {
    "kind": "transfer_out", "day": TODAY, "ends_on": None, "class_unit": None, "other_school": "外县第一中学",
    "note": "随父母外出。", "proof": "转学申请", "proof_number": "12",
}  # fmt: skip
SUSPENSION = OUT | {
    "kind": "suspension", "other_school": "", "ends_on": TODAY + timedelta(days=60), "proof": "县医院诊断证明"
}  # fmt: skip


def asked(world: World, pupil: Pupil | None = None, **more: Any) -> StatusMovement:
    return ask(pupil or world.lan, OUT | more, by=fresh(world.status), at=OPENED)


def approved(
    world: World, pupil: Pupil | None = None, by: str = "principal", **more: Any
) -> StatusMovement:
    movement = asked(world, pupil, **more)
    return decide(movement, approved=True, opinion="", by=fresh(world.people[by]), at=OPENED)


def waiting(world: World, code: str, who: str = "status", day: date = TODAY) -> list[str]:
    rows = WORKLISTS[code].rows(fresh(world.people[who]), day)
    return [row.name if WORKLISTS[code].of_pupils else row.pupil.name for row in rows]


def test_a_transfer_ends_the_enrolment_when_another_person_approves(world: World) -> None:
    movement = asked(world)
    assert Enrolment.objects.get(pupil=world.lan).until is None
    assert waiting(world, "decide", "principal") == ["罗小兰"] and waiting(world, "decide") == []
    decide(movement, approved=True, opinion="", by=fresh(world.principal), at=OPENED)
    assert Enrolment.objects.get(pupil=world.lan).until == TODAY
    movement.refresh_from_db()
    assert movement.receipt_due == date(2026, 11, 9) and movement.platform_due == date(2026, 10, 26)


def test_the_approval_has_its_papers(world: World) -> None:
    movement = approved(world)
    papers = Document.objects.filter(subject=f"movement:{movement.pk}").order_by("pk")
    assert [paper.kind for paper in papers] == ["P37", "P22"]
    assert "外县第一中学" in papers[0].record and "转学申请" in papers[0].record
    with moved_to(
        OPENED
    ):  # the pupil is gone, and the school that sent it off still reads its papers
        check_paper(fresh(world.status), papers[1], OPENED)
        with pytest.raises(Http404):
            check_paper(fresh(world.far_status), papers[1], OPENED)


def test_who_asks_does_not_approve(world: World) -> None:
    movement = ask(world.lan, OUT, by=fresh(world.officer), at=OPENED)
    with pytest.raises(DomainError, match="another person"):
        decide(movement, approved=True, opinion="", by=fresh(world.officer), at=OPENED)
    with pytest.raises(DomainError, match="another person"):
        decide(movement, approved=True, opinion="", by=fresh(world.far_principal), at=OPENED)


def test_a_refusal_needs_words_and_changes_nothing(world: World) -> None:
    movement = asked(world)
    with pytest.raises(DomainError, match="why it is refused"):
        decide(movement, approved=False, opinion=" ", by=fresh(world.principal), at=OPENED)
    decide(movement, approved=False, opinion="缺证明", by=fresh(world.principal), at=OPENED)
    assert Enrolment.objects.get(pupil=world.lan).until is None
    assert Notice.objects.get(code="movement_refused").user == world.status
    with pytest.raises(DomainError, match="decided already"):
        decide(movement, approved=True, opinion="", by=fresh(world.principal), at=OPENED)


def test_the_receipt_closes_the_transfer(world: World) -> None:
    """E3."""
    movement = approved(world)
    assert waiting(world, "receipts") == ["罗小兰"]
    with pytest.raises(DomainError, match="number of the receipt"):
        confirm_receipt(movement, TODAY, " ", by=world.status, at=OPENED)
    with pytest.raises(DomainError, match="future"):
        confirm_receipt(movement, TODAY + timedelta(days=1), "8", by=world.status, at=OPENED)
    confirm_receipt(movement, TODAY, "回执8号", by=world.status, at=OPENED)
    assert waiting(world, "receipts") == []
    with pytest.raises(DomainError, match="No receipt"):
        confirm_receipt(movement, TODAY, "8", by=world.status, at=OPENED)


def test_the_platform_is_due_and_done(world: World) -> None:
    """E7."""
    movement = approved(world)
    assert waiting(world, "platform") == ["罗小兰"]
    done_on_platform(movement, TODAY, by=world.status, at=OPENED)
    assert waiting(world, "platform") == []
    movement.refresh_from_db()
    assert movement.platform_by == "冯晓"
    with pytest.raises(DomainError, match="Nothing"):
        done_on_platform(movement, TODAY, by=world.status, at=OPENED)


def test_in_from_another_school(world: World) -> None:
    enrolled = Enrolment.objects.get(pupil=world.far_hua)
    with pytest.raises(DomainError, match="龙泉镇中学"):
        asked(world, world.far_hua, kind="transfer_in", class_unit=world.units["class"])
    Enrolment.objects.filter(pk=enrolled.pk).update(until=TODAY)
    approved(world, world.far_hua, kind="transfer_in", class_unit=world.units["class"])
    now = Enrolment.objects.get(pupil=world.far_hua, until=None)
    assert (now.class_unit, now.school, now.since) == (world.units["class"], world.school, TODAY)


def test_a_suspension_is_approved_by_the_county_and_takes_the_pupil_off_the_roll(
    world: World,
) -> None:
    movement = ask(world.lan, SUSPENSION, by=fresh(world.status), at=OPENED)
    with pytest.raises(DomainError, match="another person"):
        decide(movement, approved=True, opinion="", by=fresh(world.principal), at=OPENED)
    decide(movement, approved=True, opinion="", by=fresh(world.county_officer), at=OPENED)
    assert Enrolment.objects.get(pupil=world.lan).until is None
    assert "罗小兰" not in {e.pupil.name for e in members(world.units["class"], TODAY)}
    assert "罗小兰" in {
        e.pupil.name for e in members(world.units["class"], TODAY - timedelta(days=1))
    }
    approved(world, kind="resumption", other_school="", day=TODAY + timedelta(days=5))
    assert "罗小兰" in {
        e.pupil.name for e in members(world.units["class"], TODAY + timedelta(days=5))
    }


def test_a_suspension_that_is_over_is_on_the_list_and_a_finding(world: World) -> None:
    movement = ask(
        world.lan,
        SUSPENSION | {"ends_on": TODAY + timedelta(days=10)},
        by=fresh(world.status),
        at=OPENED,
    )
    decide(movement, approved=True, opinion="", by=fresh(world.county_officer), at=OPENED)
    after = TODAY + timedelta(days=14)
    assert waiting(world, "over", day=after) == ["罗小兰"] and waiting(world, "over") == []
    at = OPENED + timedelta(days=14)
    assert [f.rule for f in scan(world.county, after, at=at)] == ["suspension_over"]
    assert Finding.objects.get().first_day == TODAY + timedelta(days=11)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"other_school": " "}, "Name the other school"),
        ({"proof": ""}, "what proves it"),
        ({"ends_on": TODAY + timedelta(days=3)}, "has no end"),
        ({"kind": "suspension", "other_school": ""}, "until when"),
        ({"kind": "suspension", "ends_on": TODAY}, "within a school year"),
        ({"kind": "suspension", "ends_on": TODAY + timedelta(days=999)}, "within a school year"),
        ({"kind": "resumption"}, "nothing to resume"),
        ({"kind": "class_change"}, "Choose the class"),
        ({"day": TODAY + timedelta(days=1)}, "on its day"),
        ({"kind": "graduated_junior"}, "last junior grade"),
        (SUSPENSION | {"day": TODAY + timedelta(days=999), "ends_on": None}, "too far away"),
    ],
)
def test_a_movement_that_cannot_be_is_refused(
    world: World, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(DomainError, match=words):
        asked(world, **more)
    assert not StatusMovement.objects.exists()


def test_nothing_moves_before_the_pupil_is_in_the_class(world: World) -> None:
    Enrolment.objects.filter(pupil=world.lan).update(since=TODAY - timedelta(days=3))
    with pytest.raises(DomainError, match="nothing moves before"):
        asked(world, day=TODAY - timedelta(days=4))


def test_a_former_school_asks_for_nothing_any_more(world: World) -> None:
    Enrolment.objects.filter(pupil=world.lan).update(
        school=world.units["far_school"], class_unit=world.units["far_class"]
    )
    with pytest.raises(DomainError, match="another school"):
        asked(world)
    assert page(world.status, "pupil_status", world.lan.pk).status_code == 404


def test_a_request_that_no_longer_holds_is_not_approved(world: World) -> None:
    movement = asked(world)
    Enrolment.objects.filter(pupil=world.lan).update(
        school=world.units["far_school"], class_unit=world.units["far_class"]
    )
    with pytest.raises(DomainError, match="does not hold any more"):
        decide(movement, approved=True, opinion="", by=fresh(world.principal), at=OPENED)
    decide(movement, approved=False, opinion="已转走", by=fresh(world.principal), at=OPENED)


def test_whoever_stands_in_for_who_asked_does_not_approve_either(world: World) -> None:
    movement = ask(world.lan, OUT, by=fresh(world.officer), at=OPENED)
    lent = Post.objects.select_related("unit").get(
        user=world.officer, role=Role.SCHOOL_CASE_OFFICER
    )
    stand_in = fresh(world.teacher)
    stand_in.__dict__["current_posts"] = [lent]
    assert not may_decide(stand_in, movement)
    stand_in.__dict__["current_posts"] = [Post.objects.get(user=world.principal)]
    assert may_decide(stand_in, movement)


def test_who_comes_in_is_found_by_the_whole_number_only(world: World) -> None:
    Enrolment.objects.filter(pupil=world.far_hua).update(until=TODAY)
    number = world.far_hua.status_number
    with moved_to(OPENED):
        client = client_of(world.status)
        place = reverse("registers:pupil_status", args=[world.far_hua.pk])
        assert client.get(place).status_code == 404
        for wrong in (number[-6:], world.lan.status_number):  # a part; a pupil in a class
            client.post(reverse("registers:incoming"), {"number": wrong})
            assert client.get(place).status_code == 404
        assert client.post(reverse("registers:incoming"), {"number": number})["Location"] == place
        assert client.get(place).status_code == 200


def test_one_movement_waits_at_a_time(world: World) -> None:
    asked(world)
    with pytest.raises(DomainError, match="waits for its approval"):
        asked(world)


def test_numbers_that_are_missing_or_left_over(world: World) -> None:
    """E6, E9."""
    Pupil.objects.filter(pk=world.lan.pk).update(status_index="")
    Enrolment.objects.filter(pupil=world.yun).update(until=TODAY)
    assert waiting(world, "missing") == ["罗小兰"] and waiting(world, "left") == ["田小云"]
    assert waiting(world, "missing", "far_status") == waiting(world, "left", "far_status") == []


# ---- pages ----


def page(user: User, name: str, *args: Any, **data: Any) -> Any:
    with moved_to(OPENED):
        client = client_of(user)
        address = reverse(f"registers:{name}", args=args)
        return client.post(address, data) if data else client.get(address)


def test_asking_approving_and_confirming_on_pages(world: World) -> None:
    said = {k: v for k, v in OUT.items() if v is not None} | {"day": TODAY.isoformat()}
    assert page(world.status, "pupil_status", world.lan.pk, **said).status_code == 302
    movement = StatusMovement.objects.get()
    assert "罗小兰" in page(world.principal, "status").content.decode()
    page(world.principal, "movement", movement.pk, act="approve")
    movement.refresh_from_db()
    assert movement.state == MovementState.APPROVED
    page(world.status, "movement", movement.pk, act="receipt", number="8", day=TODAY.isoformat())
    page(world.status, "movement", movement.pk, act="platform")
    movement.refresh_from_db()
    assert movement.receipt_number == "8" and movement.platform_on == TODAY


def test_wrong_input_stays_on_the_page(world: World) -> None:
    said = {k: v for k, v in OUT.items() if v is not None} | {
        "day": TODAY.isoformat(),
        "other_school": "",
    }
    answer = page(world.status, "pupil_status", world.lan.pk, **said)
    assert answer.status_code == 409 and "Name the other school" in answer.content.decode()
    assert "随父母外出" in answer.content.decode()


def test_other_schools_are_out_of_reach(world: World) -> None:
    movement = asked(world)
    assert page(world.far_status, "pupil_status", world.lan.pk).status_code == 404
    assert page(world.far_principal, "movement", movement.pk, act="approve").status_code == 404
    assert page(world.teacher, "status").status_code == 403


def test_the_worklists_have_a_fixed_number_of_queries(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for pupil in (world.lan, world.yun, world.qi):
        asked(world, pupil)
    client = client_of(world.principal)
    with moved_to(OPENED), django_assert_max_num_queries(17):
        client.get(reverse("registers:status"))


def test_nobody_comes_in_before_the_last_class_ended(world: World) -> None:
    Enrolment.objects.filter(pupil=world.far_hua).update(until=TODAY - timedelta(days=2))
    more: dict[str, Any] = {"kind": "transfer_in", "class_unit": world.units["class"]}
    with pytest.raises(DomainError, match="nothing begins before"):
        asked(world, world.far_hua, day=TODAY - timedelta(days=3), **more)
    asked(world, world.far_hua, day=TODAY - timedelta(days=2), **more)


def test_absences_of_status_do_not_overlap_and_a_resumption_ends_them_all(world: World) -> None:
    def suspended(first: int, last: int) -> None:
        days = {"day": TODAY + timedelta(days=first), "ends_on": TODAY + timedelta(days=last)}
        movement = ask(world.lan, SUSPENSION | days, by=fresh(world.status), at=OPENED)
        decide(movement, approved=True, opinion="", by=fresh(world.county_officer), at=OPENED)

    suspended(30, 90)
    with pytest.raises(DomainError, match="lies within these days"):
        suspended(10, 60)
    suspended(1, 20)
    rows = spans_away([world.lan.pk])[world.lan.pk]
    assert [(first - TODAY).days for first, _last in rows] == [1, 30]
    approved(world, kind="resumption", other_school="", day=TODAY + timedelta(days=40))
    assert not away_pupils([world.lan.pk], TODAY + timedelta(days=45))
    assert away_pupils([world.lan.pk], TODAY + timedelta(days=35))


def test_a_receipt_is_no_older_than_its_movement(world: World) -> None:
    movement = approved(world)
    with pytest.raises(DomainError, match="was done before"):
        confirm_receipt(movement, TODAY - timedelta(days=1), "8", by=world.status, at=OPENED)
    with pytest.raises(DomainError, match="was done before"):
        done_on_platform(movement, TODAY - timedelta(days=1), by=world.status, at=OPENED)
