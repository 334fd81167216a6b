"""By village and class, as of any day; each number opens its list (domain.md C6)."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from casework.cases.models import Case
from casework.core.clock import moved_to
from casework.org.models import Unit, UnitKind
from casework.org.roles import Role
from casework.oversight.lens import Lens
from casework.oversight.villages import Count4, by_village
from casework.students.models import Enrolment
from tests.oversight.world import AT, World, add, add_case, county
from tests.world import client_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    return county()


def child(world: World, village: Unit | None, place: int, days: int) -> Case:
    """A pupil of that village with a case since so many days."""
    case = add_case(world, world.classes[place], AT - days * DAY)
    Case.objects.filter(pk=case.pk).update(village=village)
    case.pupil.village = village
    case.pupil.save(update_fields=["village"])
    school = next(s for s in world.schools if s.holds(world.classes[place]))
    Enrolment.objects.create(
        pupil=case.pupil, class_unit=world.classes[place], school=school, since=date(2026, 9, 1)
    )
    return case


def test_each_number_is_of_its_village_and_class(world: World) -> None:
    village = add(world.towns[0], UnitKind.VILLAGE, "上寨村")
    child(world, village, 0, 40)
    child(world, village, 0, 3)
    child(world, None, 1, 3)
    back = child(world, village, 1, 20)
    Case.objects.filter(pk=back.pk).update(returned_at=AT - DAY)
    first, second = (world.classes[n].path for n in (0, 1))
    table = by_village(world.schools[0], Lens(AT))
    assert table[village.pk, first] == Count4(pupils=2, open=2, dropouts=1, returned=0)
    assert table[village.pk, second] == Count4(pupils=1, open=1, dropouts=0, returned=1)
    assert table[None, second] == Count4(pupils=1, open=1)
    town = by_village(world.towns[0], Lens(AT))
    assert town[village.pk, world.schools[0].path] == Count4(3, 3, 1, 1)


def test_a_past_day_is_told_as_it_was(world: World) -> None:
    village = add(world.towns[0], UnitKind.VILLAGE, "上寨村")
    child(world, village, 0, 3)
    before = by_village(world.schools[0], Lens(AT - 5 * DAY, past=True))
    assert before[village.pk, world.classes[0].path] == Count4(pupils=1)


def test_the_page_leads_from_the_county_to_the_list_behind_a_number(world: World) -> None:
    village = add(world.towns[0], UnitKind.VILLAGE, "上寨村")
    child(world, village, 0, 3)
    child(world, None, 0, 3)
    client = client_of(world.person(Role.COUNTY_CASE_OFFICER, world.county))
    with moved_to(AT):
        chosen = client.get(reverse("oversight:villages")).context["choices"]
        page = client.get(reverse("oversight:villages"), {"unit": world.schools[0].pk})
        place = {"unit": world.classes[0].pk, "village": village.pk}
        listed = client.get(reverse("oversight:cases"), place).context["page"].rows
        nowhere = (
            client.get(reverse("oversight:cases"), {**place, "village": 0}).context["page"].rows
        )
    assert chosen == world.towns
    assert [(row[0], row[1].open) for row in page.context["rows"]] == [(village, 1), (None, 1)]
    assert len(listed) == len(nowhere) == 1 and listed[0] != nowhere[0]
