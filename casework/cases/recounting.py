"""Open steps counted anew under other days or other rules: what would move, before anything is written."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from django.db.models import Sum

from casework.cases.kinds import Kind
from casework.cases.models import Extension, Suspension
from casework.cases.redating import Counted
from casework.core.errors import DomainError
from casework.deadlines.days import Basis, DayTable
from casework.deadlines.engine import due_at, due_with_calendar
from casework.deadlines.limits import Limit
from casework.deadlines.pauses import Suspension as Span
from casework.org.models import UnitKind
from casework.org.units import school_path
from casework.profiles.models import Profile
from casework.profiles.rules import Rules


class Row(NamedTuple):
    """What is stored of an open step's clock."""

    pk: int
    kind: str
    rule: str
    urgent: bool
    counted_from: datetime
    begun_at: datetime
    opens_at: datetime
    budget: int
    budget_unit: str
    roll_forward: bool
    due_at: datetime
    target_at: datetime | None
    due_version: int
    calendar_version: int
    provisional: bool
    profile_id: int
    pauses: int
    holder_id: int | None
    unit_path: str
    unit_kind: str
    school_path: str


COLUMNS = (
    "pk", "kind", "rule", "case__urgent", "counted_from", "begun_at", "opens_at", "budget", "budget_unit", "roll_forward", "due_at", "target_at",
    "due_version", "calendar_version", "provisional", "profile_id", "pauses", "holder_id", "unit__path", "unit__kind",
    "case__school__path",
)  # fmt: skip
BELOW_SCHOOL = (UnitKind.SCHOOL, UnitKind.GRADE, UnitKind.CLASS)


class Taken(NamedTuple):
    """The limit that a row is counted by: `budget` and `target` in `unit`, and the key of its profile."""

    budget: int
    target: int
    unit: str
    roll_forward: bool
    profile: int


RulesAt = Callable[[str], Rules]


@dataclass
class Moves:
    """What a change does to open steps: counts, and the largest shift in whole days. `uncounted`: no date can be given under it."""

    open: int = 0
    later: int = 0
    sooner: int = 0
    overdue: int = 0
    longest: int = 0
    uncounted: int = 0

    @property
    def moved(self) -> int:
        return self.later + self.sooner

    def note(self, old: datetime, new: datetime | None, at: datetime) -> None:
        """One step whose due moment goes from `old` to `new`, as seen at `at`."""
        self.open += 1
        if new is None:
            self.uncounted += 1
            return
        self.later += new > old
        self.sooner += new < old
        self.overdue += new < at <= old
        self.longest = max(self.longest, abs((new - old).days))


class Recount:
    """Open steps under other days (`basis`), or other rules too (`rules_at`: by the path of a school).

    A clock that runs keeps its beginning, and what a supervisor gave.
    """

    def __init__(self, basis: Basis, rules_at: RulesAt | None = None) -> None:
        self.basis, self.rules_at = basis, rules_at
        self._rules: dict[str, Rules] = {}
        self._profiles: dict[int, dict[str, Any]] = {}

    def count(self, rows: Sequence[Row]) -> Iterator[tuple[Row, Counted | None]]:
        """Each row with its clock as it would be; None where it cannot be counted (days not entered, a limit that is gone)."""
        tables = self.basis.of({counted_at(row) for row in rows})
        spans, given = pauses_by_step([row.pk for row in rows if row.pauses]), _given(rows)
        self._read_profiles({row.profile_id for row in rows})
        for row in rows:
            try:
                yield (
                    row,
                    self._one(
                        row, tables[counted_at(row)], spans.get(row.pk, []), given.get(row.pk, 0)
                    ),
                )
            except (DomainError, KeyError):
                yield row, None

    def _one(self, row: Row, days: DayTable, pauses: list[Span], given: int) -> Counted:
        limit = self._limit(row, given)
        start, unit, roll = row.counted_from, limit.unit, limit.roll_forward
        due = due_with_calendar(
            start, limit.budget, unit, days, suspensions=pauses, roll_forward=roll
        )
        sooner = limit.target < limit.budget
        opens = row.opens_at
        if row.kind == Kind.FOLLOW_UP:  # on its day, though it may be due after a day off
            nominal = due_at(start, limit.budget, unit, days, suspensions=pauses)
            opens = max(row.begun_at, nominal - timedelta(days=1))
        return Counted(
            due_at=due.at,
            target_at=due_at(start, limit.target, unit, days, suspensions=pauses)
            if sooner
            else None,
            provisional=due.provisional,
            calendar_version=due.calendar_version,
            budget=limit.budget,
            budget_unit=unit,
            roll_forward=roll,
            profile_id=limit.profile,
            opens_at=opens,
        )

    def _limit(self, row: Row, given: int) -> Taken:
        """By what the row is counted: the other rules and what was given, else what it says itself."""
        old = self._old_limit(row)
        if not self.rules_at:
            target = old.target if old else row.budget
            return Taken(row.budget, target, row.budget_unit, row.roll_forward, row.profile_id)
        rules = self._rules_at(counted_at(row))
        new = Limit.of(rules.sections["steps"][row.rule or row.kind], urgent=row.urgent)
        budget = max(0, new.budget + given - _shorter(row, old, given))
        return Taken(budget, new.target, new.unit, new.roll_forward, rules.profile_of["steps"])

    def _rules_at(self, path: str) -> Rules:
        assert self.rules_at is not None
        if path not in self._rules:
            self._rules[path] = self.rules_at(path)
        return self._rules[path]

    def _read_profiles(self, keys: set[int]) -> None:
        missing = keys - self._profiles.keys()
        rows = Profile.objects.filter(pk__in=missing).values_list("pk", "rules") if missing else ()
        self._profiles |= {pk: rules.get("steps", {}) for pk, rules in rows}

    def _old_limit(self, row: Row) -> Limit | None:
        """The limit that the step was begun under; None for rules older than limits with a target."""
        said = self._profiles[row.profile_id].get(row.rule or row.kind, {})
        return Limit.of(said, urgent=row.urgent) if "target" in said else None


def preview(steps: Any, recount: Recount, at: datetime) -> dict[str, Moves]:
    """What would move, by the path of the school whose days count; the sum under the empty path."""
    found: dict[str, Moves] = {"": Moves()}
    for row, counted in recount.count(rows_of(steps)):
        for path in ("", counted_at(row)):
            moves = found.setdefault(path, Moves())
            moves.note(row.due_at, counted.due_at if counted else None, at)
    return found


def rows_of(steps: Any) -> list[Row]:
    """The stored clocks of a queryset of steps."""
    return [Row(*values) for values in steps.values_list(*COLUMNS)]


class Placed(Protocol):
    """A step by where it is: its own unit, and the school of its case."""

    @property
    def unit_kind(self) -> str: ...
    @property
    def unit_path(self) -> str: ...
    @property
    def school_path(self) -> str: ...


def counted_at(row: Placed) -> str:
    """The school by whose days a step is counted: its own, if the child has changed school since."""
    own = row.unit_kind in BELOW_SCHOOL
    return school_path(row.unit_path) if own else row.school_path


def _given(rows: Sequence[Row]) -> dict[int, int]:
    """What supervisors gave of more time, by step."""
    granted = Extension.objects.filter(granted=True, step__in=[row.pk for row in rows])
    return dict(granted.values_list("step").annotate(more=Sum("more")).order_by())


def _shorter(row: Row, old: Limit | None, given: int) -> int:
    """By how much a follow-up check that began late was shortened: it keeps its distance from the one before."""
    late = old is not None and row.kind == Kind.FOLLOW_UP
    return max(0, old.budget + given - row.budget) if late and old else 0


def pauses_by_step(keys: list[int]) -> dict[int, list[Span]]:
    """`pauses_of` each of these steps, by key: the row in force of each pause, in their order. One query."""
    rows = (
        Suspension.objects.filter(step__in=keys).order_by("pk")
        if keys
        else Suspension.objects.none()
    )
    spans: dict[int, dict[int, Span]] = {}
    for step, number, since, until in rows.values_list("step_id", "number", "since", "until"):
        spans.setdefault(step, {})[number] = (since, until)
    return {step: [found[n] for n in sorted(found)] for step, found in spans.items()}
