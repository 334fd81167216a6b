"""Office hours are entered by a page: what they would move is shown first, then limits in hours follow them (issue 4)."""

from datetime import date

import pytest
from django.urls import reverse

from casework.cases.changing import enter_hours, hours_would_move
from casework.cases.kinds import Kind
from casework.cases.models import Restatement, Step
from casework.cases.redating import redate
from casework.core.clock import local_moment, moved_to
from casework.core.transaction import one_act
from casework.deadlines.models import OfficeHours
from casework.deadlines.office import parse_hours
from casework.deadlines.units import WORKING_HOURS
from tests.cases.test_days_that_move import carried
from tests.world import OPENED, World, client_of, open_case, open_step

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 10, 12)
LATER = parse_hours("10:00-12:00 15:00-18:00")


@pytest.fixture
def step(world: World) -> Step:
    """A step with eight working hours from Monday nine o'clock."""
    found = open_step(open_case(world, world.lan), Kind.REGISTER)
    Step.objects.filter(pk=found.pk).update(
        budget=8, budget_unit=WORKING_HOURS, counted_from=local_moment(date(2026, 10, 12), 9)
    )
    found = Step.objects.get(pk=found.pk)
    with one_act():
        redate(found, cause="extended", by=None, at=OPENED)
    return found


def test_a_limit_in_hours_follows_the_hours_of_its_school(step: Step, world: World) -> None:
    assert step.due_at == local_moment(date(2026, 10, 13), 10)
    effect = hours_would_move(world.school, LATER, MONDAY, OPENED)[""]
    assert (effect.open, effect.later) == (1, 1)
    enter_hours(world.school, LATER, MONDAY, by=world.admin, at=OPENED)
    found = carried()
    moved = Step.objects.get(pk=step.pk)
    assert moved.due_at == local_moment(date(2026, 10, 13), 16)
    assert (found.cause, found.moved) == (Restatement.Cause.HOURS, 1)


def test_the_page_shows_first_and_refuses_what_makes_no_sense(step: Step, world: World) -> None:
    client, place = client_of(world.admin), reverse("cases:terms")
    said = {
        "kind": "hours",
        "unit": world.school.pk,
        "hours": "10:00-12:00 15:00-18:00",
        "valid_from": "2026-10-12",
    }
    with moved_to(OPENED):
        seen = client.post(place, {**said, "act": "see"})
        assert not OfficeHours.objects.exists()
        wrong = client.post(place, {**said, "hours": "17:00-8:00", "act": "enter"})
        done = client.post(place, {**said, "act": "enter", "seen": seen.context["seen"]})
        page = client.get(place)
    assert wrong.status_code == 409 and "ends after it begins" in wrong.content.decode()
    assert done.status_code == 302 and OfficeHours.objects.get().spans == said["hours"]
    assert said["hours"] in page.content.decode()
