"""The profiles that come with the house: the baseline, and what cited local rules change of it (domain.md 2.1)."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import get_language, gettext

from casework.profiles.rules import baseline

FOLDER = Path(__file__).with_name("variants")


@dataclass(frozen=True)
class Shipped:
    """Whole rules with their name and the sources of what differs from the baseline."""

    code: str
    name: str
    sources: tuple[str, ...]
    rules: dict[str, Any]


def shipped() -> dict[str, Shipped]:
    """All of them by their code, the baseline first; names and sources in the active language."""
    english = (get_language() or "").startswith("en")
    found = {"baseline": Shipped("baseline", gettext("baseline rules"), (), baseline())}
    for path in sorted(FOLDER.glob("*.json")):
        said, language = json.loads(path.read_text("utf-8")), "en" if english else "zh"
        sources = tuple(source[language] for source in said["sources"])
        rules = merged(baseline(), said["rules"])
        found[path.stem] = Shipped(path.stem, said["name"][language], sources, rules)
    return found


def merged(rules: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Rules with some values put in place of others, however deep."""
    out = dict(rules)
    for key, value in changes.items():
        inner = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = merged(out[key], value) if inner else value
    return out


def leaves(rules: Any, path: str = "") -> dict[str, Any]:
    """Every value by its path, lists whole; a list of named things by their names."""
    if (
        isinstance(rules, list)
        and rules
        and all(isinstance(r, dict) and "code" in r for r in rules)
    ):
        return {f"{path} › {rung['code']}": rung for rung in rules}
    if not isinstance(rules, dict):
        return {path: rules}
    found: dict[str, Any] = {}
    for key, value in rules.items():
        found |= leaves(value, f"{path} › {key}" if path else key)
    return found


def difference(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """What differs: path, old value, new value (None where there was or is none), in the order of the new rules."""
    before, after = leaves(old), leaves(new)
    paths = [*after, *(path for path in before if path not in after)]
    pairs = ((path, before.get(path), after.get(path)) for path in paths)
    return [(path, was, is_now) for path, was, is_now in pairs if was != is_now]
