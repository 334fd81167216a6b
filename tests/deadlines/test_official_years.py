"""Five years copied from the official notices: what our calendar must say, whatever package it is read from."""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import chinese_calendar
import pytest
from chinese_calendar.constants import holidays as theirs

from casework.core import clock
from casework.deadlines.days import DayTable
from casework.deadlines.engine import due_at
from casework.deadlines.models import Holiday
from casework.deadlines.units import WORKING_DAYS
from tests.deadlines.conftest import moment

TABLE = Path(__file__).parent.parent / "data" / "official_days.tsv"
SATURDAY = 5
THEY_ARE_WRONG = {
    # 国办发明电〔2005〕35号, the notice of 2006: 12月31日(星期六)上班. chinesecalendar has it as an ordinary
    # Saturday (its issue 125, open), our calendar follows the notice.
    date(2005, 12, 31): True,
}


class Named(NamedTuple):
    """A day as a notice has it."""

    working: bool
    holiday: Holiday


def read_table() -> dict[date, Named]:
    """The golden table; ValueError for an unknown holiday, a day that is none or one listed twice."""
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert lines[0] == "day\tworking\tholiday"
    rows = [line.split("\t") for line in lines[1:]]
    found = {date.fromisoformat(day): Named(work == "1", Holiday(name)) for day, work, name in rows}
    if len(found) != len(rows):
        raise ValueError("a day is listed twice")
    return found


NOTICED = read_table()


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=i) for i in range((date(year + 1, 1, 1) - first).days)]


def works_by_notice(day: date) -> bool:
    return NOTICED[day].working if day in NOTICED else day.weekday() < SATURDAY


def written(days: Iterable[date]) -> str:
    """Days as a reader looks them up: 2024-02-18 (Sunday)."""
    return ", ".join(f"{day:%Y-%m-%d} ({day:%A})" for day in days)


@pytest.mark.parametrize(
    ("year", "off", "make_up"),
    [
        (2021, 31, 7),
        (2022, 32, 7),  # 31 December is of the notice of 2023
        (2023, 26, 7),
        (2024, 28, 8),
        (2025, 28, 5),
    ],
)
def test_the_table_has_as_many_days_as_the_notices(year: int, off: int, make_up: int) -> None:
    named = [NOTICED[day].working for day in days_of(year) if day in NOTICED]
    assert (named.count(False), named.count(True)) == (off, make_up)


def test_only_a_weekend_is_made_a_workday() -> None:
    make_up = {day for day, named in NOTICED.items() if named.working}
    assert make_up == {day for day, named in NOTICED.items() if named.holiday == Holiday.MAKE_UP}
    assert written(sorted(day for day in make_up if day.weekday() < SATURDAY)) == ""


@pytest.mark.parametrize(
    ("year", "working"),
    [
        # Mondays to Fridays of the year - those named off + make-up workdays
        (2021, 250),  # 261 - 18 + 7
        (2022, 249),  # 260 - 18 + 7
        (2023, 249),  # 260 - 18 + 7
        (2024, 251),  # 262 - 19 + 8
        (2025, 248),  # 261 - 18 + 5
    ],
)
def test_every_day_of_the_year_is_what_the_notice_says(
    table: DayTable, year: int, working: int
) -> None:
    works = table.official.works
    differing = [day for day in days_of(year) if works(day) != works_by_notice(day)]
    assert not differing, f"our calendar contradicts the notice on {written(differing)}"
    assert sum(map(works, days_of(year))) == working


@pytest.mark.parametrize("year", [2021, 2022, 2023, 2024, 2025])
def test_a_day_we_call_by_a_holiday_is_in_the_span_of_that_holiday(
    table: DayTable, year: int
) -> None:
    ours = {day: name for day, (_, name) in table.official.named.items() if day.year == year}
    assert written(sorted(ours.keys() - NOTICED.keys())) == ""
    differing = [
        f"{day}: {name}, by the notice {NOTICED[day].holiday}"
        for day, name in sorted(ours.items())
        if name not in (Holiday.EXCHANGED, NOTICED[day].holiday)
    ]
    assert differing == []


def test_every_day_both_know_agrees_with_chinesecalendar_but_where_it_is_wrong(
    table: DayTable,
) -> None:
    years = sorted({day.year for day in theirs} & table.official.known_years)
    assert years == list(range(2004, 2027))
    works = table.official.works
    differing = {
        day: works(day)
        for year in years
        for day in days_of(year)
        if works(day) != chinese_calendar.is_workday(day)
    }
    unexplained = sorted(differing.keys() - THEY_ARE_WRONG.keys())
    assert not unexplained, f"look up the notice of {written(unexplained)}"
    assert differing == THEY_ARE_WRONG


@pytest.mark.parametrize(
    ("start", "budget", "last"),
    [
        # Spring Festival 2020, prolonged in January to Sunday 2 February (国办发明电〔2020〕1号): Saturday 1st is off
        ("2020-01-23", 1, "2020-02-03"),
        ("2020-01-23", 5, "2020-02-07"),
        # Mid-Autumn and National Day 2021: Saturday 18 and Sunday 26 September work, 19 to 21 and 1 to 7 off
        ("2021-09-17", 10, "2021-10-08"),
        ("2021-09-17", 11, "2021-10-09"),
        # Spring Festival 2022: the whole weekend before works
        ("2022-01-28", 2, "2022-01-30"),
        ("2022-01-28", 3, "2022-02-07"),
        # New Year 2023 begins on Saturday 31 December
        ("2022-12-30", 1, "2023-01-03"),
        # Labour Day 2023: 29 April to 3 May off, Saturday 6 works
        ("2023-04-28", 5, "2023-05-09"),
        # Dragon Boat 2023: Thursday to Saturday off, Sunday 25 June works
        ("2023-06-21", 2, "2023-06-26"),
        # Mid-Autumn and National Day 2023: 29 September to 6 October off, then Saturday and Sunday work
        ("2023-09-28", 1, "2023-10-07"),
        ("2023-09-28", 5, "2023-10-11"),
        # Spring Festival 2024: Sundays 4 and 18 February work, the eve on Friday 9 too, 10 to 17 off
        ("2024-02-02", 5, "2024-02-08"),
        ("2024-02-02", 7, "2024-02-18"),
        ("2024-02-02", 10, "2024-02-21"),
        ("2024-02-04", 1, "2024-02-05"),
        # Tomb-Sweeping 2024: Thursday to Saturday off, Sunday 7 April works
        ("2024-04-03", 2, "2024-04-08"),
        # Labour Day 2024: Sunday 28 April and Saturday 11 May work, 1 to 5 May off
        ("2024-04-26", 5, "2024-05-07"),
        ("2024-04-30", 6, "2024-05-11"),
        # Mid-Autumn 2024: Saturday 14 September works, 15 to 17 off
        ("2024-09-13", 2, "2024-09-18"),
        # National Day 2024: Sunday 29 September and Saturday 12 October work, 1 to 7 off
        ("2024-09-27", 3, "2024-10-08"),
        ("2024-09-27", 7, "2024-10-12"),
        ("2024-10-05", 1, "2024-10-08"),
        # Spring Festival 2025: Sunday 26 January and Saturday 8 February work, 28 to 4 off
        ("2025-01-24", 5, "2025-02-07"),
        ("2025-01-24", 6, "2025-02-08"),
        # National Day 2025: Sunday 28 September and Saturday 11 October work, 1 to 8 off
        ("2025-09-26", 5, "2025-10-10"),
        ("2025-09-26", 6, "2025-10-11"),
        ("2025-10-01", 0, "2025-10-09"),
        ("2025-10-11", 0, "2025-10-11"),
    ],
)
def test_a_limit_over_a_difficult_span_ends_on_the_day_counted_by_hand(
    table: DayTable, start: str, budget: int, last: str
) -> None:
    due = due_at(moment(f"{start} 09:00"), budget, WORKING_DAYS, table)
    assert due == clock.end_of(date.fromisoformat(last))
