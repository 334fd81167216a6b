"""The chains as they stood up to given rows: heads, counts and what was sealed, in one pass each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import groupby

from django.db.models import Count, Max

from casework.audit.models import Entry, Look
from casework.core.canonical import canonical_json, sha256_hex
from casework.core.clock import LOCAL
from casework.documents.models import Document


@dataclass(frozen=True)
class Reach:
    """Up to which rows an anchor looks: the last ids, inclusive; looks from after `look_after`, of which the hash is `looks`."""

    document: int
    file: int
    entry: int
    look: int
    look_after: int
    looks: bytes


@dataclass(frozen=True, order=True)
class Leaf:
    """One chain as an anchor sees it."""

    kind: str
    chain: str
    count: int
    head: str
    files: str = ""

    @property
    def digest(self) -> bytes:
        """The leaf of the tree: SHA-256 over a zero byte and the canonical JSON of the five facts."""
        facts = [self.kind, self.chain, self.count, self.head, self.files]
        return sha256(b"\x00" + canonical_json(facts)).digest()


def leaves(reach: Reach, at: datetime) -> list[Leaf]:
    """All chains up to `reach`, and the moment `at` of the anchor itself, sorted by kind and chain."""
    return sorted([leaf_at(at), *_documents(reach), *_audit(reach), *_looks(reach)])


def leaf_at(at: datetime) -> Leaf:
    """What binds the moment to the root."""
    return Leaf("at", at.astimezone(LOCAL).isoformat(timespec="seconds"), 0, "")


def _documents(reach: Reach) -> Iterator[Leaf]:
    rows = (
        Document.objects.filter(pk__lte=reach.document)
        .order_by("chain", "place")
        .values_list("chain", "hash", "file__pk", "file__sha256")
        .iterator()
    )
    for chain, members in groupby(rows, key=lambda row: row[0]):
        count, head, sealed = 0, "", []
        for _chain, head, file, digest in members:  # noqa: B007 - the last one is the head
            count += 1
            if file is not None and file <= reach.file:
                sealed.append(digest)
        yield Leaf(
            "document", chain, count, head, sha256_hex("".join(sealed).encode()) if sealed else ""
        )


def _audit(reach: Reach) -> Iterator[Leaf]:
    chains = Entry.objects.filter(pk__lte=reach.entry).order_by().values("chain")
    last = chains.annotate(count=Count("pk"), last=Max("pk"))
    counts = {row["last"]: row["count"] for row in last}
    heads = Entry.objects.filter(pk__in=last.values("last")).values_list("pk", "chain", "hash")
    for pk, chain, head in heads.iterator():
        yield Leaf("audit", chain, counts[pk], head)


def _looks(reach: Reach) -> Iterator[Leaf]:
    if reach.look:
        yield Leaf("look", f"1-{reach.look}", 0, looks_of(reach).hex())


def looks_of(reach: Reach) -> bytes:
    """One hash over the looks of `reach` and, by the hash up to the anchor before, over all that went before them."""
    rows = (
        Look.objects.filter(pk__gt=reach.look_after, pk__lte=reach.look)
        .order_by("pk")
        .values_list("pk", "at", "actor_id", "actor_name", "what", "subjects", "reason")
    )
    digest = sha256(reach.looks)
    for pk, at, *rest in rows.iterator():
        digest.update(canonical_json([pk, at.isoformat(), *rest]))
    return digest.digest()
