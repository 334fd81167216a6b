"""What the second round of fresh eyes found on the roads of a case: one test a finding."""

from datetime import date, timedelta
from typing import Any

import pytest
from viewflow.workflow.models import Task

from casework.cases import access, matters
from casework.cases.kinds import Kind
from casework.cases.models import Case, HarmReport, Matter, Step
from casework.cases.protection import report_harm
from casework.cases.stand_ins import give_back_to_returned
from casework.cases.supervision import raise_notice
from casework.core.clock import end_of, local_date, local_moment, moved_to
from casework.core.errors import DomainError
from casework.notices.models import Notice
from casework.org.absence import arrange, come_back
from casework.org.models import Post
from casework.org.roles import Role
from tests.journeys.stands import main_step
from tests.journeys.test_side_roads import ask, branch
from tests.world import (
    World,
    client_of,
    day,
    decide,
    do,
    fresh,
    open_step,
    report_back,
)
from workflows.demo import typed
from workflows.invariants import engine_problems
from workflows.sweeping import sweep

pytestmark = pytest.mark.django_db
K = Kind


def test_the_day_since_when_the_child_is_back_counts(case: Case, world: World) -> None:
    """P16 and P17 tell one day: that of the return, not of its confirmation."""
    with moved_to(day(case, 9)):
        report_back(world, case, day(case, 6, 9))
    do(case, K.CONFIRM_RETURN, day(case, 9), seen_on=local_date(day(case, 9)).isoformat())
    case.refresh_from_db()
    assert case.returned_at == local_moment(local_date(day(case, 6)))
    assert open_step(case, K.FOLLOW_UP).due_at == end_of(local_date(day(case, 9)))


def test_a_referral_is_due_on_the_day_of_its_letter(case: Case, world: World) -> None:
    until = local_date(day(case, 12))
    branch(case, "CHILD_LABOUR", world, reply_by=until.isoformat())
    assert open_step(case, K.REPLY_REFERRAL).due_at == end_of(until)
    assert open_step(case, K.ANSWER_REFERRAL).due_at == end_of(until)
    do(case, K.ANSWER_REFERRAL, day(case, 13), result="reminded", found="已电话催办。")
    again = open_step(case, K.ANSWER_REFERRAL)
    assert again.due_at == end_of(local_date(day(case, 21)))  # as many days as the letter gave


def test_a_notice_on_a_late_answer_goes_to_whoever_owes_it(case: Case, world: World) -> None:
    branch(case, "CHILD_LABOUR", world)
    late, at = open_step(case, K.REPLY_REFERRAL), day(case, 40)
    demand = {"demand": "请尽快答复。", "reply_by": local_date(at) + timedelta(days=3)}
    with moved_to(at):
        answer = raise_notice(late, demand, by=fresh(world.supervisor), at=at)
    assert (answer.unit, answer.holder) == (world.labour, world.liaison)


def test_a_case_is_neither_closed_nor_struck_out_while_somebody_fears(
    case: Case, world: World
) -> None:
    HarmReport.objects.create(
        pupil=case.pupil, unit=world.school, facts={}, reported_at=day(case, 3), reported_by=world.teacher
    )  # fmt: skip
    ask(case, "FALSE_ALARM", day(case, 4), world.teacher)
    with pytest.raises(DomainError, match="restricted report is open"):
        decide(case, day(case, 5))


def test_danger_is_said_in_the_notice(case: Case, world: World) -> None:
    with moved_to(day(case, 4)):
        said = {**typed.HARM, "danger": "yes"}
        report_harm(case, said, by=fresh(world.teacher), at=day(case, 4))
    assert Notice.objects.filter(code="harm_now").count() == 2


def test_whoever_reported_harm_on_a_case_learns_that_it_was_acted_on(
    case: Case, world: World
) -> None:
    with moved_to(day(case, 4)):
        report_harm(case, dict(typed.HARM), by=fresh(world.teacher), at=day(case, 4))
    do(case, K.PROTECT, day(case, 4, 17))
    assert Notice.objects.filter(code="harm_answered", user=world.teacher).count() == 1


def test_whose_act_overtakes_a_step_learns_nothing_of_it(case: Case, world: World) -> None:
    matter = branch(case, "JUSTICE_CUSTODY", world)
    report = report_back(world, case, day(case, 8, 9))
    Step.objects.filter(pk=report.pk).update(
        holder=world.teacher_two, role=Role.CLASS_TEACHER, unit=world.class_two
    )
    do(case, K.CONFIRM_RETURN, day(case, 8))
    assert not access.may_see(fresh(world.teacher_two), matter, day(case, 9))


def test_lists_and_pages_tell_of_restricted_work_no_more_than_that(
    case: Case, world: World
) -> None:
    """No holder, no office, no kind, no day that would tell what it is."""
    matter = branch(case, "JUSTICE_CUSTODY", world)
    step = open_step(case, K.BRANCH_REVIEW)
    assert step.shown_kind == K.PROTECT and step.holder == world.officer
    at = day(case, 6)
    with moved_to(at):
        client = client_of(world.township)
        shown = client.get(f"/cases/{case.pk}/").content.decode()
        board = client.get(f"/board/steps/?unit={world.town.pk}").content.decode()
        own = client_of(world.principal).get("/board/steps/").content.decode()
        by_kind = client.get(f"/board/steps/?unit={world.town.pk}&kind=branch_review")
        why = client.get(f"/steps/{step.pk}/why/")
        cadre = client_of(world.cadre).get("/village/").content.decode()
    ends = matter.ends_on
    assert ends and f"{ends.day} " + ends.strftime("%b") not in shown
    assert "kept apart" in shown and "kept apart" in own
    assert "kept apart" not in board  # decision 24
    assert case.pupil.name not in by_kind.content.decode()
    assert why.status_code == 403 and "restricted" not in cadre


def test_a_mark_opens_no_restricted_matter(case: Case, world: World) -> None:
    """The status officer ticks the platform and learns no more."""
    matter = branch(case, "JUSTICE_CUSTODY", world)
    marks = Step.objects.filter(case=case, kind=K.PLATFORM_MARK, matter=matter)
    assert marks.get().holder == world.status
    assert not access.may_see(fresh(world.status), matter, day(case, 6))


def test_a_teacher_does_not_show_a_case_to_another_school(case: Case, world: World) -> None:
    with pytest.raises(DomainError, match="by the office that has it"):
        ask(case, "HAND_OVER", day(case, 4), world.teacher)
    with moved_to(day(case, 4)):
        offered = client_of(world.teacher).get(f"/cases/{case.pk}/ask/").content.decode()
    assert "HAND_OVER" not in offered


def test_services_ask_themselves_who_acts(case: Case, world: World) -> None:
    for stranger in (world.far_officer, world.far_teacher):
        with pytest.raises(DomainError, match="not in your reach"):
            ask(case, "REFERRAL", day(case, 4), stranger)


def test_a_duplicate_is_of_the_same_child(case: Case, world: World) -> None:
    other = Case.objects.exclude(pk=case.pk)[0]
    other.pupil.born = date(2012, 1, 1)
    other.pupil.save()
    for number in (other.number, "KC-990026-2026A-99999"):
        with pytest.raises(DomainError, match="of this child"):
            ask(case, "DUPLICATE", day(case, 4), world.teacher, other_case=number)
    other.pupil.name = case.pupil.name
    other.pupil.save()
    step = ask(case, "DUPLICATE", day(case, 4), world.teacher, other_case=other.number)
    with moved_to(day(case, 5)):
        client = client_of(world.county_officer)
        client.post(f"/steps/{step.pk}/claim/")
        shown = client.get(f"/steps/{step.pk}/").content.decode()
    assert "2012" in shown and other.school.name in shown


def test_nobody_is_checked_by_whom_he_chose_to_stand_in(case: Case, world: World) -> None:
    at = day(case, 4)
    days = {"since": local_date(at), "until": local_date(at) + timedelta(days=9)}
    arrange(
        user=world.principal, substitute=world.officer, reason="", by=fresh(world.principal), at=at, **days
    )  # fmt: skip
    with moved_to(at):
        own = ask(case, "TRANSFER_OUT", at, world.principal)
        theirs = ask(case, "APPEAL_SCHOOL", at, world.teacher)
    assert (own.holder, theirs.holder) == (world.county_officer, world.officer)


def test_a_return_is_confirmed_by_somebody_who_knows_what_was_said(
    case: Case, world: World
) -> None:
    step = report_back(world, case, day(case, 8, 9))
    with moved_to(day(case, 8)):
        shown = client_of(step.holder).get(f"/steps/{step.pk}/").content.decode()  # type: ignore[arg-type]
    assert "早读时已在教室。" in shown and world.teacher.display_name in shown


def test_lent_work_comes_home_after_a_longer_leave_and_a_chain(case: Case, world: World) -> None:
    at = day(case, 0, 9)
    first = local_date(at)

    def away(who: Any, substitute: Any, since: int, until: int) -> Any:
        days = {"since": first + timedelta(days=since), "until": first + timedelta(days=until)}
        with moved_to(at):
            return arrange(
                user=fresh(who), substitute=fresh(substitute), reason="", by=fresh(who), at=at, **days
            )  # fmt: skip

    def holder(days: int) -> Any:
        with moved_to(day(case, days, 1)):
            sweep(day(case, days, 1))
        return open_step(case, K.PERSUASION).holder

    away(world.principal, world.officer, 6, 8)
    away(world.principal, world.officer, 9, 12)
    chain = away(world.officer, world.status, 7, 10)
    assert [holder(d) for d in (6, 7, 9, 11)] == [
        world.officer, world.status, world.status, world.officer,
    ]  # fmt: skip
    assert holder(13) == world.principal
    with moved_to(day(case, 13)), pytest.raises(DomainError, match="over already"):
        come_back(chain, by=fresh(world.officer), at=day(case, 13))
    assert give_back_to_returned(day(case, 14)) == 0


def test_work_done_early_lies_still_from_its_day_on(case: Case, world: World) -> None:
    """A branch that was claimed before it opens is not taken back the minute it does; a warning comes first."""
    Post.objects.create(
        user=world.status, unit=world.school, role=Role.SCHOOL_CASE_OFFICER, since=date(2026, 8, 25)
    )
    branch(case, "SUSPENSION", world)
    step = open_step(case, K.BRANCH_REVIEW)
    with moved_to(day(case, 6)):
        client_of(world.officer).post(f"/steps/{step.pk}/claim/")
    opens = (local_date(step.opens_at) - local_date(case.opened_at)).days
    for days in (opens, opens + 1):
        with moved_to(day(case, days, 8)):
            sweep(day(case, days, 8))
        assert open_step(case, K.BRANCH_REVIEW).holder == world.officer


def test_a_damaged_case_stops_nobody_else_and_is_found(case: Case, world: World) -> None:
    other = Case.objects.exclude(pk=case.pk)[0]
    for each in (case, other):
        if each == other:
            do(other, K.REGISTER, day(other, 0, 16))
            do(other, K.PLATFORM_MARK, day(other, 0, 16))
            do(other, K.VERIFY, day(other, 1), found="local")
        branch(each, "ON_LEAVE", world, ends=local_date(day(case, 10)).isoformat())
    case.refresh_from_db()
    Task.objects.filter(
        process=case.process_ref, flow_task__endswith="DropoutFlow.turned", finished=None
    ).delete()
    with moved_to(day(case, 20)):
        said = sweep(day(case, 20))
    assert said["back"] == 1 and main_step(other) != K.BRANCH_REVIEW
    assert {"kind": "lane_lost", "case": case.number} in list(engine_problems())


def test_matters_are_asked_for_once_more_after_the_other_case_is_free(
    case: Case, world: World
) -> None:
    other = Case.objects.exclude(pk=case.pk)[0]
    matter = Matter(case=case, code="DUPLICATE", facts={"other_case": other.number})
    assert matters._other_case(matter) == other
    Case.objects.filter(pk=other.pk).update(closed_at=day(case, 4))
    with pytest.raises(DomainError, match="not open any more"):
        matters._other_case(matter)


def test_who_refuses_a_case_goes_on_with_the_own_work(case: Case, world: World) -> None:
    """The case is out of reach again: its page would not be found."""
    step = ask(case, "HAND_OVER", day(case, 4), world.officer, receiver=str(world.far_school.pk))
    with moved_to(day(case, 5)):
        client = client_of(world.far_officer)
        form = client.get(f"/steps/{step.pk}/")
        said = {
            "decision": "refused",
            "opinion": "学生不在本校。",
            "form_key": form.context["form_key"],
        }
        sent = client.post(f"/steps/{step.pk}/", {**said, "generation": step.generation})
    assert sent["Location"] == "/"  # type: ignore[index]
