"""Lists cost the same with few and with many rows, and never more than twelve queries (conventions.md 17, issue numbers)."""

import base64
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from casework.cases.kinds import Kind
from casework.cases.models import Case
from casework.core.clock import moved_to
from casework.students.models import Enrolment, Pupil
from tests.world import BEGIN, World, client_of, day, open_case, prepared, suspect, walk

pytestmark = pytest.mark.django_db
MOST = 12


@pytest.fixture(scope="module")
def one_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    """One case, whose visit waits in a queue, and one finding."""
    yield from prepared(django_db_blocker, lambda: _one(world))


def _one(world: World) -> Case:
    suspect(world, world.an)
    return walk(world, open_case(world, world.ming), until=Kind.HOME_VISIT)


def _more(world: World) -> Case:
    """Five more cases of the same class, of one village, and findings about five other pupils."""
    for number in range(10):
        pupil = Pupil.objects.create(
            name=f"罗{number}",
            sex="m",
            born=date(2013, 1, 1),
            village=world.village,
            created_at=BEGIN,
        )
        pupil.guardians.create(name="罗某", relation="母亲", phone="10000055555")
        Enrolment.objects.create(
            pupil=pupil, class_unit=world.class_two, school=world.school, since=date(2026, 9, 1)
        )
        if number < 5:
            case = walk(world, open_case(world, pupil), until=Kind.HOME_VISIT)
        else:
            suspect(world, pupil)
    return case


PAGES = [
    ("inbox", "officer", "/"),
    ("inbox of a teacher", "teacher_two", "/"),
    ("queue", "teacher_two", "/queue/"),
    ("cases", "officer", "/cases/"),
    ("cases of the county", "county_officer", "/cases/"),
    ("cases by name", "officer", "/cases/?found=1"),
    ("case", "officer", "/cases/{case}/"),
    ("intake", "officer", "/findings/"),
    ("village", "cadre", "/village/"),
    ("pupils", "officer", "/pupils/?found=1"),
    ("notices", "teacher_two", "/notices/"),
    ("gaps", "officer", "/evidence/gaps/"),
    ("quota", "officer", "/visits/"),
    ("step", "status", "/"),
]


def search(client: Client, place: str) -> None:
    """The words of a search come by POST."""
    if "found" in place:
        client.post(place.partition("?")[0], {"q": "罗"})


def queries(world: World, who: str, place: str) -> int:
    """Queries of the second opening: the first one writes the session's time."""
    case = Case.objects.order_by("-pk").first()
    assert case
    client, place = client_of(world.people[who]), place.format(case=case.pk)
    with moved_to(day(case, 2)):
        search(client, place)
        client.get(place)
        with CaptureQueriesContext(connection) as seen:
            response = client.get(place)
    assert response.status_code == 200
    return len([q for q in seen.captured_queries if "SAVEPOINT" not in q["sql"]])


@pytest.mark.parametrize(("name", "who", "place"), PAGES, ids=[p[0] for p in PAGES])
def test_queries_do_not_grow_with_the_rows(
    world: World, one_pk: int, name: str, who: str, place: str
) -> None:
    few = queries(world, who, place)
    _more(world)
    assert queries(world, who, place) <= few <= MOST


def test_the_pages_do_show_rows(world: World, one_pk: int) -> None:
    """Without this the counts above would say nothing."""
    case = _more(world)
    shown = {}
    with moved_to(day(case, 2)):
        for name, who, place in PAGES:
            client = client_of(world.people[who])
            search(client, place)
            response = client.get(place.format(case=case.pk))
            page = response.context.get("page")
            shown[name] = len(page.rows) if page else None
    assert shown["queue"] == shown["cases"] == shown["village"] == 6
    assert (shown["cases by name"], shown["intake"]) == (5, 6)
    assert shown["pupils"] == 11


def test_a_bad_page_token_is_the_first_page(world: World, one_pk: int) -> None:
    """A token that someone made up, of any shape, is no error."""
    made_up = [
        ["x", "y"],
        [None, None],
        [{}, []],
        ["2026-01-01T00:00:00+08:00", "z"],
        [10**30, 10**30],
        ["2026-13-45", 1],
        [],
    ]
    tokens = [base64.urlsafe_b64encode(json.dumps(each).encode()).decode() for each in made_up]
    client = client_of(world.officer)
    for token in [*tokens, "%%%", "AAAA", "文"]:
        for place in ("/", "/queue/", "/cases/", "/findings/", "/notices/"):
            assert client.get(place, {"after": token}).status_code == 200, (place, token)


def test_the_session_is_not_written_on_every_page(world: World, one_pk: int) -> None:
    client = client_of(world.officer)
    client.get("/")
    with CaptureQueriesContext(connection) as seen:
        client.get("/")
    table = SessionStore.get_model_class()._meta.db_table
    assert not [q for q in seen.captured_queries if f'UPDATE "{table}"' in q["sql"]]
