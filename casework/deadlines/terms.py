"""Entering school terms, local days and office hours of a unit. Rows are added; the newest of a term's code, or of a unit's hours, rules."""

import re
from datetime import date, datetime, timedelta
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.audit.trail import Actor
from casework.core import clock
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.deadlines.days import Span, days_for, read_entered
from casework.deadlines.models import LocalDay, OfficeHours, Term
from casework.deadlines.office import Hours, written
from casework.org.models import Unit

CODE = re.compile(r"(\d{4})-(\d{4})-([12])")
LONGEST_TERM = timedelta(days=200)
MONDAY, FRIDAY = 0, 4


def add_default_terms(unit: Unit, *, at: datetime, by: Actor | None) -> list[Term]:
    """Enter the two terms of the school year of `at` with assumed dates, where the unit has none yet.

    The rule: 1 September to the fourth Friday of January, first Monday of March to the second Friday of
    July (2026-09-01 to 2027-01-22, 2027-03-01 to 2027-07-09). From 10 July on the coming year is meant.
    """
    today = clock.local_date(at)
    year = today.year if today > _nth(FRIDAY, 2, date(today.year, 7, 1)) else today.year - 1
    known = set(Term.objects.filter(unit=unit).values_list("code", flat=True))
    with one_act():
        return [
            set_term(unit, span.code, span.first, span.last, assumed=True, at=at, by=by)
            for span in assumed_terms(year)
            if span.code not in known
        ]


def assumed_terms(year: int) -> list[Span]:
    """The two terms of the school year that begins in September of `year`, by the rule above."""
    following = year + 1
    autumn = Span(date(year, 9, 1), _nth(FRIDAY, 4, date(following, 1, 1)), f"{year}-{following}-1")
    spring = Span(
        _nth(MONDAY, 1, date(following, 3, 1)),
        _nth(FRIDAY, 2, date(following, 7, 1)),
        f"{year}-{following}-2",
    )
    return [autumn, spring]


def _nth(weekday: int, number: int, month: date) -> date:
    ahead = (weekday - month.weekday()) % 7
    return month + timedelta(days=ahead + 7 * (number - 1))


def set_term(
    unit: Unit,
    code: str,
    first_day: date,
    last_day: date,
    *,
    by: Actor | None,
    at: datetime,
    assumed: bool = False,
) -> Term:
    """Enter (or correct) the dates of a term for a unit and all below it, both days included.

    DomainError: a code that is none, an end before the start, over 200 days, an overlap with another term.
    """
    with one_act():
        check_term(unit, code, first_day, last_day)
        term = Term(
            unit=unit,
            code=code,
            first_day=first_day,
            last_day=last_day,
            assumed=assumed,
            entered_at=at,
        )
        term.save()
        trail.record(
            "term.entered",
            by=by,
            at=at,
            unit_id=unit.pk,
            code=code,
            first_day=first_day.isoformat(),
            last_day=last_day.isoformat(),
            assumed=assumed,
        )
    return term


def check_term(unit: Unit, code: str, first_day: date, last_day: date) -> None:
    """DomainError for a term that could not be entered."""
    _check_code(code)
    _check_span(first_day, last_day)
    _check_overlap(unit, code, first_day, last_day)


def _check_code(code: str) -> None:
    found = CODE.fullmatch(code)
    if not found or int(found[2]) != int(found[1]) + 1:
        raise DomainError(
            _("“%(code)s” is no term. Write the school year and 1 or 2, like 2026-2027-1."),
            code=code,
            fields={"code": _("like 2026-2027-1")},
        )


def _check_span(first_day: date, last_day: date) -> None:
    if not first_day <= last_day <= first_day + LONGEST_TERM:
        raise DomainError(
            _("A term ends after it begins and lasts at most 200 days. Correct the last day."),
            fields={"last_day": _("after the first day, at most 200 days later")},
        )


def _check_overlap(unit: Unit, code: str, first_day: date, last_day: date) -> None:
    """No two terms that hold for one unit share a day: neither here nor at a unit below with dates of its own."""
    entered = read_entered().with_term(unit, Span(first_day, last_day, code))
    below = [path for path in entered.marked if path.startswith(unit.path)]
    for path in sorted(below):
        terms, *_others = entered.of(Unit(path=path))
        for one, two in pairwise(terms):
            if two.first <= one.last:
                there = Unit.objects.get(path=path)
                raise DomainError(
                    _(
                        "The terms %(one)s and %(two)s of %(unit)s would share days. Correct one of the two."
                    ),
                    one=one.code,
                    two=two.code,
                    unit=there.name,
                )


def add_local_day(
    unit: Unit, day: date, *, school: bool, reason: str, by: Actor | None, at: datetime
) -> LocalDay:
    """Enter a day on which the schools of a unit do not teach (snow) or do (a local make-up day), once.

    DomainError: a day that is already entered, a missing reason, a year that is not loaded.
    """
    with one_act():
        check_local_day(unit, day, reason)
        local = LocalDay(unit=unit, day=day, school=school, reason=reason.strip(), entered_at=at)
        local.save()
        trail.record(
            "local_day.entered", by=by, at=at, unit_id=unit.pk, day=day.isoformat(), school=school
        )
    return local


def check_local_day(unit: Unit, day: date, reason: str) -> None:
    """DomainError for a day that could not be entered."""
    if not reason.strip():
        raise DomainError(_("Say why the day differs."), fields={"reason": _("required")})
    days_for(unit).working.counts(day.toordinal())  # refuses a year that is not loaded
    if LocalDay.objects.filter(unit=unit, day=day).exists():
        raise DomainError(
            _("%(day)s is already entered for %(unit)s."), day=day.isoformat(), unit=unit.name
        )


def set_hours(
    unit: Unit, hours: Hours, valid_from: date, *, by: Actor | None, at: datetime
) -> OfficeHours:
    """Enter the office hours of a unit and all below it, from a day on until others begin."""
    with one_act():
        row = OfficeHours(unit=unit, spans=written(hours), valid_from=valid_from, entered_at=at)
        row.save()
        trail.record(
            "hours.entered",
            by=by,
            at=at,
            unit_id=unit.pk,
            spans=row.spans,
            valid_from=valid_from.isoformat(),
        )
    return row
