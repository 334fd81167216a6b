"""Destroying papers by a list that two persons signed: record and file go, number, hashes and place in the chain stay (domain.md 7.4)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Q

from casework.audit import trail
from casework.core.jobs import enqueue
from casework.documents import store
from casework.documents.issue import case_of
from casework.documents.models import (
    Attachment,
    Destroyed,
    DestroyedFile,
    Document,
    FileOf,
    SealedFile,
)
from casework.org.models import User

FILE_DESTROYED = "file.destroyed"
JOB = "casework.documents.destroying.remove_files"
AFTER: list[Callable[[Sequence[Document]], None]] = []  # rooms further right that hold copies

PLACES: list[Callable[[], Iterator[Path]]] = []  # where they keep the files that a list took


class Gone(NamedTuple):
    """A file that goes with the papers of its case: what it is, its id, of which case, its hash."""

    of: FileOf
    ref: int
    case: int
    sha256: str


def destroy_files(files: Sequence[Gone], *, listed: str, by: User, at: datetime) -> None:
    """The job of `destroy` removes these files, too; what they were stays (inside one_act, before it). `listed` names the list."""
    for each in files:
        gone: dict[str, Any] = {"sha256": each.sha256, "listed": listed}
        DestroyedFile(of=each.of, ref=each.ref, at=at, **gone).save()
        subject = f"{each.of}:{each.ref}"
        trail.record(FILE_DESTROYED, by=by, at=at, case_id=each.case, subject=subject, **gone)


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
    """Job: remove the files of destroyed papers, of their signed sheets, and of what went with them, that are still there. Returns how many went."""
    there = [place for place in _places() if place.is_file()]
    for place in there:
        place.unlink(missing_ok=True)
    return len(there)


def _places() -> Iterator[Path]:
    sealed = SealedFile.objects.exclude(document__destroyed=None)
    for path in sealed.values_list("path", flat=True).iterator():
        yield store.folder() / path
    handed = DestroyedFile.objects.filter(of=FileOf.ATTACHMENT).values("ref")
    sheets = Attachment.objects.filter(~Q(document__destroyed=None) | Q(pk__in=handed))
    for pair in sheets.values_list("original", "copy").iterator():
        yield from (Path(settings.MEDIA_ROOT) / name for name in pair)
    for places in PLACES:
        yield from places()
