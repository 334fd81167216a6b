"""The ladder of reminders: rungs of the policy fire once for a step and its due moment. Overdue itself is computed and needs no sweep.

A step carries the moment at which the ladder looks at it next (`rung_at`): whatever may bring a rung nearer sets it to
now, and the look itself sets it to the next rung, so a sweep costs by what is due and not by what is open.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from operator import itemgetter
from typing import Any

from casework.audit import trail
from casework.cases.aside import set_aside
from casework.cases.models import RungFired, Step
from casework.cases.notice_words import RUNG
from casework.cases.redating import pauses_of
from casework.cases.step_clock import counted_by
from casework.cases.superiors import Supervisors
from casework.core.errors import DomainError
from casework.core.rows import insert_many, update_many
from casework.core.transaction import one_act
from casework.deadlines.days import DayTable, basis_and_profiles
from casework.deadlines.engine import due_at, late_from
from casework.deadlines.units import WORKING_DAYS
from casework.notices.models import Notice
from casework.org.models import User
from casework.org.people import candidates
from casework.profiles.limits import MEASURES
from casework.profiles.rules import Newest, rules_for, section_of

CHUNK = 200
Rung = dict[str, Any]


@dataclass(frozen=True)
class Fired:
    """A rung that fired (or would fire) for a step."""

    step_id: int
    rung: str


@dataclass(frozen=True)
class Look:
    """A step looked at: the rungs that it reached, the highest last, and when to look again."""

    step: Step
    reached: list[Rung]
    next_at: datetime | None


def fire(at: datetime, *, dry_run: bool = False) -> list[Fired]:
    """Fire every rung that is reached and has not fired for the step's present due moment. A dry run writes nothing."""
    fired: list[Fired] = []
    last, people = 0, People(at)
    while True:
        looks, last = _dry_chunk(at, last) if dry_run else _chunk(at, last, people)
        fired += [Fired(look.step.pk, rung["code"]) for look in looks for rung in look.reached]
        if not last:
            return fired


def _dry_chunk(at: datetime, after: int) -> tuple[list[Look], int]:
    steps = list(_due(at, after))
    return list(_looks(steps, at)), steps[-1].pk if steps else 0


def _chunk(at: datetime, after: int, people: "People") -> tuple[list[Look], int]:
    """The next steps, in one transaction: locked, so that of two sweeps each takes others; killed, nothing of it was done."""
    with one_act():
        steps = list(_due(at, after).select_for_update(skip_locked=True, of=("self",)))
        looks = list(_looks(steps, at))
        _write(looks, people, at)
    return looks, steps[-1].pk if steps else 0


def _due(at: datetime, after: int) -> Any:
    rows = Step.objects.open().filter(rung_at__lte=at, pk__gt=after).order_by("pk")
    return rows.select_related("case__school", "unit", "holder").defer("facts")[:CHUNK]


def _looks(steps: list[Step], at: datetime) -> Iterator[Look]:
    """Each step with what it reached; one that cannot be worked out is logged and left for the next sweep."""
    if not steps:
        return
    basis, newest = basis_and_profiles()
    schools = {step.pk: counted_by(step).path for step in steps}
    days = basis.of(set(schools.values()))
    done = _done(steps)
    for step in steps:
        with set_aside("step", step.pk):
            rungs = _rungs_of(step, newest)
            fired = done.get((step.pk, step.due_version), set())
            yield _look(step, rungs, fired, days[schools[step.pk]], at)


def _done(steps: list[Step]) -> dict[tuple[int, int], set[str]]:
    """The rungs that fired already, by step and version of its due moment."""
    found: dict[tuple[int, int], set[str]] = {}
    rows = RungFired.objects.filter(step__in=[step.pk for step in steps])
    for step, version, rung in rows.values_list("step_id", "due_version", "rung"):
        found.setdefault((step, version), set()).add(rung)
    return found


def _rungs_of(step: Step, newest: Newest) -> list[Rung]:
    rules = rules_for(step.case.school, step.begun_at, newest=newest)
    rungs: list[Rung] = section_of(rules, "ladder", step.case.school)
    return rungs


def _look(step: Step, rungs: list[Rung], fired: set[str], days: DayTable, at: datetime) -> Look:
    moments = [(_known(step, rung, days), rung) for rung in rungs if rung["code"] not in fired]
    known = sorted(((moment, rung) for moment, rung in moments if moment), key=itemgetter(0))
    reached = [rung for moment, rung in known if moment <= at and not _passed(rung, step, at)]
    return Look(
        step, reached, min((moment for moment, _rung in known if moment > at), default=None)
    )


def _known(step: Step, rung: Rung, days: DayTable) -> datetime | None:
    """A moment beyond the days that are known is not reached yet: it holds up no other rung."""
    try:
        return moment_of(step, rung, days)
    except DomainError:
        return None


def _passed(rung: Rung, step: Step, at: datetime) -> bool:
    """Nobody is told that a step will be due soon when it is overdue."""
    return "share" in rung and at >= step.due_at


def moment_of(step: Step, rung: Rung, days: DayTable) -> datetime | None:
    """When a rung is reached, if the step stays as it is; None for one that does not concern it."""
    if "unclaimed_days" in rung:
        return _unclaimed(step, rung["unclaimed_days"], days) if step.holder_id is None else None
    if "share" in rung:
        left: timedelta = _running_time(step) * (100 - rung["share"]) / 100
        return max(step.opens_at, step.due_at - left)
    if not rung["working_days"]:
        return step.due_at + timedelta.resolution
    return late_from(step.due_at, rung["working_days"], days)


def _unclaimed(step: Step, working_days: int, days: DayTable) -> datetime:
    """So many working days after it opened, or was given back."""
    given_back = step.holders.filter(user=None).exclude(how="undo").order_by("-generation")
    last = given_back.first() if step.generation else None  # an undone tap begins nothing anew
    since = max(step.opens_at, last.since) if last else step.opens_at
    return due_at(since, working_days, WORKING_DAYS, days)


def _running_time(step: Step) -> timedelta:
    """From the beginning of a limit to its end, without the time in which the clock stood."""
    stood = sum(((until or since) - since for since, until in pauses_of(step)), timedelta())
    return max(timedelta(), step.due_at - step.counted_from - stood)


def _write(looks: list[Look], people: "People", at: datetime) -> None:
    """All that a chunk fires: rows, notices, audit, and when each step is looked at next (inside one_act)."""
    fired, notices = [], []
    for look in looks:
        step = look.step
        step.rung_at = look.next_at
        fired += [
            RungFired(step=step, rung=rung["code"], due_version=step.due_version, at=at)
            for rung in look.reached
        ]
        notices += _notices(look, people, at)
        if look.reached:
            codes = [rung["code"] for rung in look.reached]
            trail.record(
                "rung.fired", by=None, at=at, case_id=step.case_id, subject=f"step:{step.pk}", rungs=codes
            )  # fmt: skip
    insert_many(RungFired, fired)
    insert_many(Notice, notices, once=True)
    update_many([look.step for look in looks], "rung_at")


def _notices(look: Look, people: "People", at: datetime) -> list[Notice]:
    """One notice a person, of the highest rung that names him: after a week without sweeps nobody gets three."""
    step = look.step
    highest = {
        user.pk: (user, rung) for rung in look.reached for user in people.told_of(step, rung)
    }
    return [
        Notice(
            user=user,
            at=at,
            code=f"{RUNG}{rung['code']}",
            key=f"rung:{step.pk}:{rung['code']}:{step.due_version}",
            link=f"/steps/{step.pk}/",
            facts={
                "step": step.shown_kind,
                "due": step.due_at.isoformat(),
                **{name: rung[name] for name in MEASURES if name in rung},
            },
        )
        for user, rung in highest.values()
    ]


class People:
    """Whom a rung tells: the supervisors read once a sweep, those of an office once each."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.takers: dict[tuple[int, str], list[User]] = {}

    @cached_property
    def supervisors(self) -> Supervisors:
        return Supervisors(self.at)

    def told_of(self, step: Step, rung: Rung) -> Iterable[User]:
        """The owner (unclaimed: whoever could take it), the supervisors, those above them."""
        for who in rung["tell"]:
            if who == "owner":
                yield from [step.holder] if step.holder else self._takers(step)
            else:
                yield from self.supervisors.of(step.unit.path, higher=int(who == "upper"))

    def _takers(self, step: Step) -> list[User]:
        key = step.unit_id, step.role
        if key not in self.takers:
            self.takers[key] = candidates(step.role, step.unit, self.at)[1]
        return self.takers[key]
