"""The ladder of reminders: rungs of the policy fire once for a step and its due moment. Overdue itself is computed and needs no sweep.

A step carries the moment at which the ladder looks at it next (`rung_at`): whatever may bring a rung nearer sets it to
now, and the look itself sets it to the next rung, so a sweep costs by what is due and not by what is open.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from casework.audit import trail
from casework.cases.aside import set_aside
from casework.cases.models import RungFired, Step, StepHolder
from casework.cases.notice_words import RUNG
from casework.cases.recounting import counted_at, pauses_by_step
from casework.cases.superiors import Supervisors
from casework.core.errors import DomainError
from casework.core.rows import insert_values, update_values
from casework.core.transaction import one_act
from casework.deadlines.days import DayTable, basis_and_profiles
from casework.deadlines.engine import due_at, late_from
from casework.deadlines.pauses import Suspension
from casework.deadlines.units import WORKING_DAYS
from casework.notices.models import Notice
from casework.org.models import Unit
from casework.org.people import holders, nearest
from casework.profiles.limits import MEASURES
from casework.profiles.rules import Newest, rules_for, section_of

CHUNK = 500
TOLD = ("user_id", "at", "code", "key", "link", "facts")
Rung = dict[str, Any]


class Row(NamedTuple):
    """What the ladder needs of a step: a whole one costs more to read than all that is done with it here."""

    pk: int
    case_id: int
    shown_kind: str
    role: str
    holder_id: int | None
    generation: int
    begun_at: datetime
    opens_at: datetime
    counted_from: datetime
    due_at: datetime
    due_version: int
    pauses: int
    unit_path: str
    unit_kind: str
    school_path: str


COLUMNS = (*Row._fields[:-3], "unit__path", "unit__kind", "case__school__path")


@dataclass(frozen=True)
class Fired:
    """A rung that fired (or would fire) for a step."""

    step_id: int
    rung: str


class Look(NamedTuple):
    """A step looked at: the rungs that it reached, the highest last, and when to look again."""

    step: Row
    reached: list[Rung]
    next_at: datetime | None


def fire(at: datetime, *, dry_run: bool = False) -> list[Fired]:
    """Fire every rung that is reached and has not fired for the step's present due moment. A dry run writes nothing."""
    fired: list[Fired] = []
    people, due = People(at), sorted(_due(at))
    for first in range(0, len(due), CHUNK):
        keys = due[first : first + CHUNK]
        looks = list(_looks(keys, at)) if dry_run else _chunk(keys, people, at)
        fired += [Fired(look.step.pk, rung["code"]) for look in looks for rung in look.reached]
    return fired


def _due(at: datetime) -> Any:
    """The keys of what is to be looked at; not in their order, for which SQLite would read every step."""
    return Step.objects.open().filter(rung_at__lte=at).values_list("pk", flat=True)


def _chunk(keys: list[int], people: "People", at: datetime) -> list[Look]:
    """The next steps, in one transaction: locked, so that of two sweeps each takes others; killed, nothing of it was done."""
    with one_act():
        still = _due(at).filter(pk__in=keys).order_by("pk").select_for_update(skip_locked=True)
        looks = list(_looks(list(still), at))
        _write(looks, people, at)
    return looks


def _looks(keys: list[int], at: datetime) -> Iterator[Look]:
    """Each step with what it reached; one that cannot be worked out is logged and left for the next sweep."""
    if not keys:
        return
    basis, newest = basis_and_profiles()
    rows = Step.objects.filter(pk__in=keys).order_by("pk")
    steps = [Row(*values) for values in rows.values_list(*COLUMNS)]
    days = basis.of({counted_at(step) for step in steps})
    done, stood = _done(keys), pauses_by_step([step.pk for step in steps if step.pauses])
    schools = {path: Unit(path=path) for path in {step.school_path for step in steps}}
    for step in steps:
        with set_aside("step", step.pk):
            rungs = _rungs_of(step, schools[step.school_path], newest)
            clock = Clock(step, days[counted_at(step)], stood.get(step.pk, []))
            yield _look(clock, rungs, done.get((step.pk, step.due_version), set()), at)


def _done(keys: list[int]) -> dict[tuple[int, int], set[str]]:
    """The rungs that fired already, by step and version of its due moment."""
    found: dict[tuple[int, int], set[str]] = {}
    rows = RungFired.objects.filter(step__in=keys)
    for step, version, rung in rows.values_list("step_id", "due_version", "rung"):
        found.setdefault((step, version), set()).add(rung)
    return found


def _rungs_of(step: Row, school: Unit, newest: Newest) -> list[Rung]:
    rules = rules_for(school, step.begun_at, newest=newest)
    rungs: list[Rung] = section_of(rules, "ladder", school)
    return rungs


def _look(clock: "Clock", rungs: list[Rung], fired: set[str], at: datetime) -> Look:
    waiting = [r for r in rungs if r["code"] not in fired and not clock.passed(r, at)]
    moments = [(clock.reaches(rung), rung) for rung in waiting]
    known = sorted(((moment, rung) for moment, rung in moments if moment), key=itemgetter(0))
    reached = [rung for moment, rung in known if moment <= at]
    next_at = next((moment for moment, _rung in known[len(reached) :]), None)
    return Look(clock.step, reached, next_at)


class Clock(NamedTuple):
    """A step, the days that it is counted by, and the spans in which it stood."""

    step: Row
    days: DayTable
    pauses: list[Suspension]

    def reaches(self, rung: Rung) -> datetime | None:
        """When a rung is reached, if the step stays as it is; None for one that does not concern it.

        A moment beyond the days that are known is not reached yet: it holds up no other rung.
        """
        step = self.step
        try:
            if "unclaimed_days" in rung:
                free = step.holder_id is None
                return self._unclaimed(rung["unclaimed_days"]) if free else None
            if "share" in rung:
                left: timedelta = self._running_time() * (100 - rung["share"]) / 100
                return max(step.opens_at, step.due_at - left)
            if not rung["working_days"]:
                return step.due_at + timedelta.resolution
            return late_from(step.due_at, rung["working_days"], self.days)
        except DomainError:
            return None

    def passed(self, rung: Rung, at: datetime) -> bool:
        """Nobody is told that a step will be due soon when it is overdue."""
        return "share" in rung and at >= self.step.due_at

    def _unclaimed(self, working_days: int) -> datetime:
        """So many working days after it opened, or was given back."""
        since = max(self.step.opens_at, self._given_back() or self.step.opens_at)
        return due_at(since, working_days, WORKING_DAYS, self.days)

    def _given_back(self) -> datetime | None:
        """When it was last; an undone tap begins nothing anew."""
        if not self.step.generation:
            return None
        rows = StepHolder.objects.filter(step=self.step.pk, user=None).exclude(how="undo")
        return rows.order_by("-generation").values_list("since", flat=True).first()

    def _running_time(self) -> timedelta:
        """From the beginning of a limit to its end, without the time in which the clock stood."""
        stood = sum(((until or since) - since for since, until in self.pauses), timedelta())
        return max(timedelta(), self.step.due_at - self.step.counted_from - stood)


def _write(looks: list[Look], people: "People", at: datetime) -> None:
    """All that a chunk fires: rows, notices, audit, and when each step is looked at next (inside one_act)."""
    fired, notices = [], []
    for look in looks:
        step, codes = look.step, [rung["code"] for rung in look.reached]
        fired += [(step.pk, code, step.due_version, at) for code in codes]
        notices += _notices(look, people, at)
        if codes:
            trail.record(
                "rung.fired", by=None, at=at, case_id=step.case_id, subject=f"step:{step.pk}", rungs=codes
            )  # fmt: skip
    insert_values(RungFired, ["step_id", "rung", "due_version", "at"], fired)
    insert_values(Notice, TOLD, notices, once=True)
    update_values(Step, ["rung_at"], [(look.next_at, look.step.pk) for look in looks])


def _notices(look: Look, people: "People", at: datetime) -> list[tuple[Any, ...]]:
    """One notice a person, of the highest rung that names him: after a week without sweeps nobody gets three."""
    rungs = {rung["code"]: rung for rung in look.reached}
    highest = {
        user: code for code, rung in rungs.items() for user in people.told_of(look.step, rung)
    }
    said = {code: (at, *_said(look.step, rungs[code])) for code in set(highest.values())}
    return [(user, *said[code]) for user, code in highest.items()]


def _said(step: Row, rung: Rung) -> tuple[str, str, str, dict[str, Any]]:
    """Of a notice: its code, its key, its link and its facts."""
    code = rung["code"]
    measures = {name: rung[name] for name in MEASURES if name in rung}
    return (
        f"{RUNG}{code}",
        f"rung:{step.pk}:{code}:{step.due_version}",
        f"/steps/{step.pk}/",
        {"step": step.shown_kind, "due": step.due_at.isoformat(), **measures},
    )


class People:
    """Whom a rung tells (keys of users): read once a sweep, the holders of a role once each."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.takers: dict[str, dict[tuple[str, str], list[int]]] = {}
        self.above: dict[tuple[str, int], list[int]] = {}

    @cached_property
    def supervisors(self) -> Supervisors:
        return Supervisors(self.at)

    def told_of(self, step: Row, rung: Rung) -> list[int]:
        """The owner (unclaimed: whoever could take it), the supervisors, those above them."""
        return [user for who in rung["tell"] for user in self._named(step, who)]

    def _named(self, step: Row, who: str) -> list[int]:
        if who == "owner":
            return [step.holder_id] if step.holder_id else self._takers(step)
        return self._above(step.unit_path, int(who == "upper"))

    def _above(self, path: str, higher: int) -> list[int]:
        key = path, higher
        if key not in self.above:
            self.above[key] = self.supervisors.of(path, higher)
        return self.above[key]

    def _takers(self, step: Row) -> list[int]:
        if step.role not in self.takers:
            self.takers[step.role] = holders([step.role], self.at)
        return nearest(self.takers[step.role], step.role, step.unit_path)
