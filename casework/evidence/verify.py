#!/usr/bin/env python3
"""Checks a folder or zip of sealed papers: is anything changed, missing, added or reordered?

One file, Python 3.8 or newer, nothing to install, no network: python3 verify.py [FOLDER|ZIP] [--anchor HEX].
Exit 0: intact. 1: damaged. 2: wrong usage. 3: no record is here that --anchor could prove. Knows nothing of the program that made the papers.
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and not sys.flags.isolated:
    del sys.path[0]  # nothing that lies beside this file is ever run

import argparse
import hashlib
import json
import locale
import os
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

MANIFEST, TAGMANIFEST, ANCHOR = "manifest-sha256.txt", "tagmanifest-sha256.txt", "anchor.json"
LINE = re.compile(r"([0-9a-f]{64})  ([^\r\n]+)")
NAME = r"\w[\w.-]*"
CHAINED = re.compile(rf"(data/{NAME})/(?:records\.jsonl|papers/(\d{{1,6}})-{NAME}\.pdf)", re.ASCII)
INSIDE = re.compile(rf"data/(scope/([\w-]+\.csv|rules-\d+\.json)|{NAME}/(records\.jsonl|index\.html|reading-copy\.pdf|files/\d+\.\w+|photos/s?\d+-\d+\.jpg)|C\d+/copies/{NAME})|bag(it|-info)\.txt|index\.(html|csv|xlsx)|guide\.html|verify\.py|anchor\.json|(tag)?manifest-sha256\.txt", re.ASCII)  # fmt: skip
LEFT_OUT = re.compile(rb'\{"file":"((?:[0-9a-f]{64})?)","left_out":"([0-9a-f]{64})"\}')
LEFT_BY_SYSTEMS = {".DS_Store", "Thumbs.db"}
CHUNK, MOST_SHOWN = 1 << 20, 50
UNREADABLE = (OSError, EOFError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error)


class Problem(NamedTuple):
    """One damage: its kind (a key of the texts below) and where."""

    kind: str
    where: str


class Step(NamedTuple):
    """A record as its place in a chain needs it."""

    hash: str
    chain: str
    place: int
    previous: str
    case: str
    file: str


class Found(NamedTuple):
    """What a check says."""

    problems: list[Problem]
    root: str
    at: str
    chains: int
    papers: int
    unsealed: int
    left_out: int


def canonical_json(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no blanks."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def leads_to(root: str, leaf: Sequence[Any], path: Any) -> bool:
    """Whether a leaf (kind, chain, count, head, digest of its files) stands under a root, by a path that may hold anything."""
    try:
        node = hashlib.sha256(b"\x00" + canonical_json(list(leaf))).digest()
        for side, beside in path:
            other = bytes.fromhex(beside)
            pair = other + node if side == "left" else node + other
            node = hashlib.sha256(b"\x01" + pair).digest()
    except (TypeError, ValueError):
        return False
    return node.hex() == root


def step_of(record: bytes) -> Step:
    """A record's place in its chain. ValueError for anything that is not a canonical record."""
    said = json.loads(record.decode())
    if canonical_json(said) != record:
        raise ValueError("not canonical")
    try:
        year, number = re.findall(r"\d+", said["number"])[-2:]
        file = f"{said['place']:03d}-{said['form']}-{year}-{number}.pdf"
        digest = hashlib.sha256(record).hexdigest()
        return Step(digest, said["chain"], said["place"], said["previous"], said["case_no"], file)
    except (KeyError, TypeError) as error:
        raise ValueError("not a record") from error


def link_problem(before: Step | None, step: Step) -> str:
    """Why `step` cannot stand after `before` (None: as the first); empty if it can."""
    place, previous = (before.place, before.hash) if before else (0, "")
    if before and before.chain and step.chain != before.chain:
        return "other_chain"
    if step.place != place + 1:
        return "gap"
    return "" if step.previous == previous else "link"


def carries(pdf: bytes, record: bytes) -> bool:
    """Whether one of the streams inside a PDF is exactly the record."""
    view = memoryview(pdf)
    for found in re.finditer(rb"stream\r?\n", pdf):
        try:
            part = view[found.end() : found.end() + 2 * len(record) + CHUNK // 64]
            inside = zlib.decompressobj().decompress(part, len(record) + 1)
        except zlib.error:
            continue
        if inside == record:
            return True
    return False


class Folder:
    """The files of a folder, by their path with slashes."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def names(self) -> list[str]:
        found = (p for p in self.place.rglob("*") if p.is_symlink() or not p.is_dir())
        return sorted(p.relative_to(self.place).as_posix() for p in found)

    def open(self, name: str) -> IO[bytes]:
        path = self.place / name
        if path.is_symlink() or not path.is_file():
            raise OSError("a link or a pipe is no file of a bundle")
        return path.open("rb")


class Zip:
    """The files of a zip with one folder at its top; a name twice is a problem of its own."""

    def __init__(self, place: Path) -> None:
        self.zip = zipfile.ZipFile(place)
        self.every = [name for name in self.zip.namelist() if not name.endswith("/")]
        tops = {name.split("/")[0] for name in self.every}
        self.top = f"{tops.pop()}/" if len(tops) == 1 else ""

    def names(self) -> list[str]:
        return sorted(name[len(self.top) :] for name in self.every)

    def open(self, name: str) -> IO[bytes]:
        return self.zip.open(self.top + name)


def hash_of(source: Any, name: str) -> str:
    """The SHA-256 of a file as hex; of one that cannot be read, a text that no manifest has."""
    digest = hashlib.sha256()
    try:
        with source.open(name) as file:
            for chunk in iter(lambda: file.read(CHUNK), b""):
                digest.update(chunk)
    except UNREADABLE:
        return "unreadable"
    return digest.hexdigest()


def read(source: Any, name: str) -> bytes:
    """All of a file; nothing if it cannot be read (its hash has said so)."""
    try:
        with source.open(name) as file:
            return bytes(file.read())
    except UNREADABLE:
        return b""


def check(source: Any, anchor: str = "") -> Found:
    """Everything that can be said of a bundle. `anchor`: the printed root, or empty if there is none."""
    problems: list[Problem] = []
    names = [n for n in source.names() if n.split("/")[-1] not in LEFT_BY_SYSTEMS]
    alike = Counter(n.casefold() for n in names)  # some disks know no capitals
    problems += [Problem("twice", n) for n in names if alike[n.casefold()] > 1]
    hashes: dict[str, str] = {}
    payload = {name for name in names if name.startswith("data/")}
    problems += manifest_problems(source, MANIFEST, payload, hashes)
    problems += manifest_problems(source, TAGMANIFEST, set(names) - payload - {TAGMANIFEST}, hashes)
    said = _anchor_of(source, problems)
    problems += [Problem("other_anchor", ANCHOR)] if anchor not in ("", said["root"]) else []
    if not leads_to(said["root"], ["at", said["at"], 0, "", ""], said["at_path"]):
        problems.append(Problem("other_time", ANCHOR))
    chains = {folder: Chain(source, folder, at) for folder, at in _chains(payload).items()}
    known = {name for chain in chains.values() for name in chain.papers.values()}
    strangers = sorted(n for n in set(names) - known if not INSIDE.fullmatch(n))  # forged, doubled
    problems += [Problem("no_record" if "/papers/" in n else "added", n) for n in strangers]
    problems += [Problem("missing", str(n)) for n in said["chains"] if n not in chains]
    for folder in sorted(chains):
        problems += chains[folder].problems(said["chains"].get(folder), said["root"], hashes)
    sums = (sum(getattr(c, n) for c in chains.values()) for n in ("records", "unsealed", "left"))
    return Found(problems, said["root"], said["at"], len(chains), *sums)


def manifest_problems(
    source: Any, manifest: str, names: set[str], hashes: dict[str, str]
) -> Iterator[Problem]:
    """Compares `names` with what the manifest lists; puts the hash of each file into `hashes`."""
    listed: dict[str, str] = {}
    text = read(source, manifest).decode("utf-8", "replace")
    yield from [] if text.endswith("\n") else [Problem("manifest", manifest)]
    for line in text.split("\n")[:-1]:
        found = LINE.fullmatch(line)
        if not found or found[2] in listed:
            yield Problem("manifest", manifest)
        else:
            listed[found[2]] = found[1]
    for name in sorted(names | set(listed)):
        hashes[name] = hash_of(source, name) if name in names else "missing"
        kind = "changed" if name in listed else "added"
        if hashes[name] != listed.get(name):
            yield Problem(kind if name in names else "missing", name)


def _anchor_of(source: Any, problems: list[Problem]) -> dict[str, Any]:
    try:
        said = json.loads(read(source, ANCHOR).decode())
        about = {"at_path": said["at_path"], "chains": dict(said["chains"])}
        return {"root": str(said["root"]), "at": str(said["at"]), **about}
    except (ValueError, KeyError, TypeError, RecursionError):
        problems.append(Problem("no_anchor", ANCHOR))
        return {"root": "", "at": "", "at_path": [], "chains": {}}


def _chains(names: set[str]) -> dict[str, dict[int, str]]:
    """Folders with records or papers → the papers by their places."""
    found: dict[str, dict[int, str]] = {}
    for name in sorted(names):
        if part := CHAINED.fullmatch(name):
            papers = found.setdefault(part[1], {})
            if part[2]:
                papers.setdefault(int(part[2]), name)
    return found


class Chain:
    """The papers of one case: records and sealed files in their order."""

    def __init__(self, source: Any, folder: str, papers: dict[int, str]) -> None:
        self.source, self.folder, self.papers = source, folder, papers
        self.records = self.unsealed = self.left = 0
        self.files: dict[int, str] = {}  # the hash of each sealed file by its place
        self.last: Step | None = None

    def problems(self, proof: Any, root: str, hashes: dict[str, str]) -> Iterator[Problem]:
        """Each record and link, then whether the whole stands under the anchor as it is."""
        name = f"{self.folder}/records.jsonl"
        *records, rest = read(self.source, name).split(b"\n")
        yield from [Problem("record", name)] if rest else []
        for record in records:
            self.records += 1
            if said := LEFT_OUT.fullmatch(record):  # its hashes keep its place
                if self.last and self.last.file and self.records - 1 not in self.papers:
                    yield Problem("link", f"{name}, {self.records}")  # nothing binds that record
                chain, self.left = self.last.chain if self.last else "", self.left + 1
                self.last = Step(said[2].decode(), chain, self.records, "", "", "")
                self.files[self.records] = said[1].decode()
            else:
                yield from self._record_problems(record, f"{name}, {self.records}")
        for place, paper in sorted(self.papers.items()):
            if not 0 < place <= self.records or place in self.files:
                yield Problem("no_record", paper)
            self.files[place] = hashes[paper]
        if not self._anchored(proof, root):
            yield Problem("not_anchored", self.folder)

    def _record_problems(self, record: bytes, where: str) -> Iterator[Problem]:
        try:
            step = step_of(record)
        except (ValueError, RecursionError):
            yield Problem("record", where)
            return
        if kind := link_problem(self.last, step):
            yield Problem(kind, where)
        self.last, paper = step, self.papers.get(self.records)
        if step.case and f"data/{step.case}" != self.folder:
            yield Problem("other_folder", where)
        if paper is None:
            self.unsealed += 1
        elif not paper.endswith(f"/{step.file}"):
            yield Problem("renamed", paper)
        elif not carries(read(self.source, paper), record):
            yield Problem("other_paper", paper)

    def _anchored(self, proof: Any, root: str) -> bool:
        last = self.last or Step("", "", 0, "", "", "")
        joined = "".join(self.files[place] for place in sorted(self.files))
        files = hashlib.sha256(joined.encode()).hexdigest() if joined else ""
        said = proof if isinstance(proof, dict) else {}
        theirs, leaf = said.get("leaf"), ["document", last.chain, self.records, last.hash, files]
        if not last.chain and isinstance(theirs, list):  # none shown: the leaf says whose
            leaf[1:2] = theirs[1:2]
        return theirs == leaf and leads_to(root, leaf, said.get("path"))


# fmt: off
TEXTS = {  # kind: Chinese, English
    "changed": ("内容被改动：{}", "changed: {}"),
    "missing": ("文件缺失：{}", "missing: {}"),
    "added": ("多出的文件：{}", "added: {}"),
    "twice": ("同一文件出现两次：{}", "the same file twice: {}"),
    "manifest": ("清单本身被改动：{}", "the list itself was changed: {}"),
    "no_anchor": ("锚值文件缺失或无法读取：{}", "the anchor's file is missing or cannot be read: {}"),
    "record": ("记录无法读取或被改动：{}", "a record cannot be read or was changed: {}"),
    "gap": ("缺少一份文书，或顺序被改动：{}", "a paper is missing, or the order was changed: {}"),
    "link": ("与前一份文书连不上：{}", "does not join the paper before it: {}"),
    "other_chain": ("属于另一个个案：{}", "belongs to another case: {}"),
    "renamed": ("文书的文件名与记录不符：{}", "a paper under another name than its record's: {}"),
    "other_folder": ("记录不属于这个个案的文件夹：{}", "a record in the folder of another case: {}"),
    "other_time": ("锚值的时间被改动：{}", "the time of the anchor was changed: {}"),
    "no_record": ("文书没有记录：{}", "a paper without a record: {}"),
    "other_paper": ("文书里的记录与旁边的记录不同：{}", "the paper carries another record than the one beside it: {}"),
    "not_anchored": ("与锚值对不上（有文书被删、被换或重做）：{}", "does not fit the anchor (papers removed, replaced or made anew): {}"),
    "other_lists": ("清单值不符，包里有内容被换：{}", "not the lists that were printed: {}"),
    "other_anchor": ("您输入的锚值不是这个包的锚值：{}", "the anchor you gave is not the anchor of this bundle: {}"),
    "counts": ("文书 {} 份，有文书的个案 {} 个。", "Papers: {}; cases that have papers: {}."),
    "unsealed": ("其中 {} 份只有记录，没有封存文件（尚未封存，或文件已被拿走）。", "{} of them have a record but no sealed file: not sealed yet, or taken out."),
    "left_out": ("其中 {} 份只有哈希值：按用途没有放入、已按清册销毁，或被拿走。", "{} of them stand here by their hashes only: left out by purpose, destroyed by a list, or taken out."),
    "no_papers": ("包里没有封存的文书，锚值什么也不能证明；请用 --lists 比对清单值。", "No sealed papers are in this bundle, so the anchor proves nothing here: compare the value of the lists (--lists)."),
    "damaged": ("没有通过：{} 处问题。", "Not passed. Problems found: {}."),
    "consistent": ("自身一致，没有比对。请用交接单上印的锚值再验一次：--anchor 锚值", "Consistent in itself, not compared. Check again with the anchor printed on the hand-over slip: --anchor HEX"),
    "intact": ("文书自 {} 起没有改动。", "The papers are intact since {}."),
    "covers": ("锚值证明封存的文书、记录、顺序和时间；个案和文书是否齐全、目录页、表格、照片、交来的文件和阅览副本只由清单值（--lists）校验。", "The anchor proves the sealed papers, their records, their order and the time; that no case or paper is left out, index pages, tables, photos, files handed in and reading copies are checked by the lists only (--lists)."),
    "anchor": ("包内锚值：{}", "Anchor in the bundle: {}"),
    "lists": ("总清单的 SHA-256：{}", "SHA-256 of the list of lists: {}"),
    "same_lists": ("总清单与您输入的一致：包里没有少任何文件。", "The lists are those that were printed: nothing is left out."),
    "no_bundle": ("这里没有证据包：{}", "There is no bundle here: {}"),
    "bad_anchor": ("锚值应为 64 位十六进制字符。", "An anchor has 64 hexadecimal characters."),
}
# fmt: on


def report(found: Found, anchor: str, texts: dict[str, str]) -> Iterator[str]:
    """The lines a person reads."""
    yield from (texts[each.kind].format(each.where) for each in found.problems[:MOST_SHOWN])
    yield texts["counts"].format(found.papers, found.chains)
    counts = {"unsealed": found.unsealed, "left_out": found.left_out}
    yield from (texts[kind].format(count) for kind, count in counts.items() if count)
    yield texts["anchor"].format(grouped(found.root))
    state = "no_papers" if not found.chains else "intact" if anchor else "consistent"
    state = "damaged" if found.problems else state
    yield texts[state].format(len(found.problems) or found.at)
    if state == "intact":
        yield texts["covers"]


def grouped(root: str) -> str:
    """A hash in groups of four, as it is printed."""
    return " ".join(root[i : i + 4] for i in range(0, len(root), 4))


def language_of(wanted: str) -> str:
    """`zh` or `en`: as asked for, else as the machine speaks."""
    named = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    spoken = wanted or next(filter(None, named), "") or locale.getlocale()[0] or ""
    return "zh" if spoken.lower().startswith(("zh", "chinese")) else "en"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Returns its exit code."""
    parser = argparse.ArgumentParser(prog="verify.py", description="验证证据包 / checks a bundle")
    parser.add_argument("place", nargs="?", default=Path(__file__).parent, metavar="FOLDER|ZIP")
    parser.add_argument("--anchor", default="", metavar="HEX", help="印出的锚值 / printed anchor")
    parser.add_argument("--lists", default="", metavar="HEX", help="印出的清单值 / printed lists")
    parser.add_argument("--lang", choices=["zh", "en"], default="")
    given = parser.parse_args(arguments)
    english, place = language_of(given.lang) == "en", Path(given.place)
    texts = {kind: pair[english] for kind, pair in TEXTS.items()}
    anchor, lists = ("".join(each.split()).lower() for each in (given.anchor, given.lists))
    if not all(re.fullmatch(r"([0-9a-f]{64})?", each) for each in (anchor, lists)):
        parser.error(texts["bad_anchor"])
    try:
        source = Folder(place) if place.is_dir() else Zip(place)
        if not {MANIFEST, TAGMANIFEST, "bagit.txt"} & set(source.names()):
            raise OSError(str(place))
    except (OSError, zipfile.BadZipFile):
        parser.error(texts["no_bundle"].format(place))
    found, listed = check(source, anchor), hash_of(source, TAGMANIFEST)
    if lists not in ("", listed):
        found.problems.append(Problem("other_lists", listed))
    same = [texts["same_lists"]] if lists and not found.problems else []
    for line in [*report(found, anchor, texts), texts["lists"].format(listed), *same]:
        print("".join(c if c.isprintable() else "\ufffd" for c in line))
    return 1 if found.problems else 3 if anchor and not found.chains else 0


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(main())
