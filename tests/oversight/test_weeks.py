"""Week by week: every number against the list that it opens, and the burn-down against cases counted by hand (issue 4)."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from casework.cases.kinds import Kind
from casework.cases.models import Case, Matter, Step
from casework.core.clock import local_date, local_moment, moved_to
from casework.oversight import weeks
from casework.oversight.figures import cases_of
from casework.oversight.lens import Lens
from casework.oversight.models import Snapshot
from casework.oversight.snapshots import take
from casework.oversight.weeks import Burn, weeks_left
from tests.oversight.world import AT, World, add_case, add_step, county
from tests.world import client_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
EVENINGS = [date(2026, 11, 12), date(2026, 11, 19)]


@pytest.fixture
def world() -> World:
    return county()


def keep(unit: object, back: int, late: int) -> None:
    said = {"unit": unit, "kind": "verify", "unclaimed": 0, "stuck": 0}
    Snapshot(day=local_date(AT) - back * DAY, open=5, overdue=late, **said).save()


def test_weeks_show_their_last_kept_evening(world: World) -> None:
    for back, late in ((1, 1), (2, 2), (8, 3), (200, 9)):
        for unit in (world.schools[0], world.schools[-1]):
            keep(unit, back, late)
    assert weeks.evenings(AT) == EVENINGS
    found = [(w.day, w.open, w.overdue) for w in weeks.trend(world.county, EVENINGS)]
    assert found == [(EVENINGS[0], 10, 6), (EVENINGS[1], 10, 2)]
    assert [w.overdue for w in weeks.trend(world.towns[0], EVENINGS)] == [3, 1]


def test_the_map_shows_where_it_was_late(world: World) -> None:
    keep(world.schools[0], 1, 4)
    keep(world.schools[0], 8, 1)
    keep(world.schools[-1], 8, 2)
    worst, other = weeks.heat(world.county, EVENINGS)
    assert worst.unit == world.towns[0] and other.unit == world.towns[1]
    assert [(count, tint) for _day, count, tint in worst.cells] == [(1, "a1"), (4, "a4")]
    assert [(count, tint) for _day, count, tint in other.cells] == [(2, "a2"), (0, "a0")]


def test_a_number_of_the_map_opens_just_its_list(world: World) -> None:
    case = add_case(world, world.classes[0], AT - 9 * DAY)
    add_step(world, case, Kind.VERIFY, due=AT - 5 * DAY)
    take(local_date(AT) - DAY)
    boss = world.person("county_supervisor", world.county)
    ((_day, count, _tint),) = weeks.heat(world.county, weeks.evenings(AT))[0].cells
    with moved_to(AT):
        page = client_of(boss).get(reverse("oversight:pace"), {"unit": world.county.pk})
        place = f"unit={world.towns[0].pk}&amp;what=overdue&amp;as_of=2026-11-19"
        assert place in page.content.decode()
        listed = client_of(boss).get(
            reverse("oversight:steps"),
            {"unit": world.towns[0].pk, "what": "overdue", "as_of": "2026-11-19"},
        )
    assert count == len(listed.context["lines"]) == 1


def test_the_burn_down_is_what_the_lists_of_those_evenings_show(world: World) -> None:
    """Opened three weeks ago, closed last week; opened last week; opened today in another school."""
    gone = add_case(world, world.classes[0], AT - 21 * DAY)
    Case.objects.filter(pk=gone.pk).update(closed_at=AT - 6 * DAY)
    add_case(world, world.classes[0], AT - 7 * DAY)
    add_case(world, world.classes[-1], AT)
    found = weeks.burn_down(world.county, AT)
    assert [(b.opened, b.ended, b.left) for b in found[-4:]] == [
        (1, 0, 1), (0, 0, 1), (1, 1, 1), (1, 0, 2),
    ]  # fmt: skip
    assert len(found) == 13 and sum(b.opened for b in found) == 3
    for burn in found[:-1]:
        evening = Lens(local_moment(burn.day + DAY) - timedelta.resolution, past=True)
        assert cases_of(world.county, evening).count() == burn.left
    assert weeks.burn_down(world.towns[0], AT)[-1].left == 1


def test_a_case_opened_anew_counts_as_opened(world: World) -> None:
    case = add_case(world, world.classes[0], AT - 21 * DAY)
    closed = add_step(world, case, Kind.APPROVE_CLOSURE, due=AT, finished=AT - 15 * DAY)
    Step.objects.filter(pk=closed.pk).update(outcome="approved")
    again = add_step(world, case, Kind.DECIDE_REQUEST, due=AT, finished=AT - DAY)
    matter = Matter.objects.create(
        case=case, kind="reopening", code="REOPEN", unit=world.county, opened_at=AT
    )
    Step.objects.filter(pk=again.pk).update(outcome="approved", matter=matter)
    Case.objects.filter(pk=case.pk).update(reopened=1, reopened_at=AT - DAY)
    found = weeks.burn_down(world.county, AT)
    assert [(b.opened, b.ended, b.left) for b in found[-4:]] == [
        (1, 0, 1), (0, 1, 0), (0, 0, 0), (1, 0, 1),
    ]  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=4, max_size=4))
def test_at_this_pace_it_ends_or_it_does_not(said: list[tuple[int, int]]) -> None:
    burns = [Burn(EVENINGS[0], opened, ended, 10) for opened, ended in said]
    left = weeks_left([*burns, Burn(EVENINGS[1], 99, 0, 10)])
    fewer = sum(ended - opened for opened, ended in said)
    assert left == (40 / fewer if fewer > 0 else None)


def test_the_queries_do_not_grow_with_the_county(
    world: World, django_assert_num_queries: object
) -> None:
    add_case(world, world.classes[0], AT - DAY)
    with django_assert_num_queries(weeks.WEEKS + 3):  # type: ignore[operator]  # a fixture
        weeks.burn_down(world.towns[0], AT)
