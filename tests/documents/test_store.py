"""Files appear whole or not at all, whoever is killed when."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from casework.core import clock
from casework.documents import store

KILLS = 300 if os.environ.get("FAULTS") == "full" else 8
WRITER = """
import os, sys, hashlib
from pathlib import Path
from casework.documents.store import write_whole
print("ready", flush=True)
number = 0
while True:
    data = os.urandom(3_000_000)
    write_whole(Path(sys.argv[1]) / "documents" / f"{number}-{hashlib.sha256(data).hexdigest()}.pdf", data)
    number += 1
    print(number, flush=True)
"""


@pytest.mark.faults
def test_a_killed_writer_leaves_no_half_file(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """REL-09"""
    record_property("kills", KILLS)
    for kill in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout
            for _ in range(1 + kill % 3):
                assert writer.stdout.readline()
            writer.send_signal(signal.SIGKILL)
    whole = list(tmp_path.glob("documents/*.pdf"))
    assert whole
    record_property("whole_files", len(whole))
    for path in whole:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem.partition("-")[2]


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """REL-11"""

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.write_whole(tmp_path / "a" / "b" / "c.pdf", b"data")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_files_are_for_us_only(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "c.pdf"
    store.write_whole(path, b"data")
    assert path.read_bytes() == b"data" and path.stat().st_mode & 0o077 == 0


def test_names_hold_ids_only() -> None:
    """EXP-02"""
    assert store.name_of(1234, "ab" * 32) == "000001/1234-abababababababab.pdf"


def test_the_janitor_removes_what_is_old_and_unnamed_and_nothing_else(
    tmp_path: Path, settings: Any
) -> None:
    """REL-10"""
    settings.MEDIA_ROOT = tmp_path
    home = store.folder() / "000000"
    home.mkdir(parents=True)
    now = clock.real_now()
    old = (now - timedelta(hours=2)).timestamp()
    for name, age in [
        ("1-aa.pdf", old),
        ("2-bb.pdf", old),
        ("3-cc.pdf", now.timestamp()),
        ("4-dd.pdf.x.part", old),
        ("5-ee.pdf.x.part", now.timestamp()),
    ]:
        (home / name).write_bytes(b"data")
        os.utime(home / name, (age, age))
    assert store.sweep({"000000/1-aa.pdf"}, at=now) == 2
    left = {path.name for path in home.iterdir()}
    assert left == {"1-aa.pdf", "3-cc.pdf", "5-ee.pdf.x.part"}
