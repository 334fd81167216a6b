"""The same county as for the imports, and messages in the language they are written in."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from casework.org.models import Unit
from tests.students.books import ready_county


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def county(db: None) -> Unit:
    return ready_county()
