"""The picture of the road, drawn from the flow itself: its steps in order of distance from the start."""

from typing import Any

from django.utils.html import escape
from django.utils.translation import gettext as _

from workflows.flows import DropoutFlow
from workflows.nodes import CaseStep

WIDE, HIGH, GAP, ACROSS = 240, 52, 40, 48
MARKS = {"now": "● ", "done": "✓ "}
LOOK = (
    "rect{fill:#fff;stroke:#7c8a99;stroke-width:1.5}text{font:15px sans-serif;fill:#1b2530;text-anchor:middle}"
    ".done rect{fill:#e4f4ea;stroke:#2f855a}.now rect{fill:#1b5e9b;stroke:#1b5e9b}.now text{fill:#fff;font-weight:700}"
    "path{fill:none;stroke:#7c8a99;stroke-width:1.5}.event rect{stroke-dasharray:5 4}"
)


def _successors(node: Any) -> list[Any]:
    return [edge.dst for edge in node._outgoing() if edge.dst is not None]


def _shown(node: Any) -> bool:
    return isinstance(node, CaseStep) or type(node).__name__ in ("Handle", "TerminateEnd")


def next_shown(node: Any) -> list[Any]:
    """The nodes that people know, behind gateways."""
    found: list[Any] = []
    for each in _successors(node):
        for dst in [each] if _shown(each) else next_shown(each):
            if dst not in found:
                found.append(dst)
    return found


def places() -> dict[Any, tuple[int, int]]:
    """Column by lane, row by the order in which the flow names its nodes."""
    named = list(vars(DropoutFlow))
    where = {}
    for lane, first in enumerate(next_shown(DropoutFlow.start)):
        for row, node in enumerate(sorted(_lane(first), key=lambda each: named.index(each.name))):
            where[node] = (24 + lane * (WIDE + ACROSS), 10 + row * (HIGH + GAP))
    return where


def _lane(first: Any) -> list[Any]:
    nodes = [first]
    for node in nodes:
        nodes += [each for each in next_shown(node) if each not in nodes]
    return nodes


def title(node: Any) -> str:
    """A node in the user's words."""
    if isinstance(node, CaseStep):
        return str(node.task_title)
    return {"report_sent": _("report sent"), "pupil_back": _("return confirmed")}.get(
        node.name, _("closed")
    )


def picture(*, now: set[str] = frozenset(), done: set[str] = frozenset()) -> str:  # type: ignore[assignment]
    """The SVG: boxes and arrows; `now` and `done` are kinds of steps to mark."""
    where = places()
    width = max(x for x, _y in where.values()) + WIDE + 24
    height = max(y for _x, y in where.values()) + HIGH + 10
    arrows = [_arrow(where[a], where[b]) for a in where for b in next_shown(a) if b is not a]
    boxes = [_box(node, at, now, done) for node, at in where.items()]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    tip = '<defs><marker id="tip" markerWidth="9" markerHeight="9" refX="8" refY="4" orient="auto"><path d="M0 0L8 4L0 8"/></marker></defs>'
    return f"{head}<style>{LOOK}</style>{tip}{''.join(arrows)}{''.join(boxes)}</svg>"


def _box(node: Any, at: tuple[int, int], now: set[str], done: set[str]) -> str:
    kind = getattr(node, "kind", "")
    look = "now" if kind in now else "done" if kind in done else "" if kind else "event"
    x, y = at
    words = escape(MARKS.get(look, "") + title(node) + (" ↻" if node in next_shown(node) else ""))
    return (
        f'<g class="{look}"><rect x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" rx="8"/>'
        f'<text x="{x + WIDE / 2}" y="{y + HIGH / 2 + 5}">{words}</text></g>'
    )


def _arrow(a: tuple[int, int], b: tuple[int, int]) -> str:
    """Straight down to the next row; past a row along the right side; backwards along the left."""
    (ax, ay), (bx, by) = a, b
    middle = ay + HIGH / 2
    if by == ay + HIGH + GAP:
        path = f"M{ax + WIDE / 2} {ay + HIGH}V{by - 2}"
    elif by > ay:
        path = f"M{ax + WIDE} {middle}h14V{by + HIGH / 2}H{bx + WIDE + 2}"
    else:
        path = f"M{ax} {middle}h-14V{by + HIGH / 2}H{bx - 2}"
    return f'<path d="{path}" marker-end="url(#tip)"/>'
