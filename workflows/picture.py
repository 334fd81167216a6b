"""The picture of the road: its steps in columns, each column headed by the event that leads to it, arrows from the flow itself."""

from typing import Any

from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from casework.cases.kinds import Kind
from workflows.flows import DropoutFlow
from workflows.nodes import CaseStep

WIDE, HIGH, GAP, ACROSS = 240, 52, 40, 48
MARKS = {"now": "● ", "done": "✓ "}
LOOK = (
    "rect{fill:#fff;stroke:#7c8a99;stroke-width:1.5}text{font:15px sans-serif;fill:#1b2530;text-anchor:middle}"
    ".done rect{fill:#e4f4ea;stroke:#2f855a}.now rect{fill:#1b5e9b;stroke:#1b5e9b}.now text{fill:#fff;font-weight:700}"
    "path{fill:none;stroke:#7c8a99;stroke-width:1.5}.event rect{stroke-dasharray:5 4}"
)
END = "end"
COLUMNS: list[tuple[Promise, list[str]]] = [
    (_("a suspicion opened"), [Kind.REGISTER, Kind.VERIFY, Kind.HOME_VISIT, Kind.PERSUASION]),
    (
        _("report sent"),
        [
            Kind.PERSUASION_LED,
            Kind.DRAFT_LETTER,
            Kind.SIGN_LETTER,
            Kind.SERVE_LETTER,
            Kind.ANSWER_LETTER,
        ],
    ),
    (_("side branch agreed to"), [Kind.BRANCH_REVIEW]),
    (
        _("return confirmed"),
        [Kind.FOLLOW_UP, Kind.PROPOSE_CLOSURE, Kind.APPROVE_CLOSURE, END],
    ),
]
Place = tuple[int, int]


def next_shown(node: Any) -> list[Any]:
    """The nodes that people know, behind gateways."""
    found: list[Any] = []
    for each in (edge.dst for edge in node._outgoing() if edge.dst is not None):
        shown = isinstance(each, CaseStep) or each.name == END
        for dst in [each] if shown else next_shown(each):
            if dst not in found:
                found.append(dst)
    return found


def places() -> dict[str, Place]:
    """The corner of each box by the name of its node; a column's event stands above its first box."""
    where = {}
    for column, (_event, names) in enumerate(COLUMNS):
        for row, name in enumerate(names, 1):
            where[str(name)] = (24 + column * (WIDE + ACROSS), 10 + row * (HIGH + GAP))
    return where


def title(name: str) -> str:
    """A node in the user's words."""
    return str(_("closed") if name == END else Kind(name).label)


def picture(*, now: set[str] = frozenset(), done: set[str] = frozenset()) -> str:  # type: ignore[assignment]
    """The SVG: boxes and arrows; `now` and `done` are kinds of steps to mark."""
    where = places()
    nodes = {node.name: node for node in DropoutFlow.instance.nodes() if node.name in where}
    after = {name: [each.name for each in next_shown(node)] for name, node in nodes.items()}
    boxes = [
        _box(title(name) + (" ↻" if name in after[name] else ""), at, _look(name, now, done))
        for name, at in where.items()
    ]
    arrows = [_arrow(where[a], where[b]) for a in where for b in after[a] if _drawn(a, b, where)]
    for event, names in COLUMNS:
        x, y = where[str(names[0])]
        boxes.append(_box(str(event), (x, y - HIGH - GAP), "event"))
        arrows.append(_arrow((x, y - HIGH - GAP), (x, y)))
    return _svg(arrows, boxes, where)


def _svg(arrows: list[str], boxes: list[str], where: dict[str, Place]) -> str:
    width = max(x for x, _y in where.values()) + WIDE + 24
    height = max(y for _x, y in where.values()) + HIGH + 10
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    tip = '<defs><marker id="tip" markerWidth="9" markerHeight="9" refX="8" refY="4" orient="auto"><path d="M0 0L8 4L0 8"/></marker></defs>'
    return f"{head}<style>{LOOK}</style>{tip}{''.join(arrows)}{''.join(boxes)}</svg>"


def _drawn(a: str, b: str, where: dict[str, Place]) -> bool:
    """Ways within a column, and to the next one; those that go far back stand in docs/roads.md."""
    return a != b and 0 <= where[b][0] - where[a][0] <= WIDE + ACROSS


def _look(name: str, now: set[str], done: set[str]) -> str:
    return "now" if name in now else "done" if name in done else "event" if name == END else ""


def _box(words: str, at: Place, look: str) -> str:
    x, y = at
    return (
        f'<g class="{look}"><rect x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" rx="8"/>'
        f'<text x="{x + WIDE / 2}" y="{y + HIGH / 2 + 5}">{escape(MARKS.get(look, "") + words)}</text></g>'
    )


def _arrow(a: Place, b: Place) -> str:
    """Straight down to the next row; past a row along the right side; backwards along the left; across to the next column."""
    (ax, ay), (bx, by) = a, b
    middle = ay + HIGH / 2
    if bx > ax:
        path = f"M{ax + WIDE} {middle}h{ACROSS / 2}V{by + HIGH / 2}H{bx - 2}"
    elif by == ay + HIGH + GAP:
        path = f"M{ax + WIDE / 2} {ay + HIGH}V{by - 2}"
    elif by > ay:
        path = f"M{ax + WIDE} {middle}h14V{by + HIGH / 2}H{bx + WIDE + 2}"
    else:
        path = f"M{ax} {middle}h-14V{by + HIGH / 2}H{bx - 2}"
    return f'<path d="{path}" marker-end="url(#tip)"/>'
