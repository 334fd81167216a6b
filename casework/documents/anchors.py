"""Anchors: one hash over all chains as they stand, printed and handed out, so that rewriting the database shows."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.audit.models import Entry, Look
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents import merkle
from casework.documents.chains import Leaf, Reach, leaves
from casework.documents.models import Anchor, Document, SealedFile

ATTEMPTS = 5


def make_anchor(*, at: datetime) -> Anchor:
    """Take the root over all document and audit chains and over the looks (chained from anchor to anchor).

    Two at once would follow the same one: the unique `previous` lets one in, the other begins anew.
    """
    for _attempt in range(ATTEMPTS):
        try:
            return _take(at)
        except IntegrityError:
            continue
    raise DomainError(_("Other anchors are being made. Please try again."))


def _take(at: datetime) -> Anchor:
    last = Anchor.objects.order_by("-pk").first()
    reach = Reach(
        document=_settled(Document),
        file=_settled(SealedFile),
        entry=_settled(Entry),
        look=_settled(Look),
        **_looks_before(last),
    )
    found = leaves(reach, at)
    with one_act():
        anchor = Anchor(
            at=at,
            root=merkle.root([leaf.digest for leaf in found]).hex(),
            chains=len(found),
            documents=sum(leaf.count for leaf in found if leaf.kind == "document"),
            last_document=reach.document,
            last_file=reach.file,
            last_entry=reach.entry,
            last_look=reach.look,
            looks=next((bytes.fromhex(leaf.head) for leaf in found if leaf.kind == "look"), None),
            previous=last.root if last else "",
        )
        anchor.save()
        trail.record("anchor.made", by=None, at=at, subject=f"anchor:{anchor.pk}", root=anchor.root)
    return anchor


def _looks_before(anchor: Anchor | None) -> dict[str, Any]:
    """Where the looks of the anchor after this one begin, and the hash of all before them."""
    if anchor is None:
        return {"look_after": 0, "looks": b""}
    return {"look_after": anchor.last_look, "looks": bytes(anchor.looks or b"")}


def _settled(model: type[models.Model]) -> int:
    """The last id below which nothing can still be committed: on PostgreSQL writers under way are waited for.

    One table at a time, so that no lock is held while another is asked for.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {model._meta.db_table} IN SHARE MODE")
        last = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
    return last or 0


def leaves_of(anchor: Anchor) -> list[Leaf]:
    """The leaves of an anchor, taken anew from the rows as they are now."""
    before = Anchor.objects.filter(pk__lt=anchor.pk).order_by("-pk").first()
    reach = Reach(
        document=anchor.last_document,
        file=anchor.last_file,
        entry=anchor.last_entry,
        look=anchor.last_look,
        **_looks_before(before),
    )
    return leaves(reach, anchor.at)


def root_of(anchor: Anchor) -> str:
    """The root that the rows of today give for an anchor: another than its own means that rows were changed."""
    return merkle.root([leaf.digest for leaf in leaves_of(anchor)]).hex()


def proof_for(anchor: Anchor, chain: str, kind: str = "document") -> dict[str, Any]:
    """What proves to a stranger that a chain stood so at the anchor: its leaf, the path, the root.

    Raises DomainError if the chain had nothing yet.
    """
    found = leaves_of(anchor)
    place = next(
        (n for n, leaf in enumerate(found) if (leaf.kind, leaf.chain) == (kind, chain)), None
    )
    if place is None:
        raise DomainError(_("Nothing of this was recorded yet when the anchor was made."))
    leaf = found[place]
    return {
        "leaf": [leaf.kind, leaf.chain, leaf.count, leaf.head, leaf.files],
        "path": [list(step) for step in merkle.path([each.digest for each in found], place)],
        "root": anchor.root,
        "at": anchor.at,
    }
