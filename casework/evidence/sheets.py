"""The pages around the papers: `index.html`, a sheet for each case and office, `index.csv`, `index.xlsx`. Written piece by piece."""

import csv
import io
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import IO, Any, NamedTuple, cast

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from casework.core.clock import LOCAL, local_date
from casework.core.templatetags.look import full_day
from casework.documents.models import Attachment
from casework.documents.seal import seal_in_use
from casework.evidence.casefile import CaseFile, Paper
from casework.evidence.contents import POINTS, Entry, contents_of
from casework.evidence.editions import EDITIONS
from casework.evidence.extent import Table
from casework.evidence.gaps import Gap
from casework.evidence.models import Bundle
from casework.evidence.offices import OfficeFile
from casework.evidence.verify import grouped
from casework.evidence.workbook import Book

MOST_SENTENCES = 2000
COLUMNS = (
    "case",
    "place",
    "form",
    "title",
    "number",
    "recorded_at",
    "recorded_by",
    "pages",
    "size",
    "sha256",
    "record_sha256",
    "path",
    "signed",
    "signed_sheets",
)
PAPERS = "index"
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Shown(NamedTuple):
    """A line of the index: where it is, what it is called, how much stands there."""

    path: str
    title: str
    rows: int


class Index:
    """`index.html`, `index.csv` and `index.xlsx` under way, in temporary files that go with the `with` block."""

    def __init__(self, bundle: Bundle, name: str, anchor: Any) -> None:
        self.bundle, self.groups = bundle, grouped(anchor.root)
        self.html: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self.csv = cast(IO[bytes], tempfile.TemporaryFile())  # noqa: SIM115
        self.csv.write(b"\xef\xbb\xbf" + csv_lines([COLUMNS]))
        self.book = Book()
        self.book.begin(PAPERS, COLUMNS)
        self.papers = self.gaps = 0
        self.offices: list[Shown] = []
        self.tables: list[Shown] = []
        self.packed: list[int] = []
        self.lists = ""
        self._write(
            "head.html",
            bundle=bundle,
            name=name,
            at=anchor.at,
            anchor=anchor.root,
            anchor_groups=self.groups,
            anchored_at=anchor.at,
            seal=seal_in_use(),
            published=", ".join([_page_of_anchors(), *settings.ANCHOR_MAIL]),
        )

    def __enter__(self) -> "Index":
        return self

    def __exit__(self, *error: object) -> None:
        self.html.close()
        self.csv.close()
        self.book.close()

    def add(
        self, file: CaseFile, gaps: list[Gap], paths: dict[int, str], signed: dict[int, str]
    ) -> None:
        """A case; by places of papers `paths` in the bundle and how they are `signed`.

        The papers of a single case are listed at once; in a unit's bundle each case's sheet lists its own.
        """
        papers = _papers(file) if self.bundle.case else ""
        self._write("entry.html", file=file, gaps=gaps, merged=self.bundle.merged, papers=papers)
        self._list(file.case.number, file.folder, file.papers, file.files, paths, signed)
        self.packed.append(file.case.pk)
        self.papers, self.gaps = self.papers + len(file.papers), self.gaps + len(gaps)

    def add_office(
        self, office: OfficeFile, gaps: list[Gap], paths: dict[int, str], signed: dict[int, str]
    ) -> None:
        """An office with its papers, as `add` does with a case."""
        self._list(office.unit.name, office.folder, office.papers, office.files, paths, signed)
        self.offices.append(
            Shown(
                f"{office.folder}/index.html",
                office.unit.name,
                len(office.papers) + len(office.files),
            )
        )
        self.papers, self.gaps = self.papers + len(office.papers), self.gaps + len(gaps)

    def guide(self) -> bytes:
        """One page in Chinese for whoever checks: it is the same in every edition."""
        return render_to_string("evidence/bag/guide.html").encode()

    def add_table(self, table: Table, path: str, rows: int) -> None:
        """A table about the whole."""
        self.tables.append(Shown(path, str(table.title), rows))

    def _list(
        self,
        whose: str,
        folder: str,
        papers: list[Paper],
        files: list[Attachment],
        paths: dict[int, str],
        signed: dict[int, str],
    ) -> None:
        """The papers of a chain in the index."""
        sheets: dict[int, list[str]] = defaultdict(list)
        for each in files:
            if each.document_id:
                sheets[each.document_id].append(f"{folder}/files/{each.file_name}")
        rows = [
            _cells(
                whose,
                each,
                paths.get(each.document.place, ""),
                signed.get(each.document.place, ""),
                sheets[each.document.pk],
            )
            for each in papers
        ]
        self.csv.write(csv_lines(rows))
        self.book.add(PAPERS, rows)

    def complete(self) -> None:
        """Write the end and rewind both, to be copied into the bundle."""
        self._write(
            "foot.html",
            cases=len(self.packed),
            papers=self.papers,
            gaps=self.gaps,
            offices=self.offices,
            tables=self.tables,
            inside=EDITIONS[self.bundle.purpose].inside,
        )
        self.html.seek(0)
        self.csv.seek(0)

    def sheet(self, file: CaseFile, gaps: list[Gap]) -> bytes:
        """The page of a case: cover facts, contents, timeline, audit summary, what is missing."""
        context = {
            "file": file,
            "facts": file.facts(),
            "pages": sum(paper.file.pages for paper in file.papers if paper.file),
            "contents": _rows(self._contents(file, gaps)),
            "inside": EDITIONS[self.bundle.purpose].inside,
            "absences": file.absences,
            "timeline": file.timeline(),
            "files": file.files,
            "numbers": {paper.document.pk: paper.document.number for paper in file.papers},
            "story": file.story(MOST_SENTENCES),
            "gaps": gaps,
            "merged": self.bundle.merged,
            "anchor_groups": self.groups,
        }
        return render_to_string("evidence/bag/case.html", context).encode()

    def _contents(self, file: CaseFile, gaps: list[Gap]) -> list[Entry]:
        """All points, or in an edition that leaves papers out those that have some: of the rest nothing is said."""
        entries = contents_of(file, gaps, self.bundle.language)
        return entries if EDITIONS[self.bundle.purpose].inside else [e for e in entries if e.papers]

    def office(self, office: OfficeFile, gaps: list[Gap]) -> bytes:
        """The page of an office: its papers, the documents on its shelf, its signed sheets."""
        context = {
            "office": office,
            "papers": _listed(office.papers),
            "filed": {filing.attachment_id: filing for filing in office.filings},
            "numbers": {paper.document.pk: paper.document.number for paper in office.papers},
            "gaps": gaps,
        }
        return render_to_string("evidence/bag/office.html", context).encode()

    def _write(self, template: str, **context: object) -> None:
        self.html.write(render_to_string(f"evidence/bag/{template}", context).encode())


# Rows by the thousand are joined here: a template would take longer for them than the papers do.


def _page_of_anchors() -> str:
    """Its address without scheme: nothing in an evidence file leads out of it."""
    host: str = settings.SITE_URL.partition("://")[2]
    return host + reverse("documents:anchors")


def _papers(file: CaseFile) -> SafeString:
    """The papers of a case as the index lists them."""
    return format_html_join(
        "\n",
        '<li>{} <span class="muted">{} · {}</span>{}</li>',
        (
            (
                _link(paper, f"{paper.document.place}. {paper.title}", f"{file.folder}/papers"),
                paper.document.number,
                full_day(paper.document.frozen_at),
                ""
                if paper.file
                else format_html(' <span class="missing">{}</span>', _lacks(paper)),
            )
            for paper in file.papers
        ),
    )


def _lacks(paper: Paper) -> str:
    """Why a paper has no file here."""
    gone = paper.destroyed
    if gone is None:
        return gettext("not sealed yet")
    said = {"day": local_date(gone.at).isoformat(), "listed": gone.listed}
    return gettext("destroyed on %(day)s by list %(listed)s") % said


def _rows(entries: list[Entry]) -> SafeString:
    """The contents of a case: number, title, and what stands there."""
    said = _said(get_language())
    return format_html_join(
        "\n",
        '<tr><td>{}</td><td>{} <span class="muted">{}</span></td><td>{}{}{}</td></tr>',
        (
            (
                entry.number,
                entry.title,
                entry.kinds,
                said[entry.made],
                _inside(entry),
                said["awaited" if entry.state == "there" and entry.awaited else entry.state],
            )
            for entry in entries
        ),
    )


@lru_cache
def _said(_language: str | None) -> dict[str, str]:
    """What the contents say of a point: by the page that the bundle makes for it, and by its state."""
    here = gettext("on this page")
    links = {p.made: format_html('<a href="#{}">{}</a>', p.made, here) for p in POINTS if p.made}
    missing, absent = gettext("should be here, is not"), gettext("not in this case")
    awaited = gettext("not due yet")
    states = {
        "missing": format_html('<span class="missing">{}</span>', missing),
        "absent": format_html('<span class="muted">{}</span>', absent),
        "awaited": format_html('<span class="muted">{}</span>', awaited),
    }
    return {**links, **states, "there": "", "": ""}


def _called(file: Attachment) -> str:
    """What a file is called: its title, else what it is; a sheet that waits says so."""
    name = file.title or file.form or str(file.get_purpose_display())
    if not file.waits:
        return name
    return gettext("%(name)s: signed sheet, its paper is not made or not known yet") % {
        "name": name
    }


def _inside(entry: Entry) -> str:
    """The papers, files and photos of a point, each a link."""
    papers = _listed(entry.papers) if entry.papers else ""
    if not (entry.files or entry.photos):
        return papers
    more = [("files", each.file_name, _called(each)) for each in entry.files]
    more += [("photos", photo.name, photo.name) for photo in entry.photos]
    return format_html("{}{}", papers, format_html_join("", '<a href="{}/{}">{}</a><br>', more))


def _listed(papers: list[Paper]) -> str:
    """Their numbers, each a link; at the end those that have no file yet."""
    sealed = [(paper.stem, paper.document.number) for paper in papers if paper.file]
    rest = [(paper.document.number,) for paper in papers if not paper.file]
    links = format_html_join("", '<a href="papers/{}.pdf">{}</a><br>', sealed)
    return links + format_html_join("", "{}<br>", rest) if rest else links


def _link(paper: Paper, words: str, folder: str) -> str:
    if paper.file is None:
        return words
    return format_html('<a href="{}/{}.pdf">{}</a>', folder, paper.stem, words)


def csv_lines(rows: Iterable[Sequence[object]]) -> bytes:
    """Lines of CSV in which no cell is taken for a formula (EXP-01)."""
    out = io.StringIO()
    csv.writer(out).writerows([_harmless(str(cell)) for cell in cells] for cells in rows)
    return out.getvalue().encode()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(BEGINS_A_FORMULA) else text


def _cells(
    whose: str, paper: Paper, path: str, signed: str, sheets: list[str]
) -> tuple[object, ...]:
    document, sealed = paper.document, paper.file
    return (
        whose,
        document.place,
        document.kind,
        paper.title,
        document.number,
        document.frozen_at.astimezone(LOCAL).isoformat(timespec="seconds"),
        document.frozen_by,
        sealed.pages if sealed else "",
        sealed.size if sealed else "",
        sealed.sha256 if sealed else "",
        document.hash,
        path,
        _lacks(paper) if paper.destroyed else signed,
        " ".join(sheets),
    )
