"""A part of a chain is proved by the anchor of the whole, and nothing that is done to it passes (decision 29)."""

import json
import zipfile
from pathlib import Path

import pytest

from casework.cases.models import Case
from casework.documents.models import Destroyed, Document
from casework.evidence import verify
from casework.evidence.models import Bundle, Purpose
from tests.evidence.conftest import AT, add_papers, bundle_of
from tests.evidence.test_bundle import unpacked

pytestmark = pytest.mark.django_db


def court_file(case: Case, tmp_path: Path) -> tuple[Bundle, Path]:
    """P35 is left out, then P36, P04, P06 are in, P32 is left out."""
    add_papers(case, ["P32"])
    return bundle_of(case, tmp_path / "out.zip", purpose=Purpose.COURT), unpacked(
        tmp_path / "out.zip"
    )


def test_a_file_for_the_court_is_proved_by_the_same_anchor(case: Case, tmp_path: Path) -> None:
    bundle, top = court_file(case, tmp_path)
    found = verify.check(verify.Folder(top), bundle.anchor)
    assert (found.problems, found.papers, found.left_out, found.unsealed) == ([], 5, 2, 0)
    names = sorted(p.name for p in (top / "data" / case.number / "papers").iterdir())
    assert [name[:7] for name in names] == ["002-P36", "003-P04", "004-P06"]
    sheet = (top / "data" / case.number / "index.html").read_text("utf-8")
    assert 'id="timeline"' not in sheet and 'id="audit"' not in sheet and "P32" not in sheet
    assert not (top / "data" / "scope").exists()
    told = list(verify.report(found, "", {kind: pair[1] for kind, pair in verify.TEXTS.items()}))
    assert (
        "2 of them stand here by their hashes only: left out by purpose, destroyed by a list, or taken out."
        in told
    )


def lines_of(top: Path, case: Case) -> tuple[Path, list[bytes]]:
    records = top / "data" / case.number / "records.jsonl"
    return records, records.read_bytes().split(b"\n")[:-1]


@pytest.mark.parametrize("spoil", ["hash", "file", "hidden", "put_in", "altered"])
def test_what_is_done_to_a_partial_file_is_found(case: Case, tmp_path: Path, spoil: str) -> None:
    bundle, top = court_file(case, tmp_path)
    records, lines = lines_of(top, case)
    papers = records.parent / "papers"
    left = json.loads(lines[0])
    if spoil == "hash":
        lines[0] = verify.canonical_json(left | {"left_out": "0" * 64})
    elif spoil == "file":
        lines[0] = verify.canonical_json(left | {"file": "0" * 64})
    elif spoil == "hidden":  # a paper that the edition holds is called left out, and taken away
        step = verify.step_of(lines[1])
        (paper,) = papers.glob("002-*")
        lines[1] = verify.canonical_json({"file": "0" * 64, "left_out": step.hash})
        paper.unlink()
    elif spoil == "put_in":
        (paper,) = papers.glob("002-*")
        (papers / "001-P35-2026-1.pdf").write_bytes(paper.read_bytes())
    else:
        (paper,) = papers.glob("003-*")
        paper.write_bytes(paper.read_bytes() + b" ")
    records.write_bytes(b"".join(line + b"\n" for line in lines))
    kinds = {p.kind for p in verify.check(verify.Folder(top), bundle.anchor).problems}
    beyond = kinds - {
        "changed",
        "added",
        "missing",
    }  # the lists say it too: a forger makes them anew
    assert beyond


def forged(record: bytes) -> bytes:
    return record.replace("李䶮".encode(), "李冒名".encode())


@pytest.mark.parametrize("gone", [(1, 2, 3, 4), (1,), (4,), (2, 3)])
def test_a_whole_file_is_proved_whatever_was_destroyed(
    case: Case, tmp_path: Path, gone: tuple[int, ...]
) -> None:
    for paper in Document.objects.filter(chain=f"case:{case.pk}", place__in=gone):
        Destroyed(document=paper, listed="2057-1", first="a", second="b", at=AT).save()
    bundle = bundle_of(case, tmp_path / "out.zip")
    found = verify.check(verify.Zip(tmp_path / "out.zip"), bundle.anchor)
    assert (found.problems, found.left_out) == ([], len(gone))


@pytest.mark.parametrize("place", [
    "data/{case}/papers/001-P10-2025-9.pdf", "data/{case}/files/005-P09-2026-1.pdf", "data/{case}/photos/005-P09.pdf",
    "data/{case}/copies/005-P10-2026-1.pdf", "data/scope/001-P10-2026-1.pdf", "data/{case}/photos/005-P09-2026-1.pdf.jpg",
    "data/{case}/papers/desktop.ini", "data/{case}/papers/" + "9" * 5000 + "-P1.pdf",
    "{case}/papers/002-P36-2026-1.pdf", "data\\{case}\\papers\\002-P36-2026-1.pdf", "data/../papers/001-P35-2026-1.pdf",
])  # fmt: skip
def test_no_paper_stands_beside_the_chain(case: Case, tmp_path: Path, place: str) -> None:
    """Not where one is left out, not among files or photos, not outside, not by a name that another system reads otherwise."""
    bundle = bundle_of(case, tmp_path / "out.zip", purpose=Purpose.COURT)
    with zipfile.ZipFile(tmp_path / "out.zip", "a") as archive:
        (top,) = {name.split("/")[0] for name in archive.namelist()}
        archive.writestr(f"{top}/{place.format(case=case.number)}", b"%PDF forged")
    found = verify.check(verify.Zip(tmp_path / "out.zip"), bundle.anchor).problems
    kinds = [p.kind for p in found if p.kind in ("no_record", "added")]
    assert len(kinds) == 2  # it is on no list, which could be made anew; and no such place is there


@pytest.mark.parametrize("road", ["before_left_out", "other_place", "place_nought"])
def test_a_forged_record_without_a_file_is_found_whatever_is_booked_beside_it(
    case: Case, tmp_path: Path, road: str
) -> None:
    """What is shown is bound by its sealed file or by the next record that is shown; hashes alone bind nothing."""
    if road == "other_place":
        add_papers(case, ["P17"], sealed=False)
        add_papers(case, ["P32"])
    bundle = bundle_of(case, tmp_path / "out.zip")
    top = unpacked(tmp_path / "out.zip")
    records, lines = lines_of(top, case)
    papers = records.parent / "papers"
    files = {int(p.name[:3]): p for p in papers.iterdir()}
    digest = {n: verify.hash_of(verify.Folder(papers), p.name) for n, p in files.items()}
    steps = [verify.step_of(line) for line in lines]
    target = 2
    if road == "place_nought":  # the first file takes a place before the first, each hash moves up
        files[1].rename(papers / "000-x.pdf")
        booked = {2: digest[2], 1: ""}
        lines[0] = forged(lines[0])
        files[2].unlink()
        lines[1] = left_out(steps[1].hash, booked[2])
    else:
        lines[target - 1] = forged(lines[target - 1])
        files[target].unlink()
        lines[target] = left_out(steps[target].hash, digest[target])
        for place in range(target + 1, len(lines)):
            lines[place] = left_out(steps[place].hash, digest.get(place + 1, digest.get(place, "")))
    records.write_bytes(b"".join(line + b"\n" for line in lines))
    kinds = {p.kind for p in verify.check(verify.Folder(top), bundle.anchor).problems}
    assert kinds & {"link", "no_record", "record"}


def left_out(record: str, file: str) -> bytes:
    return verify.canonical_json({"file": file, "left_out": record})


def test_an_unsealed_paper_before_one_left_out_is_left_out_too(case: Case, tmp_path: Path) -> None:
    """Nothing would bind its words: a whole file says so by its hash."""
    add_papers(case, ["P17"], sealed=False)
    (gone,) = add_papers(case, ["P32"])
    Destroyed(document=gone, listed="2057-1", first="a", second="b", at=AT).save()
    bundle = bundle_of(case, tmp_path / "out.zip")
    found = verify.check(verify.Zip(tmp_path / "out.zip"), bundle.anchor)
    assert (found.problems, found.left_out, found.unsealed) == ([], 2, 0)
