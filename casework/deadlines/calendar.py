"""The official days: read from the `holidays` package into versions of our own, which never change."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
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


@dataclass(frozen=True, eq=False)  # one object a version: tables of days are kept by it
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


Days = dict[date, tuple[bool, str]]


@dataclass(frozen=True)
class Source:
    """Official days to be loaded: where they are from, the last year, the years whose notice is out, the named days."""

    name: str
    last_year: int
    known: tuple[int, ...]
    days: Days

    def as_official(self, number: int) -> Official:
        """The calendar that these days would make."""
        first, last = date(FIRST_YEAR, 1, 1), date(self.last_year, 12, 31)
        return Official(number, first, last, self.days, frozenset(self.known))


def from_package(at: datetime) -> Source:
    """The days that the installed package knows for 2004 to next year.

    A year without make-up workdays has no official notice yet; it is not certain, unless its notice was loaded from a file.
    """
    last_year = clock.local_date(at).year + 1
    days = _official_days(last_year)
    known = {day.year for day, (working, _name) in days.items() if working}
    name = f"holidays {metadata.version('holidays')}"
    return _with_loaded(Source(name, last_year, tuple(sorted(known)), days))


def _with_loaded(source: Source) -> Source:
    """Years that only a notice from a file made certain stay as that notice said."""
    newest = CalendarVersion.objects.order_by("-number").first()
    kept = set(newest.known_years) - set(source.known) if newest else set()
    if newest is None or not kept:
        return source
    before = official(newest.number).named
    return Source(
        f"{source.name}; {newest.source}"[:120],
        max(source.last_year, *kept),
        tuple(sorted({*source.known, *kept})),
        {day: said for day, said in source.days.items() if notice_year(day) not in kept}
        | {day: said for day, said in before.items() if notice_year(day) in kept},
    )


def notice_year(day: date) -> int:
    """The year whose notice may name a day: 31 December belongs to the New Year holiday of the next."""
    return (day + timedelta(days=1)).year


def load_official(*, at: datetime, by: Actor | None) -> CalendarVersion:
    """The days of the installed package as a new version, or the newest one if nothing differs from it."""
    return add_version(from_package(at), at=at, by=by)


def add_version(source: Source, *, at: datetime, by: Actor | None) -> CalendarVersion:
    """These days as a new version, or the newest one if nothing differs from it."""
    with one_act():
        newest: CalendarVersion | None = CalendarVersion.objects.order_by("-number").first()
        if newest and _same(newest, source):
            return newest
        return _add_version(newest, source, at=at, by=by)


@lru_cache(maxsize=2)
def _official_days(last_year: int) -> Days:
    source = holidays.country_holidays(
        "CN", years=range(FIRST_YEAR, last_year + 1), language="en_US"
    )
    days = {day: (False, _name_of(name)) for day, name in source.items()}
    days.update((day, (True, str(Holiday.MAKE_UP))) for day in source.weekend_workdays)
    return days


def _name_of(text: str) -> str:
    return str(next((name for part, name in NAMES.items() if part in text), Holiday.OTHER))


def _same(version: CalendarVersion, source: Source) -> bool:
    return (
        version.last_year == source.last_year
        and version.known_years == list(source.known)
        and official(version.number).named == source.days
    )


def _add_version(
    newest: CalendarVersion | None, source: Source, *, at: datetime, by: Actor | None
) -> CalendarVersion:
    version = CalendarVersion(
        number=newest.number + 1 if newest else 1,
        source=source.name,
        loaded_at=at,
        first_year=FIRST_YEAR,
        last_year=source.last_year,
        known_years=list(source.known),
    )
    version.save()
    OfficialDay.objects.bulk_create(
        OfficialDay(version=version, day=day, working=working, name=name)
        for day, (working, name) in sorted(source.days.items())
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
