"""Verifies every document against itself, its chain, its file and the last anchor; finds, repairs nothing."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from django.db import connection

from casework.audit.models import Entry
from casework.audit.trail import SYSTEM
from casework.core import triggers
from casework.core.canonical import sha256_hex
from casework.core.errors import DomainError
from casework.documents import addenda, anchor_history, certificates, sealing
from casework.documents.anchors import root_of
from casework.documents.chains import Reach, looks_of
from casework.documents.file_checks import Course, Problem, inside_problems, problems_of_files
from casework.documents.issue import case_of
from casework.documents.models import (
    Anchor,
    ChainHead,
    Destroyed,
    Document,
    NumberCounter,
    NumberNote,
)
from casework.documents.numbers import tail_of

MORE: list[Callable[[], Iterator[Problem]]] = []  # what rooms further right know of papers
SAID_TWICE = ("chain", "place", "number", "language", "previous", "token", "template_version")
said_twice = itemgetter(*SAID_TWICE)


class Row(NamedTuple):
    """What is asked of a paper's row: first what its record says as well, in the order of SAID_TWICE."""

    chain: str
    place: int
    number: str
    language: str
    previous: str
    token: str
    template_version: int
    pk: int
    kind: str
    year: int
    sequence: int
    subject: str
    unit_id: int
    record: str
    hash: str
    frozen_at: datetime
    frozen_by: str
    old: str | None


OWN = Row._fields[:-1]


def problems(course: Course | None = None, *, deep: bool = False) -> Iterator[Problem]:
    """Every damage: record, link, head, number, anchor, trigger, file, file handed in; each as a dict with its `kind` (SEAL-04).

    `deep`: every paper is opened, also those that an anchor covers. To be read in a `snapshot`: an act between two of its
    queries would look like damage.
    """
    yield from _chain_problems()
    yield from _number_problems()
    anchored = list(_anchor_problems())
    yield from anchored
    for fingerprint in certificates.strangers():
        yield {"kind": "certificate", "fingerprint": fingerprint}
    for name in triggers.missing(connection):
        yield {"kind": "trigger", "name": name}
    last = None if deep or anchored else Anchor.objects.order_by("-pk").first()
    yield from addenda.problems()
    for more in MORE:
        yield from more()
    yield from problems_of_files(course or Course(), last.last_file if last else 0)


def _chain_problems() -> Iterator[Problem]:
    heads = {head.chain: (head.count, head.hash) for head in ChainHead.objects.iterator()}
    destroyed = _destroyed()
    papers = Document.objects.order_by("chain", "place")
    rows = papers.values_list(*OWN, "supersedes__number").iterator(chunk_size=200)
    for chain, members in groupby(map(Row._make, rows), key=attrgetter("chain")):
        place, previous = 0, ""
        for row in members:
            yield from _row_problems(row, place + 1, previous, destroyed)
            place, previous = row.place, row.hash
        if heads.pop(chain, (0, "")) != (place, previous):
            yield {"kind": "head", "chain": chain}
    for chain, (count, _hash) in heads.items():
        if count:
            yield {"kind": "head", "chain": chain}


def _destroyed() -> set[int]:
    """The papers that a destruction list names, as their rows and the audit trail say alike, hashes included."""
    told = Entry.objects.filter(verb="document.destroyed").values_list("subject", "facts")
    said = {
        (each, facts["hash"], facts["sha256"], facts["listed"]) for each, facts in told.iterator()
    }
    rows = Destroyed.objects.values_list(
        "document", "document__hash", "document__file__sha256", "listed"
    )
    return {pk for pk, *facts in rows.iterator() if (f"document:{pk}", *facts) in said}


def was_destroyed(document: Document) -> bool:
    """Whether the row and the trail of its chain say that a list destroyed it."""
    case = case_of(document.chain)
    chain = f"case:{case}" if case else f"unit:{document.unit_id}"
    told = Entry.objects.filter(
        chain=chain, verb="document.destroyed", subject=f"document:{document.pk}"
    )
    return Destroyed.objects.filter(document=document).exists() and any(
        facts["hash"] == document.hash for facts in told.values_list("facts", flat=True)
    )


def _row_problems(row: Row, place: int, previous: str, destroyed: set[int]) -> Iterator[Problem]:
    about: Problem = {"document": row.pk, "number": row.number, "chain": row.chain}
    if not row.record and row.pk not in destroyed:
        yield {"kind": "emptied", **about}
    elif row.record and not _row_holds(row):
        yield {"kind": "record", **about}
    if (row.place, row.previous) != (place, previous):
        yield {"kind": "link", **about}


def record_holds(document: Document) -> bool:
    """Whether the record has its hash and says what the row says."""
    old = document.supersedes.number if document.supersedes else None
    return _row_holds(Row._make([*(getattr(document, name) for name in OWN), old]))


def _row_holds(row: Row) -> bool:
    if sha256_hex(row.record.encode()) != row.hash:
        return False
    try:
        return _says_the_same(row, json.loads(row.record))
    except (ValueError, LookupError, TypeError, AttributeError):  # no record of ours at all
        return False


def _says_the_same(row: Row, record: Any) -> bool:
    return (
        said_twice(record) == row[: len(SAID_TWICE)]
        and record.get("subject", row.subject) == row.subject  # earlier records do not say it
        and record.get("unit_id", row.unit_id) == row.unit_id
        and (record["form"], record["supersedes"]) == (row.kind, row.old or "")
        and datetime.fromisoformat(record["recorded_at"]) == row.frozen_at.replace(microsecond=0)
        and (row.frozen_by == SYSTEM or _is_name(row.frozen_by, record["recorded_by"]))
        and record["number"].endswith(tail_of(row.kind, row.year, row.sequence))
    )


def _is_name(name: str, said: str) -> bool:
    """Whether `said` is that name, alone or with the post in brackets behind it."""
    return bool(name) and (said == name or said.startswith((f"{name}（", f"{name} (", f"{name}(")))


def file_problems(document: Document) -> Iterator[str]:
    """What is wrong with the file of one paper, opened."""
    try:
        data = sealing.bytes_of(document.file)
    except DomainError:
        yield "file"
        return
    yield from inside_problems(data, document.record)


def _number_problems() -> Iterator[Problem]:
    """A counter that does not agree with the numbers taken and those noted as not given here, or a number left out."""
    taken: dict[str, list[int]] = {}
    rows = Document.objects.order_by("unit_id", "kind", "year", "sequence")
    for *parts, sequence in rows.values_list("unit_id", "kind", "year", "sequence").iterator():
        taken.setdefault(":".join(map(str, parts)), []).append(sequence)
    for key, first, final in NumberNote.objects.values_list("key", "first", "last").iterator():
        taken[key] = sorted([*taken.get(key, []), *range(first, final + 1)])
    last = dict(NumberCounter.objects.values_list("key", "last"))
    for key in sorted(taken.keys() | last.keys()):
        if taken.get(key, []) != list(range(1, last.get(key, 0) + 1)):
            unit, kind, year = key.split(":")
            yield {"kind": "numbers", "unit": int(unit), "paper": kind, "year": int(year)}


def _anchor_problems() -> Iterator[Problem]:
    """The watched anchors are taken anew; each one must follow the one before and be what the audit trail says.

    The looks are hashed anew from the first on, from anchor to anchor.
    """
    made = Entry.objects.filter(verb="anchor.made").values_list("subject", "facts")
    told = {subject: facts["root"] for subject, facts in made.iterator()}
    previous, reach = "", Reach(0, 0, 0, look=0, look_after=0, looks=b"")
    for anchor in Anchor.objects.order_by("pk").iterator():
        if anchor.previous != previous:
            yield {"kind": "anchor_link", "anchor": anchor.pk}
        if told.get(f"anchor:{anchor.pk}") != anchor.root:
            yield {"kind": "anchor_entry", "anchor": anchor.pk}
        looks = looks_of(replace(reach, look=anchor.last_look))
        if anchor.last_look and bytes(anchor.looks or b"") != looks:
            yield {"kind": "looks", "anchor": anchor.pk}
        kept = (
            looks if anchor.last_look else b""
        )  # before the first look there is nothing to go on from
        previous, reach = anchor.root, replace(reach, look_after=anchor.last_look, looks=kept)
    for anchor in anchor_history.broken():
        yield {"kind": "anchor", "anchor": anchor.pk}


def known_anchor(root: str) -> Anchor | None:
    """The anchor with that printed root, if the rows of today still give it; None means: not as it was printed."""
    anchor = Anchor.objects.filter(root=root.lower()).first()
    return anchor if anchor and root_of(anchor) == anchor.root else None
