"""Pages of a list by key, not by offset: the hundredth page costs what the first costs."""

import base64
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

PAGE = 25


@dataclass(frozen=True)
class Page:
    """Rows of one page and the tokens (opaque text for the address) of its neighbours, if any."""

    rows: Sequence[Any]
    after: str
    first: bool


def _encode(values: Sequence[Any]) -> str:
    text = json.dumps([v.isoformat() if hasattr(v, "isoformat") else v for v in values])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(token: str) -> list[Any] | None:
    try:
        values = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, list) or any(
        "\x00" in each for each in values if isinstance(each, str)
    ):
        return None
    return values


def _beyond(keys: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows strictly after `values` in the order of `keys` ('-name' descends)."""
    condition, equal = Q(), Q()
    for key, value in zip(keys, values, strict=True):
        name, less = key.lstrip("-"), key.startswith("-")
        condition |= equal & Q(**{f"{name}__{'lt' if less else 'gt'}": value})
        equal &= Q(**{name: value})
    return condition


def page(
    rows: models.QuerySet[Any], keys: Sequence[str], token: str = "", size: int = PAGE
) -> Page:
    """One page of `rows` in the order of `keys` (the last one unique, none nullable), after `token`; a bad token means the first page."""
    ordered = rows.order_by(*keys)
    values = _decode(token) if token else None
    found = _rows_after(ordered, keys, values, size) if values is not None else None
    if found is None:
        values, found = None, list(ordered[: size + 1])
    more = len(found) > size
    found = found[:size]
    after = _encode([_value(found[-1], key.lstrip("-")) for key in keys]) if more else ""
    return Page(found, after, first=values is None)


def _rows_after(
    ordered: models.QuerySet[Any], keys: Sequence[str], values: list[Any], size: int
) -> list[Any] | None:
    """The rows after `values`; None for a token that no page of this list gave (values of another kind, days beyond all calendars)."""
    if len(values) != len(keys):
        return None
    with suppress(ValueError, TypeError, OverflowError, ValidationError):
        return list(ordered.filter(_beyond(keys, values))[: size + 1])
    return None


def _value(row: Any, name: str) -> Any:
    for part in name.split("__"):
        row = getattr(row, part)
    return row


def number_in(text: str) -> int:
    """A row's number as an address or form gives it; 0, which no row has, for anything else."""
    return int(text) if text.isdecimal() and len(text) < 18 else 0
