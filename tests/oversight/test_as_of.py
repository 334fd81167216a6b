"""What was overdue at a past moment, and in whose hands: from the rows of holders and due moments alone."""

import json
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from casework.cases.kinds import Kind
from casework.cases.models import Case, Step, StepDue
from casework.cases.steps import begin_step, finish_step, hand_over, release_step, take_step
from casework.core import clock
from casework.core.transaction import one_act
from casework.org.roles import Role
from casework.oversight.asof import overdue_as_of
from casework.oversight.figures import steps_of
from casework.oversight.lens import Lens
from tests.oversight.world import AT, World, add_case, county

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def begin(case: Case, kind: str, at: object) -> Step:
    with one_act():
        return begin_step(case, kind, at=at)  # type: ignore[arg-type]


def short(world: World, at: object) -> list[tuple[str, str | None]]:
    return [(late.case, late.holder) for late in overdue_as_of(world.county, at, at)]  # type: ignore[arg-type]


@pytest.fixture
def world() -> World:
    return county()


def test_the_past_answers_as_it_was_asked_then(world: World) -> None:
    first, second = (world.person(Role.CLASS_TEACHER, world.classes[0]) for _i in range(2))
    begun = AT - 20 * DAY
    case = add_case(world, world.classes[0], begun)
    step = begin(case, Kind.VERIFY, begun)
    take_step(step, by=first, at=begun + DAY)
    hand_over(step, to=second, reason="外出", by=first, at=begun + 6 * DAY)
    release_step(step, reason="生病", by=second, at=begun + 8 * DAY)
    take_step(step, by=first, at=begun + 9 * DAY)
    with one_act():
        finish_step(step, outcome="located", facts={}, by=first, at=begun + 12 * DAY)
    holders = {n: short(world, begun + n * DAY) for n in (0, 1, 5, 7, 8, 11, 12, 15)}
    assert holders == {
        0: [],
        1: [],
        5: [(case.number, first.username)],
        7: [(case.number, second.username)],
        8: [(case.number, None)],
        11: [(case.number, first.username)],
        12: [],
        15: [],
    }


def test_a_due_moment_that_was_moved_later_counts_only_from_then_on(world: World) -> None:
    begun = AT - 20 * DAY
    step = begin(add_case(world, world.classes[0], begun), Kind.VERIFY, begun)
    StepDue(step=step, version=2, due_at=AT, since=begun + 9 * DAY, cause="held").save()
    Step.objects.filter(pk=step.pk).update(due_version=2, due_at=AT)
    assert [len(short(world, begun + n * DAY)) for n in (8, 9, 21)] == [1, 0, 1]


def test_as_of_now_equals_the_live_list(world: World) -> None:
    for n, kind in enumerate(
        [Kind.REGISTER, Kind.VERIFY, Kind.PERSUASION, Kind.PERSUASION_LED] * 3
    ):
        begun = AT - n * 2 * DAY
        case = add_case(world, world.classes[n % 8], begun)
        begin(case, kind, begun)
        begin(case, Kind.PLATFORM_MARK, begun)
    for unit in [world.county, *world.towns, world.schools[0]]:
        live = steps_of(unit, Lens(AT), "overdue").order_by("due_at", "id")
        assert [(late.case, late.step) for late in overdue_as_of(unit, AT, AT)] == [
            (step.case.number, step.kind) for step in live
        ]
    assert len(overdue_as_of(world.county, AT, AT)) > len(overdue_as_of(world.towns[0], AT, AT)) > 0


def run(*args: str) -> str:
    out = StringIO()
    call_command("overdue", *args, stdout=out)
    return out.getvalue()


def test_the_command_prints_one_object(world: World) -> None:
    begun = clock.local_moment(date(2026, 11, 10), 9)
    teacher = world.person(Role.CLASS_TEACHER, world.classes[0])
    case = add_case(world, world.classes[0], begun)
    begin(case, Kind.VERIFY, begun)
    said = json.loads(run("--as-of", "2026-11-16T10:00", "--unit", "99002600", "--json"))
    assert said == {
        "as_of": "2026-11-16T10:00:00+08:00",
        "steps": [
            {
                "case": case.number,
                "step": "verify",
                "unit": f"{world.schools[0].name} {world.classes[0].name}",
                "holder": teacher.username,
                "name": teacher.display_name,
                "due": "2026-11-12T00:00:00+08:00",
                "late_by_working_days": 2,
                "late_by_seconds": 4 * 86400 + 10 * 3600,
            }
        ],
    }
    assert (
        json.loads(run("--as-of", "2026-11-16T10:00", "--unit", "99002601", "--json"))["steps"]
        == []
    )


def test_the_command_for_people_names_what_is_late(world: World) -> None:
    begun = clock.local_moment(date(2026, 11, 10), 9)
    case = add_case(world, world.classes[0], begun)
    begin(case, Kind.VERIFY, begun)
    told = run("--as-of", "2026-11-12T10:00")
    assert case.number in told and "\t—\t" in told and "\t0\t" in told
    assert told.splitlines()[1].split("\t")[:3] == ["case", "step", "unit"]


def test_an_unknown_unit_is_refused_and_a_bad_moment_is_wrong_usage(world: World) -> None:
    with pytest.raises(CommandError) as refused:
        run("--unit", "99")
    with pytest.raises(CommandError, match="2026-11-20T09:30"):
        run("--as-of", "yesterday")
    with pytest.raises(CommandError, match="2099-01-01"):
        run("--as-of", "2099-01-01T10:00")
    assert refused.value.returncode == 1
