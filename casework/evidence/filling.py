"""What goes into a bundle: case after case, the offices, the tables, the index. Nothing is kept in memory but names and hashes."""

import json
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from django.utils.translation import gettext as _

from casework.cases.photos import copy_of
from casework.core.errors import DomainError
from casework.documents import attachments, store
from casework.documents.models import Attachment
from casework.documents.render import RenderError
from casework.evidence import verify
from casework.evidence.casefile import CaseFile, Paper, read_cases, refuse_emptied
from casework.evidence.editions import EDITIONS, WHOLE, Edition
from casework.evidence.extent import About, about, text_of
from casework.evidence.gaps import Gap, gaps_of
from casework.evidence.models import Bundle
from casework.evidence.offices import OfficeFile, read_offices
from casework.evidence.packer import Made, Packer, Tick
from casework.evidence.proofs import Proof, Proofs, as_file
from casework.evidence.reading import write_copy
from casework.evidence.redacted_bag import fill_redacted
from casework.evidence.scope import cases_of
from casework.evidence.sheets import Index, csv_lines
from casework.evidence.tables import profiles_of, tables_of
from casework.evidence.unsigned import sign_state_of

GAPS_KEPT = 200
SCOPE = "data/scope"


def fill(bag: Packer, bundle: Bundle, name: str, proofs: Proofs, tick: Tick) -> Made:
    """Fill the bag by the purpose of the bundle and complete it."""
    if bundle.is_redacted:
        return fill_redacted(bag, bundle, name, proofs, tick)
    with Index(bundle, name, proofs.anchor) as index:
        lists = _fill(bag, index, bundle, proofs, tick)
        return Made(lists, index.packed, index.gaps)


def _fill(bag: Packer, index: Index, bundle: Bundle, proofs: Proofs, tick: Tick) -> str:
    """All of it; returns the SHA-256 of the list of lists."""
    proven: dict[str, Proof] = {}
    anchor, edition = proofs.anchor, EDITIONS[bundle.purpose]
    for file in read_cases(cases_of(bundle), anchor, at=anchor.at):
        if any(map(edition.holds, file.papers)) or not edition.partial:
            _add_case(bag, index, file, bundle, tick)
            _prove(proven, proofs, f"case:{file.case.pk}", file.folder)
    if not index.packed:
        raise DomainError(_("No case of this unit has a paper for this purpose."))
    if edition.inside:
        scope = about(bundle, cases_of(bundle), anchor.at)
        _add_offices(bag, index, scope, proofs, proven, tick)
        _add_scope(bag, index, scope, tick)
    _add_tags(bag, index, as_file(proofs, proven))
    return bag.complete()


def _add_offices(
    bag: Packer, index: Index, scope: About, proofs: Proofs, proven: dict[str, Proof], tick: Tick
) -> None:
    """The offices of a unit's bundle, unless it is of some cases only."""
    if scope.of_case is None and not scope.narrowed:
        for office in read_offices(scope, proofs.anchor):
            _add_office(bag, index, office, tick)
            _prove(proven, proofs, office.chain, office.folder)


def _prove(proven: dict[str, Proof], proofs: Proofs, chain: str, folder: str) -> None:
    proof = proofs.of(chain)
    if proof:
        proven[folder] = proof


def _add_case(bag: Packer, index: Index, file: CaseFile, bundle: Bundle, tick: Tick) -> None:
    """One case as far as its edition goes: papers, records, photos, files, reading copy, sheet, and its entry in the index."""
    edition = EDITIONS[bundle.purpose]
    signed = _add_records(bag, file.folder, file.papers, file.records, edition)
    file = edition.cut(file)
    paths = _add_papers(bag, file.folder, file.papers, tick)
    gaps = gaps_of(file, bundle.language) if edition.inside else []
    gaps += _add_photos(bag, file)
    gaps += _add_files(bag, file.folder, file.files, file.case.number)
    if bundle.merged:
        bag.add_file(f"{file.folder}/reading-copy.pdf", _copy(file, gaps, bundle, index.groups))
    bag.add(f"{file.folder}/index.html", index.sheet(file, gaps))
    index.add(file, gaps, paths, signed)
    room = GAPS_KEPT - len(bundle.gaps)
    bundle.gaps += [[g.case, g.what, g.why, g.who, g.due and g.due.isoformat()] for g in gaps][
        :room
    ]


def _add_papers(bag: Packer, folder: str, papers: list[Paper], tick: Tick) -> dict[int, str]:
    """The sealed files of a chain; returns the path of each by its place."""
    paths, sealed = {}, store.folder()
    for paper in papers:
        if paper.file:
            paths[paper.document.place] = path = f"{folder}/papers/{paper.stem}.pdf"
            bag.copy(path, sealed / paper.file.path, paper.file.sha256, label=paper.document.number)
            tick(1)
    return paths


def _add_records(
    bag: Packer,
    folder: str,
    papers: list[Paper],
    records: Iterable[str],
    edition: Edition = WHOLE,
) -> dict[int, str]:
    """The records of a chain, one a line, the hashes alone of what is left out; returns by place how each paper is signed."""
    if not papers:
        return {}
    signed: dict[int, str] = {}
    lines = tempfile.SpooledTemporaryFile(max_size=verify.CHUNK)  # noqa: SIM115 - the bag closes it
    for paper, record, shown in zip(papers, records, edition.shown(papers), strict=True):
        if not shown:
            sealed = paper.sealed.sha256 if paper.sealed else ""
            left_out = {"file": sealed, "left_out": paper.document.hash}
            lines.write(verify.canonical_json(left_out) + b"\n")
            continue
        refuse_emptied(record)
        lines.write(f"{record}\n".encode())
        signed[paper.document.place] = sign_state_of(record)
    lines.seek(0)
    bag.add_file(f"{folder}/records.jsonl", lines)
    return signed


def _copy(file: CaseFile, gaps: list[Gap], bundle: Bundle, groups: str) -> IO[bytes]:
    try:
        return write_copy(file, gaps, bundle, groups)
    except RenderError as error:
        raise DomainError(
            _("The reading copy cannot be made now. Take the bundle without it.")
        ) from error


def _add_photos(bag: Packer, file: CaseFile) -> Iterator[Gap]:
    """The copies of photos; one that cannot be read is a gap."""
    for photo in file.photos:
        name = photo.name
        try:
            data = copy_of(photo)
        except (OSError, InvalidTag):
            why = _("The photo's file cannot be read. Restore it from a backup.")
            yield Gap(file.case.number, "", name, why)
        else:
            bag.add(f"{file.folder}/photos/{name}", data)


def _add_files(bag: Packer, folder: str, files: list[Attachment], case: str) -> Iterator[Gap]:
    """What was handed in; a file that cannot be read is a gap."""
    for each in files:
        try:
            data = attachments.copy_of(each)
        except DomainError as error:
            yield Gap(case, "", f"{each.get_purpose_display()} {each.pk}", str(error))
        else:
            bag.add(f"{folder}/files/{each.file_name}", data)


def _add_office(bag: Packer, index: Index, office: OfficeFile, tick: Tick) -> None:
    """One office: its papers, records, files and a page that lists them."""
    paths = _add_papers(bag, office.folder, office.papers, tick)
    signed = _add_records(bag, office.folder, office.papers, office.records)
    lost = list(_add_files(bag, office.folder, office.files, office.unit.name))
    bag.add(f"{office.folder}/index.html", index.office(office, lost))
    index.add_office(office, lost, paths, signed)


def _add_scope(bag: Packer, index: Index, scope: About, tick: Tick) -> None:
    """The tables about the whole, as CSV, in the workbook and on one page; the texts of the rules beside them."""
    for table in tables_of(scope):
        heads = [str(head) for head in table.heads]
        index.book.begin(str(table.title), heads)
        lines = tempfile.SpooledTemporaryFile(max_size=verify.CHUNK)  # noqa: SIM115 - the bag closes it
        lines.write(b"\xef\xbb\xbf" + csv_lines([heads]))
        count = 0
        for row in table.rows(scope):
            lines.write(csv_lines([[text_of(cell) for cell in row]]))
            index.book.add(str(table.title), [row])
            count += 1
        lines.seek(0)
        tick(
            0
        )  # a sign of life; none while rows are read, since a database of one file takes no write then
        bag.add_file(f"{SCOPE}/{table.code}.csv", lines)
        index.add_table(table, f"{SCOPE}/{table.code}.csv", count)
    for profile in profiles_of(scope):
        text = json.dumps(profile.rules, ensure_ascii=False, indent=1, sort_keys=True)
        bag.add(f"{SCOPE}/rules-{profile.pk}.json", text.encode())


def _add_tags(bag: Packer, index: Index, anchor: dict[str, object]) -> None:
    index.complete()
    bag.add_file("index.html", index.html)
    bag.add_file("index.csv", index.csv)
    bag.add_file("index.xlsx", index.book.complete())
    bag.add("anchor.json", json.dumps(anchor, ensure_ascii=False, indent=1).encode())
    if EDITIONS[index.bundle.purpose].inside:  # it speaks of ledgers and tables
        bag.add("guide.html", index.guide())
    bag.add("verify.py", Path(verify.__file__).read_bytes())
