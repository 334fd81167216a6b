"""Zero is not no data: the badge, the days at zero, who came back and who stayed (domain.md A12, 5.3)."""

from datetime import date, timedelta

import pytest

from casework.cases.models import Case
from casework.core.clock import local_date, school_year
from casework.org.models import Unit
from casework.oversight.board import units_near
from casework.oversight.pace import OnTime
from casework.oversight.zero import Zero, returns_of, zeros
from casework.students.models import Enrolment, RollCall
from tests.oversight.world import AT, World, add_case, county

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FIRST = date(2026, 9, 1)


@pytest.fixture
def world() -> World:
    return county()


def call_rolls(world: World, part: float = 1.0) -> None:
    """Every class's roll of every weekday of the term, or of the first part of them."""
    days = [FIRST + n * DAY for n in range((local_date(AT) - FIRST).days + 1)]
    for unit in world.classes:
        RollCall.objects.bulk_create(
            RollCall(class_unit=unit, day=day, source="x") for day in days[: int(len(days) * part)]
        )


def shown(world: World, unit: Unit | None = None) -> dict[str, Zero]:
    unit = unit or world.county
    return {row.unit.name: row for row in zeros(unit, units_near([unit]), AT)}


def test_a_zero_with_its_rolls_has_the_badge(world: World) -> None:
    call_rolls(world)
    case = add_case(world, world.classes[0], AT - 30 * DAY, closed=True)
    first, second = (shown(world)[town.name] for town in world.towns)
    assert first.badge and second.badge
    assert (first.days_at_zero, second.days_at_zero) == (1, None)
    assert first.last_roll == local_date(AT) and case.closed_at


def test_without_rolls_there_is_no_zero(world: World) -> None:
    call_rolls(world, 0.5)
    row = shown(world)[world.towns[0].name]
    assert not row.open and not row.badge and not row.trusted
    assert row.rolls.percent is not None and row.rolls.percent < row.needed == 90


def test_an_open_case_ends_it_at_every_level(world: World) -> None:
    call_rolls(world)
    add_case(world, world.classes[0], AT - 2 * DAY)
    county_rows, town_rows = shown(world), shown(world, world.towns[0])
    assert [county_rows[town.name].badge for town in world.towns] == [False, True]
    assert [town_rows[school.name].open for school in world.schools[:2]] == [1, 0]
    assert county_rows[world.towns[0].name].days_at_zero is None


def test_pupils_are_those_enrolled_today(world: World) -> None:
    case = add_case(world, world.classes[0], AT)
    there = {"class_unit": world.classes[0], "school": world.schools[0]}
    Enrolment.objects.create(pupil=case.pupil, since=FIRST, until=FIRST + 9 * DAY, **there)
    assert shown(world)[world.towns[0].name].pupils == 0
    Enrolment.objects.create(pupil=case.pupil, since=FIRST + 9 * DAY, **there)
    assert shown(world)[world.towns[0].name].pupils == 1


def back(world: World, days: int, *, again: int | None = None, opened: int | None = None) -> Case:
    """A child that came back so many days ago, and left again so many days after that."""
    opened = days + 20 if opened is None else opened
    case = add_case(world, world.classes[0], AT - opened * DAY, closed=True)
    Case.objects.filter(pk=case.pk).update(returned_at=AT - days * DAY)
    if again is not None:
        following = add_case(world, world.classes[0], AT - (days - again) * DAY)
        Case.objects.filter(pk=following.pk).update(previous=case.pk, episode=2)
    return case


def test_who_came_back_and_who_left_again(world: World) -> None:
    back(world, 40)
    back(world, 50, again=20)
    add_case(world, world.classes[0], AT - 5 * DAY)
    struck = add_case(world, world.classes[0], AT - 5 * DAY, closed=True)
    Case.objects.filter(pk=struck.pk).update(stage="cancelled")
    found = returns_of(world.county, AT)
    assert (found.since, found.returned, found.again) == (FIRST, OnTime(4, 2), OnTime(2, 1))
    assert returns_of(world.towns[1], AT).returned == OnTime(0, 0)


def test_the_curve_asks_only_whose_return_lies_back_long_enough(world: World) -> None:
    back(world, 20)
    back(world, 40, again=35)
    back(world, 100, again=50)
    back(world, 200)
    stayed = dict(returns_of(world.county, AT).stayed)
    assert stayed == {30: OnTime(3, 3), 60: OnTime(2, 1), 90: OnTime(2, 1), 180: OnTime(1, 1)}


@pytest.mark.parametrize(
    ("day", "first"),
    [(date(2026, 9, 1), FIRST), (date(2026, 8, 31), date(2025, 9, 1)), (date(2027, 1, 1), FIRST)],
)
def test_a_school_year_begins_in_september(day: date, first: date) -> None:
    assert school_year(day) == first
