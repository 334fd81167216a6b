"""What is installed is what was locked, hash by hash (SUP-01), and nothing known to be unsafe starts (SUP-04)."""

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from casework.core import checks

BASE = Path(__file__).resolve().parent.parent.parent
PAIRS = ["requirements", "requirements-dev"]
PIN = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+?)(?:\s*;\s*(.+))?$")
HASH = re.compile(r"^sha256:[0-9a-f]{64}$")


class Locked(NamedTuple):
    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def lines_of(path: Path) -> list[str]:
    """The lines of a requirements file without comments, continued ones joined."""
    kept = [
        line for line in path.read_text("utf-8").splitlines() if not line.strip().startswith("#")
    ]
    return [
        line.strip() for line in "\n".join(kept).replace("\\\n", " ").splitlines() if line.strip()
    ]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(name: str) -> Iterator[Locked]:
    """Every requirement of a lock file; AssertionError for a line that is no exact pin."""
    for line in lines_of(BASE / f"{name}.txt"):
        first, *hashes = re.split(r"\s+--hash=", line)
        pin = PIN.match(first.strip())
        assert pin, f"{name}.txt: no exact pin: {first}"
        yield Locked(plain(pin[1]), pin[2], pin[3] or "", tuple(hashes))


@pytest.mark.parametrize("name", PAIRS)
def test_every_locked_requirement_has_hashes(name: str) -> None:
    """SUP-01: an exact version and at least one SHA-256 each, resolved for Python 3.11."""
    found = list(locked(name))
    assert len(found) > 10
    assert [each.name for each in found if not each.hashes] == []
    assert all(HASH.match(digest) for each in found for digest in each.hashes)
    assert "Python 3.11\n" in (BASE / f"{name}.txt").read_text("utf-8")[:300]


@pytest.mark.parametrize("name", PAIRS)
def test_every_direct_requirement_says_why_it_is_here(name: str) -> None:
    """SUP-01: and stands in the lock file."""
    written = (BASE / f"{name}.in").read_text("utf-8").splitlines()
    direct = [line for line in written if line and not line.startswith(("#", "-c"))]
    assert [line for line in direct if not line.partition("#")[2].strip()] == []
    names = {plain(re.split(r"[\[=<>~! #]", line)[0]) for line in direct}
    assert names - {each.name for each in locked(name)} == set()


def test_what_is_installed_is_what_was_locked() -> None:
    """SUP-01: both lock files agree, and this very run uses their versions."""
    product = {each.name: each.version for each in locked("requirements")}
    tools = {each.name: each.version for each in locked("requirements-dev")}
    assert {name for name in product.keys() & tools.keys() if product[name] != tools[name]} == set()
    wanted = {each for pair in PAIRS for each in locked(pair) if not each.marker}
    differ = {each.name for each in wanted if metadata.version(each.name) != each.version}
    assert differ == set()


@pytest.mark.parametrize("name", ["weasyprint", "defusedxml", "pillow"])
@pytest.mark.parametrize("installed", ["0.6.9", None])
def test_a_missing_or_unsafe_library_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, installed: str | None
) -> None:
    """SUP-04: fail closed, in web and worker alike."""

    def version(asked: str) -> str:
        if asked != name:
            return metadata.version(asked)
        if installed is None:
            raise metadata.PackageNotFoundError(name)
        return installed

    monkeypatch.setattr(checks, "version", version)
    with pytest.raises(ImproperlyConfigured, match=name):
        apps.get_app_config("core").ready()


@pytest.mark.parametrize(
    ("installed", "safe"), [("69.9.1", False), ("70.0", True), ("100.1", True)]
)
def test_versions_are_compared_as_numbers(
    monkeypatch: pytest.MonkeyPatch, installed: str, safe: bool
) -> None:
    """SUP-04"""
    monkeypatch.setattr(checks, "OLDEST", {"weasyprint": (70, 0)})
    monkeypatch.setattr(checks, "version", lambda name: installed)
    if safe:
        checks.refuse_unsafe_versions()
    else:
        with pytest.raises(ImproperlyConfigured):
            checks.refuse_unsafe_versions()
