"""Whether a paper is signed: what its record says of it, and which papers of cases still wait for a hand (domain.md 4.0)."""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache

from django.utils.translation import override

from casework.cases.models import Case, SignState
from casework.documents.models import Document
from casework.documents.papers.declare import LANGUAGES
from casework.documents.papers.register import PAPERS
from casework.documents.papers.words import FRAME

# of a record's text: reading all of each takes as long as packing it
_SIGN_STATE = re.compile(r'"sign_state":("(?:[^"\\]|\\.)*")')
SIGNED_BY_HAND = frozenset(code for code, paper in PAPERS.items() if paper.signers)


def sign_state_of(record: str) -> str:
    """What a record says of the signatures on its paper; empty for one that says nothing."""
    found = _SIGN_STATE.search(record)
    return json.loads(found[1]) if found else ""


def unsigned_of(cases: Sequence[Case]) -> dict[Case, list[Document]]:
    """The papers of cases that nobody signed on the screen, refused, or handed in as a signed sheet, oldest first. One query."""
    case_of = {f"case:{case.pk}": case for case in cases}
    rows = Document.objects.filter(
        chain__in=case_of, kind__in=SIGNED_BY_HAND, superseded_by=None, destroyed=None, attachments=None
    )  # fmt: skip
    found: dict[Case, list[Document]] = defaultdict(list)
    for document in rows.order_by("pk").iterator(200):
        if sign_state_of(document.record).endswith(_awaiting()):
            found[case_of[document.chain]].append(document)
    return dict(found)


@cache
def _awaiting() -> tuple[str, ...]:
    """How what a record says of its signatures ends where one is awaited, in each language of papers."""
    said = {FRAME["awaited"].spoken(language) for language in LANGUAGES}
    for language in LANGUAGES:
        with override(language):
            said.add(str(SignState.UNSIGNED.label))
    return tuple(said)
