"""A bundle: complete, valid for others' tools, safe to unpack, opened without a server."""

import ast
import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import bagit
import pytest

from casework.audit.models import Entry
from casework.cases.models import Case
from casework.documents import store
from casework.documents.models import SealedFile
from casework.evidence import bundle as maker
from casework.evidence import verify
from casework.evidence.bag import check_path
from casework.evidence.models import Bundle, State
from casework.evidence.scope import order
from casework.evidence.sheets import csv_lines
from tests.evidence.conftest import AT, add_papers, bundle_of

pytestmark = pytest.mark.django_db


def unpacked(target: Path) -> Path:
    folder = target.parent / "unpacked"
    with zipfile.ZipFile(target) as archive:
        archive.extractall(folder)
    (top,) = folder.iterdir()
    return top


def test_it_works(case: Case, tmp_path: Path) -> None:
    target = tmp_path / "out.zip"
    bundle = bundle_of(case, target)
    assert (bundle.state, bundle.cases, bundle.total) == (State.DONE, 1, 4)
    assert bundle.size == target.stat().st_size
    found = verify.check(verify.Zip(target), bundle.anchor)
    assert (found.problems, found.papers, found.chains) == ([], 4, 1)


def test_another_reader_of_bags_accepts_it(case: Case, tmp_path: Path) -> None:
    """SEAL-08: `bagit` validates what we wrote."""
    bundle_of(case, tmp_path / "out.zip")
    bag = bagit.Bag(str(unpacked(tmp_path / "out.zip")))
    assert bag.is_valid()
    assert bag.info["External-Description"] == "督导检查"


def test_its_papers_are_the_stored_bytes(case: Case, tmp_path: Path) -> None:
    bundle_of(case, tmp_path / "out.zip")
    top = unpacked(tmp_path / "out.zip")
    stored = {f.sha256: (store.folder() / f.path).read_bytes() for f in SealedFile.objects.all()}
    papers = sorted((top / "data" / case.number / "papers").iterdir())
    assert [p.name for p in papers] == [
        f"{n:03d}-{kind}-2026-1.pdf" for n, kind in enumerate(["P35", "P36", "P04", "P06"], 1)
    ]
    assert [p.read_bytes() for p in papers] == list(stored.values())


def test_names_are_short_and_safe_and_name_no_child(case: Case, tmp_path: Path) -> None:
    """EXP-02."""
    bundle_of(case, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        for entry in archive.infolist():
            check_path(entry.filename)
            assert entry.filename.isascii() and entry.compress_type == zipfile.ZIP_STORED


@pytest.mark.parametrize(
    "path",
    [
        "a/../b",
        "/a",
        "a//b",
        "CON",
        "aux.txt",
        "a.",
        "杨思雨.pdf",
        "a b",
        "-a",
        "a" * 201,
        "a\\b",
        "a\nb",
        "a\x00b",
        "a\x7fb",
        "a\u202eb",
        "\u5b66" * 85,
        "..",
        "a/..",
        ".hidden",
    ],
)
def test_unsafe_names_are_refused(path: str) -> None:
    """EXP-02."""
    with pytest.raises(ValueError, match="bag"):
        check_path(path)


def test_index_opens_without_a_server(case: Case, tmp_path: Path) -> None:
    """Every link leads to a file of the bundle; nothing is fetched from elsewhere."""
    bundle = bundle_of(case, tmp_path / "out.zip")
    top = unpacked(tmp_path / "out.zip")
    for page in [top / "index.html", *top.glob("data/*/index.html")]:
        text = page.read_text("utf-8")
        assert not re.search(r"https?://|<script[^>]|src=|url\(|fetch|import|XMLHttp", text)
        links = re.findall(r'href="([^"#]+)"', text)
        assert links and all((page.parent / link).is_file() for link in links)
    index = (top / "index.html").read_text("utf-8")
    assert verify.grouped(bundle.anchor) in index and "督导检查" in index
    assert "怎样查看和验证" in index and "How to read and check" in index


def test_case_sheet_masks_numbers(case: Case, tmp_path: Path) -> None:
    """PRIV-03."""
    bundle_of(case, tmp_path / "out.zip")
    every = b"".join(p.read_bytes() for p in unpacked(tmp_path / "out.zip").rglob("*.*"))
    assert case.pupil.status_number.encode() not in every
    assert case.pupil.masked_status.replace("•", "*").encode() in every


def test_list_is_read_as_text_by_spreadsheets(case: Case, tmp_path: Path) -> None:
    """EXP-01."""
    bundle_of(case, tmp_path / "out.zip")
    raw = (unpacked(tmp_path / "out.zip") / "index.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [row["form"] for row in rows] == ["P35", "P36", "P04", "P06"]
    for payload in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"):
        assert (
            next(csv.reader(io.StringIO(csv_lines([[payload]]).decode(), newline="")))[0][0] == "'"
        )


def test_taking_evidence_stands_on_the_case(case: Case, tmp_path: Path) -> None:
    """AUD-01."""
    bundle = bundle_of(case, tmp_path / "out.zip")
    entry = Entry.objects.get(verb="evidence.made")
    assert (entry.chain, entry.facts["anchor"]) == (f"case:{case.pk}", bundle.anchor)


def test_a_damaged_file_is_not_handed_out(case: Case, tmp_path: Path) -> None:
    """SEAL-04: the bundle fails and names the paper; no half file stays."""
    file = SealedFile.objects.order_by("pk")[1]
    (store.folder() / file.path).write_bytes(b"%PDF other")
    with pytest.raises(AssertionError, match=re.escape(file.document.number)):
        bundle_of(case, tmp_path / "out.zip")
    assert not list(tmp_path.glob("out.zip*"))


def test_making_twice_changes_nothing(case: Case, tmp_path: Path) -> None:
    from casework.evidence.bundle import build

    bundle = bundle_of(case, tmp_path / "out.zip")
    before = (tmp_path / "out.zip").read_bytes()
    build(bundle.pk)
    bundle.refresh_from_db()
    assert bundle.attempt == 1 and (tmp_path / "out.zip").read_bytes() == before
    assert Entry.objects.filter(verb="evidence.made").count() == 1


def test_papers_without_seal_are_named_as_gaps(case: Case, tmp_path: Path) -> None:
    """SEAL-09: their records go along, the bundle stays verifiable."""
    (late,) = add_papers(case, ["P16"], sealed=False)
    bundle = bundle_of(case, tmp_path / "out.zip")
    found = verify.check(verify.Zip(tmp_path / "out.zip"), bundle.anchor)
    assert (found.problems, found.papers, found.unsealed) == ([], 5, 1)
    assert late.number in [what for _case, what, *_rest in bundle.gaps]


def test_the_verifier_in_it_runs_alone(case: Case, tmp_path: Path) -> None:
    """SEAL-07: isolated, without our packages, from its own folder and on the zip."""
    bundle = bundle_of(case, tmp_path / "out.zip")
    top = unpacked(tmp_path / "out.zip")
    command = [sys.executable, "-I", "-S", str(top / "verify.py")]

    def run(*arguments: str) -> tuple[int, str]:
        done = subprocess.run([*command, *arguments], capture_output=True, encoding="utf-8")
        return done.returncode, done.stdout

    assert run("--lang", "en")[0] == 0 and "not compared" in run("--lang", "en")[1]
    code, said = run("--lang", "zh", "--anchor", verify.grouped(bundle.anchor))
    assert code == 0 and "2026-11-20T15:48:00+08:00 起没有改动" in said
    assert run(str(tmp_path / "out.zip"), "--anchor", "0" * 64)[0] == 1
    assert run(str(tmp_path / "nothing"))[0] == 2 and run("--anchor", "xyz")[0] == 2


def test_the_verifier_needs_nothing_but_an_old_python() -> None:
    """SEAL-07: Python 3.8, standard library only."""
    tree = ast.parse(Path(verify.__file__).read_text("utf-8"), feature_version=(3, 8))
    imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    imported |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= set(sys.stdlib_module_names)


def test_anchor_file_holds_a_proof_for_each_chain(case: Case, tmp_path: Path) -> None:
    bundle = bundle_of(case, tmp_path / "out.zip")
    said = json.loads((unpacked(tmp_path / "out.zip") / "anchor.json").read_text())
    proof = said["chains"][f"data/{case.number}"]
    assert verify.leads_to(bundle.anchor, proof["leaf"], proof["path"])


def test_what_a_killed_maker_left_goes_an_hour_later(case: Case, tmp_path: Path) -> None:
    """REL-10."""
    from casework.core.clock import real_now
    from casework.evidence.bundle import folder, sweep

    folder().mkdir(parents=True)
    for left in ("1-ab.zip.part", "1-ab.zip", "2-cd.zip"):
        (folder() / left).touch()
    made = bundle_of(case, tmp_path / "out.zip")
    Bundle.objects.filter(pk=made.pk).update(path="1-ab.zip")
    assert sweep(at=real_now()) == 0
    assert sweep(at=real_now() + timedelta(hours=2)) == 2
    assert [path.name for path in folder().iterdir()] == ["1-ab.zip"]


def test_nobody_else_on_the_machine_reads_a_bundle_under_way(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from casework.evidence import bundle

    modes = []
    done = bundle._into_place
    monkeypatch.setattr(
        bundle,
        "_into_place",
        lambda part, place: (modes.append(part.stat().st_mode & 0o777), done(part, place)),
    )
    bundle_of(case, tmp_path / "out.zip")
    assert modes == [0o600] and (tmp_path / "out.zip").stat().st_mode & 0o777 == 0o600


def test_a_bundle_that_could_not_be_noted_leaves_nothing(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REL-10: neither a file of children that no row knows, nor one that was overtaken."""
    bundle = order(case=case, at=AT, queued=False, reason="x", merged=False, by=None)

    def overtaken(part: Path, place: Path) -> None:
        part.rename(place)
        Bundle.objects.filter(pk=bundle.pk).update(attempt=99)

    monkeypatch.setattr(maker, "_into_place", overtaken)
    assert not maker.make(bundle, at=AT)
    assert list(maker.folder().iterdir()) == []
