"""A paper without persons: a new record made from the frozen one, in which only dates, choices and codes are left (domain.md 7.4).

Nothing that somebody typed freely is taken over, so no name can slip through a text that nobody thought of. Whose code is
whose stands in a list that stays here.
"""

import csv
import io
import json
import re
from typing import Any

from django.utils.translation import gettext as _

from casework.documents.models import Document
from casework.documents.numbers import tail_of
from casework.documents.papers.declare import LANGUAGES, Section
from casework.documents.papers.register import PAPERS
from casework.documents.spelling import MONTHS

PLAIN_KEYS = frozenset({"pupil.sex", "pupil.grade"})
HIDDEN_KEYS = frozenset(
    {
        "pupil.ethnic_group",
        "pupil.class_name",
        "pupil.relation",
        "pupil.boarding",
        "relation",
        "class_placed",
    }
)
DATED = re.compile(rf"(?:[\d\s:.,—–年月日-]|{'|'.join(MONTHS)})+")
SHORT_FIGURE = re.compile(r"\d{1,4}\D?")
Record = dict[str, Any]


class Codes:
    """The codes of one evidence file: the same name has the same code all through it."""

    def __init__(self) -> None:
        self.given: dict[tuple[str, str], str] = {}

    def of(self, group: str, name: str) -> str:
        """`group`: C a case, N a person, U a unit. Empty for no name."""
        if not name:
            return ""
        known = sum(1 for each, _name in self.given if each == group)
        return self.given.setdefault((group, name), f"{group}{known + 1:04d}")

    def listed(self) -> str:
        """All codes as CSV: what is kept back."""
        out = io.StringIO()
        csv.writer(out).writerows(
            [
                (_("Code"), _("Stands for")),
                *((code, name) for (_g, name), code in self.given.items()),
            ]
        )
        return out.getvalue()


def redacted(document: Document, text: str, sha256: str, codes: Codes) -> Record:
    """What a redacted paper shows: of its record (`text`) dates, choices and codes; the hash of its original (`sha256`: of its sealed file, empty without one)."""
    record: Record = json.loads(text)
    language = record["language"]
    hide = _Hide(record["form"], language, codes)
    tail = tail_of(document.kind, document.year, document.sequence)
    return {
        "form": record["form"],
        "language": language,
        "title": record["title"],
        "unit": codes.of("U", record["unit"]),
        "number": f"{codes.of('U', record['unit'])} {tail}",
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
        self.plain, self.hidden = _labels(form, PLAIN_KEYS), _labels(form, HIDDEN_KEYS)
        self.born = _labels(form, frozenset({"pupil.born"}))

    def section(self, laid: Record) -> Record:
        rows = [
            [{**cell, "value": self._value(cell, cell["value"])} for cell in row]
            for row in laid["rows"]
        ]
        found: Record = {"title": laid["title"], "rows": rows}
        if "table" in laid:
            head = laid["table"]["head"]
            found["table"] = laid["table"] | {
                "rows": [
                    [self._value(*pair) for pair in zip(head, row, strict=True)]
                    for row in laid["table"]["rows"]
                ]
            }
        return found

    def signature(self, box: Record) -> Record:
        signed = bool(box["state"] or box.get("strokes"))
        return {"label": box["label"], "signed": signed}

    def withheld(self, text: str) -> str:
        """How much was there."""
        if not text:
            return ""
        return f"[withheld: {len(text)} characters]" if self.english else f"〔隐去{len(text)}字〕"

    def _value(self, cell: Record, value: Any) -> Any:
        """By the kind of the cell or column; a list of lines as one."""
        kind, label = cell["kind"], cell["label"]
        if kind == "choice" or not value:
            return value
        if kind == "lines":
            return [self.withheld("".join(value))]
        if label in self.born:
            return "".join(re.findall(r"\d{4}", value)[:1])
        if kind in ("date", "moment", "period") and DATED.fullmatch(value):
            return value
        if label in self.plain or (kind in ("num", "name") and SHORT_FIGURE.fullmatch(value)):
            return value
        if kind == "name" and label not in self.hidden:
            return self.codes.of("N", value)
        return self.withheld(value)


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
