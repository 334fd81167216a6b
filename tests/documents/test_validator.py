"""Every paper passes the independent validator as PDF/A-3a and PDF/UA-1, before and after its seal."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from casework.documents import seal
from casework.documents.papers.declare import LANGUAGES
from casework.documents.papers.register import PAPERS
from tests.documents.printing import printed
from tests.documents.samples import CASES

TOOL = django_settings.BASE / "tools" / "pdf-check" / "pdf-check"


def check(files: list[Path]) -> tuple[int, str]:
    done = subprocess.run([TOOL, "3a,ua1", *files], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    failed = [line for line in done.stdout.splitlines() if not line.startswith("PASS")]
    return done.stdout.count("PASS\t"), "\n".join(failed)


@pytest.mark.jdk
def test_every_paper_passes_at_every_length_in_both_editions(tmp_path: Path) -> None:
    """PDF-01"""
    files = []
    for code, length in CASES:
        for language in LANGUAGES:
            files.append(tmp_path / f"{code}-{length}-{language}.pdf")
            files[-1].write_bytes(printed(code, length, language).pdf)
    assert check(files) == (2 * 2 * 3 * len(PAPERS), "")


@pytest.mark.jdk
def test_sealed_papers_pass_too(tmp_path: Path, sealed: None, settings: Any) -> None:
    """SEAL-02"""
    files = []
    for code in PAPERS:
        files.append(tmp_path / f"{code}.pdf")
        files[-1].write_bytes(seal.seal(printed(code, "usual").pdf))
    assert check(files) == (2 * len(PAPERS), "")


@pytest.mark.jdk
def test_the_validator_fails_a_plain_file(tmp_path: Path) -> None:
    """A check that cannot fail would prove nothing."""
    import io

    import pikepdf

    paper = pikepdf.open(io.BytesIO(printed("P02", "least").pdf))
    del paper.Root.Metadata
    paper.save(tmp_path / "plain.pdf")
    passed, failed = check([tmp_path / "plain.pdf"])
    assert passed == 0 and failed.count("FAIL\t") == 2
