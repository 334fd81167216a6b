"""The reading copy of a case: cover, contents, all sealed papers, tables; numbered through, bookmarked, unsealed and saying so."""

import io
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import pikepdf
from django.utils.translation import gettext

from casework.core.clock import local_date
from casework.documents import spelling
from casework.documents.models import Attachment
from casework.documents.papers.declare import Words
from casework.documents.render import Rendered
from casework.documents.sealing import bytes_of
from casework.evidence.casefile import CaseFile
from casework.evidence.contents import POINTS, Entry, contents_of
from casework.evidence.gaps import Gap
from casework.evidence.leaves import leaf_of_photo, leaves_of_file
from casework.evidence.models import Bundle
from casework.evidence.printed import print_page, watermark, without_seal

W = Words
FRONT = {"cover": 1, "contents": 2}
BACK = ("timeline", "audit", "gaps")
MOST_SENTENCES = 300
WORDS = {
    "title": W("一生一案", "One Student's File"),
    "name": W("学生姓名", "Name"),
    "sex": W("性别、民族", "Sex, ethnic group"),
    "status": W("学籍号", "Status number"),
    "born": W("出生日期", "Born"),
    "school": W("学校", "School"),
    "class": W("班级", "Class"),
    "opened": W("立案日期", "Opened"),
    "closed": W("销号日期", "Closed"),
    "stage": W("阶段", "Stage"),
    "pages": W("全卷页数", "Pages in all"),
    "education": W("教育线责任人", "Owner, education line"),
    "village": W("村镇线责任人", "Owner, village line"),
    "anchor": W("存证锚值（SHA-256，每组四位）", "Anchor (SHA-256, in groups of four)"),
    "unsealed": W(
        "本卷为合并阅读副本，未加盖电子印章；以分别封存的文书为准。",
        "This merged file is a reading copy without a seal; the sealed papers count.",
    ),
    "made": W("制作时间：{at}　制作人：{by}", "Made at {at} by {by}"),
    "contents": W("目录", "Contents"),
    "absent": W("本案无此项", "not in this case"),
    "missing": W("应有未有", "missing"),
    "apart": W("另附", "apart"),
    "destroyed": W("已销毁", "destroyed"),
    "recorded": W("已记录，未封存", "recorded, not sealed"),
    "comma": W("、", ", "),
    "step": W("环节", "Step"),
    "who": W("责任人", "Who"),
    "due": W("期限", "Due"),
    "done": W("完成", "Done"),
    "late": W("逾期工作日", "Working days late"),
    "what": W("缺项", "What"),
    "why": W("说明", "Why"),
    "nothing": W("没有缺项。", "Nothing is missing."),
    "number": W(
        '"{case}　阅览副本（未封存）　第" counter(page) "页　共" counter(pages) "页"',
        '"{case} — reading copy, unsealed — page " counter(page) " of " counter(pages)',
    ),
}


@dataclass
class Part:
    """A stretch of the copy: PDF bytes, its pages, the titles of its bookmarks with page offsets inside it; under which point it stands, by which name."""

    pdf: bytes
    pages: int
    marks: list[tuple[str, int]]
    point: int = 0
    name: str = ""


def write_copy(file: CaseFile, gaps: list[Gap], bundle: Bundle, anchor_groups: str) -> BinaryIO:
    """The reading copy as an open file that is gone once it is closed. RenderError if a page cannot be made."""
    printer = _Printer(file, gaps, bundle, anchor_groups)
    middle = [part for entry in printer.entries for part in _parts(entry, file.scans())]
    back = [printer.back(key) for key in BACK]
    parts = [printer.front(middle, back), *middle, *back]
    numbers = printer.numbers(sum(part.pages for part in parts))
    out = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - whoever reads it closes it
    _merge(parts, numbers, out, f"{printer.words['title']} {file.case.number}")
    out.seek(0)
    return out


def _parts(entry: Entry, sheets: dict[int, list[Attachment]]) -> Iterator[Part]:
    """What stands under a point: each paper with its signed sheets, then files and photos."""
    for paper in entry.papers:
        document = paper.document
        if paper.file:
            name = f"{document.place}. {paper.title} {document.number}"
            data = bytes_of(paper.file)
            yield Part(data, paper.file.pages, [(name, 0)], entry.number, document.number)
        for sheet in sheets[document.pk]:
            name = f"{document.number} {sheet.get_purpose_display()}"
            yield from _leaves(leaves_of_file(sheet), name, entry)
    for each in entry.files:
        yield from _leaves(leaves_of_file(each), each.title or each.get_purpose_display(), entry)
    for photo in entry.photos:
        name = f"{gettext('photo')} {photo.name} {photo.taken_at}".strip()
        yield from _leaves(leaf_of_photo(photo), name, entry)


def _leaves(pdf: bytes, name: str, entry: Entry) -> Iterator[Part]:
    if pdf:
        with pikepdf.open(io.BytesIO(pdf)) as paper:
            pages = len(paper.pages)
        yield Part(pdf, pages, [(name, 0)], entry.number, name)


def _merge(parts: list[Part], numbers: bytes, out: BinaryIO, title: str) -> None:
    """One file: pages in order, page numbers laid over, a bookmark for each part; no forms, scripts or seals."""
    with pikepdf.new() as merged, pikepdf.open(io.BytesIO(numbers)) as stamps:
        with merged.open_outline() as outline:
            for part in parts:
                for name, offset in part.marks:
                    outline.root.append(pikepdf.OutlineItem(name, len(merged.pages) + offset))
                with pikepdf.open(io.BytesIO(part.pdf)) as source:
                    without_seal(source)
                    merged.pages.extend(source.pages)
        for page, stamp in zip(merged.pages, stamps.pages, strict=True):
            page.add_overlay(stamp, None)
        merged.docinfo["/Title"] = title
        merged.save(out, deterministic_id=True)


class _Printer:
    """Prints the pages that the copy adds to the papers."""

    def __init__(self, file: CaseFile, gaps: list[Gap], bundle: Bundle, groups: str) -> None:
        self.file, self.gaps, self.bundle = file, gaps, bundle
        self.groups, self.language = groups.split(), bundle.language
        self.words = {key: words.spoken(self.language) for key, words in WORDS.items()}
        self.titles = {p.made: p.title.spoken(self.language) for p in POINTS if p.made}
        self.entries = contents_of(file, gaps, self.language)

    def front(self, middle: list[Part], back: list[Part]) -> Part:
        """Cover and contents. Printed again when the contents turn out longer than thought."""
        pages, printed = 2, None
        while printed is None or printed.pages != pages:
            pages = printed.pages if printed else pages
            printed = self._print("front.html", **self._front(pages, middle, back))
        marks = [(self.titles["cover"], 0), (self.titles["contents"], 1)]
        return Part(printed.pdf, printed.pages, marks)

    def back(self, key: str) -> Part:
        """One of the tables behind the papers."""
        printed = self._print("back.html", part=key, **self._tables())
        (number,) = (entry.number for entry in self.entries if entry.made == key)
        return Part(printed.pdf, printed.pages, [(self.titles[key], 0)], number)

    def numbers(self, pages: int) -> bytes:
        """So many empty pages with the running page number and the mark that this is no sealed file."""
        return self._print(
            "numbers.html",
            pages=range(pages),
            footer=WORDS["number"].spoken(self.language).format(case=self.file.case.number),
            mark=watermark(self.bundle.receiver or self.bundle.by_name, self.file.at),
        ).pdf

    def _print(self, template: str, **context: object) -> Rendered:
        base = {"w": self.words, "titles": self.titles, "case": self.file.case}
        return print_page(
            template,
            base | context,
            language=self.language,
            made_of={"case": self.file.case.number, "bundle": self.bundle.pk},
            at=self.file.at,
        )

    def _front(self, front: int, middle: list[Part], back: list[Part]) -> dict[str, object]:
        case, page = self.file.case, front + 1
        begins: dict[int, list[tuple[str, int]]] = defaultdict(list)
        for entry in self.entries:
            if entry.made in FRONT:
                begins[entry.number] = [("", FRONT[entry.made])]
        for part in [*middle, *back]:
            begins[part.point].append((part.name, page))
            page += part.pages
        return {
            "facts": self.file.facts(),
            "born": self._day(case.pupil.born),
            "opened": self._day(local_date(case.opened_at)),
            "closed": self._day(local_date(case.closed_at)) if case.closed_at else "—",
            "stage": case.get_stage_display(),
            "total": page - 1,
            "groups": [self.groups[:8], self.groups[8:]],
            "made": self.words["made"].format(
                at=self._moment(self.file.at), by=self.bundle.by_name
            ),
            "lines": [self._line(entry, begins[entry.number]) for entry in self.entries],
        }

    def _line(self, entry: Entry, begins: list[tuple[str, int]]) -> dict[str, object]:
        page: object = begins[0][1] if begins else ""
        if not begins:
            gone = bool(entry.papers) and all(paper.destroyed for paper in entry.papers)
            held = entry.files or entry.photos
            without = "destroyed" if gone else "recorded" if entry.papers else "absent"
            without = "missing" if entry.missing else "apart" if held else without
            page = self.words[without]
        return {
            "number": entry.number,
            "title": entry.title,
            "kinds": entry.kinds,
            "page": page,
            "inside": begins if entry.state == "there" and not entry.made else [],
            "missing": entry.missing and not begins,
            "absent": entry.state == "absent",
        }

    def _tables(self) -> dict[str, object]:
        story = self.file.story(MOST_SENTENCES)
        return {
            "timeline": [
                {
                    "title": row.title,
                    "who": row.who,
                    "due": self._day(row.last_day),
                    "done": self._moment(row.step.finished_at) if row.step.finished_at else "—",
                    "late": row.late,
                }
                for row in self.file.timeline()
            ],
            "story": [{"at": self._moment(each.at), "words": each.words} for each in story],
            "gaps": self.gaps,
        }

    def _day(self, value: Any) -> str:
        return spelling.plain(value, self.language)

    def _moment(self, value: Any) -> str:
        return spelling.plain(value, self.language)
