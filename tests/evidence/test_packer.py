"""The child that packs: a file that is not what it was, and an end without a word, come out as errors; nothing is left running."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from casework.evidence.packer import Packer, PackError
from tests.evidence.conftest import AT


def packer(folder: Path) -> Packer:
    return Packer(folder / "out.zip", "bag", at=AT, info={"Bagging-Date": "2026-11-20"})


def test_files_of_the_disk_and_of_memory_are_packed(tmp_path: Path) -> None:
    source = tmp_path / "a.pdf"
    source.write_bytes(b"paper")
    with packer(tmp_path) as bag:
        bag.copy("data/a.pdf", source, hashlib.sha256(b"paper").hexdigest(), label="a")
        bag.add("data/b.txt", b"")
        bag.add("data/c.txt", b"{}\n" * 100_000)
        lists = bag.complete()
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.read("bag/data/a.pdf") == b"paper" and archive.read("bag/data/b.txt") == b""
        assert len(archive.read("bag/data/c.txt")) == 300_000
        assert hashlib.sha256(archive.read("bag/tagmanifest-sha256.txt")).hexdigest() == lists


@pytest.mark.parametrize("there", [True, False])
def test_a_file_that_is_not_what_it_was(tmp_path: Path, there: bool) -> None:
    if there:
        (tmp_path / "a.pdf").write_bytes(b"another")
    with pytest.raises(PackError) as met, packer(tmp_path) as bag:
        bag.copy("data/a.pdf", tmp_path / "a.pdf", hashlib.sha256(b"paper").hexdigest(), label="甲")
        bag.complete()
    assert (met.value.trouble, met.value.label) == ("damaged" if there else "missing", "甲")


def test_a_child_that_ends_without_a_word(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="ended"), packer(tmp_path) as bag:
        bag.child.kill()
        bag.child.wait()
        bag.add("data/c.txt", b"{}\n" * 100_000)
        bag.complete()


def test_an_error_of_the_caller_ends_the_child_and_completes_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyError), packer(tmp_path) as bag:
        bag.add("data/b.txt", b"x")
        raise KeyError
    assert bag.child.returncode is not None
    assert not zipfile.is_zipfile(tmp_path / "out.zip")
