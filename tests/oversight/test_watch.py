"""What a supervisor looks after beside what is late: each number is just its list (issue 4)."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from casework.cases.kinds import Kind
from casework.cases.models import Step, Suspension
from casework.core.clock import moved_to
from casework.org.models import Unit, User
from casework.oversight.figures import steps_of
from casework.oversight.lens import Lens
from casework.oversight.watch import WATCHED
from casework.oversight.watch_views import why_paused
from tests.oversight.test_pages import queries
from tests.oversight.world import AT, World, add_case, add_step, county
from tests.world import client_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    return county()


@pytest.fixture
def boss(world: World) -> User:
    return world.person("county_supervisor", world.county)


def held(world: World, place: int, *, reason: str = "", kind: str = Kind.VERIFY) -> Step:
    """A step in the hands of somebody who has not signed in; with a reason its clock stands."""
    holder = world.person("class_teacher", world.classes[place])
    case = add_case(world, world.classes[place], AT - 9 * DAY)
    step = add_step(world, case, kind, due=AT + DAY, holder=holder)
    if reason:
        Step.objects.filter(pk=step.pk).update(pauses=1)
        said = {"reason": reason, "at": AT - DAY, "by_name": "x"}
        Suspension(step=step, number=1, cause="hold", since=AT - DAY, until=AT + DAY, **said).save()
    return step


def page(boss: User, unit: Unit) -> Any:
    with moved_to(AT):
        return client_of(boss).get(reverse("oversight:watch"), {"unit": unit.pk})


def test_each_number_is_just_its_list(world: World, boss: User) -> None:
    held(world, 0, reason="大雪封路")
    held(world, 1)
    held(world, -1)
    for unit in (world.county, world.towns[0], world.schools[0]):
        shown = page(boss, unit).context
        listed = {what: steps_of(unit, Lens(AT), what).count() for what in WATCHED}
        assert dict(shown["whole"]) == listed
        for place, own, cells in shown["rows"]:
            rows = {what: steps_of(place, Lens(AT), what) for what in WATCHED}
            if own:
                rows = {what: each.filter(unit=place) for what, each in rows.items()}
            assert dict(cells) == {what: each.count() for what, each in rows.items()}
    assert dict(page(boss, world.county).context["whole"])["unseen"] == 3


def test_the_reasons_of_standing_clocks_are_counted(world: World) -> None:
    for reason in ("大雪封路", "大雪封路", "住院"):
        held(world, 0, reason=reason)
    held(world, 0, reason="不说", kind=Kind.PROTECT)
    assert why_paused(world.county, Lens(AT)) == [("hold", "大雪封路", 2), ("hold", "住院", 1)]
    assert why_paused(world.towns[1], Lens(AT)) == []


def test_the_page_asks_the_same_however_much_is_watched(world: World, boss: User) -> None:
    counts = []
    for _round in range(2):
        for place in range(len(world.classes)):
            held(world, place, reason="大雪")
        counts.append(queries(boss, reverse("oversight:watch")))
    assert counts[0] == counts[1] <= 12
