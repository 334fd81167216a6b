"""Causes against outcomes: few cases and what is restricted are told with the others (features 118, 122)."""

from datetime import timedelta

import pytest

from casework.cases.models import Case
from casework.oversight.pivot import OTHERS, causes
from tests.oversight.world import AT, World, add_case, county

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return county()


def case(world: World, reason: str, *, days: int = 10, **facts: object) -> None:
    made = add_case(world, world.classes[0], AT - timedelta(days=days))
    Case.objects.filter(pk=made.pk).update(reason=reason, **facts)


def test_cases_stand_in_one_column_each(world: World) -> None:
    for facts in (
        {}, {"returned_at": AT}, {"closed_at": AT, "outcome": "returned", "returned_at": AT}, {"closed_at": AT, "outcome": "DECEASED"},
    ):  # fmt: skip
        case(world, "LEARN", **facts)
    ((_cause, counts),) = causes(world.county, AT)
    assert counts == {"open": 1, "back": 1, "returned": 1, "closed": 1}
    assert causes(world.towns[1], AT) == []


def test_few_cases_and_restricted_causes_are_told_together(world: World) -> None:
    for reason, times in (("LEARN", 3), ("POOR", 2), ("MARRY", 4), ("", 1)):
        for _n in range(times):
            case(world, reason)
    first, last = causes(world.county, AT)
    assert first[1]["open"] == 3 and (last[0], last[1]["open"]) == (OTHERS, 7)


def test_last_year_and_mistakes_do_not_count(world: World) -> None:
    case(world, "LEARN", days=200)
    case(world, "LEARN", stage="cancelled")
    assert causes(world.county, AT) == []
