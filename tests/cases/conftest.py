"""The world of tests/world.py, and messages in the language they are written in."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.utils import translation

from casework.org.models import Post, User
from casework.org.roles import Role
from tests.world import OPENED, World, world

__all__ = ["world"]


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def colleague(world: World) -> User:
    """A second officer of the county."""
    user = User.objects.create(username="99900999", display_name="白丽", created_at=OPENED)
    Post.objects.create(
        user=user, unit=world.county, role=Role.COUNTY_CASE_OFFICER, since=date(2026, 9, 1)
    )
    return user
