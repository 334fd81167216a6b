"""Writing and checking the audit trail. Entries of an act are collected and chained at its end."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, NamedTuple, Protocol

from casework.audit.models import Entry, Head, Look
from casework.core.canonical import canonical_json, sha256_hex
from casework.core.rows import insert_values, locked_values, update_values
from casework.core.transaction import gather


class Actor(Protocol):
    """A person as the trail needs one; None stands for the system itself."""

    @property
    def pk(self) -> Any: ...
    @property
    def display_name(self) -> str: ...


SYSTEM = "system"


class New(NamedTuple):
    """An entry on its way into the trail; its place in the chain is known at the end of the act."""

    chain: str
    at: datetime
    actor_id: int | None
    actor_name: str
    verb: str
    subject: str
    facts: dict[str, Any]


PLACE = ("number", "previous", "hash")  # of an entry in its chain


def record(
    verb: str,
    *,
    by: Actor | None,
    at: datetime,
    case_id: int | None = None,
    unit_id: int | None = None,
    subject: str = "",
    **facts: object,
) -> None:
    """Note an act inside `one_act()`. `facts` hold ids, codes and dates, never a child's data (AUD-04)."""
    chain = f"case:{case_id}" if case_id else f"unit:{unit_id}" if unit_id else SYSTEM
    entry = New(
        chain=chain,
        at=at,
        actor_id=by.pk if by else None,
        actor_name=by.display_name if by else SYSTEM,
        verb=verb,
        subject=subject,
        facts=facts,
    )
    gather(entry, _write)


def _write(entries: list[New]) -> None:
    """Chain what an act gathered: the heads of all its chains locked in one order, the entries added at once."""
    heads = _locked({entry.chain for entry in entries})
    chained = []
    for entry in entries:
        number, previous = heads[entry.chain]
        head = number + 1, _hash_of(entry, number + 1, previous)
        heads[entry.chain] = head
        chained.append((*entry, number + 1, previous, head[1]))
    insert_values(Entry, (*New._fields, *PLACE), chained)
    update_values(Head, ["number", "hash"], [(*head, chain) for chain, head in heads.items()])


def _locked(chains: set[str]) -> dict[str, tuple[int, str]]:
    """Number and hash of the heads of these chains, made where missing, locked in the order of their names."""
    found = locked_values(Head, sorted(chains))
    if len(found) < len(chains):
        new = sorted(chains - {chain for chain, _number, _hash in found})
        insert_values(Head, ["chain"], [(chain,) for chain in new], once=True)
        found = locked_values(Head, sorted(chains))
    return {chain: (number, digest) for chain, number, digest in found}


def entry_hash(entry: Entry) -> str:
    """SHA-256 over all that the entry says, the previous hash included."""
    return _hash_of(entry, entry.number, entry.previous)


def _hash_of(entry: Entry | New, number: int, previous: str) -> str:
    said = [
        entry.chain,
        number,
        entry.at.astimezone(UTC).isoformat(),
        entry.actor_id,
        entry.actor_name,
        entry.verb,
        entry.subject,
        entry.facts,
        previous,
    ]
    return sha256_hex(canonical_json(said))


def look(
    what: str, subjects: Iterable[int], *, by: Actor | None, at: datetime, reason: str = ""
) -> None:
    """Note one look at children's data (AUD-02): what kind of page and the ids it showed."""
    Look(
        at=at,
        actor_id=by.pk if by else None,
        actor_name=by.display_name if by else SYSTEM,
        what=what,
        subjects=list(subjects),
        reason=reason,
    ).save()


def problems() -> Iterator[dict[str, object]]:
    """Every break in every chain: a changed entry, a gap, a cut tail (SEAL-04). To be read in a `snapshot`."""
    heads = {head.chain: (head.number, head.hash) for head in Head.objects.iterator()}
    rows = Entry.objects.order_by("chain", "number").iterator()
    for chain, entries in groupby(rows, key=lambda entry: entry.chain):
        yield from _problems_of(chain, entries, heads.pop(chain, (0, "")))
    for chain, (number, _hash) in heads.items():
        if number:
            yield {"kind": "audit_head", "chain": chain, "number": number}


def _problems_of(
    chain: str, entries: Iterable[Entry], head: tuple[int, str]
) -> Iterator[dict[str, object]]:
    number, previous = 0, ""
    for entry in entries:
        if (entry.number, entry.previous, entry.hash) != (number + 1, previous, entry_hash(entry)):
            yield {"kind": "audit", "chain": chain, "number": entry.number}
        number, previous = entry.number, entry.hash
    if (number, previous) != head:
        yield {"kind": "audit_head", "chain": chain, "number": head[0]}
