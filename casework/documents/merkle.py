"""A Merkle tree after RFC 6962: leaves and nodes are hashed apart; an odd node goes up unchanged."""

from collections.abc import Sequence
from hashlib import sha256


def parent(left: bytes, right: bytes) -> bytes:
    """The node above two nodes."""
    return sha256(b"\x01" + left + right).digest()


def _up(level: Sequence[bytes]) -> list[bytes]:
    pairs = [parent(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    return pairs + ([level[-1]] if len(level) % 2 else [])


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf digests; of none the SHA-256 of nothing."""
    level = list(leaves)
    while len(level) > 1:
        level = _up(level)
    return level[0] if level else sha256().digest()


def path(leaves: Sequence[bytes], place: int) -> list[tuple[str, str]]:
    """What proves that leaf `place` is under the root: from below, (`left` or `right`, the node there in hex)."""
    level, steps = list(leaves), []
    while len(level) > 1:
        beside = place ^ 1
        if beside < len(level):
            steps.append(("left" if beside < place else "right", level[beside].hex()))
        level, place = _up(level), place // 2
    return steps


def climb(leaf: bytes, steps: Sequence[tuple[str, str]]) -> bytes:
    """The root that `leaf` and its path lead to."""
    for side, node in steps:
        other = bytes.fromhex(node)
        leaf = parent(other, leaf) if side == "left" else parent(leaf, other)
    return leaf
