"""Letters printed together: three copies of each, then its proof of service as a form to be filled in at the door."""

import io
from collections.abc import Iterable
from datetime import datetime

import pikepdf

from casework.cases.facts import issuer
from casework.cases.facts.before import known_before
from casework.cases.letters import paper_of
from casework.cases.models import Step
from casework.documents import form_codes
from casework.documents.blank import blank
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
            _append(merged, form_for(step, "P13", at=at, language=paper.language))
        merged.save(out)
    return out.getvalue()


def form_for(step: Step, kind: str, *, at: datetime, language: str) -> bytes:
    """The form of a step to be filled in by hand, with what is known before anybody goes and the code that leads its scan there."""
    code = form_codes.for_step(kind, step.pk)
    return blank(code, known_before(step, kind), issuer(step), at=at, language=language)


def _append(merged: pikepdf.Pdf, pdf: bytes) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as source:
        without_seal(source)
        merged.pages.extend(source.pages)
