"""The reading copy of a case, from really rendered and sealed papers."""

import io
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.utils import translation

from casework.cases.models import Case
from casework.core.transaction import one_act
from casework.documents.attachments import enter, store
from casework.documents.models import Document, Purpose, SealedFile
from casework.documents.papers.register import PAPERS
from casework.documents.uploads import look_at
from casework.evidence import verify
from casework.evidence.contents import POINTS
from casework.org.models import User
from tests.cases.test_photos import picture
from tests.documents.samples import AT
from tests.documents.sounds import SOUNDS
from tests.evidence.conftest import NewCase, add_papers, bundle_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def rendered(school: Any, new_case: NewCase, settings: Any, seal_key: str) -> Case:
    settings.SEAL_KEY, settings.SEAL_PASSPHRASE = seal_key, "tests"
    case = new_case(school)
    add_papers(case, ["P35", "P36"], sealed=False)  # the bundle seals them
    return case


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_holds_all_papers_numbered_and_bookmarked(
    rendered: Case, officer: User, tmp_path: Path, language: str
) -> None:
    with translation.override(language):
        bundle = bundle_of(rendered, tmp_path / "out.zip", merged=True, by=officer)
    assert verify.check(verify.Zip(tmp_path / "out.zip"), bundle.anchor).problems == []
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        (name,) = [n for n in archive.namelist() if n.endswith("reading-copy.pdf")]
        copy = pikepdf.open(io.BytesIO(archive.read(name)))
        papers = [n for n in archive.namelist() if "/papers/" in n]
        pages = sum(len(pikepdf.open(io.BytesIO(archive.read(n))).pages) for n in papers)
    with copy, copy.open_outline() as outline:
        titles = [item.title for item in outline.root]
        assert len(copy.pages) == 2 + pages + 3
        assert len(titles) == 2 + 2 + 3 and "P35" in titles[2]
        assert titles[1] == {"zh-hans": "目录", "en": "Contents"}[language]
        assert "/AcroForm" not in copy.Root and all("/Annots" not in page for page in copy.pages)


def test_every_kind_of_a_case_stands_under_a_point() -> None:
    """domain.md 6.1: no paper falls out of the merged file."""
    listed = [kind for point in POINTS for kind in point.kinds]
    assert len(listed) == len(set(listed))
    assert set(PAPERS) - set(listed) == OF_NO_CASE


OF_NO_CASE = {"P08", "P25B", "P26", "P33", "P34A", "P34B"}


def test_it_follows_the_points_and_holds_sheets_files_and_photos(
    school: Any, new_case: NewCase, seal_key: str, officer: User, settings: Any, tmp_path: Path
) -> None:
    """domain.md 6.1: the 22 items in order, each paper with its page; pictures are pages, a recording is none."""
    settings.SEAL_KEY, settings.SEAL_PASSPHRASE = seal_key, "tests"
    settings.MEDIA_ROOT = tmp_path
    case = new_case(school)
    add_papers(case, ["P35", "P17", "P04", "P36", "P04"], sealed=False)
    chain = f"case:{case.pk}"
    paper = Document.objects.get(chain=chain, place=3)
    given = {"chain": chain, "by": officer, "at": AT}
    with one_act():
        for raw, more in (
            (picture(), {"purpose": Purpose.SIGNED, "document": paper}),
            (blank(2), {"purpose": Purpose.PROOF, "title": "病历"}),
            (SOUNDS["ogg"](), {"purpose": Purpose.SURVEY, "title": "谈话"}),
        ):
            enter(store(look_at(raw, "x")), **given, **more)
    bundle_of(case, tmp_path / "out.zip", merged=True, by=officer)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        (name,) = [n for n in archive.namelist() if n.endswith("reading-copy.pdf")]
        copy = pikepdf.open(io.BytesIO(archive.read(name)))
    with copy, copy.open_outline() as outline:
        titles = [item.title for item in outline.root][2:-3]
        pages = len(copy.pages)
        copy.save(tmp_path / "copy.pdf")
    begin = [title.partition(".")[0] for title in titles]
    assert [*begin[:2], begin[3], begin[4], begin[6]] == ["1", "3", "5", "4", "2"], titles
    assert titles[2].startswith(paper.number) and titles[5] == "病历"
    sealed = sum(SealedFile.objects.filter(document__chain=chain).values_list("pages", flat=True))
    assert pages == 2 + sealed + 1 + 2 + 3
    done = subprocess.run(["pdftotext", "-l", "2", tmp_path / "copy.pdf", "-"], capture_output=True, check=True)  # fmt: skip
    contents = done.stdout.decode()
    numbers = Document.objects.filter(chain=chain).values_list("number", flat=True)
    assert all(number in contents for number in numbers) and "病历" in contents
    assert "另附" in contents  # the recording


def blank(pages: int) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page()
        pdf.save(out)
    return out.getvalue()
