"""A unit below may be stricter than the one above, never laxer, in the values that the upper one names (domain.md A6)."""

from collections.abc import Callable
from operator import ge, le
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.core.errors import DomainError

NUMBERS = frozenset({"budget", "urgent", "target"})  # of a time limit
DIRECTIONS: dict[str, Callable[[Any, Any], bool]] = {"at_least": ge, "at_most": le}


def value_at(rules: dict[str, Any], path: str) -> Any:
    """The value of `section.key.key`, None where there is none."""
    found: Any = rules
    for key in path.split("."):
        if not isinstance(found, dict) or key not in found:
            return None
        found = found[key]
    return found


def kept_strict(rules: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Rules as they hold below others: what those bind stays bound, and a value that became laxer than theirs gives way to theirs."""
    bound = above.get("stricter", {})
    held = dict(rules)
    for path in bound:
        if _runs_otherwise(rules, above, path):
            limit = path.rpartition(".")[0]
            held = _with(held, limit.split("."), value_at(above, limit))
        elif _is_laxer(rules, above, path):
            held = _with(held, path.split("."), value_at(above, path))
    return {**held, "stricter": {**rules.get("stricter", {}), **bound}} if bound else held


def _with(rules: dict[str, Any], keys: list[str], value: Any) -> dict[str, Any]:
    """A copy with one value changed."""
    first, *rest = keys
    return {**rules, first: _with(rules[first], rest, value) if rest else value}


def _is_laxer(rules: dict[str, Any], above: dict[str, Any], path: str) -> bool:
    """Whether the value of a path that `above` binds is laxer here than there."""
    mine, theirs = value_at(rules, path), value_at(above, path)
    direction = DIRECTIONS.get(above["stricter"][path])
    numbers = isinstance(mine, int) and isinstance(theirs, int)
    return bool(numbers and direction and not direction(mine, theirs))


def _runs_otherwise(rules: dict[str, Any], above: dict[str, Any], path: str) -> bool:
    """Whether the number of a time limit is bound, and the limit is counted in another unit, from another event, or pauses or rolls over where the one above does not: fewer days may be more time so."""
    limit, _dot, number = path.rpartition(".")
    mine, theirs = value_at(rules, limit), value_at(above, limit)
    if number not in NUMBERS or not isinstance(mine, dict) or not isinstance(theirs, dict):
        return False
    same = all(mine.get(key) == theirs.get(key) for key in ("unit", "from", "to"))
    pauses = set(mine.get("pauses", ())) <= set(theirs.get("pauses", ()))
    return not (same and pauses and mine.get("roll_forward", 0) <= theirs.get("roll_forward", 0))


def refuse_laxer(rules: dict[str, Any], above: dict[str, Any]) -> None:
    """DomainError naming the first value that is laxer than what stands above, or a direction that nobody knows."""
    stricter = rules.get("stricter", {})
    if not isinstance(stricter, dict):
        raise DomainError(_("The section “stricter” names values, each with at_least or at_most."))
    for path, direction in stricter.items():
        own = path.split(".")[0] in rules
        known = isinstance(direction, str) and direction in DIRECTIONS
        if not known or (own and not isinstance(value_at(rules, path), int)):
            raise DomainError(
                _(
                    "“%(path)s” in the section “stricter” names no number, or is neither at_least nor at_most."
                ),
                path=path,
            )
    for path in above.get("stricter", {}):
        if _runs_otherwise(rules, above, path):
            raise DomainError(
                _(
                    "“%(path)s” is bound from above: the limit keeps its unit, its start and its end, and pauses for nothing more."
                ),
                path=path,
            )
        if _is_laxer(rules, above, path):
            raise DomainError(
                _("“%(path)s” may only be stricter than above: %(theirs)s there, %(mine)s here."),
                path=path,
                theirs=value_at(above, path),
                mine=value_at(rules, path),
            )
