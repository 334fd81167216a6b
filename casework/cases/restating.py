"""A change of calendar, terms or policy carried over to the open steps, in chunks: each step that moves keeps old, new and cause."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from casework.audit import trail
from casework.cases.models import Case, Restatement, Step, StepDue
from casework.cases.recounting import Recount, Row, rows_of
from casework.cases.redating import Counted, facts_of
from casework.core import clock
from casework.core.jobs import enqueue
from casework.core.rows import insert_values, update_values
from casework.core.transaction import one_act
from casework.deadlines.days import basis
from casework.deadlines.units import CALENDAR_DAYS, SCHOOL_DAYS, WORKING_HOURS
from casework.notices.models import Notice
from casework.org.models import Unit, User
from casework.profiles.rules import Rules, rules_for

CHUNK = 500
MEANWHILE = timedelta(minutes=15)
CHANGED = (*Counted._fields, "due_version", "rung_at")
DUE = ("step_id", "version", "due_at", "since", "cause", "restatement_id", "facts")
TOLD = ("user_id", "at", "code", "key", "link")
Cause = Restatement.Cause
JOB = "casework.cases.restating.carry_over"


def touched(unit: Unit, cause: str) -> Any:
    """The open steps that a change at `unit` can move: those of its schools and below, in the units of counting that it concerns."""
    rows = Step.objects.open()
    if not unit.is_root():
        rows = rows.filter(case__school__path__startswith=unit.path)
    if cause in (Cause.TERM, Cause.DAY):
        return rows.filter(budget_unit=SCHOOL_DAYS)
    if cause == Cause.HOURS:
        return rows.filter(budget_unit=WORKING_HOURS)
    if cause == Cause.CALENDAR:
        return rows.exclude(budget_unit=CALENDAR_DAYS, roll_forward=False)
    return rows


def restate(
    cause: Cause,
    ref: int,
    words: str,
    *,
    unit: Unit,
    by: User | None,
    at: datetime,
    valid_from: date | None = None,
) -> Restatement:
    """Note that a change is to be carried over (inside one_act) and give it to the worker; twice for the same change is once."""
    found, new = Restatement.objects.get_or_create(
        cause=cause,
        ref=ref,
        unit=unit,
        defaults={
            "words": words[:120],
            "valid_from": valid_from or clock.local_date(at),
            "at": at,
            "by_name": by.display_name if by else "",
            "total": touched(unit, cause).count(),
        },
    )
    if new:
        trail.record("steps.restated", by=by, at=at, unit_id=unit.pk, cause=str(cause), ref=ref)
        enqueue(JOB, found.pk)
    return found


def waiting(at: datetime) -> list[Restatement]:
    """What is not carried over yet though its day has come: the worker may have been killed."""
    rows = Restatement.objects.filter(finished_at=None, valid_from__lte=clock.local_date(at))
    return list(rows.order_by("pk"))


def carry_over(pk: int) -> None:
    """The job: go on where the last one stopped, to the end. Before its day it does nothing: the sweep begins it."""
    found = Restatement.objects.get(pk=pk)
    if found.finished_at is None and found.valid_from <= clock.local_date(clock.now()):
        run(found, at=clock.now())


def run(
    found: Restatement, *, at: datetime, told: Callable[[int, int], None] | None = None
) -> None:
    """Carry a change over; `told(done, total)` hears of the progress. Killed at any point it goes on from the last chunk."""
    recount = Recount(basis(), _rules_at(found) if found.cause == Cause.POLICY else None)
    while _chunk(found.pk, recount, at):
        if told:
            found.refresh_from_db()
            told(found.done, found.total)


def _rules_at(found: Restatement) -> Callable[[str], Rules]:
    moment = clock.local_moment(found.valid_from)
    return lambda path: rules_for(Unit(path=path), moment)


def _chunk(pk: int, recount: Recount, at: datetime) -> bool:
    """One chunk in one transaction; False when nothing was left. Of two workers one waits for the other."""
    with one_act():
        found = Restatement.objects.select_for_update().select_related("unit").get(pk=pk)
        if found.finished_at:
            return False
        steps = touched(found.unit, found.cause).filter(pk__gt=found.last_step).order_by("pk")
        keys = list(steps.values_list("pk", flat=True)[:CHUNK])
        if keys:
            moved = list(_moved(keys, recount))
            _write(found, moved, at)
            found.last_step, found.done = keys[-1], found.done + len(keys)
        else:
            _write(found, list(_moved(_begun_meanwhile(found), recount)), at)
            found.finished_at = at
        found.save()
    return bool(keys)


def _begun_meanwhile(found: Restatement) -> list[int]:
    """Steps begun while the change was entered may have been counted by the days before it: they are looked at once more."""
    rows = touched(found.unit, found.cause).filter(begun_at__gte=found.at - MEANWHILE)
    return list(rows.values_list("pk", flat=True))


def _moved(keys: list[int], recount: Recount) -> Iterator[tuple[Row, Counted]]:
    """Those that another date, another version or another certainty belongs to. Their cases are locked first, in the order of all acts."""
    there = Case.objects.filter(steps__in=keys).values_list("pk", flat=True)
    cases = Case.objects.filter(pk__in=list(there)).order_by("pk")
    list(cases.select_for_update().values_list("pk", flat=True))
    for row, counted in recount.count(rows_of(Step.objects.open().filter(pk__in=keys))):
        if counted and _differs(row, counted):
            yield row, counted


def _differs(row: Row, counted: Counted) -> bool:
    new = (
        counted.due_at,
        counted.target_at,
        counted.provisional,
        counted.budget,
        counted.budget_unit,
    )
    return new != (row.due_at, row.target_at, row.provisional, row.budget, row.budget_unit)


def _write(found: Restatement, moved: list[tuple[Row, Counted]], at: datetime) -> None:
    """The steps, the journal of their dates, and one notice a person (inside one_act)."""
    dated = [(row, counted) for row, counted in moved if counted.due_at != row.due_at]
    update_values(Step, CHANGED, [_changed(row, counted, at) for row, counted in moved])
    insert_values(StepDue, DUE, [_due(found, row, counted, at) for row, counted in dated])
    found.moved += len(dated)
    found.overdue += sum(counted.due_at < at <= row.due_at for row, counted in dated)
    holders = {row.holder_id for row, _counted in dated if row.holder_id}
    said = at, "restated", f"restated:{found.pk}", f"/restated/{found.pk}/"
    insert_values(Notice, TOLD, [(user, *said) for user in sorted(holders)], once=True)


def _changed(row: Row, counted: Counted, at: datetime) -> tuple[Any, ...]:
    later = row.due_version + (counted.due_at != row.due_at)
    return (*counted, later, at, row.pk)


def _due(found: Restatement, row: Row, counted: Counted, at: datetime) -> tuple[Any, ...]:
    since = max(at, found.at)
    return (
        row.pk,
        row.due_version + 1,
        counted.due_at,
        since,
        found.cause,
        found.pk,
        facts_of(counted),
    )
