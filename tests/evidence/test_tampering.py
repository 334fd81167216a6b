"""Whatever is done to a bundle is found: alone, or with the printed anchor where the forger made everything anew."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.cases.models import Case
from casework.core.canonical import canonical_json
from casework.documents import merkle
from casework.documents.chains import Leaf
from casework.evidence import verify
from tests.evidence.conftest import NewCase, add_papers, bundle_of
from tests.evidence.test_bundle import unpacked

pytestmark = pytest.mark.django_db
TRIES = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Handed:
    """A bundle as handed out, with its printed anchor, and copies of it to be spoilt."""

    def __init__(self, top: Path, anchor: str) -> None:
        self.top, self.anchor = top, anchor
        self.names = verify.Folder(top).names()

    @contextmanager
    def copy(self) -> Iterator[Path]:
        with TemporaryDirectory() as place:
            yield Path(shutil.copytree(self.top, Path(place) / "copy"))


@pytest.fixture
def handed(case: Case, new_case: NewCase, tmp_path: Path) -> Handed:
    add_papers(new_case(case.school), ["P35"])  # so that the tree has more than one leaf
    bundle = bundle_of(case, tmp_path / "out.zip")
    return Handed(unpacked(tmp_path / "out.zip"), bundle.anchor)


def kinds(top: Path, anchor: str = "") -> set[str]:
    return {problem.kind for problem in verify.check(verify.Folder(top), anchor).problems}


def test_untouched_is_intact(handed: Handed) -> None:
    assert kinds(handed.top) == set() == kinds(handed.top, handed.anchor)


@TRIES
@given(data=st.data())
def test_any_changed_byte_is_found(handed: Handed, data: st.DataObject) -> None:
    """SEAL-04."""
    name = data.draw(st.sampled_from(handed.names))
    before = (handed.top / name).read_bytes()
    place = data.draw(st.integers(0, len(before) - 1))
    other = before[place] ^ data.draw(st.integers(1, 255))
    with handed.copy() as top:
        (top / name).write_bytes(before[:place] + bytes([other]) + before[place + 1 :])
        assert kinds(top)


@TRIES
@given(data=st.data())
def test_any_missing_file_is_found(handed: Handed, data: st.DataObject) -> None:
    """SEAL-04."""
    with handed.copy() as top:
        (top / data.draw(st.sampled_from(handed.names))).unlink()
        assert kinds(top)


@pytest.mark.parametrize(
    "name", ["added.txt", "data/added.pdf", "data/new/papers/001-P35-2026-1.pdf", "data/.hidden"]
)
def test_any_added_file_is_found(handed: Handed, name: str) -> None:
    """SEAL-04."""
    with handed.copy() as top:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(b"more")
        assert "added" in kinds(top)


def test_a_link_in_place_of_a_file_is_found(handed: Handed) -> None:
    with handed.copy() as top:
        paper = next((top / "data").glob("*/papers/*.pdf"))
        moved = top.parent / "elsewhere.pdf"
        paper.rename(moved)
        paper.symlink_to(moved)
        assert "changed" in kinds(top)


def relist(top: Path) -> None:
    """A forger who makes both lists anew: they prove nothing then."""
    (top / verify.TAGMANIFEST).unlink(missing_ok=True)
    for manifest, inside in ((verify.MANIFEST, True), (verify.TAGMANIFEST, False)):
        names = [n for n in verify.Folder(top).names() if n.startswith("data/") == inside]
        if inside:
            (top / manifest).unlink(missing_ok=True)
        lines = [f"{hashlib.sha256((top / n).read_bytes()).hexdigest()}  {n}\n" for n in names]
        (top / manifest).write_text("".join(lines), "utf-8")


def the_case(top: Path) -> Path:
    (case,) = (top / "data").glob("KC-*")
    return case


def records_of(top: Path) -> list[bytes]:
    return (the_case(top) / "records.jsonl").read_bytes().split(b"\n")[:-1]


def write_records(top: Path, records: list[bytes]) -> None:
    (the_case(top) / "records.jsonl").write_bytes(b"".join(each + b"\n" for each in records))


def paper(top: Path, number: int) -> Path:
    (found,) = the_case(top).glob(f"papers/{number:03d}-*")
    return found


def leaf_of(facts: list[Any]) -> bytes:
    return Leaf(*facts).digest


def forge_anchor(top: Path) -> None:
    """And the anchor too: a tree of its moment and the case as it is now."""
    case, steps = the_case(top), [verify.step_of(record) for record in records_of(top)]
    files = [verify.hash_of(verify.Folder(p.parent), p.name) for p in sorted(case.glob("papers/*"))]
    digest = hashlib.sha256("".join(files).encode()).hexdigest()
    leaf = ["document", steps[-1].chain, len(steps), steps[-1].hash, digest]
    said = json.loads((top / verify.ANCHOR).read_text("utf-8"))
    at, mine = leaf_of(["at", said["at"], 0, "", ""]), leaf_of(leaf)
    said["root"], said["at_path"] = merkle.parent(at, mine).hex(), [["right", mine.hex()]]
    said["chains"] = {f"data/{case.name}": {"leaf": leaf, "path": [["left", at.hex()]]}}
    (top / verify.ANCHOR).write_text(json.dumps(said), "utf-8")


def take_out(top: Path) -> None:
    paper(top, 2).unlink()
    records = records_of(top)
    write_records(top, records[:1] + records[2:])


def swap(top: Path) -> None:
    one, two, three, four = records_of(top)
    write_records(top, [one, three, two, four])
    second, third = paper(top, 2), paper(top, 3)
    a, b = second.read_bytes(), third.read_bytes()
    second.write_bytes(b)
    third.write_bytes(a)


def close_the_gap(top: Path) -> None:
    """One taken out, the following moved up."""
    take_out(top)
    for number in (3, 4):
        path = paper(top, number)
        path.rename(path.with_name(f"{number - 1:03d}{path.name[3:]}"))


def add_one(top: Path) -> None:
    records, last = records_of(top), paper(top, 4)
    said = json.loads(records[-1]) | {"place": 5, "previous": "0" * 64}
    write_records(top, [*records, canonical_json(said)])
    last.with_name("005-P16-2026-1.pdf").write_bytes(last.read_bytes())


def replace_a_paper(top: Path) -> None:
    """The sealed file of one paper in the place of another."""
    paper(top, 3).write_bytes(paper(top, 2).read_bytes())


@pytest.mark.parametrize("act", [take_out, swap, close_the_gap, add_one, replace_a_paper])
def test_papers_removed_added_or_reordered_are_found_without_an_anchor(
    handed: Handed, act: Callable[[Path], None]
) -> None:
    """SEAL-06: even when lists and anchor are made anew, the links between the papers do not hold."""
    with handed.copy() as top:
        act(top)
        forge_anchor(top)
        relist(top)
        assert kinds(top) & {"gap", "link", "no_record", "other_paper", "record"}


def cut_tail(top: Path) -> None:
    paper(top, 4).unlink()
    write_records(top, records_of(top)[:-1])


def rebuild(top: Path) -> None:
    """A whole new chain with other facts, every hash and link right."""
    made: list[bytes] = []
    for number, record in enumerate(records_of(top), 1):
        previous = verify.step_of(made[-1]).hash if made else ""
        said = json.loads(record) | {"recorded_by": "someone else", "previous": previous}
        made.append(canonical_json(said))
        paper(top, number).write_bytes(b"stream\n" + zlib.compress(made[-1]))
    write_records(top, made)


@pytest.mark.parametrize("act", [cut_tail, rebuild])
def test_a_cut_tail_and_a_rebuilt_bundle_are_found_with_the_anchor(
    handed: Handed, act: Callable[[Path], None]
) -> None:
    """SEAL-06: consistent in itself, yet not what was handed out."""
    with handed.copy() as top:
        act(top)
        forge_anchor(top)
        relist(top)
        assert kinds(top) == set()
        assert "other_anchor" in kinds(top, handed.anchor)


@pytest.mark.parametrize("act", [cut_tail, rebuild])
def test_keeping_the_anchor_does_not_hide_them(handed: Handed, act: Callable[[Path], None]) -> None:
    """SEAL-06."""
    with handed.copy() as top:
        act(top)
        relist(top)
        assert "not_anchored" in kinds(top)


def backdate(top: Path) -> None:
    said = json.loads((top / verify.ANCHOR).read_text("utf-8"))
    said["at"] = "2020-01-01T00:00:00+08:00"
    (top / verify.ANCHOR).write_text(json.dumps(said), "utf-8")


def rename_a_paper(top: Path) -> None:
    path = paper(top, 2)
    path.rename(path.with_name("002-P32-2026-1.pdf"))


def move_the_case(top: Path) -> None:
    """Everything under the number of another case."""
    case, other = the_case(top), "KC-990026-2026A-99999"
    said = (top / verify.ANCHOR).read_text("utf-8")
    (top / verify.ANCHOR).write_text(said.replace(case.name, other), "utf-8")
    case.rename(case.with_name(other))


def add_a_twin(top: Path) -> None:
    """A forged paper that a disk without capitals puts over the real one."""
    folder = the_case(top) / "Papers"
    folder.mkdir()
    (folder / paper(top, 1).name).write_bytes(b"%PDF forged")


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (backdate, "other_time"),
        (rename_a_paper, "renamed"),
        (move_the_case, "other_folder"),
        (add_a_twin, "twice"),
    ],
)
def test_new_lists_do_not_hide_what_the_anchor_does_not_hold(
    handed: Handed, act: Callable[[Path], None], kind: str
) -> None:
    """SEAL-06: time, file names and folders are bound to the records, too."""
    with handed.copy() as top:
        act(top)
        relist(top)
        assert kind in kinds(top, handed.anchor)


def test_a_zip_with_a_name_twice_is_found(handed: Handed, tmp_path: Path) -> None:
    target = tmp_path / "out.zip"
    with zipfile.ZipFile(target, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr(archive.namelist()[0], b"other")
    problems = verify.check(verify.Zip(target)).problems
    assert "twice" in {problem.kind for problem in problems}


@given(
    count=st.integers(1, 40),
    place=st.integers(0, 39),
    head=st.text("0123456789abcdef", min_size=64, max_size=64),
)
def test_verifier_and_server_agree_on_the_rules(count: int, place: int, head: str) -> None:
    """The verifier stands alone, so its rules are written twice; here they are held together."""
    leaves = [
        Leaf("document", f"case:{n}", n + 1, head, head if n % 2 else "") for n in range(count)
    ]
    leaf = leaves[place % count]
    digests = [each.digest for each in leaves]
    path = merkle.path(digests, place % count)
    facts = [leaf.kind, leaf.chain, leaf.count, leaf.head, leaf.files]
    assert verify.leads_to(leaf.digest.hex(), facts, [])
    assert verify.leads_to(merkle.root(digests).hex(), facts, path)
    assert verify.canonical_json(facts) == canonical_json(facts)


def listed_anew(top: Path) -> None:
    """The manifests as a forger makes them, so that only what the anchor covers can tell."""
    names = [n for n in verify.Folder(top).names() if n != verify.TAGMANIFEST]
    payload = [name for name in names if name.startswith("data/")]
    for manifest, members in (
        (verify.MANIFEST, payload),
        (verify.TAGMANIFEST, [n for n in names if n not in payload]),
    ):
        lines = (f"{verify.hash_of(verify.Folder(top), n)}  {n}\n" for n in members)
        (top / manifest).write_text("".join(lines), "utf-8")


@pytest.mark.parametrize("name", ["Papers/012-P32-2026-7.pdf", "papers./1.pdf", "more/x.pdf"])
def test_a_file_where_none_belongs_is_found_though_it_is_listed(handed: Handed, name: str) -> None:
    """A disk without capitals would unpack it among the papers."""
    with handed.copy() as top:
        place = next(top.glob("data/KC-*")) / name
        place.parent.mkdir()
        place.write_bytes(b"%PDF forged")
        listed_anew(top)
        assert kinds(top, handed.anchor) == {"added"}


@pytest.mark.parametrize(
    "anchor",
    [
        {"chains": {"../../elsewhere": {}}},
        {"chains": {"a\x00b": {}}},
        {"at": "\ud800"},
        {"at_path": [["left", "\ud800"]]},
    ],
)
def test_a_strange_anchor_is_damage_and_opens_nothing_outside(
    handed: Handed, anchor: dict[str, object]
) -> None:
    with handed.copy() as top:
        outside = top.parent / "elsewhere"
        outside.mkdir()
        (outside / "records.jsonl").write_text("{}\n")
        said = json.loads((top / "anchor.json").read_text("utf-8"))
        (top / "anchor.json").write_text(json.dumps(said | anchor))
        listed_anew(top)
        found = verify.check(verify.Folder(top), handed.anchor)
        assert found.problems and found.papers == verify.check(verify.Folder(handed.top)).papers


@pytest.mark.parametrize("name", ["anchor.json", "records.jsonl"])
def test_nested_without_end_is_damage(handed: Handed, name: str) -> None:
    with handed.copy() as top:
        next(top.rglob(name)).write_text("[" * 200_000 + "\n")
        listed_anew(top)
        assert kinds(top)


def test_a_pipe_is_damage(handed: Handed) -> None:
    with handed.copy() as top:
        os.mkfifo(next(top.glob("data/KC-*")) / "index.pipe")
        assert kinds(top) == {"added"}


def test_nothing_beside_the_verifier_is_run(handed: Handed) -> None:
    with handed.copy() as top:
        (top / "json.py").write_text("raise SystemExit(0)")
        done = subprocess.run(
            [sys.executable, str(top / "verify.py"), str(top)], capture_output=True, check=False
        )
        assert done.returncode == 1 and b"json.py" in done.stdout


def test_a_paper_of_many_streams_is_read_in_no_time() -> None:
    pdf = (b"stream\n" + zlib.compress(b"x" * 64)) * 20_000
    assert not verify.carries(pdf, b"y" * 64)


def test_nothing_is_said_to_be_complete_where_something_is_wrong(handed: Handed) -> None:
    """The lists may be those that were printed while a file that they name is gone."""
    with handed.copy() as top:
        lists = verify.hash_of(verify.Folder(top), verify.TAGMANIFEST)
        command = [sys.executable, "verify.py", "--lang", "en", "--lists", lists]
        whole = subprocess.run(command, cwd=top, capture_output=True, text=True, check=True)
        next(top.glob("data/*/papers/*.pdf")).unlink()
        cut = subprocess.run(command, cwd=top, capture_output=True, text=True, check=False)
    assert "nothing is left out" in whole.stdout
    assert cut.returncode == 1 and "nothing is left out" not in cut.stdout
