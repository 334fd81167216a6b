"""A signature drawn with a finger: strokes on a grid, checked, kept in the record as numbers, drawn on the paper as lines."""

import json
from itertools import pairwise
from math import dist

from django.utils.translation import gettext_lazy as _

from casework.core.errors import DomainError

WIDTH, HEIGHT = 900, 300
MOST_STROKES, MOST_POINTS, SHORTEST = 60, 1500, 150
Strokes = list[list[list[int]]]


def read(text: str) -> Strokes:
    """The strokes of a JSON text: lists of points [x, y] on the grid; none for an empty text.

    DomainError for anything else, for more than a hand draws, or for less than a signature.
    """
    if not text.strip():
        return []
    try:
        strokes = json.loads(text)
    except (ValueError, RecursionError):
        strokes = None
    if not _is_drawing(strokes):
        raise DomainError(_("This signature cannot be read. Sign again."))
    if sum(map(len, strokes)) > MOST_POINTS or len(strokes) > MOST_STROKES:
        raise DomainError(_("This signature is too long. Sign again."))
    if _length(strokes) < SHORTEST:
        raise DomainError(_("This is too short for a signature. Sign again."))
    found: Strokes = strokes
    return found


def _is_drawing(strokes: object) -> bool:
    return isinstance(strokes, list) and all(
        isinstance(stroke, list) and stroke and all(map(_is_point, stroke)) for stroke in strokes
    )


def _is_point(point: object) -> bool:
    return (
        isinstance(point, list)
        and len(point) == 2
        and all(type(each) is int for each in point)
        and 0 <= point[0] <= WIDTH
        and 0 <= point[1] <= HEIGHT
    )


def _length(strokes: Strokes) -> float:
    return sum(dist(a, b) for stroke in strokes for a, b in pairwise(stroke))


def drawn(strokes: Strokes) -> str:
    """The strokes as SVG."""
    paths = " ".join(
        "M" + "L".join(f"{x} {y}" for x, y in (stroke if len(stroke) > 1 else stroke * 2))
        for stroke in strokes
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f'<path d="{paths}" fill="none" stroke="#111" stroke-width="8" stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )
