"""Destroying papers by a list that two persons signed: record and file go, number, hashes and place in the chain stay (domain.md 7.4)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import models

from casework.audit import trail
from casework.core.jobs import enqueue
from casework.documents import store
from casework.documents.issue import case_of
from casework.documents.models import Attachment, Destroyed, Document, SealedFile
from casework.org.models import User

JOB = "casework.documents.destroying.remove_files"
AFTER: list[Callable[[Sequence[Document]], None]] = []  # rooms further right that hold copies


def destroy(
    documents: Sequence[Document], *, listed: str, first: str, second: str, by: User, at: datetime
) -> None:
    """Empty the records of sealed papers; a job removes their files and signed sheets (inside one_act).

    `listed` names the list, `first` and `second` who signed it. The database lets no record be emptied without its row here.
    """
    for document in documents:
        Destroyed(document=document, listed=listed, first=first, second=second, at=at).save()
        trail.record(
            "document.destroyed",
            by=by,
            at=at,
            case_id=case_of(document.chain),
            unit_id=document.unit_id,
            subject=f"document:{document.pk}",
            hash=document.hash,
            sha256=document.file.sha256,
            listed=listed,
        )
    # past the manager that refuses every change: the trigger lets this one through
    keys = [document.pk for document in documents]
    models.QuerySet(Document).filter(pk__in=keys).update(record="")
    for forget in AFTER:
        forget(documents)
    enqueue(JOB)


def remove_files() -> int:
    """Job: remove the files of destroyed papers, and of their signed sheets, that are still there. Returns how many went."""
    there = [place for place in _places() if place.is_file()]
    for place in there:
        place.unlink(missing_ok=True)
    return len(there)


def _places() -> Iterator[Path]:
    sealed = SealedFile.objects.exclude(document__destroyed=None)
    for path in sealed.values_list("path", flat=True).iterator():
        yield store.folder() / path
    sheets = Attachment.objects.exclude(document__destroyed=None)
    for pair in sheets.values_list("original", "copy").iterator():
        yield from (Path(settings.MEDIA_ROOT) / name for name in pair)
