"""The official days agree with an independent source, and are added as versions only when they differ."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from django.core.management import call_command

from casework.audit.models import Entry
from casework.core import clock
from casework.core.append_only import AppendOnlyError
from casework.core.errors import DomainError
from casework.deadlines.calendar import load_official, official
from casework.deadlines.days import DayTable, is_working_day
from casework.deadlines.models import CalendarVersion, Holiday
from tests.deadlines.conftest import AT


def test_every_day_of_2004_to_2026_agrees_with_chinesecalendar_but_one(table: DayTable) -> None:
    days = [date(2004, 1, 1) + timedelta(days=i) for i in range(8401)]
    differing = [d for d in days if is_working_day(table, d) != chinese_calendar.is_workday(d)]
    assert days[-1] == date(2026, 12, 31)
    assert differing == [date(2005, 12, 31)]


def test_loading_again_adds_nothing_until_something_differs(db: None) -> None:
    first = load_official(at=AT, by=None)
    assert load_official(at=AT + timedelta(days=30), by=None) == first
    following = load_official(at=AT + timedelta(days=365), by=None)
    assert (following.number, following.last_year) == (2, 2028)
    assert Entry.objects.filter(verb="calendar.loaded").count() == 2


def test_a_version_is_never_changed(db: None) -> None:
    version = load_official(at=AT, by=None)
    with pytest.raises(AppendOnlyError):
        version.save()
    with pytest.raises(AppendOnlyError):
        version.days.all().delete()


def test_a_year_without_a_notice_is_provisional(table: DayTable) -> None:
    assert not table.is_provisional(date(2026, 12, 31))
    assert table.is_provisional(date(2027, 1, 4))


def test_a_day_outside_the_loaded_years_is_refused(table: DayTable) -> None:
    for day in [date(2003, 12, 31), date(2028, 1, 1)]:
        with pytest.raises(DomainError, match="load_calendar"):
            is_working_day(table, day)


def test_days_have_names(db: None) -> None:
    named = official(load_official(at=AT, by=None).number).named
    assert named[date(2026, 9, 20)] == (True, Holiday.MAKE_UP)
    assert named[date(2026, 10, 6)] == (False, Holiday.EXCHANGED)
    assert named[date(2026, 10, 1)] == (False, Holiday.NATIONAL_DAY)
    assert named[date(2026, 2, 17)] == (False, Holiday.SPRING_FESTIVAL)
    assert named[date(2026, 1, 1)] == (False, Holiday.NEW_YEAR)


def test_the_command_loads_and_says_what_it_has(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with clock.moved_to(AT):
        call_command("load_calendar")
    assert CalendarVersion.objects.get().last_year == 2027
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "calendar version: 1", "years: 2004-2027", "source: holidays 0.109", "certain to: 2026", "moved: 0",
    ]  # fmt: skip
