"""What a time limit of a profile must not say: a stop that never comes, a pause that does not concern it, a target beyond its end."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.core.errors import DomainError

STOPS = {"steps": {"finished"}, "case": {"returned", "closed"}}
STARTS = {"steps": {"opened", "begun", "returned", "wakes"}, "case": {"opened"}}
LATEST_HOUR = 17
PAUSES = {"steps": {"hold", "mail"}, "case": {"hold", "branch", "court"}}


def refuse_limits(rules: dict[str, Any]) -> None:
    """DomainError naming the first time limit that cannot be kept or never ends, and what may stand there."""
    for where, section, said in _limits(rules):
        for key, allowed in (("from", STARTS), ("to", STOPS)):
            if said[key] not in allowed[section]:
                raise _unknown(f"{where}.{key}", said[key], allowed[section])
        for pause in said["pauses"]:
            if pause not in PAUSES[section]:
                raise _unknown(f"{where}.pauses", pause, PAUSES[section])
        if said["target"] > said["budget"] or said["urgent"] > said["budget"]:
            raise DomainError(
                _(
                    "“%(where)s”: neither the target nor the limit of urgent cases may lie beyond %(budget)s."
                ),
                where=where,
                budget=said["budget"],
            )


def refuse_hours(rules: dict[str, Any]) -> None:
    """DomainError for a morning message at an hour that no working day has."""
    said = rules.get("notices", {"digest_hour": 8, "digest_minute": 0})
    if not (said["digest_hour"] < LATEST_HOUR and said["digest_minute"] < 60):
        raise DomainError(
            _("The morning message is sent before %(hour)s:00, at a minute from 0 to 59."),
            hour=LATEST_HOUR,
        )


def _limits(rules: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for key, said in rules.get("steps", {}).items():
        yield f"steps.{key}", "steps", said
    if "case" in rules:
        yield "case", "case", rules["case"]


def _unknown(where: str, said: str, allowed: set[str]) -> DomainError:
    return DomainError(
        _("“%(where)s” names “%(said)s”. Write one of: %(allowed)s."),
        where=where,
        said=said,
        allowed=", ".join(sorted(allowed)),
    )
