"""A list in force is replaced as a whole, by a whole one."""

from typing import Any

import pytest

from casework.core.errors import DomainError
from casework.students.lists import import_list
from casework.students.workbook import Upload
from tests.cases.other_lists import book, everybody, give_sound_numbers, in_force, take
from tests.world import OPENED, World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sound(world: World) -> None:
    give_sound_numbers(world)


def test_a_new_telephone_is_a_change_and_who_leaves_the_list_is_told(world: World) -> None:
    take(world, *everybody(world))
    rows = everybody(world)
    rows[0][7] = "10000009999"
    report = take(world, *rows[:-1])
    assert (report.applied, report.unchanged) == (1, 3)
    assert in_force().rows.get(name="罗小兰").phone == "10000009999"
    assert any("1 children" in each.message for each in report.warnings)


def test_a_list_is_not_replaced_by_half_of_it(world: World) -> None:
    take(world, *everybody(world))
    before = in_force()
    files = [book(*everybody(world)[:2]), Upload("b.xlsx", b"PK damaged")]
    who: dict[str, Any] = {"kind": "household", "unit": world.town, "by": world.township}
    report = import_list(files, **who, at=OPENED, dry_run=True)
    assert any("list in force stays" in each.message for each in report.errors)
    assert (report.read, report.applied, report.refused) == (0, 0, 0)
    with pytest.raises(DomainError, match="No row of these files"):
        import_list(files, **who, at=OPENED, dry_run=False)
    assert in_force() == before and before.rows.count() == 5
