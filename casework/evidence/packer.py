"""Packing a bag in a child process: this one goes on with the next page while files are copied and hashed."""

import fcntl
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from django.conf import settings

from casework.core.clock import LOCAL
from casework.evidence.verify import CHUNK

AHEAD = 1 << 20  # octets told before they are packed, so that neither side waits for the other
CHILD = [sys.executable, "-E", "-S", "-s", "-m", "casework.evidence.bag_child"]


Tick = Callable[[int], None]  # is told how many more papers are done


@dataclass(frozen=True)
class Made:
    """A complete bag: the SHA-256 of its list of lists, the cases in it, how many items they lack."""

    lists: str
    packed: list[int]
    gaps: int


class PackError(Exception):
    """A file could not be packed: `trouble` is `missing` or `damaged`, `label` what it was called; else `ended`."""

    def __init__(self, trouble: str, label: str = "") -> None:
        super().__init__(trouble)
        self.trouble, self.label = trouble, label


def _widen(pipe: IO[bytes] | None) -> None:
    """Room for what is told ahead; where the system allows a user no more pipes that wide, the usual room does."""
    assert pipe
    with suppress(PermissionError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, AHEAD)


class Packer:
    """A bag under way. A context manager; only `complete` completes the bag. What goes wrong may show at a later call."""

    def __init__(self, target: Path, name: str, *, at: datetime, info: dict[str, str]) -> None:
        stamp = at.astimezone(LOCAL).timetuple()[:6]
        self.order = {"target": str(target), "name": name, "stamp": stamp, "info": info}

    def __enter__(self) -> "Packer":
        self.child = subprocess.Popen(
            CHILD, cwd=settings.BASE, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        _widen(self.child.stdin)
        self._tell(self.order)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.child.poll() is None:
            self.child.kill()
        self.child.communicate()

    def add(self, path: str, data: bytes) -> None:
        """A file from memory. `path` inside the bag; under `data/` it is payload."""
        self.add_file(path, io.BytesIO(data))

    def add_file(self, path: str, file: IO[bytes]) -> None:
        """A file from an open one, from its beginning; it is closed then."""
        with file:
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            self._tell({"path": path, "size": size}, file)

    def copy(self, path: str, source: Path, sha256: str, *, label: str) -> None:
        """A file of the disk, which must have this SHA-256; `label` is what a person calls it."""
        self._tell({"path": path, "source": str(source), "sha256": sha256, "label": label})

    def complete(self) -> str:
        """The tag files that the standard asks for; returns the SHA-256 of the list of lists. PackError."""
        self._tell({"end": True})
        return str(self._answer()["lists"])

    def _tell(self, said: dict[str, Any], file: IO[bytes] | None = None) -> None:
        assert self.child.stdin
        try:
            self.child.stdin.write(json.dumps(said).encode() + b"\n")
            if file:
                shutil.copyfileobj(file, self.child.stdin, CHUNK)
        except BrokenPipeError:
            self._answer()

    def _answer(self) -> dict[str, Any]:
        """What the child says when it is done; its end is not waited for. PackError if it met trouble or ended without a word."""
        assert self.child.stdin and self.child.stdout
        with suppress(BrokenPipeError):
            self.child.stdin.flush()
        said: dict[str, Any] = json.loads(self.child.stdout.readline() or '{"trouble": "ended"}')
        if "trouble" in said:
            raise PackError(said["trouble"], said.get("label", ""))
        return said
