"""What the print templates may do with a record: set text, and say the words of the frame."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from casework.documents import typeset
from casework.documents.papers.words import FRAME

register = template.Library()


@register.filter
def flowing(text: str, language: str) -> SafeString:
    return typeset.flowing(text, language)


@register.filter
def name(text: str) -> SafeString:
    return typeset.name(text)


@register.filter
def number(text: str) -> SafeString:
    return typeset.number(text)


@register.filter
def fours(digest: str) -> list[str]:
    """A hash in groups of four."""
    return [digest[start : start + 4] for start in range(0, len(digest), 4)]


@register.simple_tag(takes_context=True)
def word(context: template.Context, key: str, **facts: Any) -> str:
    """Words of the frame in the record's language."""
    words: str = FRAME[key].spoken(context["record"]["language"])
    return words.format(**facts)


@register.filter
def columns(span: int) -> int:
    """Table columns that a value of `span` form columns takes."""
    return 2 * int(span) - 1


@register.filter
def figures(text: str, language: str) -> SafeString:
    """Text, or a number where it is nothing but figures and their marks."""
    return typeset.number(text) if typeset.FIGURES.fullmatch(text) else flowing(text, language)


@register.filter
def in_rows(boxes: list[Any]) -> list[list[tuple[int, Any]]]:
    """Signature boxes with their places, as they stand on a paper: up to four beside each other, all as tall as the tallest; more in rows of three."""
    wide, tall = len(boxes) if len(boxes) <= 4 else 3, max(box["tall"] for box in boxes)
    placed = list(enumerate(box | {"tall": tall} for box in boxes))
    return [placed[start : start + wide] for start in range(0, len(placed), wide)]


@register.filter
def at(rows: list[Any], place: int) -> Any:
    """The element at a place."""
    return rows[place]
