"""Lays values out by a paper's declaration into the record: all that the paper will show, and nothing else."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.core.errors import DomainError
from casework.documents import spelling
from casework.documents.glyphs import unprintable
from casework.documents.papers.declare import (
    Column,
    Field,
    Letter,
    Paper,
    Section,
    Signer,
    Table,
)
from casework.documents.papers.register import COMMON
from casework.documents.papers.words import FRAME

Record = dict[str, Any]
STYLE = 1  # the style sheet of new papers: each keeps the one that its record names, so a changed one is another file
MOST_ROWS = 300
ROOM = {"short": "＿" * 7, "long": "＿" * 44}  # to write by hand in a letter
NUMERALS = "一二三四五六七八九十"


def lay_out(
    paper: Paper, values: Mapping[str, Any], language: str, *, blank: bool = False
) -> Record:
    """The title, sections, letter, signatures and notes of the record, in the edition `language`.

    Raises DomainError for a missing required value (not of a `blank` form), a text or table too long, or a character that no
    paper font has; ValueError for a key or code that the paper does not know.
    """
    flat = _flat(values)
    _refuse_unknown(paper, flat)
    if not blank:
        _refuse_missing(paper, flat, language)
    record: Record = {
        "form": paper.code,
        "template_version": paper.version,
        "language": language,
        "title": paper.title.spoken(language),
        "copies": paper.copies.spoken(language),
        "sections": [
            _section(s, n, flat, language, blank=blank) for n, s in enumerate(paper.sections)
        ],
        "letter": _letter(paper, paper.letter, flat, language, blank=blank) if paper.letter else {},
        "signatures_title": _numbered(
            FRAME["signatures"].spoken(language), len(paper.sections), language
        ),
        "signatures": _signatures(paper, flat, language),
        **_slips(paper, flat, language, blank=blank),
        **_common(flat, language),
    }
    refuse_unprintable(record)
    return record


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    flat = {key: value for key, value in values.items() if key != "pupil"}
    return flat | {f"pupil.{key}": value for key, value in values.get("pupil", {}).items()}


def _refuse_unknown(paper: Paper, flat: Mapping[str, Any]) -> None:
    unknown = set(flat) - set(paper.fields()) - set(COMMON)
    if unknown:
        raise ValueError(f"{paper.code} has no {sorted(unknown)}")


def _refuse_missing(paper: Paper, flat: Mapping[str, Any], language: str) -> None:
    missing = [key for key in paper.required() if flat.get(key) in (None, "", [], ())]
    if missing:
        labels = [paper.label(key).spoken(language) for key in paper.fields() if key in missing]
        raise DomainError(
            _("%(paper)s cannot be made yet. Missing: %(missing)s."),
            paper=paper.title.spoken(language),
            missing=FRAME["comma"].spoken(language).join(labels),
        )


def _numbered(title: str, place: int, language: str) -> str:
    return f"{place + 1}. {title}" if language == "en" else f"{NUMERALS[place]}、{title}"


def _section(
    section: Section, place: int, flat: Mapping[str, Any], language: str, *, blank: bool
) -> Record:
    """Of a `blank` one a table without rows has some to write on."""
    laid: Record = {
        "title": _numbered(section.title.spoken(language), place, language),
        "rows": [
            [_cell(field, flat.get(field.key), language) for field in row] for row in section.rows
        ],
    }
    if section.table:
        empty: list[Mapping[str, Any]] = [{}] * section.table.room if blank else []
        rows = flat.get(section.table.key) or empty
        laid["table"] = _table(section.table, rows, language)
    return laid


def _cell(field: Field, value: Any, language: str) -> Record:
    return {
        "label": field.label.spoken(language),
        "kind": field.kind,
        "span": field.span,
        "tall": int(field.kind == "long"),
        "value": _value(field, value, language),
    }


def _value(field: Field | Column, value: Any, language: str) -> Any:
    if isinstance(field, Field) and field.kind == "choice":
        return spelling.boxes(value, field.options, language)
    if field.kind == "lines":
        return spelling.lines(value, language)
    if field.kind == "period":
        return spelling.period(value, language)
    if field.kind == "moment" or (isinstance(field, Column) and field.kind == "date"):
        return spelling.figure(value, language)
    return spelling.plain(value, language)


def _table(table: Table, rows: list[Mapping[str, Any]], language: str) -> Record:
    if len(rows) > MOST_ROWS:
        raise DomainError(_("A table on a paper has at most %(most)s rows."), most=MOST_ROWS)
    known = {column.key for column in table.columns}
    unknown = {key for row in rows for key in row} - known
    if unknown:
        raise ValueError(f"{table.key} has no {sorted(unknown)}")
    return {
        "numbered": int(table.numbered),
        **({"counted": table.counted.spoken(language)} if table.counted else {}),
        "head": [
            {"label": c.label.spoken(language), "width": str(c.width or ""), "kind": c.kind}
            for c in table.columns
        ],
        "rows": [[_value(c, row.get(c.key), language) for c in table.columns] for row in rows],
    }


def _letter(
    paper: Paper, letter: Letter, flat: Mapping[str, Any], language: str, *, blank: bool
) -> Record:
    said = _speaker(paper, flat, language, blank=blank)
    parts = [p.spoken(language) for p in letter.paragraphs]
    return {
        "to": spelling.lines(flat.get(letter.to), language) or [ROOM["short"]] * blank,
        "paragraphs": [_filled(_named(paper, p, language) if blank else p, said) for p in parts],
        "beside": spelling.lines(flat.get("co_issuer"), language),
        "attached": FRAME[
            "attached" if "pupil.name" in paper.fields() else "attached_check"
        ].spoken(language),
    }


def _named(paper: Paper, paragraph: str, language: str) -> str:
    """On a form for the hand a paragraph that is nothing but a value says what belongs there."""
    alone = re.fullmatch(r"\{([a-z_.]+)\}", paragraph)
    if not alone:
        return paragraph
    return f"{paper.label(alone[1]).spoken(language)}{FRAME['colon'].spoken(language)}{paragraph}"


def _speaker(
    paper: Paper, flat: Mapping[str, Any], language: str, *, blank: bool
) -> Callable[[str], str]:
    """How the value of a key is said in a sentence; of a `blank` paper what is not known is room to write in."""
    fields = paper.fields()

    def said(key: str) -> str:
        field = fields[key]
        if blank and not flat.get(key):
            return ROOM["long" if getattr(field, "kind", "") == "long" else "short"]
        return spelling.in_words(field, flat.get(key), language) if isinstance(field, Field) else ""

    return said


def _slips(paper: Paper, flat: Mapping[str, Any], language: str, *, blank: bool) -> Record:
    """The parts to cut off, where a paper has any."""
    said = _speaker(paper, flat, language, blank=blank)
    slips = [
        {
            "title": slip.title.spoken(language),
            "text": _filled(slip.text.spoken(language), said),
            "rows": [[_cell(f, flat.get(f.key), language) for f in row] for row in slip.rows],
            "seal": slip.seal,
        }
        for slip in paper.slips
    ]
    return {"slips": slips} if slips else {}


def _filled(template: str, said: Callable[[str], str]) -> str:
    """One pass, so that braces in a value stay what they are."""
    return re.sub(r"\{([a-z_.]+)\}", lambda found: said(found[1]), template)


def _signatures(paper: Paper, flat: Mapping[str, Any], language: str) -> list[Record]:
    states = flat.get("signatures") or {}
    unknown = set(states) - {signer.key for signer in paper.signers}
    if unknown:
        raise ValueError(f"{paper.code} has no signer {sorted(unknown)}")
    return [_signature(signer, states.get(signer.key), language) for signer in paper.signers]


def _signature(signer: Signer, said: Any, language: str) -> Record:
    """A box: empty, with a text in place of a hand, or with what was drawn on the screen (and words, if somebody else drew it)."""
    drawn = said if isinstance(said, dict) else {}
    box: Record = {
        "label": signer.label.spoken(language),
        "state": spelling.plain(drawn.get("words", "") if drawn else said, language),
        "tall": int(signer.tall),
    }
    return box | {"strokes": drawn["strokes"]} if drawn else box


def _common(flat: Mapping[str, Any], language: str) -> Record:
    return {
        "case_no": spelling.plain(flat.get("case_no"), language),
        "subtitle": spelling.plain(flat.get("subtitle"), language),
        "occurred_at": spelling.figure(flat.get("occurred_at"), language),
        "recorded_by": spelling.plain(flat.get("recorded_by"), language),
        "sign_state": spelling.plain(flat.get("sign_state"), language)
        or FRAME["awaited"].spoken(language),
        "notes": spelling.lines(flat.get("notes") or [], language),
        **({"attachments": flat["attachments"]} if flat.get("attachments") else {}),
    }


def texts(record: Any) -> Iterator[str]:
    """Every text in a record."""
    if isinstance(record, str):
        yield record
    elif isinstance(record, dict):
        for value in record.values():
            yield from texts(value)
    elif isinstance(record, list):
        for value in record:
            yield from texts(value)


def refuse_unprintable(record: Any) -> None:
    """DomainError for a text that is too long or has a character that no paper font has (PDF-03)."""
    for text in texts(record):
        if len(text) > spelling.LONGEST:
            raise DomainError(
                _("A text on a paper has at most %(most)s characters; one has %(length)s."),
                most=spelling.LONGEST,
                length=len(text),
            )
        for character in unprintable(text):
            raise DomainError(
                _(
                    "No paper font has the character “%(character)s” (U+%(code)s). "
                    "Please write it in another way, for instance with its common form."
                ),
                character=character,
                code=f"{ord(character):04X}",
            )
