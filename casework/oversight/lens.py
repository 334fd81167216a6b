"""Steps as they stand, or as they stood at a past moment: one look for both, so that every number and list can be asked of any day.

The past is read from the rows that are written once (`StepDue`, `StepHolder`); a step whose date or holder has not
changed since answers from its own row (design.md promise 3).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, Subquery, When
from django.db.models import Case as Either

from casework.cases.kinds import Kind
from casework.cases.models import Case, CaseQuerySet, Step, StepDue, StepHolder, StepQuerySet
from casework.org.models import Unit, User


@dataclass(frozen=True)
class Lens:
    """What is looked through: a moment, whether it is past, and whether restricted work is seen (`apart`).

    `due`, `holder`, `unit` name the columns to ask for.
    """

    at: datetime
    past: bool = False
    apart: bool = True

    @property
    def due(self) -> str:
        return "due_then" if self.past else "due_at"

    @property
    def holder(self) -> str:
        return "holder_then" if self.past else "holder"

    @property
    def unit(self) -> str:
        return "unit_then" if self.past else "unit_id"

    def steps(self) -> StepQuerySet:
        """The steps that are open (or were)."""
        return self._seen(steps_then(self.at) if self.past else Step.objects.open())

    def parts(self) -> list[StepQuerySet]:
        """`steps` in sets without a row in common: of a past day it costs much less to count each and add.

        What was finished since comes first: a step that is finished between two counts is never counted twice.
        """
        if not self.past:
            return [self.steps()]
        still, ended = _open_then(self.at)
        return [self._seen(_as_of(rows, self.at)) for rows in (ended, still)]

    def free(self) -> StepQuerySet:
        """Those of `steps` that are (or were) in nobody's hands; of a past day whoever holds one since then is not asked."""
        if not self.past:
            return self.steps().filter(holder=None)
        still, ended = _open_then(self.at)
        moved = still.filter(holder__isnull=False, held_since__gt=self.at)
        rows = _as_of(_any_of(still.filter(holder=None), moved, ended), self.at)
        return self._seen(rows.filter(holder_then=None))

    def _seen(self, rows: StepQuerySet) -> StepQuerySet:
        return rows if self.apart else rows.exclude(shown_kind=Kind.PROTECT)

    def cases(self) -> CaseQuerySet:
        """The cases that are open (or were)."""
        rows: CaseQuerySet = cases_then(self.at) if self.past else Case.objects.open()
        return rows

    def within(self, unit: Unit) -> Q:
        """Those of a unit and all below it; of the root all."""
        if unit.is_root():
            return Q()
        units = Unit.objects.filter(below(unit, "path")).values("pk")
        return Q(
            **{f"{self.unit}__in": units}
        )  # no join: the index of units is asked, not every open step

    def shown(self, steps: Iterable[Step]) -> list[Step]:
        """The rows of a list as they stood: their date, holder and unit of then, and not finished."""
        found = list(steps)
        if self.past:
            people = User.objects.in_bulk({step.holder_then for step in found if step.holder_then})  # type: ignore[attr-defined]  # annotated
            units = Unit.objects.in_bulk({step.unit_then for step in found})  # type: ignore[attr-defined]  # annotated
            for step in found:
                step.due_at, step.finished_at = step.due_then, None  # type: ignore[attr-defined]  # annotated
                step.holder, step.unit = people.get(step.holder_then), units[step.unit_then]  # type: ignore[attr-defined]  # annotated
        return found


def below(unit: Unit, path: str) -> Q:
    """The condition that the unit at `path` is `unit` or lies below it; at the root no condition at all."""
    if unit.is_root():
        return Q()
    last = Unit.alphabet[-1] * (Unit._meta.get_field("path").max_length - len(unit.path))
    return Q(**{f"{path}__range": (unit.path, unit.path + last)})


def steps_then(at: datetime) -> StepQuerySet:
    """The steps open at `at`, with `due_then`, `holder_then` (a key) and `unit_then` (a key)."""
    return _as_of(_any_of(*_open_then(at)), at)


def _any_of(first: StepQuerySet, *others: StepQuerySet) -> StepQuerySet:
    """All rows of sets without a row in common: each has its index, an OR of them would read every step."""
    keys = first.values("pk").union(*(rows.values("pk") for rows in others), all=True)
    rows: StepQuerySet = Step.objects.filter(pk__in=keys)
    return rows


def _open_then(at: datetime) -> list[StepQuerySet]:
    """Those that are still open, and those that were finished since."""
    return [Step.objects.open(), Step.objects.filter(finished_at__gt=at)]


def _as_of(steps: StepQuerySet, at: datetime) -> StepQuerySet:
    dues = StepDue.objects.filter(step=OuterRef("pk"), since__lte=at, ended=False)
    holders = StepHolder.objects.filter(step=OuterRef("pk"), since__lte=at)
    left = StepHolder.objects.filter(since__gt=at).exclude(from_unit=None)
    rows: StepQuerySet = steps.filter(begun_at__lte=at).annotate(
        due_then=Either(
            When(due_version=1, then=F("due_at")),
            default=Subquery(dues.order_by("-version").values("due_at")[:1]),
        ),
        holder_then=Either(
            When(Q(held_since__lte=at) | Q(generation=0), then=F("holder_id")),
            default=Subquery(holders.order_by("-generation").values("user_id")[:1]),
            output_field=BigIntegerField(),
        ),
        unit_then=Either(
            When(
                pk__in=left.values("step_id"),
                then=Subquery(
                    left.filter(step=OuterRef("pk")).order_by("generation").values("from_unit")[:1]
                ),
            ),
            default=F("unit_id"),
            output_field=BigIntegerField(),
        ),
    )
    return rows


def cases_then(at: datetime) -> CaseQuerySet:
    """The cases open at `at`; one that was closed and opened again since was closed in between."""
    again = Step.objects.filter(
        case=OuterRef("case"), kind=Kind.DECIDE_REQUEST, outcome="approved", matter__kind="reopening",
        finished_at__lte=at, finished_at__gte=OuterRef("finished_at"),
    )  # fmt: skip
    closed = Step.objects.filter(
        case=OuterRef("pk"), kind=Kind.APPROVE_CLOSURE, outcome="approved", finished_at__lte=at
    )
    rows: CaseQuerySet = Case.objects.filter(opened_at__lte=at)
    were = rows.filter(Q(closed_at=None) | Q(closed_at__gt=at))
    open_then: CaseQuerySet = were.exclude(Exists(closed.filter(~Exists(again))), reopened__gt=0)
    return open_then
