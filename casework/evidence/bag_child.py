"""Run as a child process: packs a bag as it is told, so that copying and hashing have a processor of their own.

Standard input: a line of JSON with the bag's target, name, stamp and info; then one for each file, with `source` (a
path to copy, the SHA-256 that it must have, and a `label`) or `size` (so many bytes follow); at last `{"end": true}`. Standard
output: one line of JSON, `lists` (the SHA-256 of the list of lists; the zip is closed then) or `trouble` and `label`. Cut off before its end,
the bag is left incomplete.
"""

import json
import sys
from pathlib import Path
from typing import Any, BinaryIO

from casework.evidence.bag import Bag
from casework.evidence.verify import TAGMANIFEST


class Trouble(Exception):
    """A file is not there or not what it was: the words for it are the parent's."""


class Piece:
    """So many bytes of a stream, as a file to read to its end."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self.stream, self.left = stream, size

    def read(self, most: int) -> bytes:
        data = self.stream.read(min(most, self.left))
        if self.left and not data:
            raise EOFError
        self.left -= len(data)
        return data


def main(told: BinaryIO) -> dict[str, Any]:
    """Pack, and say how it went."""
    order = json.loads(told.readline())
    with Bag(Path(order["target"]), order["name"], stamp=order["stamp"], info=order["info"]) as bag:
        while "end" not in (said := json.loads(told.readline())):
            try:
                _pack(bag, said, told)
            except Trouble as trouble:
                return {"trouble": str(trouble), "label": said["label"]}
        bag.complete()
    return {"lists": bag.hashes[TAGMANIFEST]}


def _pack(bag: Bag, said: dict[str, Any], told: BinaryIO) -> None:
    if "size" in said:
        bag.copy(said["path"], Piece(told, said["size"]))
        return
    try:
        source = Path(said["source"]).open("rb")  # noqa: SIM115 - closed by the block below
    except OSError as error:
        raise Trouble("missing") from error
    with source:
        sha256 = bag.copy(said["path"], source)
    if sha256 != said["sha256"]:
        raise Trouble("damaged")


if __name__ == "__main__":
    sys.stdout.write(f"{json.dumps(main(sys.stdin.buffer))}\n")
    sys.stdout.flush()
