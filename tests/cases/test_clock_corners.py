"""Clocks in corners: older rules, other schools, days that move what waits, what urgent and given mean (review of issue 4)."""

from datetime import date, timedelta
from typing import Any

import pytest

from casework.cases import case_clock, ladder, restating, steps
from casework.cases.case_clock import clock_of
from casework.cases.changing import decide_rules, enter_day
from casework.cases.explaining import why
from casework.cases.extensions import cap_of, give_more_time
from casework.cases.holds import hold
from casework.cases.kinds import Kind
from casework.cases.models import Case, RungFired, Step, StepDue
from casework.core.clock import end_of, local_date
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.deadlines.limits import Limit
from casework.org.models import User
from casework.profiles import proposals
from casework.profiles.rules import Rules, baseline, publish, rules_for
from casework.profiles.shipped import merged
from tests.world import BACK, OPENED, World, day, do, fresh, open_case, open_step, walk

pytestmark = pytest.mark.django_db


def whole(step: Step) -> Step:
    rows = Step.objects.select_related(
        "case__school", "case__class_unit", "unit", "profile", "matter", "asked_by"
    )
    return rows.get(pk=step.pk)


def test_a_case_begun_under_rules_without_its_clock_has_that_of_now(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upgrade adds the clock to the rules in force, not to those of last year."""
    case = open_case(world, world.lan)
    older = Rules({}, {})

    def then_and_now(unit: Any, at: Any, *, newest: Any) -> Rules:
        return older if at == case.begun_at else rules_for(unit, at, newest=newest)

    monkeypatch.setattr(case_clock, "rules_for", then_and_now)
    assert clock_of(case, [], day(case, 3)).limit.budget == 30


def test_a_case_clock_without_days_has_no_date_and_no_error(world: World) -> None:
    rules = merged(baseline(), {"case": {"unit": "school_days", "budget": 400, "urgent": 400}})
    publish(world.county, rules, name="x", valid_from=date(2026, 9, 1), by=None, at=OPENED)
    case = open_case(world, world.lan)
    found = clock_of(Case.objects.select_related("school").get(pk=case.pk), [], day(case, 3))
    assert (found.due_at, found.lines(), found.used) == (None, [], 2)


def test_a_step_that_goes_to_another_school_is_counted_by_the_days_there(world: World) -> None:
    """Its date stays reproducible: counted anew, with the cause."""
    case = open_case(world, world.lan)
    do(case, Kind.REGISTER, day(case, 0))
    enter_day(
        world.school,
        date(2026, 10, 13),
        school=False,
        reason="大雪",
        by=world.admin,
        at=day(case, 0, 17),
    )
    for each in restating.waiting(day(case, 0, 17)):
        restating.run(each, at=day(case, 0, 17))
    step = open_step(case, Kind.VERIFY)
    assert step.due_at == end_of(date(2026, 10, 14))
    Case.objects.filter(pk=case.pk).update(school=world.far_school, class_unit=world.far_class)
    moved = whole(step)
    with one_act():
        steps.rehome(moved, at=day(case, 0, 18))
    found = whole(step)
    assert found.due_at == end_of(date(2026, 10, 13)) == end_of(why(found).lines[-1].day)
    assert StepDue.objects.filter(step=step).latest("pk").cause == "elsewhere"


def ruled(world: World, colleague: User, change: dict[str, Any], at: Any) -> None:
    """Rules that running clocks follow, carried over."""
    proposal = proposals.propose(
        world.county, merged(baseline(), change), name="x", valid_from=local_date(at), running=True, by=world.county_officer, at=at
    )  # fmt: skip
    decide_rules(proposal, approve=True, reason="", by=colleague, at=at)
    for each in restating.waiting(at):
        restating.run(each, at=at)


def test_a_check_never_opens_after_it_is_due(world: World, colleague: User) -> None:
    case = walk(world, open_case(world, world.lan), until=Kind.FOLLOW_UP)
    step, at = open_step(case, Kind.FOLLOW_UP), day(case, BACK, 20)
    ruled(world, colleague, {"steps": {"follow_up_3": {"budget": 1, "urgent": 1, "target": 1}}}, at)
    found = whole(step)
    assert found.due_at < step.due_at and found.opens_at == found.due_at - timedelta(days=1)


def test_more_time_moves_the_opening_of_a_check_too(world: World) -> None:
    case = walk(world, open_case(world, world.lan), until=Kind.FOLLOW_UP)
    step = open_step(case, Kind.FOLLOW_UP)
    give_more_time(step, more=2, reason="外出。", by=fresh(world.officer), at=day(case, BACK, 20))
    assert whole(step).opens_at > step.opens_at


def test_a_case_that_became_urgent_was_given_nothing(world: World, colleague: User) -> None:
    case = open_case(world, world.lan)
    step = open_step(case, Kind.REGISTER)
    Case.objects.filter(pk=case.pk).update(urgent=True)
    ruled(
        world, colleague, {"steps": {"register": {"budget": 4, "urgent": 2, "target": 2}}}, OPENED
    )
    assert whole(step).budget == 2


def test_the_limit_of_urgent_cases_is_never_the_longer_one() -> None:
    said = baseline()["steps"]["verify"] | {"budget": 2, "urgent": 9}
    assert Limit.of(said, urgent=True).budget == 2


def test_a_step_given_back_is_unclaimed_from_then_on(world: World) -> None:
    case = walk(world, open_case(world, world.ming), until=Kind.VERIFY)
    step = open_step(case, Kind.VERIFY)
    Step.objects.filter(pk=step.pk).update(
        due_at=end_of(date(2026, 12, 1)), counted_from=day(case, 3)
    )
    steps.take_step(step, by=fresh(world.teacher_two), at=day(case, 0, 20))
    steps.release_step(step, reason="外出。", by=fresh(world.teacher_two), at=day(case, 3, 9))
    ladder.fire(day(case, 3, 10))
    assert not RungFired.objects.filter(step=step, rung="unclaimed").exists()
    ladder.fire(day(case, 5, 0))
    assert RungFired.objects.filter(step=step, rung="unclaimed").exists()


def test_rules_that_allow_no_extension_are_obeyed(world: World) -> None:
    rules = merged(baseline(), {"clock": {"extension_percent": 0}})
    publish(world.county, rules, name="x", valid_from=date(2026, 9, 1), by=None, at=OPENED)
    step = open_step(open_case(world, world.lan), Kind.REGISTER)
    assert cap_of(whole(step), OPENED) == 0


@pytest.mark.parametrize("when", [{"digest_hour": 17}, {"digest_hour": 24}, {"digest_minute": 60}])
def test_a_morning_message_has_an_hour_of_the_morning(world: World, when: dict[str, int]) -> None:
    with pytest.raises(DomainError, match="is sent before 17:00"):
        publish(
            world.county,
            merged(baseline(), {"notices": when}),
            name="x",
            valid_from=date(2026, 9, 1),
            by=None,
            at=OPENED,
        )


def test_a_pause_longer_than_the_step_spares_only_its_own_days(world: World) -> None:
    case = walk(world, open_case(world, world.lan), until=Kind.PERSUASION)
    step = open_step(case, Kind.PERSUASION)
    hold(
        step,
        until=date(2026, 10, 13),
        reason="大雪。",
        document="",
        by=fresh(world.township),
        at=day(case, 1),
    )
    due = whole(step).due_at
    do(case, Kind.PERSUASION, day(case, 3), result="not_yet")
    ended = StepDue.objects.get(step=step, ended=True)
    assert ended.facts["stood"] == (due - step.due_at).days == 1


def test_a_hold_that_was_set_aside_by_the_calendar_is_not_a_touch(world: World) -> None:
    """A change of days is nobody's work on a case."""
    from casework.oversight.figures import steps_of
    from casework.oversight.lens import Lens

    case = walk(world, open_case(world, world.lan), until=Kind.PERSUASION)
    at = day(case, 12)
    Step.objects.filter(case=case, kind=Kind.PLATFORM_MARK).update(finished_at=None)
    enter_day(
        world.school, local_date(day(case, 14)), school=False, reason="大雪", by=world.admin, at=at
    )
    for each in restating.waiting(at):
        restating.run(each, at=at)
    assert steps_of(world.county, Lens(at), "idle").filter(case=case, kind=Kind.PERSUASION).exists()
