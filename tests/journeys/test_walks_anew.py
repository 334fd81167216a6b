"""What the second round of fresh eyes found on cases that begin again, on letters and days: one test a finding."""

from datetime import date, timedelta
from typing import Any

import pytest

from casework.cases import checks, letters, proposing, side
from casework.cases.guards import days_open
from casework.cases.kinds import Kind
from casework.cases.models import Case, Matter, Step
from casework.cases.moves import follow_moves
from casework.cases.protection import report_harm, report_harm_of
from casework.cases.steps import hand_over
from casework.cases.together import bound
from casework.core.clock import end_of, local_date, moved_to
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.notices.models import Notice
from casework.org.models import Post
from casework.org.roles import Role
from casework.students.models import Enrolment
from tests.journeys.stands import Stand, main_step
from tests.journeys.test_side_roads import ask, branch, sound
from tests.journeys.test_together import drafted, pair, together
from tests.world import (
    BACK,
    World,
    client_of,
    day,
    do,
    fresh,
    open_case,
    open_step,
    prepared,
    report_back,
    walk,
)
from workflows.demo import typed
from workflows.start import return_from

pytestmark = pytest.mark.django_db
K = Kind


@pytest.fixture(scope="module")
def closed_pk(world: World, django_db_blocker: Any) -> Any:
    yield from prepared(django_db_blocker, lambda: walk(world, open_case(world, world.lan)))


@pytest.fixture
def closed(closed_pk: int) -> Case:
    return Case.objects.get(pk=closed_pk)


def reopened(case: Case, world: World, days: int = 60) -> Case:
    ask(case, "REOPENING", day(case, days), world.teacher)
    do(case, K.DECIDE_REQUEST, day(case, days + 1))
    return Case.objects.get(pk=case.pk)


def test_a_report_that_a_branch_made_needless_is_proposed_again(world: World) -> None:
    stand = Stand(world).to(K.PERSUASION, 8)
    assert proposing.propose_reports(stand.at(8)) == [stand.case.pk]
    leave = branch(stand.case, "ON_LEAVE", world, days=9)
    assert return_from(leave, at=day(stand.case, 80))
    assert proposing.propose_reports(day(stand.case, 81, 8)) == [stand.case.pk]


def test_a_reopened_case_counts_from_its_reopening(closed: Case, world: World) -> None:
    case = reopened(closed, world)
    assert days_open(case, day(case, 62)) == 1
    do(case, K.VERIFY, day(case, 62), found="working")
    step = open_step(case, K.PERSUASION)
    assert local_date(step.counted_from) == local_date(day(case, 61))
    assert step.due_at > day(case, 67)
    assert case.visits_made.count() == 0 and case.contacts.count() == 2
    assert proposing.propose_reports(day(case, 63)) == []
    assert proposing.propose_reports(day(case, 69)) == [case.pk]


def test_a_reopened_case_begins_its_letters_anew(closed: Case, world: World) -> None:
    """What the township accepted and ordered in the walk before counts no more."""
    old = day(closed, 5)
    Matter.objects.create(
        case=closed, kind="letter", code="return_notice", unit=world.town, opened_at=old, settled_at=old,
        outcome=letters.NOT_OBEYED, facts={"signed_on": "2026-10-17"},
    )  # fmt: skip
    assert letters.next_code(closed, old) == "order"
    case = reopened(closed, world)
    assert letters.next_code(case, day(case, 62)) == "return_notice"
    assert not letters.accepted(case)


def test_a_case_that_was_struck_out_was_no_episode_and_stays_struck_out(world: World) -> None:
    case = open_case(world, world.yun)
    ask(case, "FALSE_ALARM", day(case, 1), world.teacher)
    do(case, K.DECIDE_REQUEST, day(case, 1, 16))
    with pytest.raises(DomainError, match="was struck out"):
        ask(Case.objects.get(pk=case.pk), "REOPENING", day(case, 2), world.teacher)
    again = open_case(world, world.yun, at=day(case, 3))
    assert (again.episode, again.urgent, again.repeat, again.previous) == (1, False, False, case)


def test_a_late_follow_up_keeps_its_distance(world: World) -> None:
    """The first check came thirteen days late: the second comes four days after it, not seven."""
    case = walk(world, open_case(world, world.yun), until=K.FOLLOW_UP)
    do(case, K.FOLLOW_UP, day(case, BACK + 16))
    assert open_step(case, K.FOLLOW_UP).due_at == end_of(local_date(day(case, BACK + 20)))


def test_a_letter_that_came_back_awaits_no_receipt(world: World) -> None:
    stand = Stand(world).signed()
    stand.step(K.SERVE_LETTER, served="sent", method="mail", tracking="99000112233")
    stand.step(K.SERVE_LETTER, served="no", note="退回")
    letter = Matter.objects.get(case=stand.case, kind="letter")
    assert letter.facts["sent_on"] == ""


def test_a_letter_does_not_arrive_before_it_was_sent(world: World) -> None:
    stand = Stand(world).signed()
    stand.days += 2
    stand.step(K.SERVE_LETTER, served="sent", method="mail", tracking="99000112233")
    early = local_date(stand.at() - timedelta(days=2)).isoformat()
    with pytest.raises(DomainError, match="cannot have arrived before"):
        stand.step(K.SERVE_LETTER, served="yes", method="mail", tracking="99000112233", served_on=early)  # fmt: skip


def test_a_report_is_not_sent_back_once_the_child_is_back(world: World) -> None:
    stand = Stand(world).reported()
    report_back(world, stand.case, stand.at(9))
    stand.step(K.CONFIRM_RETURN)
    with pytest.raises(DomainError, match="accept the report as it is"):
        stand.step(K.ACCEPT_TOWNSHIP, decision="returned", reason="补充。")
    stand.step(K.ACCEPT_TOWNSHIP, decision="accepted")
    sound()


def test_what_waits_to_be_accepted_ends_with_the_case(world: World) -> None:
    stand = Stand(world).reported()
    stand.asked("FALSE_ALARM").step(K.DECIDE_REQUEST)
    assert not Step.objects.open().filter(case=stand.case, kind__in=[K.ACCEPT_TOWNSHIP]).exists()
    sound()


def test_a_relapse_ends_requests_but_not_what_others_act_on(world: World) -> None:
    stand = Stand(world).to(K.FOLLOW_UP, BACK + 2)
    case = stand.case
    branch(case, "CHILD_LABOUR", world, days=BACK + 1)
    ask(case, "HAND_OVER", day(case, BACK + 2), world.officer)
    ask(case, "FALSE_ALARM", day(case, BACK + 2), world.teacher)
    open_case(world, world.yun, at=day(case, BACK + 5))
    ended = dict(case.matters.values_list("code", "outcome"))
    assert (ended["HAND_OVER"], ended["FALSE_ALARM"]) == ("relapsed", "relapsed")
    assert ended["CHILD_LABOUR"] == "" and open_step(case, K.REPLY_REFERRAL).is_open
    sound()


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (K.VERIFY, {"asked_1": "2026-01-05"}),
        (K.HOME_VISIT, {"day": "2025-09-08", "result": "not_yet"}),
        (K.FOLLOW_UP, {"checked_on": "2026-10-12"}),
    ],
)
def test_nothing_happened_before_what_it_is_about(world: World, kind: str, said: Any) -> None:
    """Issue point: a date before the event it proves."""
    case = walk(world, open_case(world, world.yun), until=kind)
    with pytest.raises(DomainError, match="when this began"):
        do(case, kind, day(case, BACK + 3), **said)
    assert open_step(case, kind).is_open


def test_a_report_is_not_received_before_it_was_sent(world: World) -> None:
    stand = Stand(world).reported()
    early = local_date(stand.at() - timedelta(days=30)).isoformat()
    with pytest.raises(DomainError, match="when this began"):
        stand.step(K.ACCEPT_TOWNSHIP, decision="accepted", received_on=early)


def test_a_visit_before_the_opening_but_in_the_absence_counts(world: World) -> None:
    case = walk(world, open_case(world, world.yun), until=K.HOME_VISIT)
    first = case.pupil.findings.get()
    first.first_day = local_date(day(case, -3))
    first.save()
    do(
        case,
        K.HOME_VISIT,
        day(case, 2),
        day=local_date(day(case, -1)).isoformat(),
        result="not_yet",
    )


def test_a_call_is_no_visit(world: World) -> None:
    case = walk(world, open_case(world, world.yun), until=K.HOME_VISIT)
    do(case, K.HOME_VISIT, day(case, 2), form="phone", result="not_yet")
    assert (case.contacts.count(), case.visits_made.count()) == (1, 0)


def test_nobody_met_needs_no_words_of_anybody(world: World) -> None:
    case = walk(world, open_case(world, world.yun), until=K.HOME_VISIT)
    do(case, K.HOME_VISIT, day(case, 2), result="nobody", present="", guardian_opinion="")
    assert case.visits.get().answers["present"] == "—"


def test_the_cause_that_a_visit_finds_names_the_group(world: World) -> None:
    case = walk(world, open_case(world, world.yun), until=K.HOME_VISIT)
    do(case, K.HOME_VISIT, day(case, 2), reason="WORK", result="not_yet")
    case.refresh_from_db()
    assert (case.group, case.urgent) == ("social_security", True)


def test_a_record_tells_the_day_that_was_typed(world: World) -> None:
    stand = Stand(world).to(K.PERSUASION).helped()
    done = local_date(stand.at())
    stand.days += 3
    (paper,) = do(stand.case, K.HELP, stand.at(), done_on=done.isoformat())
    assert f"{done.month}月{done.day}日" in paper.record


def moved_away(world: World, case: Case) -> None:
    """The child changes to the other township's school."""
    here = Enrolment.objects.get(pupil=case.pupil, until=None)
    here.until = local_date(day(case, 70))
    here.save()
    Enrolment.objects.create(
        pupil=case.pupil, class_unit=world.far_class, school=world.far_school, since=here.until
    )
    follow_moves(at=day(case, 71))


def test_harm_after_a_closed_case_goes_to_the_school_of_the_child(
    closed: Case, world: World
) -> None:
    moved_away(world, closed)
    at = day(closed, 80)
    with moved_to(at):
        with pytest.raises(DomainError, match="report it of the child"):
            report_harm(closed, dict(typed.HARM), by=fresh(world.teacher), at=at)
        report = report_harm_of(
            closed.pupil, dict(typed.HARM), by=fresh(world.county_officer), at=at
        )
        place = client_of(world.teacher).get(f"/cases/{closed.pk}/").content.decode()
    assert report.unit == world.far_school
    assert f"/pupils/{closed.pupil_id}/harm/" in place
    told = Notice.objects.filter(code="harm").values_list("user__display_name", flat=True)
    assert set(told) == {"彭勇"}


def test_a_paper_is_corrected_by_the_office_that_issued_it(world: World) -> None:
    stand = Stand(world).signed()
    number = letters.paper_of(Matter.objects.get(case=stand.case, kind="letter")).number  # type: ignore[union-attr]
    plain = number.replace("〔", "(").replace("〕", ")")
    step = ask(stand.case, "CORRECTION", stand.at(), world.township, paper=plain)
    assert (step.role, step.unit) == (Role.TOWNSHIP_LEADER, world.town)
    assert step.about.facts["paper"] == number


def test_a_step_that_should_have_ended_with_its_case_is_found(closed: Case) -> None:
    last = Step.objects.filter(case=closed).latest("pk")
    Step.objects.filter(pk=last.pk).update(
        finished_at=None, kind=K.CONFIRM_RETURN, track="side", number=9
    )
    found = {each["kind"] for each in checks.problems()}
    assert "open_step_of_closed_case" in found


def test_the_household_letter_goes_on_whoever_had_the_other_step(world: World) -> None:
    """Only the leading child's step was passed on: the other one goes along."""
    case = pair(world)
    sister = Case.objects.get(pupil=world.qi)
    drafted(case, sister)
    second = fresh(world.far_leader)
    Post.objects.create(
        user=second, unit=world.town, role=Role.TOWNSHIP_LEADER, since=date(2026, 8, 25)
    )
    step, at = open_step(case, K.SIGN_LETTER), day(case, 11)
    with moved_to(at):
        hand_over(step, to=fresh(second), reason="出差", by=fresh(world.leader), at=at)
    assert [each.holder for each in bound(open_step(case, K.SIGN_LETTER))] == [world.leader]
    together(case, K.SIGN_LETTER, day(case, 11, 16))
    assert main_step(sister) == main_step(case) == K.SERVE_LETTER


def test_a_child_away_again_is_marked_as_a_dropout_again(closed: Case, world: World) -> None:
    with moved_to(day(closed, 5)), one_act():
        side.ask_for_mark(closed, "dropout", at=day(closed, 5), by=None)
    case = reopened(closed, world)
    do(case, K.VERIFY, day(case, 62), found="working")
    assert proposing.confirm_dropouts(day(case, 80)) == []
    assert proposing.confirm_dropouts(day(case, 92)) == [case.pk]
    assert proposing.confirm_dropouts(day(case, 93)) == []


def test_a_return_that_was_reported_late_is_followed_up_from_now_on(world: World) -> None:
    """No check is born overdue; days present count from the day of the return."""
    case = walk(world, open_case(world, world.yun), until=K.PERSUASION)
    with moved_to(day(case, 20)):
        side.report_return(
            case,
            day=local_date(day(case, 6)),
            note="",
            by=fresh(world.teacher),
            at=day(case, 20, 9),
        )
    do(case, K.CONFIRM_RETURN, day(case, 20), seen_on=local_date(day(case, 20)).isoformat())
    case.refresh_from_db()
    assert local_date(case.returned_at) == local_date(day(case, 6))  # type: ignore[arg-type]
    assert open_step(case, K.FOLLOW_UP).due_at == end_of(local_date(day(case, 23)))


def test_a_second_return_is_checked_anew_whatever_day_it_is_reported_for(world: World) -> None:
    """Back, checked, away on a branch that came to nothing, back again: four checks are ahead."""
    stand = Stand(world).followed(2)
    leave = branch(stand.case, "ON_LEAVE", world, days=BACK + 15, ends=local_date(day(stand.case, BACK + 20)).isoformat())  # fmt: skip
    assert return_from(leave, at=day(stand.case, BACK + 30))
    at = day(stand.case, BACK + 31, 9)
    with moved_to(at):
        early = local_date(day(stand.case, 1))
        side.report_return(stand.case, day=early, note="", by=fresh(world.teacher), at=at)
    seen = local_date(at).isoformat()
    do(stand.case, K.CONFIRM_RETURN, day(stand.case, BACK + 31), seen_on=seen)
    assert open_step(stand.case, K.FOLLOW_UP).due_at == end_of(
        local_date(day(stand.case, BACK + 34))
    )


def test_lessons_count_from_the_day_on_which_the_teaching_began(world: World) -> None:
    """It was entered two weeks later."""
    case = walk(world, open_case(world, world.yun), until=K.PERSUASION)
    starts = local_date(day(case, -10))
    branch(case, "HOME_TEACHING", world, starts=starts.isoformat())
    lesson = (starts + timedelta(days=3)).isoformat()
    do(case, K.TEACH_AT_HOME, day(case, 5), taught_on=lesson)
