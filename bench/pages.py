"""Inbox, queue, case page and board: p50 with many steps over p50 with few (<= 1.5), queries (<= 12), bytes (<= 1.2)."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench import DATABASE, figure, on_both, seconds, with_database

FEW, MANY, ROUNDS, TURN = 1_000, 100_000, 20, 5
PLAIN = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


@dataclass(frozen=True)
class Taken:
    """A page as measured: half of its requests took at most `p50` seconds."""

    p50: float
    queries: int
    bytes: int


def main() -> None:
    if DATABASE not in os.environ:
        on_both("bench.pages", sys.argv[1:])
        return
    quick = "--quick" in sys.argv
    with_database()
    from bench import _world

    world = _world.county()
    _world.grow(world, FEW)
    few = cloned()
    _world.grow(world, (MANY // 10 if quick else MANY) - FEW)
    tidy()
    with served():
        for name, (person, address) in pages(world).items():
            compare(f"{os.environ[DATABASE]}_{name}", few, person, address, 5 if quick else ROUNDS)


def cloned() -> str:
    """Keep the database as it is now beside the one that grows; its name."""
    import atexit

    from django.db import connection

    creation = connection.creation
    connection.close()
    creation.clone_test_db("few", verbosity=0, autoclobber=True)
    name: str = creation.get_test_db_clone_settings("few")["NAME"]
    atexit.register(creation.destroy_test_db, suffix="few", verbosity=0)
    return name


@contextmanager
def on(name: str) -> Iterator[None]:
    """Use the database of that name."""
    from django.db import connection

    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


@contextmanager
def served() -> Iterator[None]:
    """Pages as a test client gets them, the moment and the static files held still."""
    from django.conf import settings
    from django.test.utils import override_settings

    from bench._world import AT
    from casework.core import clock

    storages = {**settings.STORAGES, **PLAIN}
    with override_settings(STORAGES=storages), clock.moved_to(AT):
        yield


def tidy() -> None:
    """What autovacuum does on PostgreSQL after such a load; SQLite is left as it is in daily use."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def pages(world: Any) -> dict[str, tuple[Any, str]]:
    """Each page by its name: the person whose page it is, and its address."""
    from casework.cases.models import Step
    from casework.org.models import Unit
    from casework.org.roles import Role

    class_unit = world.classes[0]
    school = world.units[class_unit.path[: Unit.steplen * 3]]
    county = world.units[class_unit.path[: Unit.steplen]]
    teacher = world.someone(Role.CLASS_TEACHER, class_unit)
    case = Step.objects.filter(holder=teacher).order_by("pk").values_list("case", flat=True)[0]
    return {
        "inbox": (teacher, "/"),
        "queue": (world.someone(Role.SCHOOL_CASE_OFFICER, school), "/queue/"),
        "case_page": (teacher, f"/cases/{case}/"),
        "board": (world.someone(Role.COUNTY_CASE_OFFICER, county), "/board/"),
    }


def compare(name: str, few: str, person: Any, address: str, rounds: int) -> None:
    """Short turns on one database and on the other, so that both meet the same noise."""
    small, large = [], []
    for _i in range(rounds):
        with on(few):
            small.append(take(person, address))
        large.append(take(person, address))
    p50_few, p50_many = (median(taken.p50 for taken in each) for each in (small, large))
    figure(f"{name}_p50_many_by_few", p50_many / p50_few)
    figure(f"{name}_ms", p50_many * 1000)
    figure(f"{name}_queries", max(taken.queries for taken in large))
    figure(f"{name}_bytes_many_by_few", large[0].bytes / small[0].bytes)


def take(person: Any, address: str) -> Taken:
    """A few requests of a warm client."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    response = client.get(address)
    if response.status_code != 200:
        raise SystemExit(f"{address} answers {response.status_code}")
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
        queries = len(asked)
    p50 = median(seconds(lambda: client.get(address)) for _i in range(TURN))
    return Taken(p50, queries, len(response.content))


if __name__ == "__main__":
    main()
