"""Which days count for a unit: working days of the official calendar, school days of its terms.

A table is built once for all units with the same days and never changes; a change of terms makes a new one.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Any, NamedTuple

from django.db.models import Func, IntegerField, Model, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from casework.core.errors import DomainError
from casework.core.rows import fixed
from casework.deadlines.calendar import Official, official
from casework.deadlines.models import CalendarVersion, LocalDay, OfficeHours, Term
from casework.deadlines.office import USUAL, Hours, Schedule, begun, parse_hours
from casework.org.models import Unit
from casework.profiles.models import Profile
from casework.profiles.rules import Newest


class Span(NamedTuple):
    """A term that holds for a unit."""

    first: date
    last: date
    code: str


class Override(NamedTuple):
    """A local day of a unit: school or no school, and why."""

    day: date
    school: bool
    reason: str


class Count:
    """A run of days with a running number for each that counts. Days are ordinals (`date.toordinal`)."""

    __slots__ = ("_beyond", "_running", "_start", "days")

    def __init__(self, first: int, counts: list[bool], beyond: Callable[[int], DomainError]):
        self._start = first - 1
        self._running = array("i", accumulate(counts, initial=0))
        self._beyond = beyond
        self.days = array("i", (first + i for i, each in enumerate(counts) if each))

    def through(self, day: int) -> int:
        """How many days count from the start of the run up to and including `day`."""
        place = day - self._start
        if not 0 <= place < len(self._running):
            raise self._beyond(day)
        return self._running[place]

    def nth(self, number: int) -> int:
        """The day with that running number. Past the end of what is known: DomainError with the remedy."""
        if number > len(self.days):
            raise self._beyond(self._start + len(self._running))
        return self.days[number - 1]

    def counts(self, day: int) -> bool:
        """Whether that day counts."""
        return self.through(day) > self.through(day - 1)


@dataclass(frozen=True)
class DayTable:
    """All days of a unit, as the engine needs them."""

    official: Official
    terms: tuple[Span, ...]
    overrides: dict[date, Override]
    working: Count = field(repr=False)
    taught: Count = field(repr=False)
    schedule: Schedule

    def office_on(self, day: date) -> Hours:
        """The office hours of that day: the last that began by then."""
        number = day.toordinal()
        return next(hours for first, hours in reversed(self.schedule) if first <= number)

    @property
    def school(self) -> Count:
        """The school days. A unit without any term: DomainError naming the remedy."""
        if not self.terms:
            raise DomainError(
                _("No school term is entered for this unit. Enter the dates of its terms first.")
            )
        return self.taught

    def is_provisional(self, day: date) -> bool:
        """Whether the official notice of that day's year is not out yet."""
        return day.year not in self.official.known_years

    def term_of(self, day: date) -> Span | None:
        """The term that runs that day; None between terms."""
        return next((span for span in self.terms if span.first <= day <= span.last), None)


@dataclass(frozen=True)
class Basis:
    """What the days of all units are counted by: a calendar, and the terms and overrides that were entered."""

    official: Official
    entered: Entered

    def at(self, unit: Unit) -> DayTable:
        """The table of one unit."""
        return table_of(self.official, *self.entered.of(unit))

    def of(self, paths: Iterable[str]) -> dict[str, DayTable]:
        """The table of each unit, by its path; units with the same days share one."""
        kept: dict[tuple[str, ...], DayTable] = {}
        tables: dict[str, DayTable] = {}
        for path in paths:
            ends = range(Unit.steplen, len(path) + 1, Unit.steplen)
            marks = tuple(path[:end] for end in ends if path[:end] in self.entered.marked)
            if marks not in kept:
                kept[marks] = table_of(self.official, *self.entered.of(Unit(path=path)))
            tables[path] = kept[marks]
        return tables


def days_for(where: Unit | DayTable) -> DayTable:
    """The table of a unit by the newest calendar. One is handed back as it is, so that who counts often asks once. One query."""
    if isinstance(where, DayTable):
        return where
    newest, entered = _in_force()
    return table_of(official(newest), *entered.of(where))


def days_as_of(unit: Unit, at: datetime, version: int) -> DayTable:
    """The table as a step was counted by at `at`: that version of the calendar, the terms and overrides entered till then."""
    return table_of(official(version), *read_entered(entered_at__lte=at).of(unit))


def days_of(paths: Iterable[str]) -> dict[str, DayTable]:
    """The table of each unit, by its path, by the newest calendar. One query however many units there are."""
    return basis().of(paths)


def basis() -> Basis:
    """What counts now: the newest calendar, and all that was entered. One query."""
    newest, entered = _in_force()
    return Basis(official(newest), entered)


def _in_force() -> tuple[int, Entered]:
    for newest, *entered, _profile, _profiles in fixed(_newest):
        return newest, _entered(*entered)
    raise _no_calendar()


def basis_and_profiles() -> tuple[Basis, Newest]:
    """`basis`, and `newest_profiles` for `rules_for`: one query for who needs both."""
    for newest, *entered, profile, profiles in fixed(_newest):
        return Basis(official(newest), _entered(*entered)), ((profile, profiles),)
    raise _no_calendar()


def _newest() -> QuerySet[Any, Any]:
    """These rows are only ever added, so equal counts mean equal rows."""
    rows = CalendarVersion.objects.order_by("-number")
    return rows.values_list(
        "number", *(_of_all("COUNT", model) for model in (Term, LocalDay, OfficeHours)), _of_all("MAX", Profile), _of_all("COUNT", Profile)
    )[:1]  # fmt: skip


def _of_all(function: str, model: type[Model]) -> Subquery:
    found = Func("pk", function=function, output_field=IntegerField())
    return Subquery(model._default_manager.order_by().values(found=found))


@dataclass(frozen=True)
class Entered:
    """All terms, overrides and office hours ever entered, by the path of their unit; the newest of a code or day last."""

    terms: dict[str, dict[str, Span]] = field(default_factory=dict)
    overrides: dict[str, dict[date, Override]] = field(default_factory=dict)
    hours: dict[str, Schedule] = field(default_factory=dict)

    @cached_property
    def marked(self) -> frozenset[str]:
        """The paths for which anything was entered."""
        return frozenset(self.terms) | frozenset(self.overrides) | frozenset(self.hours)

    def with_term(self, unit: Unit, span: Span) -> Entered:
        """The same with one more term: what would be."""
        own = {**self.terms.get(unit.path, {}), span.code: span}
        return replace(self, terms={**self.terms, unit.path: own})

    def with_day(self, unit: Unit, override: Override) -> Entered:
        """The same with one more day that differs."""
        own = {**self.overrides.get(unit.path, {}), override.day: override}
        return replace(self, overrides={**self.overrides, unit.path: own})

    def with_hours(self, unit: Unit, hours: Hours, since: date) -> Entered:
        """The same with other office hours from a day on."""
        own = begun(self.hours.get(unit.path, ()), ((since.toordinal(), hours),))
        return replace(self, hours={**self.hours, unit.path: own})

    def of(self, unit: Unit) -> tuple[tuple[Span, ...], tuple[Override, ...], Schedule]:
        """The spans, overrides and office hours that hold for a unit: each code and each day from the nearest unit."""
        terms: dict[str, Span] = {}
        overrides: dict[date, Override] = {}
        schedule = USUAL
        for path in reversed(unit.paths_up()):
            terms |= self.terms.get(path, {})
            overrides |= self.overrides.get(path, {})
            schedule = begun(schedule, self.hours.get(path, ()))
        return tuple(sorted(terms.values())), tuple(sorted(overrides.values())), schedule


@lru_cache(maxsize=2)
def _entered(_terms: int, _overrides: int, _hours: int) -> Entered:
    return read_entered()


def read_entered(**till: datetime) -> Entered:
    """All that was entered (by a lookup like `entered_at__lte`: till then), read anew."""
    entered = Entered()
    terms, days, hours = (
        model._default_manager.filter(**till).order_by("pk")
        for model in (Term, LocalDay, OfficeHours)
    )
    for path, code, first, last in terms.values_list("unit__path", "code", "first_day", "last_day"):
        entered.terms.setdefault(path, {})[code] = Span(first, last, code)
    for path, day, school, reason in days.values_list("unit__path", "day", "school", "reason"):
        entered.overrides.setdefault(path, {})[day] = Override(day, school, reason)
    for path, spans, since in hours.values_list("unit__path", "spans", "valid_from"):
        new = ((since.toordinal(), parse_hours(spans)),)
        entered.hours[path] = begun(entered.hours.get(path, ()), new)
    return entered


@lru_cache(maxsize=1024)
def table_of(
    calendar: Official,
    terms: tuple[Span, ...],
    overrides: tuple[Override, ...],
    schedule: Schedule = USUAL,
) -> DayTable:
    """The days of a calendar with these terms, overrides and office hours: units that differ in their hours share the counts."""
    return replace(_counts(calendar, terms, overrides), schedule=schedule)


@lru_cache(maxsize=64)
def _counts(
    calendar: Official, terms: tuple[Span, ...], overrides: tuple[Override, ...]
) -> DayTable:
    days = _each(calendar.first, calendar.last)
    works = [calendar.works(day) for day in days]
    in_term = {day for span in terms for day in _each(span.first, span.last)}
    local = {override.day: override for override in overrides}
    school = [
        local[day].school if day in local else work and day in in_term
        for day, work in zip(days, works, strict=True)
    ]
    start = calendar.first.toordinal()
    return DayTable(
        calendar,
        terms,
        local,
        Count(start, works, _no_year),
        Count(start, school, _no_term),
        USUAL,
    )


def _each(first: date, last: date) -> list[date]:
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def forget() -> None:
    """Drop what is kept in this process: for tests, where a database is rolled back under it."""
    for kept in (official, _entered, table_of, _counts):
        kept.cache_clear()


def _no_calendar() -> DomainError:
    return DomainError(_("No official calendar is loaded. Run load_calendar first."))


def _no_year(day: int) -> DomainError:
    return DomainError(
        _(
            "The official calendar does not reach %(day)s. "
            "Update the holidays package and run load_calendar."
        ),
        day=date.fromordinal(day).isoformat(),
    )


def _no_term(day: int) -> DomainError:
    return DomainError(
        _(
            "The school terms entered so far do not reach far enough (asked: %(day)s). "
            "Enter the dates of the next term."
        ),
        day=date.fromordinal(day).isoformat(),
    )


def is_working_day(where: Unit | DayTable, day: date) -> bool:
    """Whether the offices work that day (make-up workdays do). Outside the loaded years: DomainError."""
    return days_for(where).working.counts(day.toordinal())


def is_school_day(where: Unit | DayTable, day: date) -> bool:
    """Whether the unit teaches that day: a working day in a term, or so by a local override.

    A unit without any term, or a year that is not loaded: DomainError naming the remedy.
    """
    return days_for(where).school.counts(day.toordinal())


def school_days(where: Unit | DayTable, first: date, last: date) -> list[date]:
    """The school days from `first` to `last`, both included. Errors as of `is_school_day`."""
    school = days_for(where).school
    before, through = school.through(first.toordinal() - 1), school.through(last.toordinal())
    return [date.fromordinal(day) for day in school.days[before:through]]


def term_of(where: Unit | DayTable, day: date) -> Span | None:
    """The term of the unit (or of the nearest unit above with that term) that runs that day, or None."""
    return days_for(where).term_of(day)
