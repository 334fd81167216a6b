"""The reading copy of a case, from really rendered and sealed papers."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.utils import translation

from casework.cases.models import Case
from casework.evidence import verify
from casework.org.models import User
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
