"""Addenda: what was recorded stays; a later paper corrects it, and whoever looks at the first one is told (domain.md 4.0)."""

from collections.abc import Iterator
from datetime import datetime

from casework.audit import trail
from casework.audit.models import Entry
from casework.documents.issue import case_of
from casework.documents.models import Addendum, Document
from casework.org.models import User

AMENDED = "document.amended"


def amend(document: Document, addendum: Document, *, by: User | None, at: datetime) -> None:
    """Note that `addendum` corrects `document` (inside one_act)."""
    Addendum(document=document, addendum=addendum).save()
    trail.record(
        AMENDED,
        by=by,
        at=at,
        case_id=case_of(document.chain),
        unit_id=document.unit_id,
        subject=f"document:{document.pk}",
        addendum=addendum.pk,
    )


def problems() -> Iterator[dict[str, object]]:
    """Corrections that the trail names and no row does, and the other way round."""
    said = Entry.objects.filter(verb=AMENDED).values_list("subject", "facts")
    told = {(int(subject.partition(":")[2]), facts["addendum"]) for subject, facts in said}
    rows = set(Addendum.objects.values_list("document", "addendum"))
    differ = sorted(told ^ rows)
    papers = Document.objects.in_bulk({document for document, _addendum in differ})
    for document, _addendum in differ:  # the paper itself may be gone, too
        number = papers[document].number if document in papers else str(document)
        yield {"kind": "addendum", "number": number}
