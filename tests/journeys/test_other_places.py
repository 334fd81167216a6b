"""Cases that go on at another place, departments that answer for themselves, cases opened twice, cases that got stuck."""

from typing import Any

import pytest
from viewflow.workflow.models import Task
from viewflow.workflow.status import PROCESS

from casework.cases import matters, moves, proposing
from casework.cases.access import letters_to, referrals_to
from casework.cases.handover import take_over
from casework.cases.kinds import Kind, Stage
from casework.cases.models import Case, CaseScope, Matter, Step
from casework.core.clock import local_date, moved_to
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents.models import Document
from casework.org.people import set_active
from casework.students.models import Enrolment
from tests.journeys.test_side_roads import ask, branch, decided_appeal, open_main, sound
from tests.world import (
    World,
    client_of,
    day,
    do,
    fresh,
    open_case,
    open_step,
    walk,
)
from workflows.models import CaseProcess
from workflows.stuck import open_repairs, stuck

pytestmark = pytest.mark.django_db


def sees(world: World, who: str, case: Case) -> bool:
    return Case.objects.visible_to(fresh(world.people[who])).filter(pk=case.pk).exists()


def to(world: World, place: str) -> dict[str, str]:
    return {"receiver": str(world.units[place].pk)}


def test_a_case_goes_to_another_school_when_that_one_agrees(case: Case, world: World) -> None:
    """Issue point: nobody's gap. The sender works on until then, and still sees it afterwards."""
    assert not sees(world, "far_officer", case)
    asked = ask(case, "HAND_OVER", day(case, 4), world.officer, **to(world, "far_school"))
    assert (asked.holder, asked.unit) == (world.far_officer, world.far_school)
    assert sees(world, "far_officer", case)
    held = open_step(case, Kind.PERSUASION)
    assert (held.unit, held.holder) == (world.school, world.principal)
    do(case, Kind.DECIDE_REQUEST, day(case, 5))
    case.refresh_from_db()
    assert (case.school, case.owner) == (world.far_school, world.far_officer)
    moved = open_step(case, Kind.PERSUASION)
    assert (moved.pk, moved.unit, moved.holder) == (held.pk, world.far_school, world.far_principal)
    assert moved.holders.latest("generation").how == "moved"
    assert sees(world, "officer", case) and sees(world, "far_officer", case)
    do(case, Kind.PERSUASION, day(case, 6), result="not_yet")
    sound()


def test_a_refused_hand_over_shows_the_case_no_longer(case: Case, world: World) -> None:
    ask(case, "HAND_OVER", day(case, 4), world.officer, **to(world, "far_school"))
    do(case, Kind.DECIDE_REQUEST, day(case, 5), decision="refused", opinion="学生不在我校辖区。")
    case.refresh_from_db()
    assert (case.school, open_step(case, Kind.PERSUASION).holder) == (world.school, world.principal)
    assert not sees(world, "far_officer", case)
    asked = ask(case, "HAND_OVER", day(case, 6), world.officer, **to(world, "far_school"))
    matters.withdraw(asked.about, "已联系。", by=fresh(world.officer), at=day(case, 6))
    assert not sees(world, "far_officer", case)
    sound()


def test_another_township_leads_the_case_once_it_agrees(world: World) -> None:
    """Its letters and talks are the new township's; the school stays."""
    case = walk(world, open_case(world, world.ming), until=Kind.PERSUASION)
    asked = ask(case, "HAND_OVER", day(case, 4), world.township, **to(world, "far_town"))
    assert asked.holder == world.far_township
    do(case, Kind.DECIDE_REQUEST, day(case, 5))
    case.refresh_from_db()
    assert (case.lead, case.school) == (world.far_town, world.school)
    do(case, Kind.PERSUASION, day(case, 6), result="not_yet")
    proposing.propose_reports(day(case, 8, 8))
    do(case, Kind.SEND_REPORT, day(case, 8), decision="send")
    assert open_step(case, Kind.ACCEPT_TOWNSHIP).holder == world.far_township
    do(case, Kind.ACCEPT_TOWNSHIP, day(case, 9), decision="accepted")
    draft = open_step(case, Kind.DRAFT_LETTER)
    assert (draft.unit, draft.about.unit) == (world.far_town, world.far_town)
    sound()


def test_a_case_is_not_handed_to_whom_it_belongs(case: Case, world: World) -> None:
    for place in ("school", "town"):
        with pytest.raises(DomainError, match="theirs already"):
            ask(case, "HAND_OVER", day(case, 4), world.officer, **to(world, place))


def test_a_case_taken_over_stays_until_the_child_is_enrolled_anew(case: Case, world: World) -> None:
    """The roster still says the old school: the night does not carry the case back."""
    at = day(case, 5)
    ask(case, "HAND_OVER", day(case, 4), world.officer, **to(world, "far_school"))
    do(case, Kind.DECIDE_REQUEST, at)
    assert moves.follow_moves(at=at) == 0
    old = Enrolment.objects.get(pupil=case.pupil, until=None)
    old.until = local_date(day(case, 6))
    old.save()
    Enrolment.objects.create(
        pupil=case.pupil, class_unit=world.far_class, school=world.far_school, since=local_date(day(case, 7))
    )  # fmt: skip
    assert moves.follow_moves(at=day(case, 7)) == 1
    case.refresh_from_db()
    assert case.class_unit == world.far_class


def test_a_case_taken_over_finds_the_class_of_a_child_enrolled_there(
    case: Case, world: World
) -> None:
    Enrolment.objects.filter(pupil=case.pupil).update(
        class_unit=world.far_class, school=world.far_school
    )
    ask(case, "HAND_OVER", day(case, 4), world.officer, **to(world, "far_school"))
    do(case, Kind.DECIDE_REQUEST, day(case, 5))
    case.refresh_from_db()
    assert case.class_unit == world.far_class


def test_a_letter_under_way_stays_with_the_township_that_wrote_it(case: Case, world: World) -> None:
    letter = Matter.objects.create(
        case=case, kind="letter", code="return_notice", unit=world.town, opened_at=day(case, 4)
    )
    Step.objects.filter(case=case, kind=Kind.PERSUASION).update(matter=letter)
    with moved_to(day(case, 5)), one_act():
        take_over(case, world.far_town, by=fresh(world.far_township), at=day(case, 5))
    assert open_step(case, Kind.PERSUASION).unit == world.school


def test_a_department_answers_its_own_referral_and_sees_nothing_else(
    case: Case, world: World
) -> None:
    """Issue point: a liaison sees its own referrals only."""
    matter = branch(case, "CHILD_LABOUR", world)
    liaison = fresh(world.liaison)
    reply = open_step(case, Kind.REPLY_REFERRAL)
    assert reply.holder == liaison and list(referrals_to(liaison)) == [reply]
    assert not Case.objects.visible_to(liaison).exists()
    client = client_of(liaison)
    with moved_to(day(case, 4, 15)):
        listed = client.get("/referrals/").content.decode()
        paper = letters_to(liaison)[reply.pk]
        form = client.get(f"/steps/{reply.pk}/").content.decode()
    assert case.pupil.name in listed and f"/papers/{paper}/" in listed
    assert case.pupil.name in form and "1000009" not in form and f"/cases/{case.pk}/" not in form
    other = Document.objects.filter(chain=f"case:{case.pk}").exclude(pk=paper).first()
    main = open_step(case, Kind.PERSUASION)
    for closed in (f"/cases/{case.pk}/", f"/steps/{main.pk}/", f"/papers/{other.pk}/"):  # type: ignore[union-attr]
        assert client.get(closed).status_code in (403, 404), closed
    do(case, Kind.REPLY_REFERRAL, day(case, 5))
    matter.refresh_from_db()
    assert (matter.outcome, matters.blocking(case)) == ("answered", None)
    assert not Step.objects.open().filter(case=case, kind=Kind.ANSWER_REFERRAL).exists()
    sound()


def test_the_school_may_still_withdraw_what_a_department_has_not_answered(
    case: Case, world: World
) -> None:
    branch(case, "CHILD_LABOUR", world)
    do(case, Kind.ANSWER_REFERRAL, day(case, 6), result="withdrawn", found="学生已停止务工。")
    assert not Step.objects.open().filter(case=case, kind=Kind.REPLY_REFERRAL).exists()
    sound()


def test_a_department_without_a_liaison_is_written_to(case: Case, world: World) -> None:
    branch(case, "REFERRAL", world)
    assert not Step.objects.filter(case=case, kind=Kind.REPLY_REFERRAL).exists()


def test_an_appeal_is_accepted_then_decided_then_reviewed(case: Case, world: World) -> None:
    """domain.md 2.5: 5, 15 and 30 working days; the school decides, the county reviews."""
    first = ask(case, "APPEAL_SCHOOL", day(case, 4), world.teacher)
    assert (first.kind, first.budget, first.holder) == (Kind.ACCEPT_APPEAL, 5, world.principal)
    do(case, Kind.ACCEPT_APPEAL, day(case, 5))
    decision = open_step(case, Kind.DECIDE_REQUEST)
    assert (decision.budget, decision.holder) == (15, world.principal)
    do(case, Kind.DECIDE_REQUEST, day(case, 6))
    review = ask(case, "APPEAL_REVIEW", day(case, 7), world.teacher)
    do(case, Kind.ACCEPT_APPEAL, day(case, 8))
    review = open_step(case, Kind.DECIDE_REQUEST)
    assert (review.budget, review.holder) == (30, world.county_officer)
    sound()


def test_an_appeal_that_is_not_accepted_ends_with_the_reason(case: Case, world: World) -> None:
    step = ask(case, "APPEAL_SCHOOL", day(case, 4), world.teacher)
    (paper,) = do(
        case, Kind.ACCEPT_APPEAL, day(case, 5), decision="refused", opinion="不属申诉范围。"
    )
    step.about.refresh_from_db()
    assert (step.about.outcome, paper.kind) == ("refused", "SR") and "不属申诉范围" in paper.record
    assert matters.blocking(case) is None


def test_a_review_is_of_a_decision(case: Case, world: World) -> None:
    form_day = day(case, 4)
    with pytest.raises(DomainError, match="No appeal was decided"):
        ask_review(case, world, form_day)
    decided_appeal(case, form_day)
    ask_review(case, world, form_day)


def ask_review(case: Case, world: World, at: Any) -> None:
    said = {
        "appellant": "监护人",
        "received_on": local_date(at),
        "reason": "处理不当",
        "demand": "撤销",
    }
    matters.ask(case, "APPEAL_REVIEW", said, by=fresh(world.teacher), at=at)


def test_a_case_opened_twice_goes_on_as_the_other_with_both_histories(world: World) -> None:
    """Issue point: merge of duplicates. Its visits count for the one that goes on, and each page leads to the other."""
    kept = open_case(world, world.far_hua)
    twice = walk(world, open_case(world, world.qi), until=Kind.PERSUASION)
    ask(twice, "DUPLICATE", day(twice, 4), world.teacher, other_case=kept.number)
    do(twice, Kind.DECIDE_REQUEST, day(twice, 5))
    twice.refresh_from_db()
    assert (twice.stage, twice.merged_into) == (Stage.CANCELLED, kept)
    assert twice.visits.count() == 1 == kept.contacts.count() and kept.visits.count() == 0
    assert sees(world, "far_officer", twice) and sees(world, "officer", kept)
    with moved_to(day(twice, 6)):
        shown = client_of(world.far_officer).get(f"/cases/{kept.pk}/").content.decode()
        gone = client_of(world.officer).get(f"/cases/{twice.pk}/").content.decode()
    assert twice.number in shown and kept.number in gone
    sound()


def test_a_case_is_not_joined_to_one_that_was_struck_out(case: Case, world: World) -> None:
    struck = {"stage": Stage.CANCELLED, "closed_at": day(case, 4)}
    Case.objects.exclude(pk=case.pk).update(**struck)
    other = Case.objects.exclude(pk=case.pk)[0].number
    with pytest.raises(DomainError, match="no other open case"):
        ask(case, "DUPLICATE", day(case, 4), world.teacher, other_case=other)


def test_a_case_whose_turn_was_lost_becomes_a_task_and_is_begun_again(
    case: Case, world: World
) -> None:
    """REL-14: found at night, repaired by a person; the broken process is over."""
    lost = open_step(case, Kind.PERSUASION)
    Task.objects.filter(pk=lost.turn_ref).delete()
    broken = case.process_ref
    assert list(stuck()) == [case]
    assert (open_repairs(at=day(case, 5)), open_repairs(at=day(case, 5))) == (1, 0)
    assert open_step(case, Kind.REPAIR).holder == world.county_officer
    do(case, Kind.REPAIR, day(case, 6), decision="restarted", found="引擎记录丢失。")
    assert (open_main(case), list(stuck())) == (Kind.PERSUASION, [])
    assert CaseProcess.objects.get(pk=broken).status == PROCESS.CANCELED
    do(case, Kind.PERSUASION, day(case, 7), result="not_yet")
    sound()


def test_a_case_that_runs_is_nobody_s_task(case: Case) -> None:
    assert open_repairs(at=day(case, 5)) == 0


def test_cases_of_somebody_who_leaves_get_another_owner(case: Case, world: World) -> None:
    assert case.owner == world.officer and case.village_owner == world.cadre
    Step.objects.open().filter(holder=world.officer).update(holder=world.principal)
    set_active(user=world.officer, active=False, by=fresh(world.admin), at=day(case, 5))
    set_active(user=world.cadre, active=False, by=fresh(world.admin), at=day(case, 5))
    case.refresh_from_db()
    assert (case.owner, case.village_owner) == (None, world.township)


def test_the_township_of_the_household_may_ask_too(case: Case, world: World) -> None:
    """Issue point: the township of the school and that of the household both see the case."""
    CaseScope.objects.create(case=case, path=world.far_town.path)
    shown = page(world, "far_township", case)
    assert f"/cases/{case.pk}/ask/" in shown
    step = ask(case, "TRANSFER_OUT", day(case, 4), world.far_township)
    assert step.asked_by == world.far_township


def page(world: World, who: str, case: Case) -> str:
    with moved_to(day(case, 4)):
        return client_of(world.people[who]).get(f"/cases/{case.pk}/").content.decode()
