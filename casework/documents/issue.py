"""Issuing a paper: its number, its frozen record and its place in the chain, in the transaction of the act."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core import clock
from casework.core.canonical import canonical_json, sha256_hex
from casework.core.errors import DomainError
from casework.core.jobs import enqueue
from casework.core.rows import locked, update_many
from casework.core.transaction import one_act
from casework.documents import freeze, numbers
from casework.documents.models import ChainHead, Document
from casework.documents.papers.register import PAPERS
from casework.documents.papers.words import FRAME
from casework.org.models import Unit, User

OF_A_CASE = (
    "case",
    "restricted",
)  # chains named by a case: what all may see of it, and what is kept apart
SEAL_JOB = "casework.documents.sealing.seal_document"


def issue(
    *,
    chain: str,
    kind: str,
    values: Mapping[str, Any],
    unit: Unit,
    subject: str,
    at: datetime,
    by: User | None,
    language: str = "zh-hans",
    supersedes: Document | None = None,
) -> Document:
    """Freeze the paper `kind` (a code of `PAPERS`) and add it to `chain` (`case:12`, `unit:3`).

    `values`: see `papers.register.describe`; `subject`: what it is the paper of (`step:12`). Takes the next
    gap-free number (domain.md 4.0), locking the counter, then the chain's head; the file is made after the
    commit. DomainError: what a person can mend; ValueError: a key or code that the paper does not know.
    """
    laid = freeze.lay_out(PAPERS[kind], values, language)
    with one_act(alone=False):
        _refuse_second_correction(chain, kind, supersedes)
        year = clock.local_date(at).year
        sequence = numbers.take_next(unit, kind, year)
        head = _head_of(chain)
        document = Document(
            chain=chain,
            kind=kind,
            number=f"{unit.short or unit.name}{numbers.tail_of(kind, year, sequence)}",
            unit=unit,
            year=year,
            sequence=sequence,
            subject=subject,
            language=language,
            supersedes=supersedes,
        )
        _freeze(document, laid, head, at=at, by=by)
        _note(document, at=at, by=by)
        enqueue(SEAL_JOB, document.pk)
    return document


def _refuse_second_correction(chain: str, kind: str, old: Document | None) -> None:
    if old is None:
        return
    if (old.chain, old.kind) != (chain, kind):
        raise ValueError("a correction is of the same kind and in the same chain")
    if Document.objects.filter(supersedes=old).exists():
        raise DomainError(
            _("%(number)s has been corrected before. Correct the newer paper."), number=old.number
        )


def _head_of(chain: str) -> ChainHead:
    """The head of a chain, made where missing, locked."""
    found = locked(ChainHead, [chain])
    if not found:
        ChainHead.objects.get_or_create(pk=chain)
        found = locked(ChainHead, [chain])
    return found[0]


def _freeze(
    document: Document, laid: freeze.Record, head: ChainHead, *, at: datetime, by: User | None
) -> None:
    """Give it its place behind `head`, freeze its record and save both."""
    document.template_version = laid["template_version"]
    document.place, document.previous = head.count + 1, head.hash
    document.token = secrets.token_urlsafe(16)
    document.frozen_at, document.frozen_by = at, by.display_name if by else trail.SYSTEM
    data = canonical_json(laid | _stamp(document, laid))
    document.record, document.hash = data.decode(), sha256_hex(data)
    document.save()
    head.count, head.hash = document.place, document.hash
    update_many([head], "count", "hash")


def _stamp(document: Document, laid: freeze.Record) -> freeze.Record:
    """What the record says beside what the act was about."""
    stamp = {
        "number": document.number,
        "unit": document.unit.formal_name,
        "recorded_at": document.frozen_at.astimezone(clock.LOCAL),
        "recorded_by": laid["recorded_by"] or _recorder(document),
        "supersedes": document.supersedes.number if document.supersedes else "",
        "chain": document.chain,
        "place": document.place,
        "previous": document.previous,
        "token": document.token,
        "link": f"{settings.SITE_URL}/v/{document.token}/",
        "salt": secrets.token_hex(16),
        "style": freeze.STYLE,
        "subject": document.subject,
        "unit_id": document.unit_id,
    }
    freeze.refuse_unprintable([stamp["unit"], stamp["number"], stamp["recorded_by"]])
    return stamp


def _recorder(document: Document) -> str:
    if document.frozen_by == trail.SYSTEM:
        return FRAME["system"].spoken(document.language)
    return document.frozen_by


def case_of(chain: str) -> int | None:
    """The id of the case that a chain is named by; None for any other."""
    line, _colon, number = chain.partition(":")
    return int(number) if line in OF_A_CASE else None


def _note(document: Document, *, at: datetime, by: User | None) -> None:
    trail.record(
        "document.issued",
        by=by,
        at=at,
        case_id=case_of(document.chain),
        unit_id=document.unit_id,
        subject=f"document:{document.pk}",
        kind=document.kind,
        place=document.place,
        hash=document.hash,
    )
