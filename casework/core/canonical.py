"""One spelling of a record as bytes, so that its hash means something."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "__str__") and type(value).__name__ == "__proxy__":
        return str(value)  # a lazy translation
    raise TypeError(f"a record holds no {type(value).__name__}")


def _refuse_floats(values: Iterable[object]) -> None:
    for value in values:
        if isinstance(value, float):
            raise TypeError("a record holds no float: its spelling differs between machines")
        if isinstance(value, dict):
            _refuse_floats(value.values())
        elif isinstance(value, list | tuple):
            _refuse_floats(value)


_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
)


def canonical_json(record: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no blanks. Dates become ISO text; floats raise TypeError."""
    _refuse_floats([record])
    return _ENCODER.encode(record).encode()


def sha256_hex(data: bytes) -> str:
    """The SHA-256 of `data` as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
