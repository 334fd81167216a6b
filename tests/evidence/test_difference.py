"""Against an earlier evidence file: what is new is named, what was handed out before must still be there as it was."""

import io
import shutil
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from casework.cases.models import Case
from casework.core.errors import DomainError
from casework.documents.models import Document
from casework.evidence.bundle import make
from casework.evidence.difference import compare
from casework.evidence.scope import order
from casework.org.models import Unit
from tests.documents.conftest import unlocked
from tests.evidence.conftest import AT, NewCase, add_papers, bundle_of, stand_in

__all__ = ["unlocked"]
pytestmark = pytest.mark.django_db


def test_nothing_new_is_no_difference(case: Case, tmp_path: Path) -> None:
    for name in ("old.zip", "new.zip"):
        bundle_of(case, tmp_path / name)
    found = compare(tmp_path / "old.zip", tmp_path / "new.zip")
    assert (list(found.told()), found.well) == ([], True)


def test_another_paper_is_new_and_its_chain_has_grown(case: Case, tmp_path: Path) -> None:
    bundle_of(case, tmp_path / "old.zip")
    add_papers(case, ["SR"])
    bundle_of(case, tmp_path / "new.zip")
    found = compare(tmp_path / "old.zip", tmp_path / "new.zip")
    assert [path.split("/")[-1] for path in found.added] == ["005-SR-2026-1.pdf"]
    assert (found.grown, found.well) == ([f"data/{case.number}/records.jsonl"], True)


def test_a_paper_sealed_anew_is_altered(
    case: Case, tmp_path: Path, unlocked: Callable[..., None]
) -> None:
    """Each file is consistent in itself; only both together show it."""
    bundle_of(case, tmp_path / "old.zip")
    document = Document.objects.order_by("pk")[0]
    unlocked("DELETE FROM documents_sealedfile WHERE document_id = %s", document.pk)
    document = Document.objects.get(pk=document.pk)
    stand_in(document, filler=b"%resealed")
    bundle_of(case, tmp_path / "new.zip")
    found = compare(tmp_path / "old.zip", tmp_path / "new.zip")
    assert (len(found.altered), found.well) == (1, False)


def of_unit(school: Unit, target: Path, first: date, last: date) -> Path:
    bundle = order(
        unit=school, first=first, last=last, reason="x", merged=False, by=None, at=AT, queued=False
    )
    assert make(bundle, at=AT, target=target), bundle.error
    return target


@pytest.fixture
def two_periods(case: Case, school: Unit, new_case: NewCase, tmp_path: Path) -> list[Path]:
    """A month in which there were two cases, and the same month after one of them was moved out of it."""
    other = new_case(school)
    add_papers(other, ["P35"])
    month = date(2026, 11, 1), date(2026, 11, 30)
    old = of_unit(school, tmp_path / "old.zip", *month)
    Case.objects.filter(pk=other.pk).update(opened_at=AT + timedelta(days=60))
    return [old, of_unit(school, tmp_path / "new.zip", *month)]


def test_a_case_that_vanished_from_the_same_period_is_lost(two_periods: list[Path]) -> None:
    found = compare(*two_periods)
    assert (len(found.lost), found.gone, found.well) == (2, [], False)


def test_a_case_out_of_a_shorter_period_is_no_damage(
    two_periods: list[Path], school: Unit, tmp_path: Path
) -> None:
    shorter = of_unit(school, tmp_path / "short.zip", date(2026, 11, 2), date(2026, 11, 30))
    found = compare(two_periods[0], shorter)
    assert (len(found.gone), found.lost, found.well) == (1, [], True)


def test_evidence_of_another_case_is_not_compared(
    case: Case, school: Unit, new_case: NewCase, tmp_path: Path
) -> None:
    other = new_case(school)
    add_papers(other, ["P35"])
    for number, each in enumerate((case, other)):
        bundle_of(each, tmp_path / f"{number}.zip")
    with pytest.raises(DomainError):
        compare(tmp_path / "0.zip", tmp_path / "1.zip")


def test_what_is_no_evidence_file_is_refused(case: Case, tmp_path: Path) -> None:
    bundle_of(case, tmp_path / "new.zip")
    (tmp_path / "old.zip").write_bytes(b"PK")
    with pytest.raises(DomainError):
        compare(tmp_path / "old.zip", tmp_path / "new.zip")
    shutil.copy(tmp_path / "new.zip", tmp_path / "cut.zip")
    with zipfile.ZipFile(tmp_path / "cut.zip", "a") as files:
        files.writestr(
            f"{files.namelist()[0].split('/')[0]}/data/{case.number}/papers/added.pdf", b"x"
        )
    with pytest.raises(DomainError):
        compare(tmp_path / "cut.zip", tmp_path / "new.zip")


def test_the_command_says_what_is_new(case: Case, tmp_path: Path) -> None:
    bundle_of(case, tmp_path / "old.zip")
    add_papers(case, ["SR"])
    out = io.StringIO()
    arguments = [
        "--case",
        case.number,
        "--reason",
        "x",
        "--no-merged",
        "--diff",
        str(tmp_path / "old.zip"),
    ]
    call_command(
        "evidence", *arguments, "-o", str(tmp_path / "new.zip"), stdout=out, stderr=io.StringIO()
    )
    assert "005-SR-2026-1.pdf" in out.getvalue()
    with pytest.raises(CommandError) as refused:
        call_command(
            "evidence", *arguments[:-1], str(tmp_path / "none.zip"), "-o", str(tmp_path / "x.zip")
        )
    assert refused.value.returncode == 2
