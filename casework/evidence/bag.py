"""A BagIt bag (RFC 8493) written straight into a zip: stored, hashed while copied, names safe and short."""

import hashlib
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO

from casework.core.clock import LOCAL
from casework.evidence.verify import CHUNK, MANIFEST, TAGMANIFEST

LONGEST_PATH = 200
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# names that Windows keeps for devices, with or without an ending
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


class Bag:
    """A bag under way. A context manager; leaving it without an error completes the bag."""

    def __init__(self, target: Path, name: str, *, at: datetime, info: dict[str, str]) -> None:
        self.name, self.info = name, info
        self.stamp = at.astimezone(LOCAL).timetuple()[:6]
        self.hashes: dict[str, str] = {}
        self.octets = 0
        self.zip = zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True)

    def __enter__(self) -> "Bag":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._complete()
        finally:
            self.zip.close()

    def add(self, path: str, data: bytes) -> None:
        """A file from memory. `path` inside the bag; under `data/` it is payload."""
        self._start(path)
        self.zip.writestr(self._entry(path), data)
        self._note(path, hashlib.sha256(data).hexdigest(), len(data))

    def copy(self, path: str, source: IO[bytes]) -> str:
        """A file from an open one, in pieces, which is closed then; returns its SHA-256."""
        self._start(path)
        digest, size = hashlib.sha256(), 0
        with source, self.zip.open(self._entry(path), "w", force_zip64=True) as out:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                out.write(chunk)
                size += len(chunk)
        return self._note(path, digest.hexdigest(), size)

    def _start(self, path: str) -> None:
        if path in self.hashes:
            raise ValueError("the same name twice in a bag")
        check_path(f"{self.name}/{path}")

    def _entry(self, path: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(f"{self.name}/{path}", self.stamp)
        entry.external_attr = 0o100644 << 16
        return entry

    def _note(self, path: str, sha256: str, size: int) -> str:
        self.hashes[path] = sha256
        if path.startswith("data/"):
            self.octets += size
        return sha256

    def _complete(self) -> None:
        """The tag files that the standard asks for; the list of tag files last."""
        payload = [path for path in self.hashes if path.startswith("data/")]
        self.info["Payload-Oxum"] = f"{self.octets}.{len(payload)}"
        self.add("bagit.txt", BAGIT)
        self.add("bag-info.txt", "".join(_lines(self.info)).encode())
        self.add(MANIFEST, self._list(payload))
        self.add(TAGMANIFEST, self._list([p for p in self.hashes if not p.startswith("data/")]))

    def _list(self, paths: list[str]) -> bytes:
        return "".join(f"{self.hashes[path]}  {path}\n" for path in sorted(paths)).encode()


def _lines(info: dict[str, str]) -> Iterator[str]:
    """Labels and values; a line end inside a value would start another label."""
    for label, value in info.items():
        yield f"{label}: {' '.join(value.split())}\n"


def check_path(path: str) -> None:
    """ValueError for a path that some system cannot unpack, or that could leave its folder (EXP-02)."""
    if len(path) > LONGEST_PATH:
        raise ValueError("a path in a bag has at most 200 characters")
    for part in path.split("/"):
        if not SAFE.fullmatch(part) or RESERVED.fullmatch(part) or part.endswith("."):
            raise ValueError("not a safe name in a bag")
