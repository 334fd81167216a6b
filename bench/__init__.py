"""Figures against bounds measured in the same run: each module prints `name: value` lines (bin/bench)."""

import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from statistics import median

ENVIRONMENT = {
    "CASEWORK_ENV": os.devnull,
    "SECRET_KEY": "bench-only-0123456789abcdefghijklmnopqrstuvwxyz",
    "FIELD_KEYS": "bench-only-field-0123456789abcdefghijklmnopqrstuvwxyz",
    "JOBS": "none",
    "DJANGO_SETTINGS_MODULE": "casework.settings",
}


DATABASE = "BENCH_DATABASE"  # set in the processes of `on_both`: which one this is


def with_database() -> None:
    """Set Django up on an empty migrated database, dropped at the end of the process.

    A file of its own on SQLite; where DATABASE_URL names PostgreSQL, a test database there.
    """
    import atexit

    folder = tempfile.TemporaryDirectory(prefix="casework-bench-")
    os.environ.update(ENVIRONMENT, MEDIA_ROOT=folder.name)
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder.name}/bench.sqlite3")
    import django

    django.setup()
    from django.db import connection

    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = f"{folder.name}/bench.sqlite3"
    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    atexit.register(folder.cleanup)
    atexit.register(connection.creation.destroy_test_db, before, verbosity=0)


def on_both(module: str, arguments: list[str]) -> None:
    """Run a module on SQLite, then on PostgreSQL (BENCH_POSTGRES, else the local one), each in its own process."""
    import psycopg

    server = os.environ.get("BENCH_POSTGRES", "postgres://root@127.0.0.1:5432")
    command = [sys.executable, "-m", module, *arguments]
    subprocess.run(command, env={**os.environ, DATABASE: "sqlite"}, check=True)
    try:
        psycopg.connect(f"{server}/postgres", connect_timeout=3).close()
    except psycopg.OperationalError:
        print(f"# {module}: no PostgreSQL answers, so its figures are missing", flush=True)
        return
    name = f"bench_{module.rpartition('.')[2]}_{os.getpid()}"
    url = {"DATABASE_URL": f"{server}/{name}", DATABASE: "postgresql"}
    subprocess.run(command, env={**os.environ, **url}, check=True)


def seconds(work: Callable[[], object]) -> float:
    """How long one run takes; the waste of what ran before is cleared away first."""
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def ratio(bound: Callable[[], object], ours: Callable[[], object], rounds: int = 5) -> float:
    """How many times faster ours is than the bound: the median of alternating rounds."""
    return median([seconds(bound) / seconds(ours) for _ in range(rounds)])


def figure(name: str, value: float) -> None:
    """One line of the report."""
    print(f"{name}: {value:.2f}", flush=True)
