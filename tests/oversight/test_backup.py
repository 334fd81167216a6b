"""A backup taken while people write can be restored into an empty place and proves itself there."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as house
from django.core.management import CommandError, call_command
from django.db import connection

from casework.cases.models import Case
from casework.core import triggers
from casework.documents import sealing
from casework.oversight.backup import MANIFEST, POSTGRES, SQLITE, back_up, check
from casework.oversight.models import Beat
from tests.documents.conftest import press_stops, seal_key
from tests.evidence.conftest import (
    AT,
    NewCase,
    add_papers,
    county,
    new_case,
    school,
)

__all__ = ["county", "new_case", "press_stops", "school", "seal_key"]
ROUNDS = 25 if os.environ.get("FAULTS") == "full" else 1


@pytest.fixture
def case(
    transactional_db: None, school: Any, new_case: NewCase, seal_key: str, settings: Any
) -> Case:
    """A case with two papers under a real seal, for the restored place must find that whole too."""
    settings.SEAL_KEY, settings.SEAL_PASSPHRASE = seal_key, "tests"
    if triggers.missing(connection):
        triggers.install(connection)
    made = new_case(school)
    for document in add_papers(made, ["P35", "P36"], sealed=False):
        sealing.file_of(document)
    return made


def environment(database: str, media: Path) -> dict[str, str]:
    """What a process needs to live in another place than this one."""
    return os.environ | {
        "DATABASE_URL": database,
        "MEDIA_ROOT": str(media),
        "SEAL_KEY": house.SEAL_KEY,
        "SEAL_PASSPHRASE": house.SEAL_PASSPHRASE,
        "CASEWORK_ENV": os.devnull,
        "DJANGO_SETTINGS_MODULE": "casework.settings",
        "PYTHONPATH": str(house.BASE),
    }


def manage(place: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(house.BASE / "manage.py"), *arguments]
    return subprocess.run(command, env=place, capture_output=True, text=True, check=False)


def restore(backup: Path, place: Path) -> dict[str, str]:
    """As docs/operation.md says for SQLite: two copies."""
    place.mkdir()
    shutil.copy(backup / SQLITE, place / "casework.sqlite3")
    shutil.copytree(backup / "media", place / "media")
    return environment(f"sqlite:///{place / 'casework.sqlite3'}", place / "media")


@pytest.mark.faults
@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
def test_restore_drill_while_people_write(case: Case, tmp_path: Path) -> None:
    """REL-17, REL-18: every backup taken under a writer is whole, and verified when restored elsewhere."""
    back_up(tmp_path / "first", at=AT)
    house_now = restore(tmp_path / "first", tmp_path / "house")
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.oversight.writer", str(case.pk)],
        env=house_now,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert writer.stdin and writer.stdout
    writer.stdout.readline()
    counted = []
    for number in range(ROUNDS):
        backup = tmp_path / f"backup-{number}"
        assert manage(house_now, "backup", str(backup)).returncode == 0
        elsewhere = restore(backup, tmp_path / f"elsewhere-{number}")
        answer = manage(elsewhere, "verify_documents", "--json")
        said = json.loads(answer.stdout)
        broken = [
            each
            for each in said["problems"]
            if each["kind"] != "seal" or "控辍SR" not in each["number"]
        ]  # the writer's papers have no seal
        assert broken == [], answer.stderr
        counted.append(said["checked"])
    writer.communicate(b"stop\n")
    assert writer.returncode == 0
    assert counted == sorted(counted) and counted[0] > 2  # it wrote meanwhile


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL")
def test_restore_drill_on_postgresql(case: Case, tmp_path: Path) -> None:
    """REL-18: dumped, restored into a new database, verified there."""
    back_up(tmp_path / "backup", at=AT)
    given, name = connection.settings_dict, f"restored_{os.getpid()}"
    secret = f":{given['PASSWORD']}" if given["PASSWORD"] else ""
    url = (
        f"postgres://{given['USER']}{secret}@{given['HOST'] or '127.0.0.1'}:{given['PORT'] or 5432}"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    try:
        command = ["pg_restore", "--no-owner", f"--dbname={url}/{name}", "--exit-on-error"]
        subprocess.run([*command, str(tmp_path / "backup" / POSTGRES)], check=True)
        place = environment(f"{url}/{name}", tmp_path / "backup" / "media")
        answer = manage(place, "verify_documents", "--json")
        assert json.loads(answer.stdout) == {"checked": 2, "problems": []}, answer.stderr
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")


def test_a_backup_proves_itself(case: Case, tmp_path: Path) -> None:
    said = back_up(tmp_path / "backup", at=AT)
    assert check(tmp_path / "backup") == []
    assert len([name for name in said["files"] if name.startswith("media/documents/")]) == 2
    next((tmp_path / "backup" / "media").rglob("*.pdf")).write_bytes(b"other")
    assert len(check(tmp_path / "backup")) == 1


def test_command_beats_and_refuses_a_folder_in_use(case: Case, tmp_path: Path) -> None:
    call_command("backup", str(tmp_path / "backup"))
    assert Beat.objects.get(name="backup").facts["files"] == 3
    call_command("backup", str(tmp_path / "backup"), "--check")
    with pytest.raises(CommandError):
        call_command("backup", str(tmp_path / "backup"))
    (tmp_path / "backup" / MANIFEST).unlink()
    with pytest.raises(CommandError) as refused:
        call_command("backup", str(tmp_path / "backup"), "--check")
    assert refused.value.returncode == 2
