"""A database of its own for each fault test, on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from tests.faults.databases import Database, copied, made

VENDORS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Database]]:
    """The prepared database of a vendor, made when it is first asked for."""
    with ExitStack() as stack:
        yield cache(
            lambda vendor: stack.enter_context(made(vendor, tmp_path_factory.mktemp(vendor)))
        )


@pytest.fixture(params=VENDORS)
def database(
    request: pytest.FixtureRequest, origin: Callable[[str], Database], tmp_path: Path
) -> Iterator[Database]:
    with copied(origin(request.param), tmp_path) as database:
        yield database


@pytest.fixture
def sqlite_database(origin: Callable[[str], Database], tmp_path: Path) -> Iterator[Database]:
    with copied(origin("sqlite"), tmp_path) as database:
        yield database
