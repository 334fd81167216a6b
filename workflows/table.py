"""The table of roads for docs/roads.md: every way out of every kind of step, made from the code and the shipped profile."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from casework.cases.kinds import KINDS, Kind, Stage, StepKind
from casework.cases.letters import LETTERS
from casework.cases.side_roads import SIDE_ROADS
from casework.cases.ways import WAYS, Way
from casework.profiles.rules import baseline

HEAD = """# Every road a case can take

Made by `manage.py list_roads docs/roads.md` from `casework/cases/ways.py`, `letters.py`, `side_roads.py` and the shipped
profile `casework/profiles/baseline.json`; a test walks each row in both directions. A way leads to the next main step; one
of a side step turns the main road. Numbers of guards and days are data of the policy profile.
"""
UNITS = {"school_days": "school days", "working_days": "working days", "calendar_days": "days"}
FROM = {
    "opened": "the opening", "begun": "its beginning", "returned": "the return", "wakes": "the day it wakes",
}  # fmt: skip


def page() -> str:
    """The whole page, in the active language."""
    parts = [HEAD, "## Ways", *_ways(), "", "## Steps", *_steps(), "", "## Letters", *_letters()]
    return "\n".join([*parts, "", "## Side roads", *_side_roads(), ""])


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) or "—" for cell in cells) + " |"


def _head(*names: str) -> Iterator[str]:
    yield ""
    yield _row(*names)
    yield "|" + "---|" * len(names)


def _ways() -> Iterator[str]:
    yield from _head(
        "step", "answer", "if", "guards", "leads to", "stage after", "begins beside it"
    )
    for alike in _grouped():
        way = alike[0]
        yield _row(
            f"`{way.kind}`",
            ", ".join(f"`{each.outcome}`" for each in alike),
            way.when.words if way.when else "",
            "; ".join(str(guard.words) for guard in way.guards),
            _leads(way),
            _stage(way),
            ", ".join(f"`{kind}`" for kind in way.opens),
        )


def _grouped() -> list[list[Way]]:
    """Ways of a step that differ in nothing but the answer, in one row."""
    rows: dict[Way, list[Way]] = {}
    for way in WAYS:
        rows.setdefault(replace(way, outcome="", answer=""), []).append(way)
    return list(rows.values())


def _leads(way: Way) -> str:
    if way.ends:
        return "**end**"
    return f"`{way.leads}`" if way.leads else ""


def _stage(way: Way) -> str:
    if way.to is None:
        return ""
    return str(way.to.label) if isinstance(way.to, Stage) else "that of the next letter"


def _steps() -> Iterator[str]:
    yield from _head("step", "in words", "track", "who, at which unit", "time", "paper")
    for spec in KINDS.values():
        who = f"{spec.role.label}, {spec.level.label}"
        yield _row(f"`{spec.kind}`", spec.title, spec.track.label, who, _time(spec), _papers(spec))


def _time(spec: StepKind) -> str:
    """The limits of a kind in the shipped profile, those of a letter or road behind its code."""
    limits = baseline()["steps"]
    named = {key: rule for key, rule in limits.items() if key.split(":")[0] == spec.kind}
    if spec.kind == Kind.FOLLOW_UP:
        named = {key: rule for key, rule in limits.items() if key.startswith("follow_up_")}
    return "; ".join(_limit(key, rule) for key, rule in named.items())


def _limit(key: str, rule: dict[str, Any]) -> str:
    code = key.partition(":")[2]
    words = f"{rule['budget']} {UNITS[rule['unit']]} from {FROM[rule['from']]}"
    return f"{code}: {words}" if code else words


def _papers(spec: StepKind) -> str:
    if spec.kind == Kind.SIGN_LETTER:
        return "that of the letter"
    if spec.kind == Kind.DECIDE_REQUEST:
        return "that of the side road"
    return ", ".join(filter(None, (*spec.papers, spec.extract)))


def _letters() -> Iterator[str]:
    said = baseline()["letters"]
    yield from _head("letter", "in words", "paper", "stage", "drafted by", "time it gives", "on")
    for letter in LETTERS.values():
        rule = said[letter.code]
        yield _row(
            f"`{letter.code}`",
            letter.title,
            letter.paper,
            letter.stage.label,
            " or ".join(str(role.label) for role in letter.drafters),
            f"{rule['budget']} {UNITS[rule['unit']]} from the service",
            "yes" if letter.code in said["ladder"] else "off: no legal basis shipped",
        )


def _side_roads() -> Iterator[str]:
    said = baseline()["side_roads"]
    yield from _head(
        "road", "in words", "proof", "decided by", "paper", "what it does", "longest", "looked at", "may close"
    )  # fmt: skip
    for road in SIDE_ROADS.values():
        limits = said.get(road.code, {})
        yield _row(
            f"`{road.code}`", road.title, road.proof, road.decider.label, road.paper, road.effect.value,
            _days(limits.get("longest_days")), _days(limits.get("review_days")),
            "yes" if road.closes and road.effect in ("park", "final") else "no",
        )  # fmt: skip


def _days(number: int | None) -> str:
    return f"{number} days" if number else ""
