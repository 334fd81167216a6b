"""The words in which a paper is declared. A declaration is data; `documents.freeze` lays values out by it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from django.utils.translation import get_language

LANGUAGES = ("zh-hans", "en")


@dataclass(frozen=True)
class Words:
    """The same words in both editions of a paper."""

    zh: str
    en: str

    def __str__(self) -> str:
        """In the language of whoever looks."""
        return self.spoken(get_language() or "zh-hans")

    def spoken(self, language: str) -> str:
        """In the edition `language` (`zh-hans` or `en`)."""
        return self.en if language == "en" else self.zh


Options = dict[str, Words]
Kind = Literal["text", "name", "num", "date", "moment", "period", "lines", "long", "choice"]


@dataclass(frozen=True)
class Field:
    """One fact. `key` names it in the values (`pupil.name` = `values["pupil"]["name"]`).

    Kinds: `text`; `name` and `num` do not break; `date` a date, `moment` a datetime, `period` a pair of
    datetimes (each also as text); `lines` a list of texts; `long` free text in a tall row; `choice` one code
    of `options` or a list of them. `span` counts the three columns of a form.
    """

    key: str
    label: Words
    kind: Kind = "text"
    span: int = 1
    required: bool = False
    options: Options = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """One column of a table; `width` in millimetres, 0 takes what is left."""

    key: str
    label: Words
    width: float = 0
    kind: Kind = "text"


@dataclass(frozen=True)
class Table:
    """A list of dicts under `key`, numbered by itself if `numbered`; `required`: at least one row.

    `counted`: what its numbers count, where they are more than places in a list. `room`: rows of an empty form.
    """

    key: str
    columns: tuple[Column, ...]
    required: bool = False
    numbered: bool = True
    counted: Words | None = None
    room: int = 6


Row = tuple[Field, ...]


@dataclass(frozen=True)
class Section:
    """A titled part: rows of a form, then a table."""

    title: Words
    rows: tuple[Row, ...] = ()
    table: Table | None = None


@dataclass(frozen=True)
class Signer:
    """A box to sign in; `key` names it in `values["signatures"]`."""

    key: str
    label: Words
    tall: bool = False


@dataclass(frozen=True)
class Letter:
    """The text of a letter: who is addressed, and paragraphs with the keys of `facts` in braces."""

    to: str
    facts: tuple[Field, ...]
    paragraphs: tuple[Words, ...]


@dataclass(frozen=True)
class Slip:
    """A part of a paper to cut off: what the office keeps, an answer, a certificate.

    `text`: a sentence with keys of the paper in braces. A cell of `rows` shows the value of its key; without a key it is room to
    write in. `seal`: who stamps and dates it, the office that issues the paper or whoever answers.
    """

    title: Words
    text: Words
    rows: tuple[Row, ...] = ()
    seal: Literal["", "ours", "theirs"] = ""


@dataclass(frozen=True)
class Paper:
    """A kind of paper; how long it is kept say the rules (`retention`).

    `mark` stands in its number between the office and the year (domain.md 4.0).
    """

    code: str
    title: Words
    sections: tuple[Section, ...]
    signers: tuple[Signer, ...]
    copies: Words
    version: int = 1
    letter: Letter | None = None
    mark: str = ""
    slips: tuple[Slip, ...] = ()

    def fields(self) -> dict[str, Field | Table]:
        """Every key of the values that this paper asks for, with its declaration."""
        return {each.key: each for each in self._parts()}

    def required(self) -> set[str]:
        """The keys without which the paper is not issued."""
        return {key for key, each in self.fields().items() if each.required}

    def label(self, key: str) -> Words:
        """What the paper calls the value: a field's label, a table's section title."""
        part = self.fields()[key]
        if isinstance(part, Field):
            return part.label
        return next(section.title for section in self.sections if section.table is part)

    def _parts(self) -> Iterator[Field | Table]:
        if self.letter:
            yield Field(self.letter.to, Words("主送", "To"), kind="lines", required=True)
            yield from self.letter.facts
        for section in self.sections:
            for row in section.rows:
                yield from row
            if section.table:
                yield section.table
