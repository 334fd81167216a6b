"""A unit below may be stricter than the one above, never laxer, in the values that the upper one names (domain.md A6)."""

from collections.abc import Callable
from operator import ge, le
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.core.errors import DomainError

DIRECTIONS: dict[str, Callable[[Any, Any], bool]] = {"at_least": ge, "at_most": le}


def value_at(rules: dict[str, Any], path: str) -> Any:
    """The value of `section.key.key`, None where there is none."""
    found: Any = rules
    for key in path.split("."):
        if not isinstance(found, dict) or key not in found:
            return None
        found = found[key]
    return found


def refuse_laxer(rules: dict[str, Any], above: dict[str, Any]) -> None:
    """DomainError naming the first value that is laxer than what stands above, or a direction that nobody knows."""
    for path, direction in rules.get("stricter", {}).items():
        own = path.split(".")[0] in rules
        if direction not in DIRECTIONS or (own and not isinstance(value_at(rules, path), int)):
            raise DomainError(
                _(
                    "“%(path)s” in the section “stricter” names no number, or is neither at_least nor at_most."
                ),
                path=path,
            )
    for path, direction in above.get("stricter", {}).items():
        mine, theirs = value_at(rules, path), value_at(above, path)
        if None not in (mine, theirs) and not DIRECTIONS[direction](mine, theirs):
            raise DomainError(
                _("“%(path)s” may only be stricter than above: %(theirs)s there, %(mine)s here."),
                path=path,
                theirs=theirs,
                mine=mine,
            )
