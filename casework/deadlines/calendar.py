"""The official days: read from the `holidays` package into versions of our own, which never change."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib import metadata

import holidays

from casework.audit import trail
from casework.audit.trail import Actor
from casework.core import clock
from casework.core.transaction import one_act
from casework.deadlines.models import CalendarVersion, Holiday, OfficialDay

FIRST_YEAR = 2004
SATURDAY = 5
NAMES = {  # a part of the package's English name → ours; the first that fits
    "substituted": Holiday.EXCHANGED,
    "National Day": Holiday.NATIONAL_DAY,
    "Mid-Autumn": Holiday.MID_AUTUMN,
    "Spring Festival": Holiday.SPRING_FESTIVAL,
    "Chinese New Year": Holiday.SPRING_FESTIVAL,
    "New Year": Holiday.NEW_YEAR,
    "Tomb-Sweeping": Holiday.TOMB_SWEEPING,
    "Labor Day": Holiday.LABOUR_DAY,
    "Dragon Boat": Holiday.DRAGON_BOAT,
}


@dataclass(frozen=True)
class Official:
    """One calendar version in memory: which days work, what they are called, which years are certain."""

    number: int
    first: date
    last: date
    named: dict[date, tuple[bool, str]]
    known_years: frozenset[int]

    def works(self, day: date) -> bool:
        """Whether the offices work on that day of the loaded years."""
        found = self.named.get(day)
        return found[0] if found else day.weekday() < SATURDAY


def load_official(*, at: datetime, by: Actor | None) -> CalendarVersion:
    """The calendar of 2004 to next year as a new version, or the newest one if nothing differs from it.

    A year without make-up workdays has no official notice yet: it is left out of `known_years`.
    """
    last_year = clock.local_date(at).year + 1
    days = _official_days(last_year)
    known = sorted({day.year for day, (working, _name) in days.items() if working})
    with one_act():
        newest: CalendarVersion | None = CalendarVersion.objects.order_by("-number").first()
        if newest and _same(newest, last_year, known, days):
            return newest
        return _add_version(newest, last_year, known, days, at=at, by=by)


@lru_cache(maxsize=2)
def _official_days(last_year: int) -> dict[date, tuple[bool, str]]:
    source = holidays.country_holidays(
        "CN", years=range(FIRST_YEAR, last_year + 1), language="en_US"
    )
    days = {day: (False, _name_of(name)) for day, name in source.items()}
    days.update((day, (True, str(Holiday.MAKE_UP))) for day in source.weekend_workdays)
    return days


def _name_of(text: str) -> str:
    return str(next((name for part, name in NAMES.items() if part in text), Holiday.OTHER))


def _same(
    version: CalendarVersion,
    last_year: int,
    known: list[int],
    days: dict[date, tuple[bool, str]],
) -> bool:
    return (
        version.last_year == last_year
        and version.known_years == known
        and official(version.number).named == days
    )


def _add_version(
    newest: CalendarVersion | None,
    last_year: int,
    known: list[int],
    days: dict[date, tuple[bool, str]],
    *,
    at: datetime,
    by: Actor | None,
) -> CalendarVersion:
    version = CalendarVersion(
        number=newest.number + 1 if newest else 1,
        source=f"holidays {metadata.version('holidays')}",
        loaded_at=at,
        first_year=FIRST_YEAR,
        last_year=last_year,
        known_years=known,
    )
    version.save()
    OfficialDay.objects.bulk_create(
        OfficialDay(version=version, day=day, working=working, name=name)
        for day, (working, name) in sorted(days.items())
    )
    trail.record("calendar.loaded", by=by, at=at, version=version.number, source=version.source)
    return version


@lru_cache(maxsize=8)
def official(number: int) -> Official:
    """The days of the version with that number: rows that never change, so they are read once a process."""
    version = CalendarVersion.objects.get(number=number)
    rows = version.days.values_list("day", "working", "name")
    return Official(
        number,
        date(version.first_year, 1, 1),
        date(version.last_year, 12, 31),
        {day: (working, name) for day, working, name in rows},
        frozenset(version.known_years),
    )
