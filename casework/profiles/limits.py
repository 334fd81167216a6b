"""What a time limit of a profile must not say: a stop that never comes, a pause that does not concern it, a target beyond its end."""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.core.errors import DomainError

STOPS = {"steps": {"finished"}, "case": {"returned", "closed"}}
STARTS = {"steps": {"opened", "begun", "returned", "wakes"}, "case": {"opened"}}
LATEST_HOUR = 17
NOON, DAY = 12, 24
LONGEST_KEPT = 200
MEASURES = ("share", "unclaimed_days", "working_days")  # a rung of the ladder names one of them
FARTHEST = 99  # working days after which a rung may come
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


def refuse_roll_times(rules: dict[str, Any]) -> None:
    """DomainError for a roll of the morning due after noon, one of the afternoon before it, or a time that no clock shows."""
    said = rules.get("attendance")
    if said is None:
        return
    times = [(said[f"{part}_hour"], said[f"{part}_minute"]) for part in ("morning", "afternoon")]
    if not (
        times[0][0] < NOON <= times[1][0] < DAY and max(minute for _hour, minute in times) < 60
    ):
        raise DomainError(
            _("The roll of the morning is due before 12:00, that of the afternoon from then on.")
        )


def refuse_detection(rules: dict[str, Any]) -> None:
    """DomainError for a rule of detection in use that would find everybody, or nobody ever."""
    for code, said in rules.get("detection", {}).items():
        days, most = said["days"], said.get("within", said["days"])
        wrong = not 1 <= days <= most or not 1 <= said.get("percent", 1) <= 100
        if said["on"] and (wrong or said.get("unexcused") == []):
            raise DomainError(
                _(
                    "The rule “%(path)s” cannot be used so: at least one day, no more than lie within its span, 1 to 100 percent, and a mark that counts."
                ),
                path=f"detection.{code}",
            )


def refuse_retention(rules: dict[str, Any]) -> None:
    """DomainError for papers kept longer than any archive counts: 0 is for ever."""
    for kind, years in rules.get("retention", {}).items():
        if isinstance(years, int) and years > LONGEST_KEPT:
            raise DomainError(
                _("Papers %(kind)s are kept at most %(most)s years; 0 is for ever."),
                kind=kind,
                most=LONGEST_KEPT,
            )


def refuse_rungs(rules: dict[str, Any]) -> None:
    """DomainError for a ladder without a rung, or with one that tells nobody, is there twice, or lies where it never comes."""
    rungs = rules.get("ladder", [])
    if "ladder" in rules and not rungs:
        raise DomainError(_("The ladder has no rung left: nobody would be reminded."))
    for place, rung in enumerate(rungs, 1):
        if wrong := _wrong_with(rung, rungs):
            raise DomainError(wrong, place=place, code=rung["code"], most=FARTHEST)


def _wrong_with(rung: dict[str, Any], rungs: list[dict[str, Any]]) -> object:
    """What is wrong with a rung among others; nothing where it can stand."""
    if not CODE.fullmatch(rung["code"]) or [r["code"] for r in rungs].count(rung["code"]) > 1:
        return _(
            "Rung %(place)s of the ladder is called “%(code)s”. Each has a name of its own: up to 16 small letters, digits and _."
        )
    if [_measured(each) for each in rungs].count(_measured(rung)) > 1:
        return _("Rung %(place)s of the ladder is there twice: change its number.")
    if not rung["tell"]:
        return _("Rung %(place)s of the ladder tells nobody. Say who is told.")
    if not 0 < rung.get("share", 1) < 100:
        return _("Rung %(place)s of the ladder: the percent of the time lie between 1 and 99.")
    if max(_measured(rung).values()) > FARTHEST:
        return _("Rung %(place)s of the ladder lies too far ahead: at most %(most)s days.")
    return None


def _measured(rung: dict[str, Any]) -> dict[str, int]:
    return {name: rung[name] for name in MEASURES if name in rung}


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
