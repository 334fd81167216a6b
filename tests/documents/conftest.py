"""A school, a teacher and values for every paper at three lengths. All people are invented."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from casework.core import clock, triggers
from casework.documents import render
from casework.documents.issue import issue
from casework.documents.models import Document
from casework.documents.papers.register import PAPERS
from casework.documents.seal import make_demo_certificate
from casework.org.models import Unit, UnitKind, User
from tests.documents.samples import AT, values_for


@pytest.fixture
def school(db: None) -> Unit:
    county = Unit.objects.add_root(
        instance=Unit(kind=UnitKind.COUNTY, name="示范县", code="990026")
    )
    town = Unit.objects.add_child(
        county, instance=Unit(kind=UnitKind.TOWNSHIP, name="示范县青石镇")
    )
    school: Unit = Unit.objects.add_child(
        town, instance=Unit(kind=UnitKind.SCHOOL, name="示范县青石镇中学", short="青石镇中学")
    )
    return school


@pytest.fixture
def teacher(db: None) -> User:
    return User.objects.create(
        username="100001", display_name="王立群", created_at=datetime(2026, 9, 1, tzinfo=UTC)
    )


@pytest.fixture(scope="session")
def seal_key(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("seal") / "seal.p12"
    make_demo_certificate(path, name="示范县教育局", passphrase="tests", at=clock.real_now())
    return str(path)


@pytest.fixture
def sealed(settings: Any, seal_key: str, tmp_path: Path) -> None:
    """A seal and a folder of its own."""
    settings.SEAL_KEY, settings.SEAL_PASSPHRASE = seal_key, "tests"
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(scope="session", autouse=True)
def press_stops() -> Iterator[None]:
    yield
    render.close()


@pytest.fixture
def triggers_set(db: None) -> None:
    """As after the migrations; ask for it before any row is made."""
    if triggers.missing(connection):
        triggers.install(connection)


@pytest.fixture
def unlocked(db: None) -> Callable[..., None]:
    """Runs SQL past the triggers, as someone with all rights on the database could."""

    def run(sql: str, *values: Any) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        triggers.remove(connection)
        with connection.cursor() as cursor:
            cursor.execute(sql, values)

    return run


@pytest.fixture
def make(school: Unit, teacher: User) -> Callable[..., Document]:
    """Issues a paper with usual values."""

    def issued(kind: str = "P35", **more: Any) -> Document:
        values = more.pop("values", None) or values_for(PAPERS[kind], "usual")
        given: dict[str, Any] = {
            "chain": "case:12",
            "subject": "step:1",
            "at": AT,
            "by": teacher,
            "unit": school,
        }
        return issue(kind=kind, values=values, **(given | more))

    return issued
