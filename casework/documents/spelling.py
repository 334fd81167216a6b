"""How a value is spelt on a paper: dates and moments in both editions, lists, codes as boxes."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from casework.core import clock
from casework.documents.glyphs import cleaned
from casework.documents.papers.declare import Field, Options
from casework.documents.papers.words import FRAME

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
LONGEST = 4000


def plain(value: Any, language: str) -> str:
    """One value as clean text: a date or datetime in words, None as nothing, anything else as it is."""
    if isinstance(value, datetime):
        comma = ", " if language == "en" else " "
        return f"{_day(clock.local_date(value), language)}{comma}{_time(value)}"
    if isinstance(value, date):
        return _day(value, language)
    return "" if value is None else cleaned(str(value))


def _day(day: date, language: str) -> str:
    if language == "en":
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def _time(at: datetime) -> str:
    return f"{at.astimezone(clock.LOCAL):%H:%M}"


def period(value: Any, language: str) -> str:
    """A pair of datetimes as one period; a text stays as it is."""
    if isinstance(value, str) or value is None:
        return plain(value, language)
    start, end = value
    if clock.local_date(start) == clock.local_date(end):
        return f"{plain(start, language)}{_dash(language)}{_time(end)}"
    return f"{plain(start, language)}{_dash(language)}{plain(end, language)}"


def _dash(language: str) -> str:
    return "–" if language == "en" else "—"


def lines(value: Any, language: str) -> list[str]:
    """A list of lines. In tables a datetime is two lines, figures only; a pair of them a day and its hours."""
    if isinstance(value, datetime):
        return [clock.local_date(value).isoformat(), _time(value)]
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], datetime):
        start, end = value
        return [clock.local_date(start).isoformat(), f"{_time(start)}{_dash(language)}{_time(end)}"]
    if isinstance(value, str) or not isinstance(value, Iterable):
        value = [value]
    return [text for text in (plain(each, language) for each in value) if text]


def figure(value: Any, language: str) -> str:
    """A date or moment in figures."""
    if isinstance(value, datetime):
        return f"{clock.local_date(value).isoformat()} {_time(value)}"
    return value.isoformat() if isinstance(value, date) else plain(value, language)


def boxes(value: Any, options: Options, language: str) -> list[dict[str, object]]:
    """Every option with a tick (1) or none (0). An unknown code is a ValueError: the caller's mistake."""
    chosen = {value} if isinstance(value, str) else set(value or ())
    unknown = chosen - set(options) - {""}
    if unknown:
        raise ValueError(f"no such option: {sorted(unknown)}; there are {sorted(options)}")
    return [{"text": w.spoken(language), "on": int(code in chosen)} for code, w in options.items()]


def in_words(field: Field, value: Any, language: str) -> str:
    """The value in running text, for a letter; a missing one as a dash."""
    comma = FRAME["comma"].spoken(language)
    spelt = {
        "lines": lambda: comma.join(lines(value, language)),
        "period": lambda: period(value, language),
    }
    say: Callable[[], str] = spelt.get(field.kind, lambda: plain(value, language))
    return say() or FRAME["nothing"].spoken(language)


def day_of(moment: str) -> date:
    """The local day of a record's moment (ISO text with the local offset)."""
    return datetime.fromisoformat(moment).date()
