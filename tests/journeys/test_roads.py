"""The roads of a case, played through the real forms and services (issue point 4)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from viewflow.workflow.models import Task
from viewflow.workflow.status import PROCESS, STATUS

from casework.cases import checks, proposing, side
from casework.cases.kinds import Kind, Outcome, Stage
from casework.cases.models import Case, Step
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from casework.documents.models import Document
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
from workflows.invariants import engine_problems
from workflows.models import CaseProcess
from workflows.views import defaults_of

pytestmark = pytest.mark.django_db


def open_main(case: Case) -> str:
    return Step.objects.open().get(case=case, track="main").kind


def papers(case: Case) -> list[str]:
    return list(
        Document.objects.filter(chain=f"case:{case.pk}")
        .order_by("place")
        .values_list("kind", flat=True)
    )


def sound() -> None:
    """No invariant is broken, and the engine says whose turn it is just as the steps do."""
    assert [*checks.problems(), *engine_problems()] == []


def test_the_straight_road_to_the_closure(world: World) -> None:
    case = walk(world, open_case(world, world.lan))
    assert (case.stage, case.outcome) == (Stage.CLOSED, Outcome.RETURNED)
    assert case.closed_at == day(case, BACK + 32)
    made = ["P35", "SR", "P36", "P04", "P06", "P16", "SR", "P17", "P17", "P17", "P17", "SR", "P32"]
    assert papers(case) == made
    assert not Step.objects.open().filter(case=case).exists()
    assert CaseProcess.objects.get(pk=case.process_ref).status == PROCESS.DONE
    sound()


def test_each_stage_has_the_step_it_names(world: World) -> None:
    """The walk stops before each kind: the step is there, and it stands at the level of domain.md 2.2."""
    case = walk(world, open_case(world, world.lan), until=Kind.HOME_VISIT)
    assert (case.stage, open_main(case)) == (Stage.HOME_VISIT, Kind.HOME_VISIT)
    do(case, Kind.HOME_VISIT, day(case, 2), result="nobody")
    assert (open_main(case), open_step(case, Kind.HOME_VISIT).number) == (Kind.HOME_VISIT, 2)
    do(case, Kind.HOME_VISIT, day(case, 3), result="away")
    assert open_main(case) == Kind.PERSUASION
    do(case, Kind.PERSUASION, day(case, 4), result="not_yet")
    assert open_step(case, Kind.PERSUASION).number == 2
    sound()


@pytest.mark.parametrize("found", ["working", "with_parents", "elsewhere"])
def test_a_child_who_is_away_is_persuaded_without_a_home_visit(world: World, found: str) -> None:
    case = walk(world, open_case(world, world.lan), until=Kind.VERIFY)
    do(case, Kind.VERIFY, day(case, 1), found=found)
    assert open_main(case) == Kind.PERSUASION
    assert not Step.objects.filter(case=case, kind=Kind.SEND_REPORT).exists()


STOPS = [Kind.REGISTER, Kind.VERIFY, Kind.HOME_VISIT, Kind.PERSUASION]


@pytest.mark.parametrize("kind", STOPS)
def test_the_child_comes_back_at_any_step(world: World, kind: str) -> None:
    """domain.md 2.3: any → RETURNED; the open step ends as overtaken and makes no paper."""
    case = walk(world, open_case(world, world.lan), until=kind)
    overtaken = open_step(case, kind)
    report_back(world, case, day(case, 5, 9))
    do(case, Kind.CONFIRM_RETURN, day(case, 5))
    case, overtaken = Case.objects.get(pk=case.pk), Step.objects.get(pk=overtaken.pk)
    assert (case.stage, open_main(case)) == (Stage.FOLLOW_UP, Kind.FOLLOW_UP)
    assert (overtaken.cancelled, overtaken.outcome) == (True, "overtaken")
    assert Task.objects.get(pk=overtaken.turn_ref).status == STATUS.CANCELED
    sound()


def persuaded_once(world: World) -> Case:
    case = walk(world, open_case(world, world.yun), until=Kind.PERSUASION)
    do(case, Kind.PERSUASION, day(case, 4), result="not_yet")
    return case


@pytest.fixture(scope="module")
def persuaded_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    yield from prepared(django_db_blocker, lambda: persuaded_once(world))


@pytest.fixture
def persuaded(persuaded_pk: int) -> Case:
    """One visit and one talk of persuasion, neither brought the child back."""
    return Case.objects.get(pk=persuaded_pk)


def send_report(case: Case, days: int = 8) -> None:
    proposing.propose_reports(day(case, days, 8))
    do(case, Kind.SEND_REPORT, day(case, days, 9), decision="send")
    case.refresh_from_db()


def test_after_seven_days_the_report_goes_out_and_is_accepted(persuaded: Case) -> None:
    case = persuaded
    assert proposing.propose_reports(day(case, 6, 23)) == []
    assert proposing.propose_reports(day(case, 7, 23)) == [case.pk]
    assert proposing.propose_reports(day(case, 7, 23)) == []
    do(case, Kind.SEND_REPORT, day(case, 8, 9), decision="send")
    case.refresh_from_db()
    assert (case.stage, case.reported_at) == (Stage.REPORTED, day(case, 8, 9))
    assert open_main(case) == Kind.PERSUASION_LED
    for kind in (Kind.ACCEPT_TOWNSHIP, Kind.ACCEPT_COUNTY):
        do(case, kind, day(case, 9), decision="accepted", number="青教收18")
    assert open_main(case) == Kind.DRAFT_LETTER
    assert papers(case)[-4:] == ["P05", "P09", "AR", "AR"]
    for receipt in Document.objects.filter(chain=f"case:{case.pk}", kind="AR"):
        assert " 00:00" not in receipt.record  # a day is known, no hour
    assert (
        not Step.objects.open()
        .filter(case=case, track="side")
        .exclude(kind="platform_mark")
        .exists()
    )
    sound()


def test_the_township_leads_with_its_own_clock(persuaded: Case, world: World) -> None:
    send_report(persuaded)
    led = open_step(persuaded, Kind.PERSUASION_LED)
    assert (led.holder, led.line, led.budget_unit) == (world.township, "village", "working_days")
    assert led.counted_from == day(persuaded, 8, 9)
    do(persuaded, Kind.PERSUASION_LED, day(persuaded, 9), result="not_yet")
    assert open_step(persuaded, Kind.PERSUASION_LED).number == 2


def test_the_report_is_sent_back_once_and_no_more(persuaded: Case) -> None:
    case = persuaded
    send_report(case)
    do(case, Kind.ACCEPT_TOWNSHIP, day(case, 9), decision="returned", reason="补充期限。")
    do(case, Kind.SEND_REPORT, day(case, 10), decision="send")
    assert Step.objects.filter(case=case, kind=Kind.ACCEPT_COUNTY).count() == 1
    with pytest.raises(DomainError, match="sent back once already"):
        do(case, Kind.ACCEPT_TOWNSHIP, day(case, 11), decision="returned", reason="再补。")
    do(case, Kind.ACCEPT_TOWNSHIP, day(case, 11), decision="accepted")
    outcomes = Step.objects.filter(case=case, kind=Kind.SEND_REPORT).order_by("number")
    assert [step.outcome for step in outcomes] == ["sent", "resent"]
    assert papers(case).count("P05") == 2
    sound()


def test_whoever_mends_a_report_sees_why_it_was_sent_back(persuaded: Case, world: World) -> None:
    case = persuaded
    send_report(case)
    receive = open_step(case, Kind.ACCEPT_TOWNSHIP)
    assert "reason" not in defaults_of(receive, receive.holder, day(case, 9))
    do(case, Kind.ACCEPT_TOWNSHIP, day(case, 9), decision="returned", reason="请补充期限。")
    again = open_step(case, Kind.SEND_REPORT)
    with moved_to(day(case, 10)):
        form = client_of(world.principal).get(reverse("workflows:step", args=[again.pk]))
        shown = client_of(world.principal).get(reverse("cases:case", args=[case.pk]))
    assert "请补充期限。" in form.content.decode() and form.context["form"]["plan"].value()
    assert form.context["form"]["decision"].value() is None
    assert (
        "sent it back" in shown.content.decode()
        and "Reason: 请补充期限. " in shown.content.decode()
    )


def test_a_case_that_is_closed_takes_no_return(world: World) -> None:
    case = walk(world, open_case(world, world.qi), until=Kind.APPROVE_CLOSURE)
    stale = Case.objects.get(pk=case.pk)
    do(case, Kind.APPROVE_CLOSURE, day(case, 41), decision="approved")
    with pytest.raises(DomainError, match="closed"):
        report_back(world, stale, day(case, 41, 9))


def test_a_report_sent_back_is_not_put_off(persuaded: Case) -> None:
    """Nobody would be asked again: the receiver would wait for ever."""
    send_report(persuaded)
    do(persuaded, Kind.ACCEPT_TOWNSHIP, day(persuaded, 9), decision="returned", reason="补充。")
    with pytest.raises(DomainError, match="sent back"):
        wait = {"decision": "wait", "wait_until": "2026-11-10", "reason_to_wait": "等待。"}
        do(persuaded, Kind.SEND_REPORT, day(persuaded, 10), **wait)


def test_the_principal_may_put_the_report_off_with_a_reason(persuaded: Case) -> None:
    case = persuaded
    proposing.propose_reports(day(case, 7, 23))
    until = day(case, 12).date().isoformat()
    do(
        case,
        Kind.SEND_REPORT,
        day(case, 8),
        decision="wait",
        wait_until=until,
        reason_to_wait="约好周一返校。",
    )
    assert proposing.propose_reports(day(case, 12, 23)) == []
    assert proposing.propose_reports(day(case, 13, 1)) == [case.pk]
    assert papers(case)[-1] == "SR"


def test_unknown_whereabouts_propose_the_report_at_once(world: World) -> None:
    case = walk(world, open_case(world, world.lan), until=Kind.VERIFY)
    do(case, Kind.VERIFY, day(case, 1), found="unknown")
    assert open_step(case, Kind.SEND_REPORT).holder == world.principal
    do(case, Kind.SEND_REPORT, day(case, 1, 18), decision="send")
    assert Case.objects.get(pk=case.pk).stage == Stage.REPORTED
    sound()


def test_a_child_back_after_the_report(persuaded: Case, world: World) -> None:
    send_report(persuaded)
    report_back(world, persuaded, day(persuaded, 9, 9))
    do(persuaded, Kind.CONFIRM_RETURN, day(persuaded, 9))
    assert open_main(persuaded) == Kind.FOLLOW_UP
    do(persuaded, Kind.ACCEPT_TOWNSHIP, day(persuaded, 10), decision="accepted")
    sound()


def test_a_proposed_report_ends_with_the_return(persuaded: Case, world: World) -> None:
    proposing.propose_reports(day(persuaded, 7, 23))
    report_back(world, persuaded, day(persuaded, 8, 9))
    do(persuaded, Kind.CONFIRM_RETURN, day(persuaded, 8))
    proposed = Step.objects.get(case=persuaded, kind=Kind.SEND_REPORT)
    assert (proposed.cancelled, proposed.outcome) == (True, "needless")
    sound()


def test_a_return_that_was_not_true_changes_nothing(persuaded: Case, world: World) -> None:
    report_back(world, persuaded, day(persuaded, 5, 9))
    do(persuaded, Kind.CONFIRM_RETURN, day(persuaded, 5), decision="not_back", note="教室里没有。")
    persuaded.refresh_from_db()
    assert (persuaded.stage, open_main(persuaded)) == (Stage.PERSUASION, Kind.PERSUASION)
    assert report_back(world, persuaded, day(persuaded, 6, 9)).number == 2
    sound()


def test_the_reporter_never_confirms(persuaded: Case, world: World) -> None:
    """domain.md 2.3: the principal's own report is confirmed by the class teacher."""
    at = day(persuaded, 5, 9)
    step = side.report_return(persuaded, day=at.date(), note="", by=fresh(world.principal), at=at)
    assert (step.role, step.holder, step.asked_by) == (
        "class_teacher",
        world.teacher,
        world.principal,
    )


def checked_once(world: World) -> Case:
    case = walk(world, open_case(world, world.qi), until=Kind.FOLLOW_UP)
    do(case, Kind.FOLLOW_UP, day(case, BACK + 3))
    return case


@pytest.fixture(scope="module")
def followed_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    yield from prepared(django_db_blocker, lambda: checked_once(world))


@pytest.fixture
def followed(followed_pk: int) -> Case:
    """Back at school, one check done."""
    return Case.objects.get(pk=followed_pk)


def test_a_relapse_opens_the_next_episode(followed: Case, world: World) -> None:
    """domain.md D11: the old episode ends as relapsed, the next is urgent and linked to it."""
    at = day(followed, BACK + 5)
    second = open_case(world, world.qi, at=at)
    followed.refresh_from_db()
    assert (followed.stage, followed.outcome) == (Stage.CLOSED, Outcome.RELAPSED)
    assert CaseProcess.objects.get(pk=followed.process_ref).status == PROCESS.CANCELED
    assert (second.episode, second.urgent, second.previous) == (2, True, followed)
    assert open_main(second) == Kind.REGISTER
    open_turns = Task.objects.filter(process=followed.process_ref, status=STATUS.NEW)
    assert not open_turns.exists()
    sound()


def test_a_repeat_case_is_visited_three_times_together_then_reported(
    followed: Case, world: World
) -> None:
    """domain.md 2.3: joint visits from day 1, three of them, then straight to the report."""
    second = open_case(world, world.qi, at=day(followed, BACK + 5))
    do(second, Kind.REGISTER, day(second, 0, 20))
    do(second, Kind.VERIFY, day(second, 1), found="local")
    with pytest.raises(DomainError, match="together with the village"):
        do(second, Kind.HOME_VISIT, day(second, 1, 17), result="not_yet", visitors="林秀英、郑海")
    for visit in (2, 3, 4):
        assert open_main(second) == Kind.HOME_VISIT
        assert not Step.objects.filter(case=second, kind=Kind.SEND_REPORT).exists()
        do(second, Kind.HOME_VISIT, day(second, visit), result="not_yet")
    assert open_main(second) == Kind.PERSUASION
    do(second, Kind.SEND_REPORT, day(second, 4, 18), decision="send")
    assert Case.objects.get(pk=second.pk).stage == Stage.REPORTED


def test_a_repeat_case_away_needs_its_visits_before_the_report(
    followed: Case, world: World
) -> None:
    second = open_case(world, world.qi, at=day(followed, BACK + 5))
    do(second, Kind.REGISTER, day(second, 0, 20))
    do(second, Kind.VERIFY, day(second, 1), found="working")
    do(second, Kind.PERSUASION, day(second, 3), result="not_yet")
    with pytest.raises(DomainError, match="needs 3 visits; 1 are recorded"):
        send_report(second)


def test_closure_sent_back_is_proposed_again(world: World) -> None:
    case = walk(world, open_case(world, world.lan), until=Kind.APPROVE_CLOSURE)
    at = day(case, BACK + 32)
    do(case, Kind.APPROVE_CLOSURE, at, decision="sent_back", opinion="补充点名册。")
    assert Case.objects.get(pk=case.pk).is_open
    do(case, Kind.PROPOSE_CLOSURE, at + timedelta(hours=1))
    do(case, Kind.APPROVE_CLOSURE, at + timedelta(hours=2), decision="approved")
    assert Case.objects.get(pk=case.pk).stage == Stage.CLOSED
    assert papers(case)[-4:] == ["SR", "P32", "SR", "P32"]
    sound()


def test_a_child_away_for_thirty_days_is_to_be_marked_as_dropout(world: World) -> None:
    """domain.md 2.2: a flag, not a stage; E8: a task for the status officer, once."""
    case = walk(world, open_case(world, world.lan), until=Kind.PERSUASION)
    assert case.pk not in proposing.confirm_dropouts(day(case, 29))
    assert case.pk in proposing.confirm_dropouts(day(case, 30), dry_run=True)
    assert case.pk in proposing.confirm_dropouts(day(case, 30))
    assert case.pk not in proposing.confirm_dropouts(day(case, 31))
    mark = open_step(case, Kind.PLATFORM_MARK)
    assert (mark.holder, mark.facts) == (world.status, {"mark_for": "dropout"})
    assert defaults_of(mark, world.status, day(case, 30))["mark"] == "dropout"
    do(case, Kind.PLATFORM_MARK, day(case, 31), mark="辍学")


def test_a_child_back_or_on_a_branch_is_no_dropout(world: World) -> None:
    case = walk(world, open_case(world, world.lan), until=Kind.FOLLOW_UP)
    assert case.pk not in proposing.confirm_dropouts(day(case, 60))
    assert case.steps.filter(kind=Kind.PLATFORM_MARK).count() == 2
