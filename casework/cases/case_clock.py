"""The clock of a whole case, beside that of its step: from the suspicion to the return, standing still on a branch and before the court."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from casework.cases.kinds import Track
from casework.cases.models import Case, MatterKind, PauseCause, Step
from casework.cases.redating import current
from casework.core.errors import DomainError
from casework.deadlines.days import DayTable, basis_and_profiles
from casework.deadlines.engine import due_at, elapsed, explain
from casework.deadlines.limits import Limit
from casework.deadlines.pauses import Suspension as Span
from casework.deadlines.reasons import DayLine
from casework.profiles.rules import Newest, rules_for, section_of


@dataclass(frozen=True)
class CaseClock:
    """How far the clock of a case went. `used` is in the limit's unit; `due_at` None while it stands without a known end."""

    limit: Limit
    started: datetime
    spans: list[Span]
    days: DayTable
    used: int
    due_at: datetime | None
    target_at: datetime | None
    stands: bool
    ended_at: datetime | None

    @property
    def late(self) -> bool:
        """Whether it went on for longer than the limit."""
        return self.used > self.limit.budget

    def lines(self) -> list[DayLine]:
        """Day by day, where it has a date."""
        return explain(
            self.started, self.limit.budget, self.limit.unit, self.days, self.spans, roll_forward=self.limit.roll_forward
        ) if self.due_at else []  # fmt: skip


def clock_of(case: Case, steps: Sequence[Step], at: datetime) -> CaseClock:
    """The clock of a case with these steps (and their matters) as seen at `at`, by the rules under which its present walk began."""
    basis, newest = basis_and_profiles()
    days = basis.at(case.school)
    limit = Limit.of(_rule(case, newest, at), urgent=case.urgent)
    ended = case.returned_at if limit.stops == "returned" and case.returned_at else case.closed_at
    end = min(ended, at) if ended else at
    spans = [span for span in _spans(steps, limit) if case.begun_at <= span[0] < end]
    stands = ended is None and any(until is None or since <= at < until for since, until in spans)
    return CaseClock(
        limit=limit,
        started=case.begun_at,
        spans=spans,
        days=days,
        used=elapsed(case.begun_at, end, limit.unit, days, suspensions=spans),
        due_at=_due(case, limit.budget, limit, days, spans),
        target_at=_due(case, limit.target, limit, days, spans)
        if limit.target < limit.budget
        else None,
        stands=stands,
        ended_at=ended,
    )


def _rule(case: Case, newest: Newest, at: datetime) -> dict[str, Any]:
    """The limit in force when the walk began; rules older than this clock know none: then that of now."""
    then = rules_for(case.school, case.begun_at, newest=newest).sections.get("case")
    now = rules_for(case.school, at, newest=newest)
    found: dict[str, Any] = then or section_of(now, "case", case.school)
    return found


def _due(
    case: Case, budget: int, limit: Limit, days: DayTable, spans: list[Span]
) -> datetime | None:
    try:
        return due_at(
            case.begun_at,
            budget,
            limit.unit,
            days,
            suspensions=spans,
            roll_forward=limit.roll_forward,
        )
    except DomainError:  # it stands, or the days that would count are not entered yet
        return None


def _spans(steps: Sequence[Step], limit: Limit) -> Iterator[Span]:
    """What the policy lets stop the clock: holds of its main steps, branches that park it, the time before the court."""
    if PauseCause.HOLD in limit.pauses:
        held = (
            row
            for step in steps
            if step.pauses and step.track == Track.MAIN
            for row in current(step)
        )
        yield from ((row.since, row.until) for row in held if row.cause == PauseCause.HOLD)
    for matter in {step.matter for step in steps if step.matter}:
        since = matter.decided_at or matter.opened_at
        branch = "branch" in limit.pauses and matter.kind == MatterKind.BRANCH and matter.parks
        court = "court" in limit.pauses and matter.code == "court"
        if branch or court:
            yield since, matter.settled_at
