"""The office hours of a working day: several spans with breaks between them, as people write them."""

import re

from django.utils.translation import gettext_lazy as _

from casework.core.errors import DomainError

Hours = tuple[tuple[int, int], ...]  # from and to, in minutes since midnight
Schedule = tuple[tuple[int, Hours], ...]  # from which day (an ordinal) on, in order
OFFICE: Hours = ((8 * 60 + 30, 12 * 60), (14 * 60, 17 * 60 + 30))  # where a unit says nothing
USUAL: Schedule = ((0, OFFICE),)
SPAN = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~～至]\s*(\d{1,2})[:：](\d{2})")
BETWEEN = re.compile(r"[\s,，、;；]*")
MOST_SPANS = 6
MIDNIGHT = 24 * 60


def parse_hours(text: str) -> Hours:
    """The spans of a text like 08:30-12:00 14:00-17:30. DomainError: no span, an unreadable one, one that ends before it begins, two that overlap."""
    spans = [tuple(map(int, found.groups())) for found in SPAN.finditer(text)]
    if not spans or len(spans) > MOST_SPANS or not BETWEEN.fullmatch(SPAN.sub("", text)):
        raise _wrong(_("Write the hours like 08:30-12:00 14:00-17:30."))
    hours = tuple(
        (hour * 60 + minute, to_hour * 60 + to_minute) for hour, minute, to_hour, to_minute in spans
    )
    if any(span[1] > 59 or span[3] > 59 for span in spans) or hours[-1][1] > MIDNIGHT:
        raise _wrong(_("A day has 24 hours and an hour 60 minutes. Correct the hours."))
    ends = [moment for span in hours for moment in span]
    if ends != sorted(set(ends)):
        raise _wrong(
            _("Each span ends after it begins, and the next begins later. Correct the hours.")
        )
    return hours


def begun(schedule: Schedule, new: Schedule) -> Schedule:
    """A schedule in which others hold from their first day on: what was to begin later is void."""
    return (*(each for each in schedule if each[0] < new[0][0]), *new) if new else schedule


def written(hours: Hours) -> str:
    """The spans as a text that `parse_hours` reads."""
    return " ".join(f"{_time(opens)}-{_time(closes)}" for opens, closes in hours)


def _time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _wrong(words: object) -> DomainError:
    return DomainError(words, fields={"spans": words})
