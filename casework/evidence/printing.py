"""Letters printed together: three copies of each, then its proof of service as a form to be filled in at the door."""

import io
from collections.abc import Iterable
from datetime import datetime

import pikepdf

from casework.cases.facts.common import pupil_block
from casework.cases.letters import paper_of
from casework.cases.models import Step
from casework.core.clock import local_date
from casework.documents.blank import blank
from casework.documents.models import Document
from casework.documents.sealing import bytes_of, file_of
from casework.evidence.printed import without_seal

COPIES = 3  # guardian, file, school (domain.md 4.0)
MOST = 20


def print_letters(steps: Iterable[Step], *, at: datetime) -> bytes:
    """One PDF for the printer. The sealed files stay what they are: a print carries no seal but the paper's own words."""
    out = io.BytesIO()
    with pikepdf.new() as merged:
        for step in steps:
            paper = paper_of(step.about)
            assert paper is not None  # a letter is served once it is signed off
            for _copy in range(COPIES):
                _append(merged, bytes_of(file_of(paper)))
            _append(merged, _proof(step, paper, at))
        merged.save(out)
    return out.getvalue()


def _proof(step: Step, paper: Document, at: datetime) -> bytes:
    """The proof of service, with what is known before anybody goes."""
    known = {
        "case_no": step.case.number,
        "pupil": pupil_block(step.case),
        "letter_title": paper.title,
        "letter_number": paper.number,
        "signed_on": local_date(paper.frozen_at),
    }
    return blank("P13", known, step.unit, at=at, language=paper.language)


def _append(merged: pikepdf.Pdf, pdf: bytes) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as source:
        without_seal(source)
        merged.pages.extend(source.pages)
