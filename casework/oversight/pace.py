"""How steps go: in time or late, where their working days go, what becomes overdue at today's pace."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from statistics import median
from typing import Any

from django.db.models import Count, F, Q, Subquery
from django.db.models.expressions import OuterRef
from django.db.models.functions import TruncMonth

from casework.cases.kinds import Kind
from casework.cases.models import Step, StepDue, StepHolder
from casework.core.clock import LOCAL, local_date, local_moment
from casework.deadlines.days import DayTable
from casework.deadlines.engine import elapsed
from casework.deadlines.units import WORKING_DAYS
from casework.org.models import Unit
from casework.oversight.lens import Lens, below
from casework.oversight.watch import AHEAD, horizon

WINDOW = timedelta(days=180)
FEW = 30  # below this many a share says little: its range is shown
MOST = 5000  # the last finished steps that are measured one by one
LATELY = 10  # working days


@dataclass(frozen=True)
class OnTime:
    """A share of finished steps that were in time, and the range in which it lies with 95 % confidence (Wilson)."""

    steps: int
    in_time: int

    @property
    def percent(self) -> int | None:
        return self.in_time * 100 // self.steps if self.steps else None

    @property
    def range(self) -> tuple[int, int] | None:
        """Per cent from and to, where the number is small; None where it speaks for itself."""
        if not self.steps or self.steps >= FEW:
            return None
        low, high = wilson(self.in_time, self.steps)
        return int(low * 100), min(100, -int(-high * 100 // 1))


def wilson(hits: int, number: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % confidence interval of a share, honest for small numbers too."""
    share, square = hits / number, z * z
    middle = (share + square / (2 * number)) / (1 + square / number)
    half = z * sqrt(share * (1 - share) / number + square / (4 * number * number))
    half /= 1 + square / number
    return max(0.0, middle - half), min(1.0, middle + half)


def _ended(unit: Unit, at: datetime) -> Any:
    """How the steps of a unit ended in the window; those that nobody did do not count."""
    rows = StepDue.objects.filter(ended=True, since__gt=at - WINDOW, since__lte=at)
    rows = rows.exclude(step__shown_kind=Kind.PROTECT)  # told nowhere (design.md §7)
    return rows.filter(below(unit, "step__unit__path"), step__cancelled=False)


def _shares(rows: Any, key: str) -> dict[Any, OnTime]:
    counted = rows.values(key).annotate(
        n=Count("pk"), ok=Count("pk", filter=Q(since__lte=F("due_at")))
    )
    return {row[key]: OnTime(row["n"], row["ok"]) for row in counted.order_by(key)}


def on_time_by_kind(unit: Unit, at: datetime) -> dict[str, OnTime]:
    """By kind of step, as lists name it. One query."""
    return _shares(_ended(unit, at), "step__shown_kind")


def on_time_by_month(unit: Unit, at: datetime) -> dict[date, OnTime]:
    """By local month of the end, the oldest first. One query."""
    rows = _ended(unit, at).annotate(month=TruncMonth("since", tzinfo=LOCAL))
    return {month.date(): share for month, share in _shares(rows, "month").items()}


def on_time_by_unit(unit: Unit, at: datetime, length: int) -> dict[str, OnTime]:
    """By the units below, as paths of that length. One query."""
    found: dict[str, OnTime] = {}
    for path, share in _shares(_ended(unit, at), "step__unit__path").items():
        place, before = path[:length], found.get(path[:length], OnTime(0, 0))
        found[place] = OnTime(before.steps + share.steps, before.in_time + share.in_time)
    return found


@dataclass(frozen=True)
class Spent:
    """Working days of the finished steps of a kind, at the median: until somebody had it, and from then on; and their sum."""

    steps: int
    waiting: float
    working: float
    total: int


def time_spent(unit: Unit, at: datetime, days: DayTable) -> dict[str, Spent]:
    """Where working days go, by kind, over the last `MOST` finished steps. One query."""
    first = StepHolder.objects.filter(step=OuterRef("pk"), user__isnull=False).order_by(
        "generation"
    )
    rows = Step.objects.filter(
        below(unit, "unit__path"), finished_at__gt=at - WINDOW, finished_at__lte=at
    )
    done = rows.filter(cancelled=False).annotate(taken=Subquery(first.values("since")[:1]))
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    said = done.order_by("-finished_at").values_list(
        "shown_kind", "opens_at", "taken", "finished_at"
    )
    for kind, opens, taken, finished in said[:MOST]:
        begun = min(max(taken or finished, opens), finished)
        found[kind].append((_days(opens, begun, days), _days(begun, finished, days)))
    return {kind: _spent(pairs) for kind, pairs in found.items()}


def _days(start: datetime, end: datetime, days: DayTable) -> int:
    return elapsed(start, end, WORKING_DAYS, days) if end > start else 0


def _spent(pairs: list[tuple[int, int]]) -> Spent:
    waits, works = [wait for wait, _work in pairs], [work for _wait, work in pairs]
    return Spent(len(pairs), median(waits), median(works), sum(waits) + sum(works))


@dataclass(frozen=True)
class Ahead:
    """What is due in the next working days of a kind, what is overdue already, how many a working day are finished, and what comes too late so."""

    due: int
    overdue: int
    pace: float

    @property
    def too_late(self) -> int:
        """The oldest are done first: what the pace does not reach becomes overdue."""
        left = self.overdue + self.due - int(self.pace * AHEAD)
        return max(0, min(self.due, left))


def forecast(unit: Unit, at: datetime, days: DayTable) -> dict[str, Ahead]:
    """What becomes overdue in the next five working days at the pace of the last ten. Two queries."""
    working = days.working
    back = working.nth(working.through(local_date(at).toordinal()) - LATELY)
    rows = Lens(at).steps().filter(below(unit, "unit__path"), due_at__lt=horizon(at, days))
    waits = rows.values("shown_kind").annotate(
        due=Count("pk", filter=Q(due_at__gte=at)), overdue=Count("pk", filter=Q(due_at__lt=at))
    )
    ended = _ended(unit, at).filter(since__gte=local_moment(date.fromordinal(back)))
    done = dict(ended.values_list("step__shown_kind").annotate(n=Count("pk")).order_by())
    return {
        row["shown_kind"]: Ahead(
            row["due"], row["overdue"], done.get(row["shown_kind"], 0) / LATELY
        )
        for row in waits.order_by("shown_kind")
    }
