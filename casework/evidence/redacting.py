"""A paper without persons: a new record made from the frozen one, in which only dates, choices and codes are left (domain.md 7.4).

Nothing that somebody typed freely is taken over, so no name can slip through a text that nobody thought of. Whose code is
whose stands in a list that stays here.
"""

import json
import re
from typing import Any

from django.utils.translation import gettext as _

from casework.documents.models import Document
from casework.documents.papers.declare import LANGUAGES, Section
from casework.documents.papers.register import PAPERS
from casework.documents.spelling import MONTHS
from casework.evidence.casefile import refuse_emptied
from casework.evidence.sheets import csv_lines

PLAIN = frozenset({"pupil.sex", "pupil.grade"})
PERSONS = frozenset(
    {
        "pupil.name", "pupil.guardian", "name", "householder", "recipient", "appellant",
        "contacted_by", "registered_by", "caller", "officer", "reported_by", "confirmed_by", "proposed_by", "approved_by",
        "operator", "drafted_by", "reviewed_by", "signed_by", "helper", "teacher", "asked_by", "decided_by", "raised_by",
        "chair", "recorder", "talker", "filler", "head_a", "head_b", "organiser",
    }
)  # fmt: skip
FIGURES = frozenset(
    {
        "days_absent", "days_present", "visit_no", "contact_no", "check_no", "check_day", "persuasion_count", "photos", "episode",
        "term_days", "days_late", "reached", "quota", "total",
    }
)  # fmt: skip
# choices that tell nothing of health, faith or a crime, directly or by the road that follows; all others are withheld
HARMLESS = frozenset(
    {
        "source", "way", "reached", "next_branch", "form", "result", "decision", "continues", "method", "outcome", "type", "rung",
        "parent_told", "channel",
    }
)  # fmt: skip
_DAY = rf"\d{{4}}年\d{{1,2}}月(?:\d{{1,2}}日)?|\d{{4}}-\d\d-\d\d|\d{{1,2}} (?:{'|'.join(MONTHS)}) \d{{4}}"
_TIME = r"\d{1,2}:\d{2}"
_MOMENT = rf"(?:{_DAY})(?:,? ?{_TIME})?"
DATED = re.compile(rf"{_MOMENT}(?: ?[—–-] ?(?:{_MOMENT}|{_TIME}))?")
# papers whose title alone tells of a child's health: only their day and hashes are given
TELLING_TITLES = frozenset({"P18", "P19", "P20", "P21"})
SHORT_FIGURE = re.compile(r"\d{1,4}")
POST = re.compile(r"\s*[（(].*")
TELLING = 20  # characters; the length of a shorter text may tell what it says
Record = dict[str, Any]


class Codes:
    """The codes of one evidence file: the same name has the same code all through it, whatever post stands behind it."""

    def __init__(self) -> None:
        self.given: dict[tuple[str, str], str] = {}

    def of(self, group: str, name: str) -> str:
        """`group`: C a case, N a person, U a unit. Empty for no name."""
        name = POST.sub("", name) if group == "N" else name
        if not name:
            return ""
        known = sum(1 for each, _name in self.given if each == group)
        return self.given.setdefault((group, name), f"{group}{known + 1:04d}")

    def listed(self) -> str:
        """All codes as CSV: what is kept back."""
        rows = [(code, name) for (_group, name), code in self.given.items()]
        return csv_lines([(_("Code"), _("Stands for")), *rows]).decode()


def redacted(document: Document, text: str, sha256: str, codes: Codes) -> Record:
    """What a redacted paper shows: of its record (`text`) dates, choices and codes; the hash of its original (`sha256`: of its sealed file, empty without one). Of its number the year is left."""
    refuse_emptied(text)
    record: Record = json.loads(text)
    hide = _Hide(record["form"], record["language"], codes)
    unit = codes.of("U", record["unit"])
    return {
        "form": record["form"],
        "language": record["language"],
        "title": record["title"],
        "unit": unit,
        "number": f"{unit} {document.kind}〔{document.year}〕",
        "case_no": codes.of("C", record["case_no"]),
        "recorded_at": record["recorded_at"],
        "recorded_by": codes.of("N", record["recorded_by"]),
        "supersedes": bool(record["supersedes"]),
        "sections": [hide.section(each) for each in record["sections"]],
        "letter": hide.withheld("".join(record["letter"]["paragraphs"]))
        if record["letter"]
        else "",
        "signatures": [hide.signature(each) for each in record["signatures"]],
        "original": sha256,
        "original_record": document.hash,
    }


class _Hide:
    """What may stay of the values of one paper."""

    def __init__(self, form: str, language: str, codes: Codes) -> None:
        self.codes, self.english = codes, language == "en"
        self.plain, self.persons = _labels(form, PLAIN), _labels(form, PERSONS)
        self.figures, self.harmless = _labels(form, FIGURES), _labels(form, HARMLESS)
        self.born = _labels(form, frozenset({"pupil.born", "born"}))

    def section(self, laid: Record) -> Record:
        """The same rows and table, with what may stay."""
        found: Record = {
            "title": laid["title"],
            "rows": [[self._cell(cell) for cell in row] for row in laid["rows"]],
        }
        if "table" in laid:
            head = laid["table"]["head"]
            found["table"] = laid["table"] | {
                "rows": [
                    [self._value(column, value) for column, value in zip(head, row, strict=True)]
                    for row in laid["table"]["rows"]
                ]
            }
        return found

    def signature(self, box: Record) -> Record:
        return {"label": box["label"], "signed": bool(box["state"] or box.get("strokes"))}

    def withheld(self, text: str) -> str:
        """That something is left out, and of a long text how much."""
        if not text:
            return ""
        if len(text) < TELLING:
            return "[withheld]" if self.english else "〔隐去〕"
        return f"[withheld: {len(text)} characters]" if self.english else f"〔隐去{len(text)}字〕"

    def _cell(self, cell: Record) -> Record:
        if cell["kind"] == "choice" and cell["label"] not in self.harmless:
            return cell | {"kind": "text", "value": "[withheld]" if self.english else "〔隐去〕"}
        return cell | {"value": self._value(cell, cell["value"])}

    def _value(self, cell: Record, value: Any) -> Any:
        """By the kind of the cell or column; a list of lines as one."""
        kind, label = cell["kind"], cell["label"]
        if kind == "choice" or not value:
            return value
        if kind == "lines":
            return [self.withheld("".join(value))]
        if label in self.born:
            return "".join(re.findall(r"\d{4}", value)[:1])
        if label in self.persons:
            return self.codes.of("N", value)
        dated = kind in ("date", "moment", "period") and DATED.fullmatch(value)
        figure = label in self.figures and SHORT_FIGURE.fullmatch(value)
        return value if dated or figure or label in self.plain else self.withheld(value)


def _labels(form: str, keys: frozenset[str]) -> set[str]:
    """What a form calls these fields and columns, in each language."""
    return {
        part.label.spoken(language)
        for section in PAPERS[form].sections
        for part in _parts(section)
        if part.key in keys
        for language in LANGUAGES
    }


def _parts(section: Section) -> list[Any]:
    fields = [field for row in section.rows for field in row]
    return [*fields, *(section.table.columns if section.table else ())]
