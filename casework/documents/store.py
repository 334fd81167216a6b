"""Files that appear whole or not at all (REL-09), named by ids."""

import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

PART = ".part"
ABANDONED = timedelta(hours=1)
UNTAKEN = timedelta(days=1)


def folder() -> Path:
    """Where sealed papers live."""
    return Path(settings.MEDIA_ROOT) / "documents"


def name_of(document_id: int, sha256: str) -> str:
    """The path of a paper's file inside `folder()`: its id and the beginning of its hash."""
    return f"{document_id // 1000:06d}/{document_id}-{sha256[:16]}.pdf"


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` beside its place, force it to the disk, then move it there. OSError leaves nothing behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{secrets.token_hex(6)}{PART}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    for each in (path.parent, path.parent.parent):
        _sync(each)


def _sync(place: Path) -> None:
    """Force a folder's own entries to the disk: the new name survives a power cut."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(kept: set[str], *, at: datetime) -> int:
    """Remove parts and files that no row names (`kept`: paths in `folder()`), an hour after they were made.

    `at` is the machine's time, as the files' own times are. Returns how many went (REL-10).
    """
    limit, gone = (at - ABANDONED).timestamp(), 0
    for path in folder().glob("*/*"):
        unnamed = path.suffix == PART or str(path.relative_to(folder())) not in kept
        if unnamed and path.stat().st_mtime < limit:
            path.unlink()
            gone += 1
    return gone


def sweep_untaken(place: str, kept: set[str], *, at: datetime) -> int:
    """Remove uploads in the folder `place` that no row names (`kept`: names under the media root) a day after they came.

    `at` is the machine's time. Returns how many went.
    """
    root, limit, gone = Path(settings.MEDIA_ROOT), (at - UNTAKEN).timestamp(), 0
    for path in (root / place).glob("*/*"):
        if path.relative_to(root).as_posix() not in kept and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
