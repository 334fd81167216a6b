"""An evidence file holds what its purpose asks for: all, the papers of one purpose under the same anchor, or no person at all."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import bagit
import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from casework.audit.models import Look
from casework.cases.kinds import Outcome
from casework.cases.models import Case
from casework.core.errors import DomainError
from casework.documents.freeze import lay_out, texts
from casework.documents.issue import issue
from casework.documents.models import SealedFile
from casework.documents.papers.declare import LANGUAGES
from casework.documents.papers.register import PAPERS
from casework.evidence import redacted_bag, verify
from casework.evidence.bundle import build, make
from casework.evidence.difference import compare
from casework.evidence.models import Bundle, Purpose
from casework.evidence.redacting import DATED, SHORT_FIGURE, Codes, redacted
from casework.evidence.scope import order
from casework.org.models import Unit, User
from tests.documents.samples import values_for
from tests.evidence.conftest import AT, NewCase, add_papers, bundle_of
from tests.evidence.test_bundle import unpacked
from tests.evidence.test_partial import lines_of

pytestmark = pytest.mark.django_db
CODE = re.compile(r"[CNU]\d{4}")
WITHHELD = re.compile(r"〔隐去(\d{2,}字)?〕|\[withheld(: \d{2,} characters)?\]")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", PAPERS)
def test_no_word_that_was_typed_is_left_on_a_redacted_paper(
    school: Unit, kind: str, language: str
) -> None:
    """Every text of it is a word of the form itself, a date, a short figure, a code or the length of what is withheld."""
    paper = PAPERS[kind]
    document = issue(
        chain="case:1", kind=kind, values=values_for(paper, "most"), unit=school,
        subject="case:1", at=AT, by=None, language=language,
    )  # fmt: skip
    told = redacted(document, document.record, "f" * 64, Codes())
    options = {o["text"] for o in boxes_of(json.loads(document.record))}
    form = set(texts(lay_out(paper, {}, language, blank=True))) | options
    said = [t for key in ("sections", "letter", "signatures", "title") for t in texts(told[key])]
    plain = {"男", "九年级"}
    free = [
        text
        for text in said
        if text not in form | plain and not is_dated(text) and not CODE.fullmatch(text) and not WITHHELD.fullmatch(text)
    ]  # fmt: skip
    assert free == []
    assert document.record not in json.dumps(told) and told["original_record"] == document.hash


def is_dated(text: str) -> bool:
    return not text or bool(DATED.fullmatch(text) or SHORT_FIGURE.fullmatch(text))


def boxes_of(record: Any) -> list[dict[str, Any]]:
    """All options that a paper shows as boxes."""
    if isinstance(record, list):
        return [box for each in record for box in boxes_of(each)]
    if isinstance(record, dict):
        own = [record] if set(record) == {"text", "on"} else []
        return own + [box for each in record.values() for box in boxes_of(each)]
    return []


def test_the_same_name_has_the_same_code_and_another_one_another() -> None:
    codes = Codes()
    given = [
        codes.of("N", "杨思雨"),
        codes.of("N", "杨国华"),
        codes.of("N", "杨思雨"),
        codes.of("C", "杨思雨"),
    ]
    assert given == ["N0001", "N0002", "N0001", "C0001"]
    assert codes.of("N", "") == ""
    assert codes.of("N", "杨国华（父亲）") == "N0002"


@pytest.fixture
def rendered(school: Unit, new_case: NewCase, settings: Any, seal_key: str) -> Case:
    settings.SEAL_KEY, settings.SEAL_PASSPHRASE = seal_key, "tests"
    case = new_case(school)
    add_papers(case, ["P35"], sealed=False)
    return case


def test_a_file_without_names_has_none_and_names_its_originals(
    rendered: Case, officer: User, tmp_path: Path
) -> None:
    typed = f"{rendered.number} 杨思雨的家长来访"
    bundle = bundle_of(
        rendered, tmp_path / "out.zip", purpose=Purpose.OUTSIDE, by=officer, reason=typed
    )
    top = unpacked(tmp_path / "out.zip")
    assert bagit.Bag(str(top)).is_valid()
    found = verify.check(verify.Folder(top), bundle.anchor)
    told = list(
        verify.report(found, bundle.anchor, {k: pair[1] for k, pair in verify.TEXTS.items()})
    )
    assert found.problems == [] and any("the anchor proves nothing" in line for line in told)
    assert not any("intact" in line for line in told)
    (paper,) = top.glob("data/C0001/copies/*.pdf")
    with pikepdf.open(paper) as pdf:
        inside = b"".join(each.get_file().read_bytes() for each in pdf.attachments.values())
        assert "/AcroForm" not in pdf.Root
    every = (
        b"".join(p.read_bytes() for p in top.rglob("*.*") if p.is_file() and p.suffix != ".pdf")
        + inside
    )
    for name in ("李䶮", "杨思雨", rendered.number, rendered.school.name, officer.display_name):
        assert name.encode() not in every and name not in str(top)
    (row,) = csv.DictReader(io.StringIO((top / "index.csv").read_text("utf-8-sig")))
    file = SealedFile.objects.get(document__chain=f"case:{rendered.pk}")
    assert (row["original_sha256"], row["original_record_sha256"]) == (
        file.sha256,
        file.document.hash,
    )
    assert file.sha256.encode() in inside
    bundle.refresh_from_db()
    listed = dict(csv.reader(io.StringIO(bundle.codes)))
    assert listed["C0001"] == rendered.number and "李䶮" in listed.values()


def test_who_is_who_is_told_to_whoever_made_the_file_and_that_is_logged(
    case: Case, officer: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redacted_bag._Maker, "_printed", lambda *_: b"%PDF")
    said = {"reason": "课题研究", "receiver": "示范大学", "at": AT}
    full = order(case=case, merged=False, by=officer, **said)
    bundle = order(case=case, purpose=Purpose.OUTSIDE, by=officer, **said)
    for each in (full, bundle):
        build(each.pk)
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("evidence:codes", args=[full.pk])).status_code == 404
    answer = client.get(reverse("evidence:codes", args=[bundle.pk]))
    assert case.number in answer.content.decode()
    assert Look.objects.get(what="evidence_codes").subjects == [case.pk]
    file = client.get(reverse("evidence:download", args=[bundle.pk]))
    file.close()
    assert case.number not in answer["Content-Disposition"] + file["Content-Disposition"]


def test_no_title_tells_of_health(
    case: Case, officer: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PRIV-03: of teaching at home, deferring and suspending only the day and the hashes are given."""
    monkeypatch.setattr(redacted_bag._Maker, "_printed", lambda *_: b"%PDF")
    (telling,) = add_papers(case, ["P21"])
    bundle_of(case, tmp_path / "out.zip", purpose=Purpose.OUTSIDE, by=officer)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        names = archive.namelist()
        (index,) = [name for name in names if name.endswith("/index.csv")]
        rows = list(csv.DictReader(io.StringIO(archive.read(index).decode("utf-8-sig"))))
        pages = b"".join(archive.read(name) for name in names if name.endswith(("html", "csv")))
    assert not [name for name in names if "P21" in name]
    assert "送教".encode() not in pages and b"P21" not in pages and b"at Home" not in pages
    assert (rows[-1]["path"], rows[-1]["original_record_sha256"]) == ("", telling.hash)


@pytest.mark.parametrize("said", ["138 0013 8000", "2026-11", "3:00", "2026年11月9日 138", "13-14"])
def test_a_figure_in_a_field_for_days_is_no_day(said: str) -> None:
    assert not DATED.fullmatch(said)


def test_reasons_that_tell_of_health_faith_or_crime_are_withheld_whole(school: Unit) -> None:
    values = values_for(PAPERS["P04"], "usual") | {"reasons": ["MARRY"]}
    document = issue(
        chain="case:1", kind="P04", values=values, unit=school, subject="case:1", at=AT, by=None
    )
    told = json.dumps(redacted(document, document.record, "", Codes()), ensure_ascii=False)
    assert "信教" not in told and "涉案" not in told and "厌学" not in told
    ended = values_for(PAPERS["P32"], "usual")
    other = issue(
        chain="case:1", kind="P32", values=ended, unit=school, subject="case:1", at=AT, by=None
    )
    assert "专门学校" not in json.dumps(
        redacted(other, other.record, "", Codes()), ensure_ascii=False
    )


def test_short_texts_keep_their_length_for_themselves(school: Unit) -> None:
    """Two characters would say which ethnic group it is; a class is no figure."""
    values = values_for(PAPERS["P35"], "usual")
    values["pupil"] = values["pupil"] | {"class_name": "3", "ethnic_group": "维吾尔族"}
    document = issue(
        chain="case:1", kind="P35", values=values, unit=school, subject="case:1", at=AT, by=None
    )
    told = redacted(document, document.record, "", Codes())
    cells = {cell["label"]: cell["value"] for row in told["sections"][0]["rows"] for cell in row}
    assert {cells[name] for name in ("民族", "关系", "班级", "联系电话")} == {"〔隐去〕"}
    assert cells["姓名"].startswith("N")


def test_no_read_is_open_while_a_sign_of_life_is_written(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database of one file refuses to write on a connection whose reading began before another wrote."""
    from django.db.models.sql import compiler

    from casework.evidence import bundle as maker

    open_reads: list[int] = []
    real, sign = compiler.cursor_iter, maker._mine

    def watched(*args: Any) -> Any:
        open_reads.append(1)
        try:
            yield from real(*args)
        finally:
            open_reads.pop()

    def written(bundle: Bundle, **changes: object) -> bool:
        assert not open_reads
        return sign(bundle, **changes)

    monkeypatch.setattr(compiler, "cursor_iter", watched)
    monkeypatch.setattr(maker, "_mine", written)
    monkeypatch.setattr(maker, "SIGN_OF_LIFE", -1)
    for purpose in (Purpose.INSPECTION, Purpose.COURT):
        unit = order(
            unit=case.school, first=AT.date(), last=AT.date(), reason="x", purpose=purpose, by=None, at=AT, queued=False
        )  # fmt: skip
        assert make(unit, at=AT, target=tmp_path / f"{purpose}.zip"), unit.error


def test_the_family_gets_what_was_given_to_it_and_no_photos(case: Case, tmp_path: Path) -> None:
    bundle = bundle_of(case, tmp_path / "out.zip", purpose=Purpose.FAMILY)
    names = [n for n in zipfile.ZipFile(tmp_path / "out.zip").namelist() if "/papers/" in n]
    assert [n.rsplit("/", 1)[1][:7] for n in names] == ["004-P06"]
    assert verify.check(verify.Zip(tmp_path / "out.zip"), bundle.anchor).problems == []


def test_a_case_without_a_paper_for_the_purpose_is_not_in_the_file(
    case: Case, new_case: NewCase, tmp_path: Path
) -> None:
    only = new_case(case.school)
    add_papers(only, ["P35"])
    bundle = order(
        unit=case.school, first=AT.date(), last=AT.date(), reason="x", purpose=Purpose.COURT, by=None, at=AT, queued=False
    )  # fmt: skip
    assert make(bundle, at=AT, target=tmp_path / "out.zip"), bundle.error
    names = " ".join(zipfile.ZipFile(tmp_path / "out.zip").namelist())
    assert case.number in names and only.number not in names
    assert verify.check(verify.Zip(tmp_path / "out.zip"), bundle.anchor).problems == []


def test_a_unit_s_file_can_be_of_one_stage_or_outcome(
    case: Case, new_case: NewCase, tmp_path: Path
) -> None:
    other = new_case(case.school, stage="closed", closed_at=AT, outcome="returned")
    add_papers(other, ["P35"])
    call_command(
        "evidence", unit=case.school.code, first=AT.date(), last=AT.date(), reason="x", outcome="returned",
        output=tmp_path / "out.zip", stdout=io.StringIO(), stderr=io.StringIO(),
    )  # fmt: skip
    top = unpacked(tmp_path / "out.zip")
    assert (top / "data" / other.number).exists() and not (top / "data" / case.number).exists()
    assert str(Outcome.RETURNED.label) in (top / "index.html").read_text("utf-8")


def test_a_case_without_such_papers_shifts_nobody_s_records(
    new_case: NewCase, school: Unit, tmp_path: Path
) -> None:
    """Records of one case are never packed with another's."""
    first, second = new_case(school), new_case(school)
    add_papers(first, ["P35", "P36"])
    add_papers(second, ["P35", "P06"])
    bundle = order(
        unit=school, first=AT.date(), last=AT.date(), reason="x", purpose=Purpose.FAMILY, by=None, at=AT, queued=False
    )  # fmt: skip
    assert make(bundle, at=AT, target=tmp_path / "out.zip"), bundle.error
    assert verify.check(verify.Zip(tmp_path / "out.zip"), bundle.anchor).problems == []
    _records, lines = lines_of(unpacked(tmp_path / "out.zip"), second)
    assert json.loads(lines[1])["case_no"] == second.number


def test_files_of_two_purposes_are_not_compared(case: Case, tmp_path: Path) -> None:
    bundle_of(case, tmp_path / "court.zip", purpose=Purpose.COURT)
    bundle_of(case, tmp_path / "full.zip")
    with translation.override("en"), pytest.raises(DomainError, match="purpose"):
        compare(tmp_path / "court.zip", tmp_path / "full.zip")
    assert compare(tmp_path / "full.zip", tmp_path / "full.zip").well


def test_the_command_line_puts_the_codes_where_it_is_told(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redacted_bag._Maker, "_printed", lambda *_: b"%PDF")
    said = {
        "case": case.number,
        "reason": "x",
        "purpose": "redacted",
        "stdout": io.StringIO(),
        "stderr": io.StringIO(),
    }
    with pytest.raises(CommandError, match="--codes"):
        call_command("evidence", output=tmp_path / "a.zip", **said)
    call_command("evidence", output=tmp_path / "b.zip", codes=tmp_path / "codes.csv", **said)
    assert case.number in (tmp_path / "codes.csv").read_text("utf-8-sig")
