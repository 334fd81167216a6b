"""What every test leans on: a clean rules cache, its own language, a fast password hash."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def clean_caches() -> None:
    """Rows that never change are cached by id; a test database gives the same id to other rows."""
    from casework.deadlines import days
    from casework.profiles import rules

    rules.forget()
    days.forget()


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """A request leaves its language with the thread; the next test begins with the site's own."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session", autouse=True)
def flush_past_triggers() -> Iterator[None]:
    """Emptying the tables after a test with real transactions is just what the triggers refuse (SEAL-05)."""
    from django.db import connection
    from django.test import TransactionTestCase

    from casework.core import triggers

    empty = TransactionTestCase._fixture_teardown

    def teardown(case: Any) -> None:
        there = not triggers.missing(connection)
        if there:
            triggers.remove(connection)
        empty(case)
        if there:
            triggers.install(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield
