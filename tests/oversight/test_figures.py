"""Every number of the board against the same number counted in Python, row by row."""

from datetime import date, datetime, timedelta

import pytest

from casework.cases.kinds import Kind
from casework.cases.models import Case, Step
from casework.core import clock
from casework.deadlines.days import days_for, is_school_day
from casework.deadlines.engine import working_days_late
from casework.deadlines.terms import add_local_day, set_term
from casework.org.models import Post, Unit
from casework.org.roles import Role
from casework.oversight import figures
from casework.oversight.board import board_of, units_near, worst_of
from casework.oversight.figures import Tally
from casework.oversight.lens import Lens
from casework.oversight.rolls import Rolls
from casework.students.models import RollCall
from tests.oversight.world import AT, World, add_case, add_step, county, random_world

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def someone_can(step: Step, at: datetime) -> bool:
    day = clock.local_date(at)
    return any(
        post.role == step.role
        and post.unit.holds(step.unit)
        and post.user.is_active
        and post.user_id != step.asked_by_id
        and post.since <= day
        and (post.until is None or post.until >= day)
        for post in Post.objects.select_related("user", "unit")
    )


def counted(steps: list[Step], at: datetime) -> Tally:
    return Tally(
        open=len(steps),
        soon=sum(at <= s.due_at < at + 48 * HOUR for s in steps),
        overdue=sum(s.due_at < at for s in steps),
        unclaimed=sum(s.holder_id is None and s.opens_at <= at for s in steps),
        stuck=sum(s.holder_id is None and not someone_can(s, at) for s in steps),
        **late_by_hand(steps, at),
    )


def late_by_hand(steps: list[Step], at: datetime) -> dict[str, int]:
    """Overdue steps in the spans of working days late."""
    days = days_for(Unit.objects.get(depth=1))
    late = [working_days_late(s.due_at, at, days) for s in steps if s.due_at < at]
    spans = {"late_0": (0, 0), "late_1": (1, 3), "late_4": (4, 7), "late_8": (8, 999)}
    return {key: sum(low <= n <= high for n in late) for key, (low, high) in spans.items()}


def open_steps(unit: Unit) -> list[Step]:
    rows = Step.objects.select_related("unit")
    return [s for s in rows if s.finished_at is None and unit.holds(s.unit)]


def span_of(case: Case, at: datetime) -> int:
    days = (clock.local_date(at) - clock.local_date(case.opened_at)).days
    return next(i for i, (_low, high) in enumerate(figures.AGES) if high is None or days <= high)


def open_cases(unit: Unit) -> list[Case]:
    rows = Case.objects.select_related("class_unit", "school")
    return [c for c in rows if c.closed_at is None and unit.holds(c.class_unit or c.school)]


def rolls_by_hand(world: World, unit: Unit, at: datetime) -> Rolls:
    today, first = clock.local_date(at), date(2026, 9, 1)
    noon = at >= clock.local_moment(today, 12)  # today's roll is due when the morning is over
    days = [first + timedelta(days=n) for n in range((today - first).days + noon)]
    mine = [c for c in world.classes if unit.holds(c)]
    tables = {c.pk: days_for(c) for c in mine}
    due = {(pk, day) for pk, table in tables.items() for day in days if is_school_day(table, day)}
    called = set(RollCall.objects.values_list("class_unit_id", "day"))
    return Rolls(len(due & called), len(due))


@pytest.mark.parametrize("seed", range(6))
def test_the_board_agrees_with_a_count_in_python(seed: int) -> None:
    world = random_world(seed)
    for unit in [world.county, *world.towns, world.schools[0], world.classes[0]]:
        board = board_of(unit, Lens(AT))
        assert board.tally == counted(open_steps(unit), AT)
        assert board.rolls == rolls_by_hand(world, unit, AT)
        ages = [span_of(case, AT) for case in open_cases(unit)]
        assert board.ages == tuple(ages.count(i) for i in range(len(figures.AGES)))
        for kind, _label, tally in board.kinds:
            assert tally == counted([s for s in open_steps(unit) if s.kind == kind], AT)


@pytest.mark.parametrize("seed", range(3))
def test_the_rows_of_a_board_add_up_and_agree_with_the_board_below(seed: int) -> None:
    world = random_world(seed)
    for unit in [world.county, world.towns[0], world.schools[0]]:
        board = board_of(unit, Lens(AT))
        assert figures.total(row.tally for row in board.rows) == board.tally
        for row in board.rows:
            if not row.own:
                inner = board_of(row.unit, Lens(AT))
                assert (row.tally, row.ages, row.rolls) == (inner.tally, inner.ages, inner.rolls)
            assert sum(row.late.values()) == row.tally.overdue


@pytest.mark.parametrize("seed", range(3))
def test_each_number_opens_a_list_of_that_length(seed: int) -> None:
    world = random_world(seed)
    board = board_of(world.county, Lens(AT))
    for row in [row for row in board.rows if not row.own]:
        for what in (*figures.conditions(Lens(AT)), *figures.LATE):
            rows = figures.steps_of(row.unit, Lens(AT), what)
            assert rows.count() == getattr(row.tally, what)
        for i, count in enumerate(row.ages):
            assert figures.cases_of(row.unit, Lens(AT), i).count() == count


def test_what_needs_action_most_is_the_longest_overdue() -> None:
    world = county()
    for hours in (5, 90, 30, -5, 60, 10, 20):
        case = add_case(world, world.classes[0], AT - timedelta(days=9))
        add_step(world, case, Kind.VERIFY, due=AT - hours * HOUR)
    reader, units = world.person("county_supervisor", world.county), units_near([world.county])
    late = [AT - step.due_at for step in worst_of(world.county, Lens(AT), units, reader)]
    assert late == [hours * HOUR for hours in (90, 60, 30, 20, 10)]


def test_a_step_whose_only_taker_is_whom_it_checks_is_stuck() -> None:
    world = county()
    head = world.person(Role.PRINCIPAL, world.schools[0])
    case = add_case(world, world.classes[0], AT)
    add_step(world, case, Kind.CONFIRM_RETURN, due=AT, asked_by=head)
    assert board_of(world.county, Lens(AT)).tally.stuck == 1
    world.person(Role.PRINCIPAL, world.towns[0])
    assert board_of(world.county, Lens(AT)).tally.stuck == 0


def test_zero_is_not_no_data() -> None:
    world = county()
    RollCall.objects.create(class_unit=world.classes[0], day=date(2026, 9, 1), source="roll.xlsx")
    first, second = board_of(world.county, Lens(AT)).rows
    assert (first.tally, second.tally) == (Tally(), Tally())
    assert (first.rolls.missing, second.rolls.missing) == (False, True)
    assert (first.rolls.percent, second.rolls.percent) == (0, 0)


def test_between_terms_no_roll_is_due() -> None:
    world = county()
    board = board_of(world.county, Lens(clock.local_moment(date(2026, 8, 20), 9)))
    assert board.rolls.percent is None and not board.rolls.missing


def test_a_school_with_its_own_term_and_a_snow_day_owes_fewer_rolls() -> None:
    world = county()
    before = board_of(world.county, Lens(AT)).rolls.due
    set_term(world.schools[0], "2026-2027-1", date(2026, 9, 7), date(2027, 1, 20), by=None, at=AT)
    add_local_day(world.schools[1], date(2026, 11, 18), school=False, reason="雪", by=None, at=AT)
    after = board_of(world.county, Lens(AT)).rolls
    assert after == rolls_by_hand(world, world.county, AT)
    assert before - after.due == 2 * 4 + 2


def test_work_of_another_township_is_not_counted() -> None:
    """ACC-02"""
    world = county()
    case = add_case(world, world.classes[-1], AT)
    add_step(world, case, Kind.VERIFY, due=AT - HOUR)
    here, there = (board_of(town, Lens(AT)) for town in world.towns)
    assert (here.tally, here.ages) == (Tally(), (0,) * 5)
    assert there.tally.overdue == 1 and there.ages[0] == 1
