"""Week by week: open and overdue work of each evening that was kept, where it was late, and how the cases become fewer."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from django.db.models import QuerySet, Sum

from casework.cases.kinds import Kind
from casework.cases.models import Case
from casework.core.clock import last_moment, local_date, local_moment
from casework.org.models import Unit
from casework.oversight.chart import tint
from casework.oversight.figures import cases_of, place_length, placed
from casework.oversight.lens import Lens, below
from casework.oversight.models import Snapshot

WEEKS = 12
PACE = 4  # weeks by which the pace of a burn-down is measured


@dataclass(frozen=True)
class Week:
    """The open and the overdue steps at the end of a week's last kept day."""

    day: date
    open: int
    overdue: int


def evenings(at: datetime) -> list[date]:
    """The last evening that was kept of each of the last twelve weeks, the oldest first. One query."""
    kept = Snapshot.objects.filter(day__gt=local_date(at) - timedelta(weeks=WEEKS))
    days = kept.order_by("day").values_list("day", flat=True).distinct()
    return list({day.isocalendar()[:2]: day for day in days}.values())


def _kept(unit: Unit, days: list[date], *, apart: bool) -> QuerySet[Snapshot]:
    rows = Snapshot.objects.filter(below(unit, "unit__path"), day__in=days)
    return rows if apart else rows.exclude(kind=Kind.PROTECT)


def trend(unit: Unit, days: list[date], *, apart: bool = True) -> list[Week]:
    """The numbers of these evenings, restricted work with them where it is seen. One query."""
    rows = _kept(unit, days, apart=apart)
    summed = rows.values("day").annotate(all=Sum("open"), late=Sum("overdue"))
    return [Week(row["day"], row["all"], row["late"]) for row in summed.order_by("day")]


@dataclass(frozen=True)
class Heat:
    """A unit of the map and its overdue steps at each evening, with the tint of each number."""

    unit: Unit
    cells: list[tuple[date, int, str]]


def heat(unit: Unit, days: list[date], *, apart: bool = True) -> list[Heat]:
    """Overdue steps of the units below by evening, those with most at the last one first. Two queries."""
    length = place_length(unit)
    rows = _kept(unit, days, apart=apart)
    found: dict[str, dict[date, int]] = {}
    for path, day, late in (
        rows.values_list("unit__path", "day").annotate(late=Sum("overdue")).order_by()
    ):
        place = found.setdefault(path[:length], {})
        place[day] = place.get(day, 0) + late
    most = max((late for place in found.values() for late in place.values()), default=0)
    units = Unit.objects.filter(path__in=found).order_by("path")
    heats = [Heat(each, _cells(found[each.path], days, most)) for each in units]
    return sorted(heats, key=lambda row: -row.cells[-1][1])


def _cells(late: dict[date, int], days: list[date], most: int) -> list[tuple[date, int, str]]:
    """An evening keeps no row of a unit without open work: there is nothing overdue."""
    return [(day, late.get(day, 0), tint(late.get(day, 0), most)) for day in days]


@dataclass(frozen=True)
class Burn:
    """A week of the burn-down: cases opened in it (anew too), ended in it, and open at its end."""

    day: date
    opened: int
    ended: int
    left: int


def burn_down(unit: Unit, at: datetime) -> list[Burn]:
    """How the open cases became fewer: the last twelve weeks to the evening of Sunday, and this one so far. A query a week and one more."""
    today = local_date(at)
    monday = today - timedelta(days=today.weekday())
    sundays = [monday - timedelta(days=1 + 7 * back) for back in range(WEEKS, -1, -1)]
    left = [cases_of(unit, Lens(last_moment(day), past=True)).count() for day in sundays]
    ends, left = [*sundays, today], [*left, cases_of(unit, Lens(at)).count()]
    opened = _opened(unit, ends)
    return [
        _burn(day, new, before, now)
        for day, new, (before, now) in zip(ends[1:], opened, pairwise(left), strict=True)
    ]


def _burn(day: date, new: int, before: int, now: int) -> Burn:
    """More left than before with the new ones: some were opened anew."""
    ended = max(0, before + new - now)
    return Burn(day, now - before + ended, ended, now)


def _opened(unit: Unit, ends: list[date]) -> list[int]:
    """Cases opened after one of these evenings and until the next."""
    first, last = (local_moment(day + timedelta(days=1)) for day in (ends[0], ends[-1]))
    rows = placed(Case.objects.all(), unit).filter(opened_at__gte=first, opened_at__lt=last)
    days = [local_date(moment) for moment in rows.values_list("opened_at", flat=True)]
    return [sum(a < day <= b for day in days) for a, b in pairwise(ends)]


def weeks_left(burns: list[Burn]) -> float | None:
    """In how many weeks nothing is left at the pace of the last full weeks; None where the cases do not become fewer."""
    full = burns[-PACE - 1 : -1]
    fewer = sum(week.ended - week.opened for week in full) / PACE
    return burns[-1].left / fewer if fewer > 0 else None
