"""The inspection folder part by part (domain.md 6.2)."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from casework.cases.models import Case
from casework.core.clock import local_moment
from casework.evidence.extent import About
from casework.evidence.folder import FOLDER, PARTS
from casework.org.models import Unit
from casework.profiles.shelf import SLOTS
from casework.registers.models import Filing
from casework.registers.shelf import checklist
from tests.registers.conftest import case, case_pk, own_media, world
from tests.world import World

__all__ = ["case", "case_pk", "own_media", "world"]
pytestmark = pytest.mark.django_db


def states(unit: Unit, day: date) -> dict[int, str]:
    about = About(Case.objects.all(), unit, day - timedelta(days=30), day, local_moment(day, 12), None)  # fmt: skip
    with translation.override("en"):
        return {int(row[1]): str(row[3]) for row in FOLDER.rows(about) if row[0] == unit.name}  # type: ignore[call-overload]


def test_every_slot_of_the_shelf_is_of_a_part_and_all_parts_are_named() -> None:
    numbers = [part.number for part in PARTS]
    assert numbers == list(range(1, 26))
    assert {slot.part for slot in SLOTS.values()} <= set(numbers)


def test_each_part_says_how_it_stands(world: World) -> None:
    found = states(world.school, date(2026, 12, 20))
    assert (found[5], found[7], found[13]) == ("given by the records",) * 3
    assert not {16, 17, 18, 25} & set(found), "parts of a township's or the county's folder"
    late = [
        line.slot.part
        for line in checklist(world.school, 2026, at=local_moment(date(2026, 12, 20), 12))
        if line.state == "missing"
    ]
    assert late and all(found[part] == "due, missing" for part in late)
    assert states(world.county, date(2026, 9, 1))[25] == "not kept here"
    assert states(world.town, date(2026, 9, 1))[18] == "given by the records"
    assert Filing.objects.count() == 0
