"""The units in which a limit is counted, and the days that count in each."""

from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from casework.core import clock
from casework.core.errors import DomainError
from casework.deadlines.days import Count, DayTable

SCHOOL_DAYS = "school_days"
WORKING_DAYS = "working_days"
CALENDAR_DAYS = "calendar_days"
WORKING_HOURS = "working_hours"
UNITS = (SCHOOL_DAYS, WORKING_DAYS, CALENDAR_DAYS, WORKING_HOURS)


def count_of(unit_of_count: str, days: DayTable) -> Count:
    """The days that count in a unit of whole days. Another unit: DomainError."""
    if unit_of_count == SCHOOL_DAYS:
        return days.school
    if unit_of_count == WORKING_DAYS:
        return days.working
    if unit_of_count == CALENDAR_DAYS:
        return every_day()
    raise DomainError(
        _("“%(unit)s” is no unit of a time limit. Use one of: %(units)s."),
        unit=unit_of_count,
        units=", ".join(UNITS),
    )


@lru_cache(maxsize=1)
def every_day() -> Count:
    """The calendar days of a century: the only count that needs no notice and no terms."""
    first, last = date(2000, 1, 1).toordinal(), date(2099, 12, 31).toordinal()
    return Count(first, [True] * (last - first + 1), _no_century)


def _no_century(day: int) -> DomainError:
    return DomainError(
        _("%(day)s is outside the years 2000 to 2099. Correct the date."),
        day=date.fromordinal(day).isoformat(),
    )


def last_day(due: datetime) -> date:
    """The local day that a due moment ends: 24:00 belongs to the day before midnight."""
    return clock.local_date(due - timedelta(microseconds=1))
