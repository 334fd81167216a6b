"""In time or late, where the days go, what comes: every figure against the same counted by hand (issue 4, features 106, 107, 119)."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from casework.cases.kinds import Kind
from casework.cases.models import Step, StepDue, StepHolder
from casework.core.clock import end_of, local_date, moved_to
from casework.deadlines.days import days_for
from casework.org.models import Unit
from casework.oversight import pace
from casework.oversight.figures import place_length, steps_of
from casework.oversight.lens import Lens
from casework.oversight.pace import Ahead, OnTime, wilson
from casework.oversight.watch import horizon
from tests.oversight.world import AT, World, add_case, add_step, county
from tests.world import client_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    return county()


def ended(world: World, kind: str, *, due: int, done: int, place: int = 0, waited: int = 0) -> Step:
    """A step begun 40 days ago, taken after `waited` days, due and done so many days ago."""
    begun = AT - 40 * DAY
    step: Step = add_step(
        world, add_case(world, world.classes[place], begun), kind, due=AT - due * DAY
    )
    at = AT - done * DAY
    Step.objects.filter(pk=step.pk).update(
        begun_at=begun, opens_at=begun, finished_at=at, outcome="done", shown_kind=kind
    )
    StepDue(
        step=step,
        version=1,
        due_at=AT - due * DAY,
        since=at,
        cause="finished",
        ended=True,
        late_days=0,
    ).save()
    user = step.holder or world.person(step.role, step.unit)
    StepHolder(
        step=step, generation=9, user=user, since=begun + waited * DAY, how="claim", by_name=""
    ).save()
    return step


def test_shares_by_step_month_and_unit(world: World) -> None:
    for due, done in ((10, 12), (10, 9), (30, 31)):
        ended(world, Kind.VERIFY, due=due, done=done)
    ended(world, Kind.HOME_VISIT, due=5, done=4, place=-1)
    assert pace.on_time_by_kind(world.county, AT) == {
        "home_visit": OnTime(1, 0),
        "verify": OnTime(3, 2),
    }
    months = pace.on_time_by_month(world.county, AT)
    assert months == {date(2026, 10, 1): OnTime(1, 1), date(2026, 11, 1): OnTime(3, 1)}
    towns = pace.on_time_by_unit(world.county, AT, place_length(world.county))
    assert towns == {world.towns[0].path: OnTime(3, 2), world.towns[1].path: OnTime(1, 0)}


def test_what_nobody_did_does_not_count(world: World) -> None:
    step = ended(world, Kind.VERIFY, due=10, done=9)
    Step.objects.filter(pk=step.pk).update(cancelled=True)
    assert pace.on_time_by_kind(world.county, AT) == {}


def test_a_small_number_shows_its_range_and_a_large_one_does_not() -> None:
    assert OnTime(4, 3).range == (30, 96) and OnTime(4, 3).percent == 75
    assert OnTime(30, 20).range is None
    assert OnTime(0, 0).percent is None and OnTime(0, 0).range is None


@given(number=st.integers(1, 500), part=st.floats(0, 1))
def test_the_range_holds_the_share(number: int, part: float) -> None:
    hits = round(number * part)
    low, high = wilson(hits, number)
    assert 0 <= low <= hits / number + 1e-9 and hits / number - 1e-9 <= high <= 1


def test_where_the_days_go(world: World) -> None:
    """Begun on Sunday the 11th of October; taken a week later, done on the 16th of November: 5 and 20 working days."""
    step = ended(world, Kind.VERIFY, due=10, done=4, waited=7)
    found = pace.time_spent(world.county, AT, days_for(world.county))
    assert local_date(step.begun_at) == date(2026, 10, 11)
    assert found == {"verify": pace.Spent(1, 5, 20, 25)}


def test_the_forecast_takes_the_oldest_first() -> None:
    assert Ahead(due=10, overdue=0, pace=1.0).too_late == 5
    assert Ahead(due=10, overdue=5, pace=1.0).too_late == 10
    assert Ahead(due=10, overdue=2, pace=3.0).too_late == 0
    assert Ahead(due=3, overdue=50, pace=0.0).too_late == 3


def test_the_forecast_counts_due_overdue_and_pace(world: World) -> None:
    case = add_case(world, world.classes[0], AT - 3 * DAY)
    for due in (AT + 2 * DAY, AT + 6 * DAY, AT + 30 * DAY, AT - DAY):
        add_step(world, case, Kind.PLATFORM_MARK, due=due)
    for done in (1, 2, 3):
        ended(world, Kind.PLATFORM_MARK, due=1, done=done)
    (found,) = pace.forecast(world.county, AT, days_for(world.county)).values()
    assert (found.due, found.overdue, found.pace) == (2, 1, 0.3)
    assert horizon(AT, days_for(world.county)) == end_of(date(2026, 11, 27))
    assert steps_of(world.county, Lens(AT), "next_5").count() == 2


def test_the_page_names_no_person(world: World) -> None:
    step = ended(world, Kind.VERIFY, due=10, done=9)
    boss = world.person("county_supervisor", world.county)
    with moved_to(AT):
        page = client_of(boss).get(reverse("oversight:pace"), {"unit": world.county.pk})
        other = client_of(boss).get(
            reverse("oversight:pace"), {"unit": Unit.objects.order_by("-pk")[0].pk + 1}
        )
    assert page.status_code == 200 and other.status_code == 404
    assert step.holder is None or step.holder.display_name not in page.content.decode()
