"""Goals handed down, only stricter below, and what is reached of them (domain.md A1–A4, A6, 5.3)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from casework.cases.models import Case, Matter
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from casework.org.models import Unit, User
from casework.org.roles import Role
from casework.oversight.cohorts import entrants_of, set_entrants
from casework.oversight.goals import (
    Indicator,
    Reached,
    Stage,
    goals_for,
    misses,
    reached,
    set_goal,
    stage_of,
)
from casework.oversight.lens import Lens
from casework.oversight.models import Goal
from casework.students.models import Enrolment, Pupil
from tests.oversight.world import AT, BEGIN, World, add_case, county
from tests.world import client_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SEPTEMBER = date(2026, 9, 1)
DROPOUT, KEPT = Indicator.DROPOUT, Indicator.RETENTION


@pytest.fixture
def world() -> World:
    return county()


def enrol(
    world: World, place: int, pupil: Pupil | None = None, *, until: date | None = None
) -> Pupil:
    pupil = pupil or Pupil.objects.create(
        name="周小兰", sex="f", born=date(2013, 5, 5), created_at=BEGIN
    )
    unit = world.classes[place]
    school = next(s for s in world.schools if s.holds(unit))
    Enrolment.objects.create(
        pupil=pupil, class_unit=unit, school=school, since=SEPTEMBER, until=until
    )
    return pupil


def away(world: World, place: int, days: int) -> Case:
    """A child enrolled in September that has a case since so many days."""
    case = add_case(world, world.classes[place], AT - days * DAY)
    enrol(world, place, case.pupil)
    return case


def of(world: World, unit: Unit | None = None, stage: str = Stage.ALL) -> dict[str, Reached]:
    unit = unit or world.county
    names = dict(Unit.objects.values_list("path", "name"))
    return {names[path]: r for (path, at), r in reached(unit, Lens(AT)).items() if at == stage}


def test_a_child_is_a_dropout_after_the_days_of_the_rules(world: World) -> None:
    for days in (29, 30, 45):
        away(world, 0, days)
    enrol(world, 0)
    assert of(world)[world.towns[0].name] == Reached(pupils=4, dropouts=2, kept=2)


def test_a_child_that_is_back_or_on_a_branch_is_none(world: World) -> None:
    back, parked = away(world, 0, 40), away(world, 0, 40)
    Case.objects.filter(pk=back.pk).update(returned_at=AT - DAY)
    Matter.objects.create(
        case=parked,
        kind="branch",
        code="SUSPENSION",
        unit=parked.school,
        opened_at=AT - 9 * DAY,
        decided_at=AT - 8 * DAY,
        parks=True,
    )
    assert of(world)[world.towns[0].name].dropouts == 0
    before = reached(world.county, Lens(AT - 8 * DAY - timedelta(hours=1), past=True))
    assert before[world.towns[0].path, Stage.ALL].dropouts == 2


def test_who_left_the_county_is_not_kept_and_who_moved_within_it_is(world: World) -> None:
    enrol(world, 0, until=date(2026, 10, 1))
    moved = enrol(world, 0, until=date(2026, 10, 1))
    Enrolment.objects.create(
        pupil=moved, class_unit=world.classes[-1], school=world.schools[-1], since=date(2026, 10, 1)
    )
    assert of(world)[world.towns[0].name] == Reached(pupils=2, dropouts=0, kept=1)


def test_a_school_is_told_by_class_and_a_county_by_stage(world: World) -> None:
    away(world, 0, 40)
    enrol(world, 1)
    by_class = of(world, world.schools[0])
    assert (
        by_class[world.classes[0].name].dropouts == 1 and by_class[world.classes[1].name].kept == 1
    )
    stage = stage_of(Unit.objects.filter(kind="grade")[0].name)
    assert stage and of(world, stage=stage)[world.towns[0].name].pupils == 2


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("一年级", "primary"),
        ("六年级", "primary"),
        ("七年级", "junior"),
        ("九年级", "junior"),
        ("学前班", None),
        ("", None),
    ],
)
def test_a_grade_has_a_stage(name: str, stage: str | None) -> None:
    assert stage_of(name) == stage


def test_rates_are_per_cent_to_two_places_and_none_without_pupils() -> None:
    part = Reached(pupils=300, dropouts=1, kept=299)
    assert (part.percent(DROPOUT), part.percent(KEPT)) == (Decimal("0.33"), Decimal("99.67"))
    assert Reached().percent(DROPOUT) is None


def boss(world: World, role: str, unit: Unit) -> User:
    return world.person(role, unit)


def test_a_goal_holds_below_and_the_strictest_binds(world: World) -> None:
    officer, town = (
        boss(world, Role.COUNTY_CASE_OFFICER, world.county),
        boss(world, Role.TOWNSHIP_CASE_OFFICER, world.towns[0]),
    )
    set_goal(world.county, DROPOUT, Stage.ALL, Decimal("2"), by=officer, at=AT)
    set_goal(world.towns[0], DROPOUT, Stage.ALL, Decimal("1.5"), by=town, at=AT)
    goals = list(Goal.objects.select_related("unit").order_by("pk"))
    value = lambda unit: goals_for(unit.paths_up(), goals)[DROPOUT, Stage.ALL].value  # noqa: E731
    assert (value(world.classes[0]), value(world.classes[-1])) == (Decimal("1.5"), Decimal("2"))
    set_goal(world.county, DROPOUT, Stage.ALL, Decimal("1"), by=officer, at=AT)
    goals = list(Goal.objects.select_related("unit").order_by("pk"))
    assert value(world.classes[0]) == Decimal("1")


@pytest.mark.parametrize(
    ("indicator", "upper", "laxer"), [(DROPOUT, "1.8", "1.9"), (KEPT, "98", "97.5")]
)
def test_a_unit_below_is_only_stricter(
    world: World, indicator: str, upper: str, laxer: str
) -> None:
    officer, town = (
        boss(world, Role.COUNTY_CASE_OFFICER, world.county),
        boss(world, Role.TOWNSHIP_CASE_OFFICER, world.towns[0]),
    )
    set_goal(world.county, indicator, Stage.JUNIOR, Decimal(upper), by=officer, at=AT)
    with pytest.raises(DomainError):
        set_goal(world.towns[0], indicator, Stage.JUNIOR, Decimal(laxer), by=town, at=AT)
    assert Goal.objects.count() == 1


def test_only_the_office_of_a_unit_sets_its_goals(world: World) -> None:
    town = boss(world, Role.TOWNSHIP_CASE_OFFICER, world.towns[0])
    for unit in (world.county, world.towns[1]):
        with pytest.raises(DomainError):
            set_goal(unit, DROPOUT, Stage.ALL, Decimal("1"), by=town, at=AT)
    with pytest.raises(DomainError):
        set_goal(world.towns[0], DROPOUT, Stage.ALL, Decimal("101"), by=town, at=AT)


def test_a_goal_is_missed_only_with_a_number_and_a_goal() -> None:
    goal = Goal(value=Decimal("2"))
    assert misses(DROPOUT, Decimal("2.01"), goal) and not misses(DROPOUT, Decimal("2"), goal)
    assert misses(KEPT, Decimal("1.99"), goal) and not misses(KEPT, None, goal)
    assert not misses(DROPOUT, Decimal("9"), None)


def test_the_page_shows_value_goal_and_finding_and_sets_one(world: World) -> None:
    away(world, 0, 40)
    client, place = (
        client_of(boss(world, Role.COUNTY_CASE_OFFICER, world.county)),
        reverse("oversight:goals"),
    )
    with moved_to(AT):
        done = client.post(place, {"indicator": "dropout", "stage": "all", "value": "2"})
        odd = client.post(place, {"indicator": "dropout", "stage": "all", "value": "1e9"})
        page = client.get(place)
    (unit, part, cells), *rest = page.context["rows"]
    assert (done.status_code, odd.status_code) == (302, 409)
    assert (unit, part.dropouts, cells[0].percent, cells[0].missed) == (
        world.county,
        1,
        Decimal("100.00"),
        True,
    )
    assert [row[0] for row in rest] == [world.towns[0]]


def ninth(world: World, place: int) -> None:
    """Makes the grade of a class the ninth."""
    Unit.objects.filter(path=world.classes[place].paths_up()[1]).update(name="九年级")


def test_of_those_who_began_so_many_finish(world: World) -> None:
    ninth(world, 0)
    for _child in range(3):
        enrol(world, 0)
    away(world, 0, days=40)
    enrol(world, -1)
    boss = world.person(Role.COUNTY_CASE_OFFICER, world.county)
    set_entrants(world.county, 9, by=boss, at=AT)
    set_entrants(world.county, 4, by=boss, at=AT)
    found = reached(world.county, Lens(AT))
    assert sum(each.finishing for (_p, stage), each in found.items() if stage == Stage.ALL) == 3
    assert entrants_of(2026, AT)[world.county.pk].entrants == 4
    assert entrants_of(2026, AT - DAY) == entrants_of(2025, AT) == {}
    assert Reached(finishing=3, entrants=4).percent(Indicator.CONSOLIDATION) == Decimal("75.00")
    assert Reached(finishing=3).percent(Indicator.CONSOLIDATION) is None


def test_the_page_shows_the_cohort_beside_its_goal(world: World) -> None:
    ninth(world, 0)
    enrol(world, 0)
    boss = world.person(Role.COUNTY_CASE_OFFICER, world.county)
    client, place = client_of(boss), reverse("oversight:goals")
    with moved_to(AT):
        assert client.post(place, {"act": "cohort", "entrants": "0"}).status_code == 409
        assert client.post(place, {"act": "cohort", "entrants": "2"}).status_code == 302
        said = {"indicator": Indicator.CONSOLIDATION, "stage": Stage.ALL, "value": "85"}
        assert client.post(place, said).status_code == 302
        page = client.get(place)
    cell = page.context["rows"][0][2][-1]
    assert (cell.percent, cell.missed) == (Decimal("50.00"), True)


def test_entrants_are_entered_by_the_office_alone(world: World) -> None:
    far = world.person(Role.TOWNSHIP_CASE_OFFICER, world.towns[1])
    with pytest.raises(DomainError, match="无权"):
        set_entrants(world.towns[0], 5, by=far, at=AT)
    boss = world.person(Role.COUNTY_CASE_OFFICER, world.county)
    with pytest.raises(DomainError, match="大于0"):
        set_entrants(world.county, 0, by=boss, at=AT)
