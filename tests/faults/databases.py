"""Databases of the fault tests: real files and real servers, made once, copied for each test, dropped at the end."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

BASE = Path(__file__).resolve().parent.parent.parent
FULL = os.environ.get("FAULTS") == "full"


@dataclass(frozen=True)
class Database:
    """A database with the county of the tests, and the folder of its files."""

    url: str
    folder: Path

    @property
    def env(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "casework.settings",
            "MEDIA_ROOT": str(self.folder / "media"),
            "SEAL_KEY": str(self.folder / "seal.p12"),
            "SEAL_PASSPHRASE": "faults-only-0123456789",
        }

    def run(self, module: str, *arguments: object) -> dict[str, Any]:
        """Run a module of this folder as a process of its own; the last line it prints is its answer."""
        command = [sys.executable, "-m", f"tests.faults.{module}", *map(str, arguments)]
        done = subprocess.run(command, cwd=BASE, env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-3000:]
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer


def server() -> str:
    """The PostgreSQL to use: that of DATABASE_URL, else FAULTS_POSTGRES, else the local one. Skips without."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        url = os.environ.get("FAULTS_POSTGRES", "postgres://root@127.0.0.1:5432/postgres")
    found = url.rpartition("/")[0]
    try:
        psycopg.connect(f"{found}/postgres", connect_timeout=3).close()
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL answers (FAULTS_POSTGRES=postgres://user:password@host:port/)")
    return found


def ask(url: str, sql: str) -> None:
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        connection.execute(sql)


@contextmanager
def made(vendor: str, folder: Path) -> Iterator[Database]:
    """The prepared database that copies are taken of."""
    if vendor == "sqlite":
        database = Database(f"sqlite:///{folder}/made.sqlite3", folder)
        database.run("prepare")
        yield database
        return
    host, name = server(), f"casework_faults_{os.getpid()}"
    ask(host, f"CREATE DATABASE {name}")
    try:
        database = Database(f"{host}/{name}", folder)
        database.run("prepare")
        yield database
    finally:
        ask(host, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def copied(origin: Database, folder: Path) -> Iterator[Database]:
    """A copy of its own for one test."""
    shutil.copy(origin.folder / "seal.p12", folder)
    if origin.url.startswith("sqlite"):
        shutil.copy(origin.folder / "made.sqlite3", folder)
        yield Database(f"sqlite:///{folder}/made.sqlite3", folder)
        return
    host, _slash, name = origin.url.rpartition("/")
    ask(host, f"CREATE DATABASE {name}_copy TEMPLATE {name}")
    try:
        yield Database(f"{host}/{name}_copy", folder)
    finally:
        ask(host, f"DROP DATABASE {name}_copy WITH (FORCE)")
