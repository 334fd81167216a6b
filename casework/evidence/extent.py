"""What a table of a bundle is about, and what a table is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from casework.cases.models import Case
from casework.core.clock import LOCAL, end_of, local_date, local_moment
from casework.evidence.models import Bundle
from casework.org.models import Unit, UnitKind

Row = Sequence[object]


@dataclass(frozen=True)
class About:
    """What the tables are about: the cases of the bundle, its unit and period, the moment of its anchor. `narrowed`: to a stage, an outcome or a sample, so not the unit as a whole; `drawn_from`: the ids of the full list of a sample, `drawn_by`: its seed."""

    cases: QuerySet[Case]
    unit: Unit
    first: date
    last: date
    at: datetime
    of_case: Case | None
    narrowed: bool = False
    drawn_from: list[int] | None = None
    drawn_by: str = ""

    @property
    def begins(self) -> datetime:
        return local_moment(self.first)

    @property
    def until(self) -> datetime:
        """The end of the last day, or the moment of the bundle if that is earlier."""
        return min(self.ends, self.at)

    @property
    def ends(self) -> datetime:
        return end_of(self.last)


@dataclass(frozen=True)
class Table:
    """One table: its file, title, heads and how its rows are read. `whole`: only where the bundle is of a unit as a whole; `sampled`: only of a random sample."""

    code: str
    title: Promise
    heads: tuple[Promise, ...]
    rows: Callable[[About], Iterator[Row]]
    whole: bool = False
    sampled: bool = False


def about(bundle: Bundle, cases: QuerySet[Case], at: datetime) -> About:
    """Of a case: its school, from its opening to `at`."""
    case = bundle.case
    if case:
        return About(cases, case.school, local_date(case.opened_at), local_date(at), at, case)
    assert bundle.unit and bundle.first and bundle.last
    return About(
        cases,
        bundle.unit,
        bundle.first,
        min(bundle.last, local_date(at)),
        at,
        None,
        bool(bundle.stage or bundle.outcome or bundle.sample),
        bundle.population if bundle.sample else None,
        bundle.seed,
    )


def moment_of(at: datetime | None) -> str:
    return at.astimezone(LOCAL).isoformat(" ", "minutes")[:16] if at else ""


def text_of(value: Any) -> str:
    """A cell as text."""
    return value.isoformat() if isinstance(value, date) else str(value)


def offices_of(unit: Unit) -> QuerySet[Unit]:
    """The unit and the offices below it that keep a shelf."""
    kinds = [UnitKind.COUNTY, UnitKind.TOWNSHIP, UnitKind.SCHOOL]
    rows: QuerySet[Unit] = Unit.objects.filter(path__startswith=unit.path, kind__in=kinds)
    return rows.order_by("path")


def school_years(a: About) -> range:
    """The school years that the period touches, by the year in which they begin."""
    first, last = (day.year if day.month >= 9 else day.year - 1 for day in (a.first, a.last))
    return range(first, last + 1)
