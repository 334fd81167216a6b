"""Numbers as pictures: the measures of bars drawn without script, and the five tints of a matrix."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

ROOM = 300


@dataclass(frozen=True)
class Bar:
    """One bar in units of the drawing: how many are open, and the part of it that is overdue."""

    label: str
    open: int
    late: int
    open_width: int
    late_width: int


@dataclass(frozen=True)
class Chart:
    bars: list[Bar]
    room: int


def chart_of(rows: Sequence[tuple[str, int, int]]) -> Chart:
    """Bars for rows of (label, open, overdue) with something open; the longest fills the room."""
    most = max((count for _label, count, _late in rows), default=0)
    bars = [
        Bar(label, count, late, _width(count, most), _width(late, most))
        for label, count, late in rows
        if count
    ]
    return Chart(bars, ROOM)


def _width(count: int, most: int) -> int:
    return max(3, count * ROOM // most) if count else 0


def tint(count: int, most: int) -> str:
    """The class of a number in a matrix: a0 for zero, a1 to a4 by its share of the largest."""
    return f"a{min(4, 1 + (count - 1) * 4 // most)}" if count else "a0"


@dataclass(frozen=True)
class Column:
    """One column of a drawing: where it stands, how high all of it and its overdue part are."""

    label: Any
    open: int
    late: int
    x: int
    height: int
    late_height: int


@dataclass(frozen=True)
class Columns:
    """A drawing of columns, and how wide it is."""

    columns: list[Column]
    wide: int


HIGH, WIDE = 100, 24


def chart_over(rows: Sequence[tuple[Any, int, int]]) -> Columns:
    """Columns for rows of (label, open, overdue), in their order; the highest fills the drawing."""
    most = max((count for _label, count, _late in rows), default=0) or 1
    columns = [
        Column(label, count, late, place * WIDE, count * HIGH // most, late * HIGH // most)
        for place, (label, count, late) in enumerate(rows)
    ]
    return Columns(columns, max(1, len(rows)) * WIDE)
