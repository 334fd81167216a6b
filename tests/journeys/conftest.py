"""The world of tests/world.py, messages in the language they are written in, a case that most begin with."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from casework.cases.kinds import Kind
from casework.cases.models import Case
from tests.world import World, open_case, prepared, walk, world

__all__ = ["world"]


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def talked(world: World) -> Case:
    """One in persuasion, and another case beside it."""
    case = walk(world, open_case(world, world.yun), until=Kind.PERSUASION)
    open_case(world, world.lan)
    return case


@pytest.fixture(scope="module")
def talked_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    yield from prepared(django_db_blocker, lambda: talked(world))


@pytest.fixture
def case(talked_pk: int) -> Case:
    """In persuasion; a module that begins elsewhere has its own."""
    return Case.objects.get(pk=talked_pk)
