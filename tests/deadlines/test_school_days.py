"""School days come from the terms, the official calendar and local days; nothing is assumed silently."""

from datetime import date, timedelta

import pytest

from casework.core.errors import DomainError
from casework.deadlines.calendar import load_official
from casework.deadlines.days import days_for, is_school_day, school_days, term_of
from casework.deadlines.engine import due_at, elapsed
from casework.deadlines.terms import add_default_terms, add_local_day, assumed_terms, set_term
from casework.deadlines.units import SCHOOL_DAYS
from casework.org.models import Unit
from tests.deadlines.conftest import AT, moment


def test_a_school_day_is_a_working_day_in_a_term(calendar: None, school: Unit) -> None:
    assert is_school_day(school, date(2026, 9, 1))
    assert is_school_day(school, date(2026, 9, 20)), "a make-up Sunday counts"
    assert not is_school_day(school, date(2026, 9, 19)), "a Saturday"
    assert not is_school_day(school, date(2026, 10, 1)), "National Day"
    assert not is_school_day(school, date(2026, 8, 31)), "before the term"
    assert not is_school_day(school, date(2027, 1, 25)), "between the terms"


def test_school_days_of_a_span(calendar: None, school: Unit) -> None:
    found = school_days(school, date(2026, 9, 18), date(2026, 9, 28))
    assert [day.day for day in found] == [18, 20, 21, 22, 23, 24, 28]


def test_a_term_of_a_nearer_unit_goes_first(calendar: None, county: Unit, school: Unit) -> None:
    set_term(school, "2026-2027-1", date(2026, 9, 7), date(2027, 1, 15), at=AT, by=None)
    assert not is_school_day(school, date(2026, 9, 1))
    assert is_school_day(county, date(2026, 9, 1))
    assert term_of(school, date(2026, 9, 7)) == (
        date(2026, 9, 7),
        date(2027, 1, 15),
        "2026-2027-1",
    )
    assert term_of(school, date(2027, 3, 1)) is not None, "the other term comes from above"


def test_a_corrected_term_rules_at_once(calendar: None, county: Unit, school: Unit) -> None:
    assert is_school_day(school, date(2026, 9, 1))
    set_term(county, "2026-2027-1", date(2026, 9, 2), date(2027, 1, 22), at=AT, by=None)
    assert not is_school_day(school, date(2026, 9, 1))


def test_local_days_override_both_ways(calendar: None, school: Unit, county: Unit) -> None:
    add_local_day(school, date(2026, 11, 20), school=False, reason="暴雪", at=AT, by=None)
    add_local_day(school, date(2026, 11, 21), school=True, reason="补课", at=AT, by=None)
    assert not is_school_day(school, date(2026, 11, 20))
    assert is_school_day(school, date(2026, 11, 21))
    assert is_school_day(county, date(2026, 11, 20))
    with pytest.raises(DomainError, match="already"):
        add_local_day(school, date(2026, 11, 20), school=True, reason="x", at=AT, by=None)


def test_units_with_the_same_days_share_one_table(calendar: None, school: Unit) -> None:
    classes = [
        Unit.objects.add_child(school, {"kind": "class", "name": f"七年级{n}班"}) for n in (1, 2)
    ]
    assert days_for(classes[0]) is days_for(classes[1])


def test_a_table_costs_one_query(calendar: None, school: Unit, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    days_for(school)
    with django_assert_num_queries(1):
        days_for(school)


def test_without_a_calendar_or_terms_the_remedy_is_named(county: Unit) -> None:
    with pytest.raises(DomainError, match="load_calendar"):
        is_school_day(county, date(2026, 9, 1))
    load_official(at=AT, by=None)
    with pytest.raises(DomainError, match="terms"):
        is_school_day(county, date(2026, 9, 1))


def test_a_limit_past_the_last_known_term_asks_for_the_next(calendar: None, school: Unit) -> None:
    start = moment("2027-07-07 10:00")
    assert due_at(start, 2, SCHOOL_DAYS, school) == moment("2027-07-10 00:00")
    with pytest.raises(DomainError, match="next term"):
        due_at(start, 3, SCHOOL_DAYS, school)
    assert elapsed(start, moment("2027-08-01 10:00"), SCHOOL_DAYS, school) == 2


def test_default_terms_are_assumed_and_added_once(county: Unit) -> None:
    terms = add_default_terms(county, at=AT, by=None)
    assert [(t.code, t.first_day, t.last_day, t.assumed) for t in terms] == [
        ("2026-2027-1", date(2026, 9, 1), date(2027, 1, 22), True),
        ("2026-2027-2", date(2027, 3, 1), date(2027, 7, 9), True),
    ]
    assert add_default_terms(county, at=AT + timedelta(days=200), by=None) == []
    following = add_default_terms(county, at=AT + timedelta(days=330), by=None)
    assert [term.code for term in following] == ["2027-2028-1", "2027-2028-2"]


@pytest.mark.parametrize("year", range(2004, 2060))
def test_assumed_terms_begin_and_end_on_plausible_days(year: int) -> None:
    autumn, spring = assumed_terms(year)
    assert date(year + 1, 1, 22) <= autumn.last <= date(year + 1, 1, 28)
    assert date(year + 1, 3, 1) <= spring.first <= date(year + 1, 3, 7)
    assert (autumn.last.weekday(), spring.first.weekday(), spring.last.weekday()) == (4, 0, 4)


@pytest.mark.parametrize(
    ("code", "first", "last", "word"),
    [
        ("2026-2028-1", date(2026, 9, 1), date(2027, 1, 1), "no term"),
        ("autumn", date(2026, 9, 1), date(2027, 1, 1), "no term"),
        ("2026-2027-1", date(2026, 9, 1), date(2026, 8, 1), "begins"),
        ("2026-2027-1", date(2026, 9, 1), date(2027, 8, 1), "200 days"),
        ("2026-2027-1", date(2026, 9, 1), date(2027, 3, 1), "would share days"),
    ],
)
def test_a_wrong_term_is_refused(
    calendar: None, county: Unit, code: str, first: date, last: date, word: str
) -> None:
    with pytest.raises(DomainError, match=word):
        set_term(county, code, first, last, at=AT, by=None)
