"""Zero, and what stands behind it: open cases and days at zero beside the rolls that would have shown a child missing (domain.md A12)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q
from django.db.models.functions import Coalesce, Substr

from casework.cases.models import Case
from casework.core.clock import local_date, local_moment, school_year
from casework.deadlines.days import basis
from casework.org.models import Unit, UnitKind
from casework.oversight.figures import place_length
from casework.oversight.lens import Lens, below
from casework.oversight.pace import OnTime
from casework.oversight.rolls import Rolls, rolls
from casework.profiles.rules import section
from casework.students.models import Enrolment, RollCall

STAYS = (30, 60, 90, 180)  # days after the return
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Zero:
    """One unit: pupils, open cases, since when none is open, and how far the rolls can be trusted."""

    unit: Unit
    pupils: int
    open: int
    last_closed: date | None
    last_roll: date | None
    rolls: Rolls
    needed: int
    today: date

    @property
    def days_at_zero(self) -> int | None:
        """Whole days since the last case was closed; None while one is open, or where there never was one."""
        if self.open or self.last_closed is None:
            return None
        return (self.today - self.last_closed).days

    @property
    def trusted(self) -> bool:
        """Whether enough rolls are recorded for a zero to mean something."""
        return self.rolls.percent is not None and self.rolls.percent >= self.needed

    @property
    def badge(self) -> bool:
        return not self.open and self.trusted


def zeros(unit: Unit, units: Iterable[Unit], at: datetime) -> list[Zero]:
    """The units below `unit` that teach, each with its own zero. Seven queries."""
    length, today = place_length(unit), local_date(at)
    every = list(units)
    classes = [each.path for each in every if each.kind == UnitKind.CLASS]
    called = rolls(unit, basis().of(classes), at)
    needed = section(unit, "goals", at)["zero_rolls_percent"]
    pupils, last_roll = _pupils(unit, length, today), _last_rolls(unit, length, today)
    open_cases, closed = _cases(unit, length, at)
    return [
        Zero(
            unit=each,
            pupils=pupils.get(each.path, 0),
            open=open_cases.get(each.path, 0),
            last_closed=closed.get(each.path),
            last_roll=last_roll.get(each.path),
            rolls=called.get(each.path, Rolls()),
            needed=needed,
            today=today,
        )
        for each in every
        if len(each.path) == length and any(path.startswith(each.path) for path in classes)
    ]


def _pupils(unit: Unit, length: int, today: date) -> dict[str, int]:
    here = Enrolment.objects.running_on(today).filter(below(unit, "class_unit__path"))
    return _by_place(here, "class_unit__path", length, Count("pk"))


def _last_rolls(unit: Unit, length: int, today: date) -> dict[str, date]:
    rows = RollCall.objects.filter(below(unit, "class_unit__path"), day__lte=today)
    return _by_place(rows, "class_unit__path", length, Max("day"))


def _cases(unit: Unit, length: int, at: datetime) -> tuple[dict[str, int], dict[str, date]]:
    """The open cases, and the day on which the last one was closed, by place."""
    path = Coalesce("class_unit__path", "school__path")
    within = below(unit, "place_path")
    now = Lens(at).cases().annotate(place_path=path).filter(within)
    done = Case.objects.exclude(closed_at=None).annotate(place_path=path).filter(within)
    closed = _by_place(done, "place_path", length, Max("closed_at"))
    days = {place: local_date(moment) for place, moment in closed.items()}
    return _by_place(now, "place_path", length, Count("pk")), days


def _by_place(rows: Any, path: str, length: int, of: Any) -> dict[str, Any]:
    return dict(rows.values_list(Substr(path, 1, length)).annotate(n=of).order_by())


@dataclass(frozen=True)
class Returns:
    """The cases opened in a school year: how many children came back, how many of those left again within a year, and who stayed."""

    since: date
    returned: OnTime
    again: OnTime
    stayed: list[tuple[int, OnTime]]


def returns_of(unit: Unit, at: datetime) -> Returns:
    """Return rate, re-dropout rate and the stay-in-school curve (domain.md 5.3), by the cohort of the school year of `at`. Six queries.

    A case struck out as a mistake does not count. The curve asks of every return, whatever its year, that lies back so
    many days, whether the child has left again since.
    """
    since = school_year(local_date(at))
    path = Coalesce("class_unit__path", "school__path")
    every = Case.objects.exclude(stage="cancelled").annotate(place_path=path)
    mine = every.filter(below(unit, "place_path"), opened_at__lte=at)
    cohort = mine.filter(opened_at__gte=local_moment(since))
    back = mine.exclude(returned_at=None).filter(returned_at__lte=at)
    return Returns(
        since,
        OnTime(cohort.count(), cohort.exclude(returned_at=None).count()),
        OnTime(back.count(), back.filter(_left_within(YEAR)).count()),
        [(days, _stayed(back, days, at)) for days in STAYS],
    )


def _left_within(span: timedelta) -> Q:
    """Whose next episode began within that time after the return."""
    following = Case.objects.filter(
        previous=OuterRef("pk"), opened_at__lte=OuterRef("returned_at") + span
    )
    return Q(Exists(following))


def _stayed(back: Any, days: int, at: datetime) -> OnTime:
    span = timedelta(days=days)
    long_ago = back.filter(returned_at__lte=at - span)
    return OnTime(long_ago.count(), long_ago.exclude(_left_within(span)).count())
