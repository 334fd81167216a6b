"""A county that is ready, who imports into it, and messages in the language they are written in."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.utils import translation
from pytest_django import Settings

from casework.org.models import Unit, User
from casework.org.people import add_person, give_post
from casework.org.roles import Role
from tests.students.books import AT, ready_county


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def county(db: None) -> Unit:
    return ready_county()


@pytest.fixture
def files_of_its_own(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT, settings.STATIC_ROOT = tmp_path / "media", tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    return tmp_path


def person(username: str, role: str, unit: Unit) -> User:
    """Somebody who can sign in and has one post."""
    user = add_person(username=username, display_name=username, by=None, at=AT)
    user.must_set_password = False
    user.save()
    give_post(user=user, unit=unit, role=role, since=date(2026, 1, 1), by=None, at=AT)
    return user


@pytest.fixture
def officer(county: Unit) -> User:
    return person("officer", Role.COUNTY_CASE_OFFICER, county)
