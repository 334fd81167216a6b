"""A due date in working days, against the loop over chinesecalendar that everyone writes (must be >= 200)."""

import random
from datetime import date, datetime, timedelta

import chinese_calendar

from bench import figure, ratio, with_database

CALLS = 2000


def main() -> None:
    with_database()
    from casework.core import clock
    from casework.deadlines.calendar import load_official
    from casework.deadlines.days import days_for
    from casework.deadlines.engine import due_at
    from casework.deadlines.units import WORKING_DAYS, last_day
    from casework.org.models import Unit

    at = clock.local_moment(date(2026, 11, 20))
    load_official(at=at, by=None)
    days = days_for(Unit.objects.add_root({"kind": "county", "name": "bench"}))
    draw = random.Random(1)
    asked = [
        (clock.local_moment(date(2025, 1, 1) + timedelta(days=draw.randrange(650)), 9), n)
        for n in (draw.randint(1, 20) for _ in range(CALLS))
    ]

    def bound() -> list[date]:
        return [by_chinesecalendar(start, budget) for start, budget in asked]

    def ours() -> list[datetime]:
        return [due_at(start, budget, WORKING_DAYS, days) for start, budget in asked]

    if [last_day(due) for due in ours()] != bound():
        raise SystemExit("the two do not agree")
    figure("due_date_times_faster_than_chinesecalendar", ratio(bound, ours))


def by_chinesecalendar(start: datetime, budget: int) -> date:
    """The last day of a limit in working days, day by day."""
    day = start.date()
    while budget:
        day += timedelta(days=1)
        budget -= chinese_calendar.is_workday(day)
    return day


if __name__ == "__main__":
    main()
