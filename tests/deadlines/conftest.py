"""A county with a school, the official calendar and the assumed terms; and the same days without a database."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest
from django.utils import translation

from casework.core import clock
from casework.deadlines.calendar import load_official
from casework.deadlines.days import DayTable, days_for
from casework.deadlines.terms import add_default_terms
from casework.org.models import Unit

AT = clock.local_moment(date(2026, 9, 1), 9)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """The tests read messages, so they ask for the language these are written in."""
    with translation.override("en"):
        yield


@pytest.fixture
def county(db: None) -> Unit:
    unit: Unit = Unit.objects.add_root({"kind": "county", "name": "青岭县", "code": "990026"})
    return unit


@pytest.fixture
def school(county: Unit) -> Unit:
    township = Unit.objects.add_child(county, {"kind": "township", "name": "青石镇"})
    unit: Unit = Unit.objects.add_child(township, {"kind": "school", "name": "青石镇中学"})
    return unit


@pytest.fixture
def calendar(county: Unit) -> None:
    load_official(at=AT, by=None)
    add_default_terms(county, at=AT, by=None)


@pytest.fixture
def table(calendar: None, school: Unit) -> DayTable:
    return days_for(school)


def moment(text: str) -> datetime:
    """A local moment from text like "2026-10-01 09:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.LOCAL)
