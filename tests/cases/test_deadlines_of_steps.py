"""What a step's rows say of its holder and its due moment, from the first claim on (issue point 7, design.md §4)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from casework.cases import checks, steps
from casework.cases.kinds import Kind
from casework.cases.models import Case, Step, StepDue, StepHolder
from casework.cases.opening import season
from casework.core.clock import local_moment, moved_to
from casework.core.errors import DomainError
from casework.deadlines.engine import due_at
from casework.deadlines.terms import add_local_day
from casework.deadlines.units import last_day
from casework.profiles.rules import baseline, publish, section
from tests.world import BACK, OPENED, World, client_of, day, do, fresh, open_case, open_step, walk

pytestmark = pytest.mark.django_db


def test_the_first_step_has_its_rows_at_once(world: World) -> None:
    step = open_step(open_case(world, world.lan), Kind.REGISTER)
    due = StepDue.objects.get(step=step)
    assert (due.version, due.due_at, due.since, due.cause, due.ended) == (
        1,
        step.due_at,
        OPENED,
        "begun",
        False,
    )
    holder = StepHolder.objects.get(step=step)
    assert (holder.generation, holder.user, holder.since) == (1, world.officer, OPENED)


def test_each_change_of_holder_is_a_row(world: World) -> None:
    case = walk(world, open_case(world, world.ming), until=Kind.VERIFY)
    step, at = open_step(case, Kind.VERIFY), day(case, 0, 20)
    two, three = fresh(world.teacher_two), fresh(world.teacher_three)
    steps.take_step(step, by=two, at=at)
    steps.hand_over(step, to=three, reason="熟悉。", by=two, at=at + timedelta(hours=1))
    rows = StepHolder.objects.filter(step=step).order_by("generation")
    assert [(r.generation, r.user, r.since, r.how, r.reason, r.by_name) for r in rows] == [
        (1, two, at, "claim", "", "郑海"),
        (2, three, at + timedelta(hours=1), "hand_over", "熟悉。", "郑海"),
    ]


def test_finishing_ends_the_due_moment(world: World) -> None:
    case = walk(world, open_case(world, world.lan), until=Kind.VERIFY)
    ended = StepDue.objects.get(step__case=case, step__kind=Kind.REGISTER, ended=True)
    assert (ended.since, ended.cause) == (day(case, 0), "finished")


DUES = [
    (Kind.REGISTER, local_moment(date(2026, 10, 13))),  # the same day
    (Kind.VERIFY, local_moment(date(2026, 10, 14))),  # one school day
    (Kind.PERSUASION, local_moment(date(2026, 10, 20))),  # seven calendar days from the opening
]


def test_the_reasons_given_for_a_date_are_those_of_the_step(world: World) -> None:
    """design.md promise 4: days entered later change neither the date nor how it is explained."""
    case = open_case(world, world.lan)
    do(case, Kind.REGISTER, day(case, 0))
    step = open_step(case, Kind.VERIFY)
    due = last_day(step.due_at)
    add_local_day(world.school, due, school=False, reason="大雪", by=None, at=day(case, 0, 17))
    with moved_to(day(case, 1)):
        page = client_of(fresh(world.teacher)).get(reverse("cases:why", args=[step.pk]))
    assert page.context["lines"][-1].day == due


@pytest.mark.parametrize(("kind", "due"), DUES)
def test_the_due_moment_is_the_profile_s(world: World, kind: str, due: Any) -> None:
    case = walk(world, open_case(world, world.lan), until=kind)
    step = open_step(case, kind)
    assert step.due_at == due
    assert step.due_at == due_at(step.counted_from, step.budget, step.budget_unit, case.school)


def test_a_step_remembers_profile_and_calendar(world: World) -> None:
    """design.md §4: the date can be explained later, whatever was published since."""
    step = open_step(open_case(world, world.lan), Kind.REGISTER)
    before = (step.profile_id, step.calendar_version, step.due_at)
    rules = baseline()
    rules["steps"]["register"]["budget"] = 5
    publish(world.county, rules, name="slower", valid_from=date(2026, 10, 1), by=None, at=OPENED)
    step.refresh_from_db()
    assert (step.profile_id, step.calendar_version, step.due_at) == before
    other = open_step(open_case(world, world.an), Kind.REGISTER)
    assert other.profile_id != before[0] and other.due_at > before[2]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_follow_up_checks_open_on_their_day(world: World, number: int) -> None:
    case = walk(world, open_case(world, world.lan), until=Kind.FOLLOW_UP)
    for days in (3, 7, 14, 30)[: number - 1]:
        do(case, Kind.FOLLOW_UP, day(case, BACK + days))
    step, days = open_step(case, Kind.FOLLOW_UP), (3, 7, 14, 30)[number - 1]
    assert step.number == number
    assert step.opens_at == day(case, BACK + days, 0)
    assert step.due_at == day(case, BACK + days + 1, 0)


def test_a_check_is_not_claimed_before_its_day(world: World) -> None:
    case = walk(world, open_case(world, world.lan), until=Kind.FOLLOW_UP)
    step, teacher = open_step(case, Kind.FOLLOW_UP), fresh(world.teacher)
    steps.release_step(step, reason="调班。", by=teacher, at=day(case, BACK, 20))
    early = step.opens_at - timedelta(seconds=1)
    with pytest.raises(DomainError, match="opens on 2026-10-23"):
        steps.take_step(step, by=teacher, at=early)
    steps.take_step(step, by=teacher, at=step.opens_at)
    assert step.holder == teacher


def test_overdue_is_computed(world: World) -> None:
    """design.md promise 3: no flag; every question takes the moment."""
    case = open_case(world, world.lan)
    step = open_step(case, Kind.REGISTER)
    late = Step.objects.overdue
    assert not late(step.due_at).exists()
    assert late(step.due_at + timedelta(seconds=1)).get() == step
    do(case, Kind.REGISTER, step.due_at + timedelta(hours=9))
    assert step not in late(step.due_at + timedelta(days=1))


def test_the_numbers_of_cases_have_no_gap(world: World) -> None:
    cases = [open_case(world, world.pupils[key]) for key in ("lan", "yun", "qi")]
    numbers = [case.number for case in cases]
    assert numbers == [f"KC-990026-2026A-{n:05d}" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("on", "head"),
    [
        (date(2026, 8, 1), "2026A"),
        (date(2027, 1, 20), "2026A"),
        (date(2027, 2, 20), "2027S"),
        (date(2026, 7, 31), "2026S"),
    ],
)
def test_a_number_names_its_half_year(on: date, head: str) -> None:
    assert season(local_moment(on, 9)) == head


# ---- what check_cases finds (REL-14)


def kinds_found() -> set[str]:
    return {str(problem["kind"]) for problem in checks.problems()}


def test_damage_is_found_and_not_repaired(world: World) -> None:
    """REL-14: planted one by one."""
    case = walk(world, open_case(world, world.lan), until=Kind.VERIFY)
    assert kinds_found() == set()
    main = open_step(case, Kind.VERIFY)
    Step.objects.filter(pk=main.pk).update(finished_at=OPENED, outcome="local")
    assert kinds_found() == {"open_main_steps", "step_without_paper"}
    Step.objects.filter(pk=main.pk).update(finished_at=None, outcome="")
    Case.objects.filter(pk=case.pk).update(closed_at=OPENED)
    assert kinds_found() == {"open_step_of_closed_case"}
    Case.objects.filter(pk=case.pk).update(closed_at=None, stage="closed")
    assert kinds_found() == {"closed_without_moment"}
    Case.objects.filter(pk=case.pk).update(stage="verify")
    assert kinds_found() == set()


def test_a_section_comes_from_the_nearest_unit_that_names_it(world: World) -> None:
    """design.md §2: a school's own time for the intake leaves the county's time limits in force, and remembered."""
    county = open_step(open_case(world, world.lan), Kind.REGISTER).profile_id
    intake = baseline()["intake"] | {"budget": 3}
    publish(
        world.school, {"intake": intake}, name="x", valid_from=date(2026, 9, 1), by=None, at=OPENED
    )
    assert section(world.school, "intake", OPENED)["budget"] == 3
    assert section(world.far_school, "intake", OPENED)["budget"] == 1
    assert open_step(open_case(world, world.an), Kind.REGISTER).profile_id == county
