"""From a frozen record to its sealed file: by a job, or by the first reader. Idempotent; one winner a document."""

from pathlib import Path
from typing import Any

import structlog
from django.db import IntegrityError, models
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core import clock
from casework.core.canonical import sha256_hex
from casework.core.errors import DomainError
from casework.core.jobs import enqueue
from casework.core.transaction import one_act
from casework.documents import certificates, store
from casework.documents.models import Destroyed, Document, SealedFile
from casework.documents.render import Rendered, RenderError, render
from casework.documents.seal import SealError, certificate, intact, seal

log = structlog.get_logger(__name__)

BATCH = 50


def seal_document(document_id: int) -> None:
    """Job: render, seal and store the paper unless that is done. Failures are retried by the queue."""
    file_of(Document.objects.get(pk=document_id))


def seal_waiting(after: int = 0) -> None:
    """Job: seal every document beyond id `after` that has no file, a batch a run. One that fails is left out."""
    waiting = list(unsealed().filter(pk__gt=after)[:BATCH])
    for document in waiting:
        try:
            file_of(document)
        except (RenderError, SealError) as error:
            log.warning("paper.not_sealed", document=document.pk, error=type(error).__name__)
    if len(waiting) == BATCH:
        enqueue("casework.documents.sealing.seal_waiting", waiting[-1].pk)


def file_of(document: Document) -> SealedFile:
    """The sealed file; made here and now if no worker has yet. No lock is held meanwhile.

    Raises SealError when it cannot be sealed or stored now, RenderError when it cannot be rendered.
    """
    done: SealedFile | None = SealedFile.objects.filter(document=document).first()
    if done:
        return done
    rendered = render(document.record)
    used = certificate()
    data = seal(rendered.pdf)
    if not intact(data):
        raise SealError(_("The seal did not hold. Is the certificate still valid?"))
    path = store.name_of(document.pk, sha256_hex(data))
    try:
        store.write_whole(store.folder() / path, data)
    except OSError as error:
        raise SealError(
            _(
                "The paper could not be stored. Is there room on the disk? It stays and is sealed later."
            )
        ) from error
    try:
        return _enter(document, path, data, rendered, used)
    except IntegrityError:
        return _yield_to_winner(document, path)


def _enter(document: Document, path: str, data: bytes, rendered: Rendered, used: Any) -> SealedFile:
    """The row that makes the file the document's: unique, so that one of several makers wins."""
    with one_act():
        file = SealedFile(
            document=document,
            path=path,
            sha256=sha256_hex(data),
            size=len(data),
            pages=rendered.pages,
            sealed_at=clock.real_now(),
            made_with=rendered.made_with,
        )
        file.save()
        certificates.remember(used, at=file.sealed_at)
        trail.record(
            "document.sealed",
            by=None,
            at=clock.now(),
            unit_id=document.unit_id,
            subject=f"document:{document.pk}",
            sha256=file.sha256,
        )
    return file


def _yield_to_winner(document: Document, path: str) -> SealedFile:
    winner: SealedFile = SealedFile.objects.get(document=document)
    if winner.path != path:
        (store.folder() / path).unlink(missing_ok=True)
    return winner


def bytes_of(file: SealedFile) -> bytes:
    """The stored bytes, checked: a missing, changed or destroyed file is a DomainError, never served."""
    if gone := Destroyed.objects.filter(document=file.document_id).first():
        raise DomainError(
            _("This paper was destroyed on %(day)s by list %(listed)s."),
            day=clock.local_date(gone.at).isoformat(),
            listed=gone.listed,
        )
    try:
        data = Path(store.folder() / file.path).read_bytes()
    except OSError as error:
        raise DomainError(
            _("The file of this paper is missing. Please tell the administrator.")
        ) from error
    if sha256_hex(data) != file.sha256:
        raise DomainError(_("The file of this paper is damaged. Please tell the administrator."))
    return data


def unsealed() -> models.QuerySet[Document]:
    """Documents that have no file yet, oldest first: what a sweep queues again."""
    return Document.objects.filter(file=None).order_by("pk")


def janitor() -> int:
    """Job: remove what killed writers left behind. Returns how many files went."""
    rows = SealedFile.objects.filter(document__destroyed=None)
    kept = set(rows.values_list("path", flat=True).iterator())
    return store.sweep(kept, at=clock.real_now())
