"""What every test leans on: a clean rules cache, its own language, a fast password hash."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

# What they ask does not depend on the database: readers, papers, catalogues, and who may open which address (the pages
# themselves are opened on both). `.ci/run` leaves them out on PostgreSQL.
ONCE = (
    "architecture/test_imports.py", "architecture/test_protected_writes.py", "deadlines/test_counting_properties.py",
    "detection/test_rules.py", "documents/test_papers.py", "documents/test_render.py", "documents/test_store.py",
    "evidence/test_packer.py", "evidence/test_tampering.py", "i18n/test_catalogue.py",
    "i18n/test_templates_and_papers.py", "org/test_access_matrix.py", "project/test_deploy.py", "project/test_docs.py",
    "project/test_requirements.py", "project/test_tracked_files.py", "project/test_vendored_files.py",
    "students/test_cells_and_numbers.py", "students/test_reading_workbooks.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of those files; a name that is no file any more is an error."""
    here = Path(__file__).parent
    missing = [name for name in ONCE if not (here / name).is_file()]
    assert not missing, missing
    for item in items:
        if item.path.is_relative_to(here) and str(item.path.relative_to(here)) in ONCE:
            item.add_marker("once")


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
