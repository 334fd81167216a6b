"""The anchor of a bundle with the proof of each chain, taken in one pass over all chains."""

from datetime import datetime
from typing import Any

from casework.documents import merkle
from casework.documents.anchors import leaves_of, make_anchor
from casework.documents.chains import Leaf, leaf_at
from casework.documents.models import Anchor
from casework.evidence.extent import moment_of
from casework.evidence.verify import grouped

Proof = dict[str, Any]


class Proofs:
    """All levels of an anchor's tree, so that the proof of a chain costs its height."""

    def __init__(self, anchor: Anchor) -> None:
        leaves = leaves_of(anchor)
        self.anchor = anchor
        self.places: dict[str, tuple[int, Leaf]] = {
            leaf.chain: (place, leaf)
            for place, leaf in enumerate(leaves)
            if leaf.kind in ("document", "at")
        }
        self.levels = [[leaf.digest for leaf in leaves]]
        while len(self.levels[-1]) > 1:
            self.levels.append(_above(self.levels[-1]))

    def of(self, chain: str) -> Proof | None:
        """`leaf` and `path` of a chain's documents; None if it had none yet."""
        if chain not in self.places:
            return None
        place, leaf = self.places[chain]
        path = []
        for level in self.levels[:-1]:
            beside = place ^ 1
            if beside < len(level):
                path.append(["left" if beside < place else "right", level[beside].hex()])
            place //= 2
        return {"leaf": [leaf.kind, leaf.chain, leaf.count, leaf.head, leaf.files], "path": path}


def _above(level: list[bytes]) -> list[bytes]:
    pairs = [merkle.parent(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    return pairs + level[len(level) - len(level) % 2 :]


def take_proofs(*, at: datetime) -> Proofs:
    """A fresh anchor over everything as it stands, and its proofs."""
    return Proofs(make_anchor(at=at))


def as_file(proofs: Proofs, chains: dict[str, Proof]) -> dict[str, Any]:
    """What `anchor.json` says: root, moment with its path, and by folder the proof of its chain."""
    at = leaf_at(proofs.anchor.at).chain
    proof = proofs.of(at)
    assert proof
    return {
        "version": 1,
        "root": proofs.anchor.root,
        "at": at,
        "at_path": proof["path"],
        "chains": chains,
    }


def newest_anchor() -> str:
    """The newest anchor as it is printed, with its moment: all that was recorded up to it can be held against the print later. Empty before the first."""
    newest = Anchor.objects.order_by("-pk").first()
    return f"{grouped(newest.root)} · {moment_of(newest.at)}" if newest else ""
