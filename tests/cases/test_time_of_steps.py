"""The clock of a step after it was begun: on hold, extended, explained, and its end for ever (issue 4; design.md §4)."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.audit.models import Entry
from casework.cases import steps
from casework.cases.case_clock import clock_of
from casework.cases.explaining import why
from casework.cases.extensions import ask_more_time, cap_of, decide_more_time, give_more_time
from casework.cases.holds import hold, resume, standing
from casework.cases.kinds import Kind
from casework.cases.models import Case, Extension, Step, StepDue
from casework.cases.redating import current
from casework.core.append_only import AppendOnlyError
from casework.core.clock import end_of, local_date, local_moment, moved_to
from casework.core.errors import DomainError
from casework.deadlines.engine import elapsed
from casework.notices.models import Notice
from tests.world import (
    World,
    client_of,
    day,
    do,
    fresh,
    open_case,
    open_step,
    prepared,
    report_back,
    rolled_back,
    walk,
)

pytestmark = pytest.mark.django_db
WHY = {"reason": "大雪封路。", "document": "镇通知3号"}


@pytest.fixture(scope="module")
def case_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    yield from prepared(
        django_db_blocker, lambda: walk(world, open_case(world, world.lan), until=Kind.PERSUASION)
    )


@pytest.fixture
def step(case_pk: int) -> Step:
    """The persuasion: seven calendar days from the opening, in the hands of the principal."""
    return open_step(Case.objects.get(pk=case_pk), Kind.PERSUASION)


def again(step: Step) -> Step:
    return Step.objects.select_related("case__school", "unit", "profile").get(pk=step.pk)


def held(step: Step, world: World, days: int, at: datetime) -> Step:
    until = local_date(at) + timedelta(days=days)
    hold(step, until=until, by=fresh(world.township), at=at, **WHY)
    return again(step)


def test_a_hold_moves_the_date_by_the_days_it_takes(step: Step, world: World) -> None:
    due, at = step.due_at, day(step.case, 3)
    stands = held(step, world, 4, at)
    assert stands.due_at == due + timedelta(days=5)  # today and four more
    row = StepDue.objects.get(step=step, version=2)
    assert (row.due_at, row.cause, row.since, row.facts["reason"]) == (
        stands.due_at, "held", at, "大雪封路。",
    )  # fmt: skip
    assert Entry.objects.filter(verb="step.held", subject=f"step:{step.pk}").count() == 1


def test_the_work_goes_on_while_the_clock_stands(step: Step, world: World) -> None:
    held(step, world, 4, day(step.case, 3))
    do(step.case, Kind.PERSUASION, day(step.case, 4), result="not_yet")
    assert again(step).finished_at == day(step.case, 4)


def test_an_early_end_gives_back_only_what_stood(step: Step, world: World) -> None:
    due = step.due_at
    stands = held(step, world, 10, day(step.case, 3))
    resume(stands, by=fresh(world.township), at=day(step.case, 5))
    assert again(step).due_at == due + timedelta(days=3)  # the days begun count as stood still
    assert standing(again(step), day(step.case, 6)) is None
    with pytest.raises(DomainError, match="runs already"):
        resume(again(step), by=fresh(world.township), at=day(step.case, 6))


def test_what_is_left_is_the_same_asked_before_during_and_after(step: Step, world: World) -> None:
    at = day(step.case, 3)
    stands = held(step, world, 4, at)
    spans = [(each.since, each.until) for each in current(stands)]
    school = step.case.school
    used = [
        elapsed(step.counted_from, end_of(local_date(at) + timedelta(days=n)), "calendar_days", school, suspensions=spans)
        for n in (-1, 0, 2, 4)
    ]  # fmt: skip
    assert used == [2, 2, 2, 2]


@pytest.mark.parametrize(
    ("days", "reason", "words"),
    [(-1, "大雪。", "ends today or later"), (31, "大雪。", "at most 30 days"), (3, " ", "Say why"), (3, "雪" * 201, "at most 200")],
)  # fmt: skip
def test_a_hold_that_cannot_be_is_refused(
    step: Step, world: World, days: int, reason: str, words: str
) -> None:
    at = day(step.case, 3)
    until = local_date(at) + timedelta(days=days)
    with pytest.raises(DomainError, match=words):
        hold(step, until=until, reason=reason, document="", by=fresh(world.township), at=at)
    assert not current(step)


def test_nobody_stops_his_own_clock_and_no_stranger_either(step: Step, world: World) -> None:
    for who in ("principal", "teacher", "far_township", "supervisor"):
        with pytest.raises(DomainError, match="supervisor of the unit"):
            hold(
                step,
                until=date(2026, 10, 16),
                by=fresh(world.people[who]),
                at=day(step.case, 3),
                **WHY,
            )


def test_holds_are_limited_by_the_rules(step: Step, world: World) -> None:
    for days in (3, 5):
        held(step, world, 1, day(step.case, days))
    with pytest.raises(DomainError, match="2 times already"):
        held(step, world, 1, day(step.case, 7))


def test_two_holds_at_once_are_refused(step: Step, world: World) -> None:
    held(step, world, 5, day(step.case, 3))
    with pytest.raises(DomainError, match="stands still already"):
        held(step, world, 1, day(step.case, 4))


def test_a_finished_step_keeps_its_time(step: Step, world: World) -> None:
    do(step.case, Kind.PERSUASION, day(step.case, 3), result="not_yet")
    with pytest.raises(DomainError, match="finished already"):
        held(step, world, 1, day(step.case, 4))


@given(since=st.integers(3, 6), days=st.integers(0, 20), sooner=st.integers(1, 25))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_date_can_always_be_worked_out_again(
    step: Step, world: World, since: int, days: int, sooner: int
) -> None:
    """Pause-invariance: whatever was put on hold and taken up again, the explanation ends on the date that is stored."""
    with rolled_back():
        stands = held(step, world, days, day(step.case, since))
        if sooner <= days:
            resume(stands, by=fresh(world.township), at=day(step.case, since + sooner, 9))
        found = again(step)
        lines = why(found).lines
        assert end_of(lines[-1].day) == found.due_at
        assert sum(line.counted for line in lines) == found.budget


def test_more_time_is_asked_for_and_granted(step: Step, world: World) -> None:
    due, at = step.due_at, day(step.case, 3)
    asked = ask_more_time(step, more=3, by=fresh(world.principal), at=at, **WHY)
    told = Notice.objects.filter(code="time_asked").values_list("user__display_name", flat=True)
    assert set(told) == {"赵敏"}
    decide_more_time(asked, grant=True, opinion="", by=fresh(world.township), at=at)
    found = again(step)
    assert (found.budget, found.due_at) == (10, due + timedelta(days=3))
    assert StepDue.objects.get(step=step, version=2).cause == "extended"
    assert Notice.objects.get(code="time_granted").user == world.principal


def test_a_refusal_says_why_and_moves_nothing(step: Step, world: World) -> None:
    asked = ask_more_time(step, more=3, by=fresh(world.principal), at=day(step.case, 3), **WHY)
    with pytest.raises(DomainError, match="Say why"):
        decide_more_time(
            asked, grant=False, opinion="", by=fresh(world.township), at=day(step.case, 3)
        )
    decide_more_time(
        asked, grant=False, opinion="先家访。", by=fresh(world.township), at=day(step.case, 3)
    )
    assert again(step).due_at == step.due_at
    with pytest.raises(DomainError, match="decided already"):
        decide_more_time(
            asked, grant=True, opinion="", by=fresh(world.township), at=day(step.case, 3)
        )


def test_nobody_grants_himself_more_time(step: Step, world: World) -> None:
    asked = ask_more_time(step, more=3, by=fresh(world.principal), at=day(step.case, 3), **WHY)
    with pytest.raises(DomainError, match="another person decides"):
        decide_more_time(
            asked, grant=True, opinion="", by=fresh(world.principal), at=day(step.case, 3)
        )
    with pytest.raises(DomainError, match="supervisor of the unit"):
        give_more_time(step, more=1, by=fresh(world.principal), at=day(step.case, 3), **WHY)


def test_more_time_has_a_cap_and_comes_once(step: Step, world: World) -> None:
    """As much again as the limit, and only once, as the rules of the baseline say."""
    at = day(step.case, 3)
    assert cap_of(again(step), at) == 7
    with pytest.raises(DomainError, match="at most 7"):
        give_more_time(step, more=8, by=fresh(world.township), at=at, **WHY)
    give_more_time(step, more=7, by=fresh(world.township), at=at, **WHY)
    with pytest.raises(DomainError, match="more time already"):
        give_more_time(again(step), more=1, by=fresh(world.township), at=at, **WHY)


def test_what_was_asked_is_decided_before_time_is_given_unasked(step: Step, world: World) -> None:
    ask_more_time(step, more=3, by=fresh(world.principal), at=day(step.case, 3), **WHY)
    with pytest.raises(DomainError, match="asked for already"):
        ask_more_time(step, more=2, by=fresh(world.principal), at=day(step.case, 3), **WHY)
    with pytest.raises(DomainError, match="decide that first"):
        give_more_time(step, more=5, by=fresh(world.township), at=day(step.case, 4), **WHY)
    only = Extension.objects.get(step=step)
    assert (only.more, only.decided_by) == (3, None)


def test_whoever_gets_time_unasked_is_told(step: Step, world: World) -> None:
    give_more_time(step, more=2, by=fresh(world.township), at=day(step.case, 3), **WHY)
    assert Notice.objects.get(code="time_granted").user == world.principal


def test_an_overdue_step_is_not_put_on_hold(step: Step, world: World) -> None:
    with pytest.raises(DomainError, match="gives no time back"):
        held(step, world, 2, day(step.case, 9))


# ---- how it ends


def ended(step: Step) -> StepDue:
    return StepDue.objects.get(step=step, ended=True)


def test_the_outcome_is_on_time(step: Step) -> None:
    do(step.case, Kind.PERSUASION, day(step.case, 3), result="not_yet")
    assert (ended(step).late_days, "stood" in ended(step).facts) == (0, False)
    assert ended(step).facts["profile"] == step.profile_id
    assert ended(step).facts["calendar"] == step.calendar_version


def test_the_outcome_is_late_by_working_days(step: Step) -> None:
    """Due on Monday the 19th; done on Thursday, the third working day after it."""
    do(step.case, Kind.PERSUASION, day(step.case, 10), result="not_yet")
    assert step.due_at == end_of(date(2026, 10, 19))
    assert ended(step).late_days == 3


def test_the_outcome_tells_how_long_the_clock_stood(step: Step, world: World) -> None:
    held(step, world, 4, day(step.case, 3))
    do(step.case, Kind.PERSUASION, day(step.case, 6), result="not_yet")
    assert ended(step).facts["stood"] == 4  # of five days on hold four had begun


def test_an_outcome_is_never_changed(step: Step) -> None:
    do(step.case, Kind.PERSUASION, day(step.case, 10), result="not_yet")
    row = ended(step)
    row.late_days = 0
    with pytest.raises(AppendOnlyError):
        row.save()


def test_a_date_that_moved_meanwhile_is_no_silent_outcome(step: Step, world: World) -> None:
    """The fence of finishing: a step read before its date moved is not closed by the old one."""
    stale = again(step)
    give_more_time(step, more=3, by=fresh(world.township), at=day(step.case, 3), **WHY)
    with pytest.raises(DomainError, match="took this step"):
        steps.finish_step(stale, outcome="agreed", facts={}, by=stale.holder, at=day(step.case, 4))


# ---- why this date, as a page and for a machine


def test_the_page_tells_the_day_to_aim_at_the_pause_and_the_history(
    step: Step, world: World
) -> None:
    held(step, world, 4, day(step.case, 3))
    with moved_to(day(step.case, 4)):
        page = client_of(fresh(world.principal)).get(reverse("cases:why", args=[step.pk]))
    text = page.content.decode()
    assert "Aim at" in text and "大雪封路。" in text and "镇通知3号" in text
    assert [past.row.cause for past in page.context["why"].past] == ["begun", "held"]
    assert page.context["why"].lines[-1].day == date(2026, 10, 24)


def test_the_json_says_the_same(step: Step, world: World) -> None:
    held(step, world, 4, day(step.case, 3))
    with moved_to(day(step.case, 4)):
        said = json.loads(
            client_of(fresh(world.principal)).get(reverse("cases:why_json", args=[step.pk])).content
        )
    assert said["due"] == "2026-10-25T00:00:00+08:00"
    assert (said["budget"], said["unit"], said["policy"]["rule"]) == (
        7,
        "calendar_days",
        "persuasion",
    )
    assert [each["number"] for each in said["days"] if each["counted"]] == [1, 2, 3, 4, 5, 6, 7]
    assert said["pauses"][0]["reason"] == "大雪封路。"


def test_an_explanation_asks_few_queries_however_long_the_story(step: Step, world: World) -> None:
    counts = []
    why(again(step))  # days and rules are read once a process
    for days in (3, 5):
        with CaptureQueriesContext(connection) as seen:
            why(again(step))
        counts.append(len(seen))
        held(step, world, 0, day(step.case, days))
    with CaptureQueriesContext(connection) as seen:
        why(again(step))
    assert counts[1] == len(seen) <= 20


def test_the_page_of_time_does_what_it_says(step: Step, world: World) -> None:
    place = reverse("cases:time", args=[step.pk])
    with moved_to(day(step.case, 3)):
        asked = client_of(fresh(world.principal)).post(
            place, {"act": "ask", "more": "2", "reason": "家长外出。", "document": ""}
        )
        shown = client_of(fresh(world.township)).get(place).content.decode()
        granted = client_of(fresh(world.township)).post(place, {"act": "grant", "opinion": ""})
        stopped = client_of(fresh(world.township)).post(
            place, {"act": "hold", "until": "2026-10-17", "reason": "大雪", "document": ""}
        )
        going = client_of(fresh(world.township)).post(place, {"act": "resume"})
    assert [each.status_code for each in (asked, granted, stopped, going)] == [302] * 4
    assert "家长外出。" in shown and again(step).budget == 9


# ---- the clock of the whole case


def clock(case: Case, at: datetime) -> Any:
    case = Case.objects.select_related("school").get(pk=case.pk)
    return clock_of(case, list(case.steps.select_related("matter")), at)


def test_a_case_has_a_clock_of_its_own(step: Step) -> None:
    found = clock(step.case, day(step.case, 12, 0))
    assert (found.used, found.limit.budget, found.due_at) == (11, 30, end_of(date(2026, 11, 11)))
    assert found.target_at == end_of(date(2026, 11, 1)) and not found.late
    assert clock(step.case, day(step.case, 32)).late


def test_it_ends_with_the_return(step: Step, world: World) -> None:
    case = step.case
    report_back(world, case, day(case, 9, 9))
    do(case, Kind.CONFIRM_RETURN, day(case, 10))
    early, late = clock(case, day(case, 20)), clock(case, day(case, 200))
    assert early.ended_at == late.ended_at == Case.objects.get(pk=case.pk).returned_at
    assert early.used == late.used < 30


def test_a_hold_of_the_step_stops_the_case_too(step: Step, world: World) -> None:
    held(step, world, 4, day(step.case, 3))
    assert clock(step.case, day(step.case, 4)).stands
    found = clock(step.case, day(step.case, 12, 0))
    assert (found.used, found.due_at) == (6, end_of(date(2026, 11, 16)))


def promised_on(case: Case, number: int) -> Step:
    """The visit after one on day 3 at which the family promised the return for that day."""
    do(case, Kind.PERSUASION, day(case, 3), result="agreed", promised_day=day(case, number).date())
    return open_step(case, Kind.PERSUASION)


@pytest.mark.parametrize(("days", "counted"), [(8, 8), (10, 10), (30, 10)])
def test_a_talk_is_not_due_before_the_promised_return_at_most_a_week_away(
    step: Step, days: int, counted: int
) -> None:
    again = promised_on(step.case, days)
    assert again.counted_from == local_moment(day(step.case, counted).date())
    assert again.due_at == end_of(day(step.case, counted + 7).date())
    assert why(again).event == "the promised day of return, at most a week after the talk"
    assert again.opens_at == again.begun_at


def test_a_promise_within_the_time_moves_nothing(step: Step) -> None:
    again = promised_on(step.case, 6)
    assert again.due_at == step.due_at
