"""What a time limit of a profile must not say: a stop that never comes, a pause that does not concern it, a target beyond its end."""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.core.errors import DomainError

STOPS = {"steps": {"finished"}, "case": {"returned", "closed"}}
STARTS = {"steps": {"opened", "begun", "returned", "wakes"}, "case": {"opened"}}
LATEST_HOUR = 17
MEASURES = ("share", "unclaimed_days", "working_days")  # a rung of the ladder names one of them
CODE = re.compile("[a-z0-9_]{1,16}")
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


def refuse_rungs(rules: dict[str, Any]) -> None:
    """DomainError for a ladder with a rung that tells nobody, that is there twice, or that lies beyond the limit's whole time."""
    rungs = rules.get("ladder", [])
    codes = [rung["code"] for rung in rungs]
    for place, rung in enumerate(rungs, 1):
        code = rung["code"]
        if not CODE.fullmatch(code) or codes.count(code) > 1:
            raise DomainError(
                _(
                    "Rung %(place)s of the ladder is called “%(code)s”. Each has a name of its own: up to 16 small letters, digits and _."
                ),
                place=place,
                code=code,
            )
        if not rung["tell"]:
            raise DomainError(
                _("Rung %(place)s of the ladder tells nobody. Say who is told."), place=place
            )
        if not 0 < rung.get("share", 1) < 100:
            raise DomainError(
                _("Rung %(place)s of the ladder: the percent of the time lie between 1 and 99."),
                place=place,
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
