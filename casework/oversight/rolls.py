"""The share of class-days recorded: how far a small number can be trusted. Zero is not the same as no data."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count
from django.db.models.functions import Substr

from casework.core.clock import local_date, local_moment
from casework.deadlines.days import DayTable, school_days
from casework.org.models import Unit
from casework.oversight.figures import place_length
from casework.oversight.lens import below
from casework.students.models import RollCall

NOON = 12 * 60


@dataclass(frozen=True)
class Rolls:
    """Roll calls recorded, and class-days of the term so far on which one was due."""

    recorded: int = 0
    due: int = 0

    def __add__(self, other: "Rolls") -> "Rolls":
        return Rolls(self.recorded + other.recorded, self.due + other.due)

    @property
    def percent(self) -> int | None:
        """The share in whole per cent, rounded down; None where no roll was due yet."""
        return min(100, self.recorded * 100 // self.due) if self.due else None

    @property
    def missing(self) -> bool:
        """Rolls were due and not one is there: every zero beside it means nothing."""
        return bool(self.due) and not self.recorded


def rolls(unit: Unit, tables: Mapping[str, DayTable], at: datetime) -> dict[str, Rolls]:
    """The recorded share of the classes below `unit` (their days by path), by path of the row it belongs to. One query.

    Due: each school day of a class in the term that runs at `at`, today from the end of its morning on. Recorded: its
    rolls on days that are school days of any class of the unit.
    """
    length = place_length(unit)
    days = {id(table): _days_so_far(table, at) for table in tables.values()}
    due: Counter[str] = Counter()
    for path, table in tables.items():
        due[path[:length]] += len(days[id(table)])
    recorded = _recorded(unit, {day for each in days.values() for day in each})
    return {place: Rolls(recorded.get(place, 0), count) for place, count in due.items()}


def _days_so_far(table: DayTable, at: datetime) -> list[date]:
    today = local_date(at)
    morning_ends = local_moment(today) + timedelta(minutes=min(NOON, table.office_on(today)[0][1]))
    last = today if at >= morning_ends else today - timedelta(days=1)
    term = table.term_of(today)
    return school_days(table, term.first, last) if term else []


def _recorded(unit: Unit, days: set[date]) -> dict[str, int]:
    rows = RollCall.objects.filter(below(unit, "class_unit__path"), day__in=days)
    place = Substr("class_unit__path", 1, place_length(unit))
    return dict(rows.values_list(place).annotate(Count("pk")).order_by())
