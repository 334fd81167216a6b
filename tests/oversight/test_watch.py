"""What a supervisor looks after beside what is late: each number is just its list (issue 4)."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from casework.cases.kinds import Kind
from casework.cases.models import Step, StepDue, Suspension
from casework.core.clock import local_date, moved_to
from casework.org.models import Unit, User
from casework.oversight.figures import steps_of
from casework.oversight.lens import Lens
from casework.oversight.snapshots import take
from casework.oversight.watch import WATCHED
from casework.oversight.watch_views import why_paused
from tests.oversight.test_pages import queries
from tests.oversight.world import AT, World, add, add_case, add_step, county
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
    steps = steps_of(world.county, Lens(AT, apart=False), "paused")
    assert why_paused(steps, Lens(AT)) == [("hold", "大雪封路", 2), ("hold", "住院", 1)]
    assert why_paused(steps_of(world.towns[1], Lens(AT), "paused"), Lens(AT)) == []


def test_a_clock_that_runs_again_has_no_reason(world: World) -> None:
    """Held, taken up early, held again: one clock stands, for one reason."""
    step = held(world, 0, reason="旧")
    said = {"step": step, "cause": "hold", "by_name": "x"}
    early = AT - timedelta(hours=3)
    Suspension(number=1, since=AT - DAY, until=early, reason="旧", at=early, **said).save()
    Suspension(number=2, since=early, until=AT + DAY, reason="新", at=early, **said).save()
    steps = steps_of(world.county, Lens(AT), "paused")
    assert (steps.count(), why_paused(steps, Lens(AT))) == (1, [("hold", "新", 1)])


def test_what_the_system_begins_touches_no_case(world: World) -> None:
    step = held(world, 0)
    rows = steps_of(world.county, Lens(AT), "idle")
    assert [each.pk for each in rows] == [step.pk]
    said = {"step": step, "version": 1, "due_at": AT, "since": AT - DAY}
    StepDue(cause="begun", **said).save()
    assert rows.all().count() == 1
    StepDue(cause="finished", ended=True, late_days=0, **said).save()
    assert rows.all().count() == 0


def test_no_row_names_the_office_of_restricted_work(world: World, boss: User) -> None:
    """decision 24: a number beside the office would tell what it is about."""
    office = add(world.county, "department", "民族宗教局")
    step = held(world, 0, kind=Kind.PROTECT)
    Step.objects.filter(pk=step.pk).update(unit=office)
    take(local_date(AT) - DAY)
    officer = world.person("county_case_officer", world.county)
    for name in ("oversight:watch", "oversight:pace"):
        with moved_to(AT):
            seen = {
                who: client_of(who).get(reverse(name)).content.decode() for who in (boss, officer)
            }
        assert (office.name in seen[boss], office.name in seen[officer]) == (False, True)
    with moved_to(AT):
        board = client_of(boss).get(reverse("oversight:board")).context["board"]
        listed = client_of(boss).get(reverse("oversight:steps"), {"unit": office.pk})
    assert next(row for row in board.rows if row.unit == office).tally.open == 0
    assert listed.context["lines"] == []


def test_the_page_asks_the_same_however_much_is_watched(world: World, boss: User) -> None:
    counts = []
    for _round in range(2):
        for place in range(len(world.classes)):
            held(world, place, reason="大雪")
        counts.append(queries(boss, reverse("oversight:watch")))
    assert counts[0] == counts[1] <= 12
