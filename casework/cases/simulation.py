"""Any rules run over past steps: what would have been late under them (features 64)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from casework.cases.models import NEVER_DONE, Step
from casework.cases.recounting import Recount, Row, counted_at, rows_of
from casework.core.clock import local_moment
from casework.deadlines.days import basis
from casework.org.models import Unit
from casework.profiles.rules import rules_if


@dataclass
class Late:
    """Steps of one kind or school: how many, how many were late, how many would have been, how many cannot be counted."""

    steps: int = 0
    was: int = 0
    would: int = 0
    uncounted: int = 0


@dataclass
class Simulation:
    """The sum, and by kind of step and by path of the school whose days count."""

    all: Late
    by_kind: dict[str, Late]
    by_school: dict[str, Late]


def simulate(
    unit: Unit, rules: dict[str, Any], *, since: date, until: date, at: datetime
) -> Simulation:
    """Steps of `unit` and below begun from `since` to `until` (both included) as they would have gone with `rules` of `unit`.

    A step that is open counts as late when it is at `at`; one that nobody did (overtaken, needless) does not count.
    """
    begun = (local_moment(since), local_moment(until + timedelta(days=1)))
    steps = Step.objects.filter(begun_at__gte=begun[0], begun_at__lt=begun[1])
    if not unit.is_root():
        steps = steps.filter(case__school__path__startswith=unit.path)
    steps = steps.exclude(cancelled=True, outcome__in=NEVER_DONE)
    ended = dict(steps.values_list("pk", "finished_at"))
    recount = Recount(basis(), lambda path: rules_if(Unit(path=path), unit, rules, at))
    found = Simulation(Late(), defaultdict(Late), defaultdict(Late))
    for row, counted in recount.count(rows_of(steps)):
        end = ended[row.pk] or at
        for late in (found.all, found.by_kind[row.kind], found.by_school[counted_at(row)]):
            _note(late, row, counted.due_at if counted else None, end)
    return found


def _note(late: Late, row: Row, due_at: datetime | None, end: datetime) -> None:
    late.steps += 1
    late.was += end > row.due_at
    if due_at is None:
        late.uncounted += 1
    else:
        late.would += end > due_at
