"""The schools in groups that share terms, local days and rules: what is theirs is worked out once a group."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from casework.deadlines.days import days_for, school_days, term_of
from casework.deadlines.models import LocalDay, Term
from casework.detection.standing import Ground
from casework.org.models import Unit
from casework.profiles.models import Profile
from casework.profiles.rules import rules_for, section


def grounds(
    schools: Iterable[Unit], day: date, at: datetime, *, tried: dict[str, Any] | None = None
) -> Iterator[tuple[Ground, list[int]]]:
    """Each group's ground with its schools; `tried`: rules of detection in place of those in force. No term that day: no group.

    Terms, profile or calendar missing: DomainError with the remedy.
    """
    special = {
        path
        for model in (Term, LocalDay, Profile)
        for path in model._default_manager.values_list("unit__path", flat=True).distinct()
    }
    groups: dict[str, list[Unit]] = defaultdict(list)
    for school in schools:
        groups[next((path for path in school.paths_up() if path in special), "")].append(school)
    for members in groups.values():
        ground = _ground(members[0], day, at, tried)
        if ground is not None:
            yield ground, [school.pk for school in members]


def _ground(school: Unit, day: date, at: datetime, tried: dict[str, Any] | None) -> Ground | None:
    days = days_for(school)
    term = term_of(days, day)
    taught = school_days(days, term.first, day) if term else []
    if not term or not taught:
        return None
    year = [
        each
        for span in days.terms
        if span.first <= day and span.code[:9] == term.code[:9]
        for each in school_days(days, span.first, min(span.last, day))
    ]
    return Ground(
        days,
        day,
        taught,
        sorted(year),
        tried or section(school, "detection", at),
        rules_for(school, at).profile_of["detection"],
        section(school, "intake", at),
        at,
    )
