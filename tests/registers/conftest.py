"""The world of tests/world.py with a case in persuasion, messages in the language they are written in, files of its own."""

from collections.abc import Iterator
from pathlib import Path
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


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(scope="module")
def case_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    yield from prepared(
        django_db_blocker, lambda: walk(world, open_case(world, world.lan), until=Kind.PERSUASION)
    )


@pytest.fixture
def case(case_pk: int) -> Case:
    found: Case = Case.objects.get(pk=case_pk)
    return found
