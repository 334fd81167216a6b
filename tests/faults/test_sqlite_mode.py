"""SQLite as this product opens it: a commit that was answered is on the disk, and writers wait for each other."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.databases import BASE, Database

SEEN = """
import django, json
django.setup()
from django.db import connection, transaction
connection.ensure_connection()
said = []
connection.connection.set_trace_callback(said.append)
with transaction.atomic():
    pass
connection.connection.set_trace_callback(None)
ask = lambda name: connection.cursor().execute(f"PRAGMA {name}").fetchone()[0]
print(json.dumps([ask("journal_mode"), ask("synchronous"), ask("foreign_keys"), said]))
"""
WRITERS, ROUNDS, COMMITS = 4, 25, 20


def test_sqlite_runs_with_a_log_full_syncs_and_immediate_transactions(
    sqlite_database: Database,
) -> None:
    """REL-07 and REL-08: journal_mode WAL, synchronous FULL (2), foreign_keys on, BEGIN IMMEDIATE."""
    done = subprocess.run([sys.executable, "-c", SEEN], cwd=BASE, env=sqlite_database.env, capture_output=True, text=True)  # fmt: skip
    assert done.stdout.strip() == '["wal", 2, 1, ["BEGIN IMMEDIATE", "COMMIT"]]', done.stderr


def test_four_writers_never_meet_a_locked_database(sqlite_database: Database) -> None:
    """REL-07: locked errors = 0."""
    found = sqlite_database.run("races", "four_writers", ROUNDS)
    assert found["answers"] == [2 * ROUNDS] * WRITERS
    assert found["torn"] == [] and found["check_cases"] == []


def test_every_commit_is_forced_to_the_disk(sqlite_database: Database, tmp_path: Path) -> None:
    """REL-08: at least one fsync of the log a commit, counted by strace."""
    strace = shutil.which("strace")
    if (
        not strace
        or subprocess.run([strace, "-o", "/dev/null", "true"], capture_output=True).returncode
    ):
        pytest.skip("strace is missing or may not trace here; the setting itself is tested above")
    out = tmp_path / "calls"
    command = [strace, "-f", "-y", "-e", "trace=fsync,fdatasync", "-o", out, sys.executable]
    module = ["-m", "tests.faults.races", "commits", str(COMMITS // 2)]
    subprocess.run(
        [*command, *module], cwd=BASE, env=sqlite_database.env, check=True, capture_output=True
    )
    synced = [line for line in out.read_text().splitlines() if ".sqlite3-wal>" in line]
    assert len(synced) >= COMMITS


def test_a_killed_commit_needs_no_repair(sqlite_database: Database) -> None:
    """REL-08: the file passes SQLite's own check after a process died with the log in place."""
    path = Path(sqlite_database.url.removeprefix("sqlite:///"))
    sqlite_database.run("workers", 2)
    line = sqlite3.connect(path)
    try:
        assert line.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        line.close()
