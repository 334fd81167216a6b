"""A backup while people write: the database by its own means, the files (which are only ever added) after it, all listed with hashes.

The database first, then the files: every file that a saved row names was there when the row was written (REL-17).
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from casework.core.clock import LOCAL
from casework.core.errors import DomainError

MANIFEST = "backup.json"
SQLITE, POSTGRES, FILES = "database.sqlite3", "database.dump", "media"
# bundles can be made again, parts are unfinished
LEFT_OUT = ("evidence/",)
CHUNK = 1 << 20


def back_up(target: Path, *, at: datetime) -> dict[str, Any]:
    """Write a backup into `target` (made if missing; it must be empty). Returns what `backup.json` says.

    Raises DomainError when the folder is not empty or the database's own tool fails.
    """
    target.mkdir(parents=True, exist_ok=True)
    if any(target.iterdir()):
        raise DomainError(_("The folder is not empty. Name a new one for each backup."))
    target.chmod(0o700)
    save = _save_sqlite if connection.vendor == "sqlite" else _save_postgres
    database = save(target)
    names = [database.name, *(f"{FILES}/{name}" for name in _copy_files(target / FILES))]
    said = {
        "at": at.astimezone(LOCAL).isoformat(timespec="seconds"),
        "version": settings.VERSION,
        "database": connection.vendor,
        "files": {name: sha256_of(target / name) for name in names},
    }
    text = json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True)
    (target / MANIFEST).write_text(text, "utf-8")
    return said


def check(folder: Path) -> list[str]:
    """What is wrong with a backup: files missing or changed, by name; empty if it is whole."""
    said = json.loads((folder / MANIFEST).read_text("utf-8"))
    return [
        name
        for name, sha256 in said["files"].items()
        if not (folder / name).is_file() or sha256_of(folder / name) != sha256
    ]


def _save_sqlite(target: Path) -> Path:
    """SQLite's backup API on a connection of its own: consistent while others write."""
    place = target / SQLITE
    connection.ensure_connection()
    source = sqlite3.connect(str(connection.settings_dict["NAME"]), uri=True)
    copy = sqlite3.connect(place)
    try:
        source.backup(copy)
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise DomainError(_("The copy of the database is damaged. The database may be, too."))
    finally:
        copy.close()
        source.close()
    place.chmod(0o600)
    return place


def _save_postgres(target: Path) -> Path:
    """`pg_dump` takes one snapshot; the password goes by the environment, never by the command line."""
    place, given = target / POSTGRES, connection.settings_dict
    command = ["pg_dump", "--format=custom", "--no-owner", f"--file={place}"]
    for option, key in (("host", "HOST"), ("port", "PORT"), ("username", "USER")):
        if given[key]:
            command.append(f"--{option}={given[key]}")
    environment = os.environ | ({"PGPASSWORD": given["PASSWORD"]} if given["PASSWORD"] else {})
    try:
        subprocess.run([*command, given["NAME"]], env=environment, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise DomainError(
            _("pg_dump failed. Is it installed, in the version of the server?")
        ) from error
    place.chmod(0o600)
    return place


def _copy_files(target: Path) -> Iterator[str]:
    """Copies all files that are kept; gives their names."""
    source = Path(settings.MEDIA_ROOT)
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source).as_posix()
        if path.is_file() and path.suffix != ".part" and not name.startswith(LEFT_OUT):
            (target / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copy2(path, target / name)
            yield name


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
