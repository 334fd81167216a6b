"""Trying rules before they go live: what they would find over the term so far, beside what those in force find. Writes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import combinations
from typing import Any

from casework.deadlines.days import days_for
from casework.detection.grounds import grounds
from casework.detection.registry import RULES
from casework.detection.scan import Hit, hits_of, standing_hits
from casework.org.models import Unit, UnitKind

Found = dict[str, set[int]]  # the pupils by rule


@dataclass
class Trial:
    """By rule how many pupils are found now and would be; who would be added or dropped (ids); which two rules find the same pupils."""

    day: date
    now: Found = field(default_factory=dict)
    then: Found = field(default_factory=dict)

    @property
    def added(self) -> set[int]:
        return _all(self.then) - _all(self.now)

    @property
    def dropped(self) -> set[int]:
        return _all(self.now) - _all(self.then)

    def rows(self) -> list[tuple[str, int, int]]:
        """Each rule that finds anybody: its code, pupils now, pupils then."""
        codes = [code for code in RULES if self.now.get(code) or self.then.get(code)]
        return [(c, len(self.now.get(c, ())), len(self.then.get(c, ()))) for c in codes]

    def overlaps(self) -> list[tuple[str, str, int]]:
        """Pairs of rules that would find the same pupils, and how many."""
        pairs = combinations([code for code in RULES if self.then.get(code)], 2)
        shared = [(one, two, len(self.then[one] & self.then[two])) for one, two in pairs]
        return [each for each in shared if each[2]]


def _all(found: Found) -> set[int]:
    return set().union(*found.values())


def trial(unit: Unit, tried: dict[str, Any], *, day: date, at: datetime) -> Trial:
    """Run the rules in force and those of `tried` (a section `detection`) over the schools of `unit`, up to `day` or the last term's end before it."""
    schools = list(Unit.objects.filter(kind=UnitKind.SCHOOL, path__startswith=unit.path))
    last = _last_taught(unit, day)
    found = Trial(last)
    found.now = _found(schools, last, at, None)
    found.then = _found(schools, last, at, tried)
    return found


def _last_taught(unit: Unit, day: date) -> date:
    """The day, or between terms the last day of the term before it."""
    table = days_for(unit)
    ended = [span.last for span in table.terms if span.last < day]
    return day if table.term_of(day) or not ended else max(ended)


def _found(schools: Iterable[Unit], day: date, at: datetime, tried: dict[str, Any] | None) -> Found:
    found: Found = {}
    for ground, members in grounds(schools, day, at, tried=tried):
        rolls, _asked, _read = hits_of(ground, members)
        standing = standing_hits(ground, members)
        for hit in (*rolls, *(each for hits in standing.values() for each in hits)):
            _note(found, hit)
    return found


def _note(found: Found, hit: Hit) -> None:
    found.setdefault(hit.rule, set()).add(hit.pupil_id)
