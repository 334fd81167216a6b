"""A BagIt bag (RFC 8493) written straight into a zip: stored, hashed while copied, names safe and short. Standard library only."""

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Protocol

from casework.evidence.verify import CHUNK, MANIFEST, TAGMANIFEST

LONGEST_PATH = 200
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# names that Windows keeps for devices, with or without an ending
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


class Readable(Protocol):
    """What a file of the bag is read from."""

    def read(self, most: int, /) -> bytes: ...


class Bag:
    """A bag under way, its files dated `stamp` (year to second). A context manager; only `complete` completes it."""

    def __init__(
        self, target: Path, name: str, *, stamp: Sequence[int], info: dict[str, str]
    ) -> None:
        year, month, day, hour, minute, second = stamp
        self.name, self.info = name, info
        self.stamp = (year, month, day, hour, minute, second)
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
        self.zip.close()

    def copy(self, path: str, source: Readable) -> str:
        """A file, read in pieces; `path` inside the bag, under `data/` it is payload. Returns its SHA-256."""
        self._start(path)
        digest, size = hashlib.sha256(), 0
        with self.zip.open(self._entry(path), "w", force_zip64=True) as out:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                out.write(chunk)
                size += len(chunk)
        self.hashes[path] = digest.hexdigest()
        if path.startswith("data/"):
            self.octets += size
        return self.hashes[path]

    def _start(self, path: str) -> None:
        if path in self.hashes:
            raise ValueError("the same name twice in a bag")
        check_path(f"{self.name}/{path}")

    def _entry(self, path: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(f"{self.name}/{path}", self.stamp)
        entry.external_attr = 0o100644 << 16
        return entry

    def complete(self) -> None:
        """The tag files that the standard asks for; the list of tag files last."""
        payload = [path for path in self.hashes if path.startswith("data/")]
        self.info["Payload-Oxum"] = f"{self.octets}.{len(payload)}"
        self._add("bagit.txt", BAGIT)
        self._add("bag-info.txt", "".join(_lines(self.info)).encode())
        self._add(MANIFEST, self._list(payload))
        self._add(TAGMANIFEST, self._list([p for p in self.hashes if not p.startswith("data/")]))

    def _add(self, path: str, data: bytes) -> None:
        self.copy(path, io.BytesIO(data))

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
    if not all(map(_is_safe, path.split("/"))):
        raise ValueError("not a safe name in a bag")


@lru_cache(maxsize=256)
def _is_safe(part: str) -> bool:
    return bool(SAFE.fullmatch(part)) and not RESERVED.fullmatch(part) and not part.endswith(".")
