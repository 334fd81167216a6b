"""The rules in force for a unit on a day: the newest profile of the nearest unit that has one, section by section."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db.models import Count, Max, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core import clock
from casework.core.errors import DomainError
from casework.core.rows import fixed
from casework.core.transaction import one_act
from casework.org.departments import DEPARTMENTS
from casework.org.models import Unit
from casework.profiles.limits import (
    PAUSES,
    STARTS,
    STOPS,
    refuse_detection,
    refuse_hours,
    refuse_limits,
    refuse_retention,
    refuse_roll_times,
    refuse_rungs,
)
from casework.profiles.models import Profile
from casework.profiles.shelf import refuse_shelf
from casework.profiles.strictness import kept_strict, refuse_laxer

BASELINE = Path(__file__).with_name("baseline.json")
MOST = 10_000  # of any number in a profile
SECTIONS = frozenset(
    {
        "term",
        "attendance",
        "procedures",
        "status",
        "detection",
        "steps",
        "case",
        "clock",
        "guards",
        "letters",
        "side_roads",
        "ladder",
        "load",
        "cause",
        "stricter",
        "intake",
        "goals",
        "notices",
        "papers",
        "exports",
        "retention",
        "shelf",
    }
)


REASONS = (
    "LEARN", "WORK", "FOLLOW", "MARRY", "POOR", "FAR", "ILL", "DISABLED", "MENTAL", "FAMILY", "NET", "BULLY", "SCHOOL",
    "UNKNOWN", "OTHER",
)  # fmt: skip

# what a value of that key may say
WORDS = {
    "unit": {"school_days", "working_days", "calendar_days", "working_hours"},
    "from": set().union(*STARTS.values()),
    "to": set().union(*STOPS.values()),
    "pauses": set().union(*PAUSES.values()),
    "ladder": {"return_notice", "order", "penalty_notice", "penalty", "demand", "court"},
    "issuer": {"school", "household"},
    "tell": {"owner", "supervisor", "upper"},
    "language": {"zh-hans", "en"},
    "urgent": set(REASONS),
    **{
        key: {"", *dict(DEPARTMENTS)} for key in REASONS
    },  # the group that is responsible for a cause
    "at_once": {
        "harm_now",
        "harm",
        "harm_late",
        "harm_above",
        "glass",
        "nudge",
        "yours",
        "time_asked",
        "idle",
    },
    "unexcused": {"absent", "half", "sick", "leave", "late"},
}


ORDERED = {  # lists whose order says something
    "ladder": ("return_notice", "order", "penalty_notice", "penalty", "demand", "court"),
}


@dataclass(frozen=True)
class Rules:
    """The sections in force, and by section the profile version that it comes from: what a step remembers."""

    profile_of: dict[str, int]
    sections: dict[str, Any]


def baseline() -> dict[str, Any]:
    """The rules of domain.md section 2.2, as shipped."""
    rules: dict[str, Any] = json.loads(BASELINE.read_text("utf-8"))
    return rules


def publish(
    unit: Unit, rules: dict[str, Any], *, name: str, valid_from: date, by: Any, at: datetime
) -> Profile:
    """Add the next version of a unit's rules.

    An unknown section or key, a key missing in a section, or a value of another kind than the shipped one: DomainError.
    """
    check(unit, rules, at)
    with one_act():
        last = Profile.objects.filter(unit=unit).order_by("-version").first()
        profile = Profile(
            unit=unit,
            version=(last.version if last else 0) + 1,
            valid_from=valid_from,
            name=name,
            rules=rules,
            created_at=at,
            created_by=by.display_name if by else trail.SYSTEM,
        )
        profile.save()
        trail.record(
            "profile.published", by=by, at=at, unit_id=unit.pk, version=profile.version, name=name
        )
    return profile


def check(unit: Unit, rules: dict[str, Any], at: datetime) -> None:
    """DomainError for rules that could not be published for `unit`: built otherwise than the shipped ones, or laxer than above."""
    if not rules:
        raise DomainError(_("These rules are empty."))
    model = baseline()
    built = {name: said for name, said in rules.items() if name != "stricter"}
    _check("", built, {name: model.get(name) for name in set(built) & SECTIONS})
    _check_letters(rules.get("letters", {}))
    refuse_limits(rules)
    refuse_hours(rules)
    refuse_roll_times(rules)
    refuse_detection(rules)
    refuse_rungs(rules)
    refuse_retention(rules)
    refuse_shelf(rules)
    refuse_laxer(rules, above(unit, at))


def above(unit: Unit, at: datetime) -> dict[str, Any]:
    """The sections in force for the unit above; empty at the root, or where nothing is published yet."""
    paths = tuple(unit.paths_up()[1:])
    found = _in_force(paths, clock.local_date(at), newest_profiles()) if paths else None
    return found.sections if found else {}


def _check(where: str, found: Any, model: Any) -> None:
    """`found` is built as `model`, the shipped rules: the same keys, values of the same kind, known words, no number below 0."""
    key = where.rpartition(".")[2]
    if type(found) is not type(model) or (isinstance(found, int) and not 0 <= found <= MOST):
        raise _unusable(where, found)
    if isinstance(model, dict):
        _check_keys(where, found, model)
    elif isinstance(model, list):
        for each in found:
            _check(where, each, _model_for(each, model))
    elif isinstance(found, str) and found not in WORDS.get(key, {found}):
        raise _unusable(where, found)


def _check_keys(where: str, found: dict[str, Any], model: dict[str, Any]) -> None:
    wrong = set(found) ^ set(model)
    if wrong:
        raise DomainError(
            _("The profile has an unknown or a missing key in “%(where)s”: %(names)s"),
            where=where or "profile",
            names=", ".join(sorted(wrong)),
        )
    for key, value in model.items():
        _check(f"{where}.{key}" if where else key, found[key], value)


def _model_for(item: Any, shipped: list[Any]) -> Any:
    """The shipped item of a list that has the same keys; else the first one, whose keys are then asked for."""
    alike = (each for each in shipped if isinstance(item, dict) and set(item) == set(each))
    return next(alike, shipped[0])


def _unusable(where: str, said: Any) -> DomainError:
    return DomainError(
        _("The profile has a value in “%(where)s” that cannot be used: %(said)s"),
        where=where or "profile",
        said=said,
    )


def _check_letters(letters: dict[str, Any]) -> None:
    """Each rung once, and none without the law that it stands on: a penalty needs a local one (domain.md 2.2, 8)."""
    ladder = letters.get("ladder", [])
    if len(ladder) > len(set(ladder)):
        raise _unusable("letters.ladder", ladder)
    for code in ladder:
        if not letters[code]["legal_basis"].strip():
            raise DomainError(
                _("The letter “%(letter)s” stands in the ladder and names no legal basis."),
                letter=code,
            )


Newest = tuple[tuple[Any, ...], ...]


def newest_profiles() -> Newest:
    """What tells whether profiles were added: for one who asks `rules_for` again and again at one moment. One query."""
    return tuple(fixed(_newest))


def rules_for(unit: Unit, at: datetime, *, newest: Newest | None = None) -> Rules:
    """The rules in force for `unit` at `at`: each section from the nearest unit whose profile names it (design.md §2).

    Without any profile above it: DomainError naming the remedy.
    """
    newest = newest_profiles() if newest is None else newest
    rules = _in_force(_named(unit.paths_up(), newest), clock.local_date(at), newest)
    if rules is None:
        raise DomainError(
            _("No policy profile is in force for %(unit)s. Publish one for the county first."),
            unit=unit.name,
        )
    return rules


def _newest() -> QuerySet[Any, Any]:
    """Profiles are only ever added: the same newest one and the same number of them mean the same rows."""
    return Profile.objects.order_by().values(x=Value(1)).values_list(Max("pk"), Count("pk"))


@lru_cache(maxsize=1)
def _published(_newest: Newest) -> list[tuple[str, date, int, dict[str, Any]]]:
    """Path of the unit, first day, key and rules of every profile, the highest unit and the oldest version first: they are few."""
    rows = Profile.objects.order_by("unit__depth", "version")
    return list(rows.values_list("unit__path", "valid_from", "pk", "rules"))


@lru_cache(maxsize=1024)
def _in_force(paths: tuple[str, ...], day: date, newest: tuple[Any, ...]) -> Rules | None:
    """The sections of the profiles along `paths`, of each unit the last version that is valid on `day`, nearest last."""
    last = _last(paths, day, newest)
    return _joined(last) if last else None


def _named(paths: Iterable[str], newest: Newest) -> tuple[str, ...]:
    """Those that have a profile of their own: the schools of a county share what was found for these."""
    own = _own_rules(newest)
    return tuple(path for path in paths if path in own)


@lru_cache(maxsize=1)
def _own_rules(newest: Newest) -> frozenset[str]:
    return frozenset(path for path, *_others in _published(newest))


def _last(paths: Iterable[str], day: date, newest: Newest) -> dict[str, tuple[int, dict[str, Any]]]:
    """The key and the rules of the version in force of each unit that has one, by its path, the highest unit first."""
    return {
        path: (pk, rules)
        for path, since, pk, rules in _published(newest)
        if path in paths and since <= day
    }


def _joined(last: dict[str, tuple[int, dict[str, Any]]]) -> Rules:
    found = Rules({}, {})
    for pk, rules in last.values():
        found.sections.update(kept_strict(rules, found.sections))
        found.profile_of.update(dict.fromkeys(rules, pk))
    return found


def rules_if(school: Unit, unit: Unit, rules: dict[str, Any], at: datetime) -> Rules:
    """The rules that would be in force for `school` if `unit`, at or above it, had `rules`. What comes from them has no row: 0."""
    last = _last(school.paths_up(), clock.local_date(at), newest_profiles())
    last[unit.path] = (0, rules)
    return _joined(dict(sorted(last.items())))


def forget() -> None:
    """Drop what was read (tests begin with another database)."""
    _published.cache_clear()
    _own_rules.cache_clear()
    _in_force.cache_clear()


def section(unit: Unit, name: str, at: datetime) -> Any:
    """One section of the rules in force for `unit` at `at`. A missing section: DomainError (the page says 409)."""
    return section_of(rules_for(unit, at), name, unit)


def section_of(rules: Rules, name: str, unit: Unit) -> Any:
    """One section of rules already found for `unit`."""
    found = rules.sections.get(name)
    if found is None:
        raise DomainError(
            _("The policy profile of %(unit)s has no section “%(name)s”."),
            unit=unit.name,
            name=name,
        )
    return found
