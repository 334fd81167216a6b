"""The files of papers and those handed in, against their rows: at the speed of the disk, and on from where a stopped run was.

A paper that an anchor covers is compared by its hash: it was opened and its seal looked at before it was entered, and the anchor
holds the hash since. A paper that came later is opened as well, or each one if the anchor itself does not hold.
"""

import io
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import chain, islice
from os import cpu_count
from pathlib import Path
from time import monotonic, time
from typing import Any, NamedTuple

from django.db.models import QuerySet

from casework.audit.models import Entry
from casework.core import clock
from casework.core.clock import LOCAL
from casework.documents import attachments, store
from casework.documents.models import Attachment, Document, SealedFile
from casework.documents.seal import intact

Problem = dict[str, object]
Tick = Callable[[int, int], None]
BATCH, SAVED_EVERY, A_DAY = 256, 2.0, 86400.0  # files; seconds
ALTERED, MISSING = "file", "missing"


@dataclass
class Reached:
    """The last paper and the last file handed in that were read, how many, and what was found up to there."""

    mode: str = ""
    begun: float = 0.0
    paper: int = 0
    attachment: int = 0
    done: int = 0
    found: list[Problem] = field(default_factory=list)


class Course:
    """A reading of all files. With a `place` what was reached is kept there: a run of the same `mode` that was stopped within a day goes on (`resume`).

    `skipped`: how many files are not read again, because the stopped run had read them.
    """

    def __init__(
        self,
        place: Path | None = None,
        *,
        tick: Tick | None = None,
        resume: bool = False,
        mode: str = "",
    ) -> None:
        self.place, self.tick = place, tick or (lambda _done, _total: None)
        kept = _kept(place, mode) if place and resume else None
        self.reached = kept or Reached(mode=mode, begun=time())
        self.skipped = self.reached.done
        self.total = _papers().count() + attachments.kept_rows().count()
        self.saved = monotonic()

    def on(self, line: str, pk: int, files: int, found: list[Problem]) -> None:
        """So far on its `line`, papers or files handed in."""
        setattr(self.reached, line, pk)
        self.reached.done += files
        self.reached.found += found
        self.tick(self.reached.done, self.total)
        if self.place and monotonic() > self.saved + SAVED_EVERY:
            store.write_whole(self.place, json.dumps(asdict(self.reached)).encode())
            self.saved = monotonic()

    def over(self) -> None:
        """All was read: nothing to go on from."""
        if self.place:
            self.place.unlink(missing_ok=True)


def _kept(place: Path, mode: str) -> Reached | None:
    """What a stopped run reached; None where there is none, or it is too old or of another kind to go on."""
    try:
        kept = Reached(**json.loads(place.read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return kept if kept.mode == mode and time() - kept.begun < A_DAY else None


class Sealed(NamedTuple):
    """What is asked of a sealed file's row."""

    pk: int
    path: str
    sha256: str
    document: int
    number: str
    chain: str

    @property
    def about(self) -> Problem:
        return {"document": self.document, "number": self.number, "chain": self.chain}


ROW = ("pk", "path", "sha256", "document_id", "document__number", "document__chain")


def problems_of_files(course: Course, covered: int) -> Iterator[Problem]:
    """Every file that is missing or not as it was stored. `covered`: the last sealed file whose hash an anchor holds."""
    yield from course.reached.found
    yield from _left_over()
    yield from _of_papers(course, covered)
    yield from problems_of_attachments(course)
    course.over()


def _papers() -> QuerySet[SealedFile]:
    """Those that are still to be there: of destroyed papers no file is."""
    return SealedFile.objects.filter(document__destroyed=None)


def _left_over() -> Iterator[Problem]:
    """Files of papers that were destroyed an hour ago and more, and are still there."""
    since = clock.now() - timedelta(hours=1)
    rows = SealedFile.objects.filter(document__destroyed__at__lt=since).order_by("pk")
    for row in map(Sealed._make, rows.values_list(*ROW).iterator(BATCH)):
        if (store.folder() / row.path).is_file():
            yield {"kind": "not_gone", **row.about}


def _of_papers(course: Course, covered: int) -> Iterator[Problem]:
    rows = _papers().filter(pk__gt=course.reached.paper).order_by("pk")
    found = map(Sealed._make, rows.values_list(*ROW).iterator(BATCH))
    with ThreadPoolExecutor() as pool:
        while batch := list(islice(found, BATCH)):
            problems = [*_hashed(pool, batch), *_moved(batch)]
            problems += _opened([row for row in batch if row.pk > covered])
            course.on("paper", batch[-1].pk, len(batch), problems)
            yield from problems


def _moved(batch: list[Sealed]) -> Iterator[Problem]:
    """A file bears the number of its paper in its name: one that an anchor covers is not opened, and could be another's."""
    for row in batch:
        if row.path != store.name_of(row.document, row.sha256):
            yield {"kind": "moved", **row.about}


def _hashed(pool: ThreadPoolExecutor, batch: list[Sealed]) -> Iterator[Problem]:
    """By the hash; a batch is shared out among the processors."""
    workers = cpu_count() or 1
    states = pool.map(_states, [batch[part::workers] for part in range(workers)])
    for row, state, since in chain.from_iterable(states):
        yield {"kind": state, **row.about, **since}


def _states(rows: Sequence[Sealed]) -> list[tuple[Sealed, str, Problem]]:
    """Those that are missing or altered; of an altered one when it was last written."""
    folder = store.folder()
    found: list[tuple[Sealed, str, Problem]] = []
    for row in rows:
        path = folder / row.path
        try:
            if sha256(path.read_bytes()).hexdigest() != row.sha256:
                written = datetime.fromtimestamp(path.stat().st_mtime, LOCAL)
                found.append((row, ALTERED, {"since": written.isoformat(timespec="seconds")}))
        except OSError:
            found.append((row, MISSING, {}))
    return found


def _opened(rows: list[Sealed]) -> Iterator[Problem]:
    """What is inside: the record and the seal, of files that are as their rows say."""
    records = dict(
        Document.objects.filter(pk__in=[row.document for row in rows]).values_list("pk", "record")
    )
    for row in rows:
        for kind in _inside(store.folder() / row.path, row.sha256, records[row.document]):
            yield {"kind": kind, **row.about}


def _inside(path: Path, digest: str, record: str) -> Iterator[str]:
    data = path.read_bytes() if path.is_file() else b""
    if sha256(data).hexdigest() == digest:
        yield from inside_problems(data, record)


def inside_problems(data: bytes, record: str) -> Iterator[str]:
    """Whether a paper carries another record than its own, or a seal that does not hold."""
    if embedded(data) != record.encode():
        yield "embedded"
    if not intact(data):
        yield "seal"


def embedded(pdf: bytes) -> bytes:
    """The record that a paper carries inside; empty if it carries none, or is no PDF."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(pdf)) as paper:
            inside: Any = paper.attachments.get("record.json")
            return inside.get_file().read_bytes() if inside else b""
    except pikepdf.PdfError:
        return b""


def problems_of_attachments(course: Course) -> Iterator[Problem]:
    """Files handed in that are not as they came, by their row and by what the audit trail said then."""
    yield from _rows_of_attachments()
    rows = attachments.kept_rows().filter(pk__gt=course.reached.attachment).order_by("pk")
    for each in rows.iterator(chunk_size=BATCH):
        problem: Problem = {"kind": "attachment", "attachment": each.pk, "chain": each.chain}
        found = [] if attachments.is_whole(each) else [problem]
        course.on("attachment", each.pk, 1, found)
        yield from found


def _rows_of_attachments() -> Iterator[Problem]:
    """Rows that do not say what the trail said when they were added, rows that it does not name, and those that are gone."""
    added = Entry.objects.filter(verb=attachments.ADDED).order_by("pk")
    told = {entry.subject: entry for entry in added.iterator(chunk_size=BATCH)}
    for each in Attachment.objects.order_by("pk").iterator(chunk_size=BATCH):
        entry = told.pop(f"attachment:{each.pk}", None)
        if entry is None or not attachments.is_told(each, entry):
            yield {"kind": "attachment_row", "attachment": each.pk, "chain": each.chain}
    for subject, entry in told.items():
        number = subject.partition(":")[2]
        yield {"kind": "attachment_row", "attachment": number, "chain": entry.chain}
