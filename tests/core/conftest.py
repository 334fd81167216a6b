"""The world of tests/world.py, and messages in the language they are written in."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from tests.world import world

__all__ = ["world"]


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield
