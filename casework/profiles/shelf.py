"""The shelf of an office: the parts of its inspection folder that papers are filed under, and when each is due (domain.md 6.2, F1, F16, F32, F35, G27, C8, C11)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.core.errors import DomainError
from casework.org.models import UnitKind

DAY = re.compile(r"(\d\d)-(\d\d)")
FIRST_MONTH = 9  # of a school year
NO_LEAP_YEAR = 2001
ALL = frozenset({UnitKind.SCHOOL, UnitKind.TOWNSHIP, UnitKind.COUNTY})
SCHOOL, TOWNSHIP, COUNTY = (
    frozenset({kind}) for kind in (UnitKind.SCHOOL, UnitKind.TOWNSHIP, UnitKind.COUNTY)
)


@dataclass(frozen=True)
class Slot:
    """A place on the shelf. `part`: its number in the folder of domain.md 6.2; `papers`: kinds of papers made here that fill it."""

    code: str
    part: int
    title: Promise
    levels: frozenset[UnitKind] = ALL
    papers: tuple[str, ...] = ()


SLOTS: dict[str, Slot] = {
    each.code: each
    for each in (
        Slot("leading_group", 1, _("leading group: list of members and duties")),
        Slot("responsibility", 1, _("responsibility letters"), papers=("P26",)),
        Slot("rule_papers", 2, _("rules: reporting, visits, notices, status, tracking, appeal, accountability")),
        Slot("plan", 3, _("plan of the year or term")),
        Slot("summary", 3, _("summary of the term or year")),
        Slot("rosters", 4, _("rosters and lists of special groups")),
        Slot("visit_statistics", 6, _("statistics of home visits"), SCHOOL, ("P34A",)),
        Slot("publicity", 8, _("publicity months"), papers=("P34B",)),
        Slot("meetings", 9, _("minutes of meetings"), papers=("P25B",)),
        Slot("aid", 10, _("aid and help given")),
        Slot("incoming", 11, _("incoming documents and notices")),
        Slot("awards", 12, _("accountability and awards")),
        Slot("self_check", 14, _("self-check")),
        Slot("holiday_report", 14, _("report on the holidays")),
        Slot("statistics", 15, _("statistics with the letter of the formula")),
        Slot("return_lists", 16, _("lists of dropouts and returns"), TOWNSHIP, ("P08",)),
        Slot("quarterly_review", 17, _("quarterly review"), COUNTY),
    )
}  # fmt: skip


def slots_of(kind: str) -> list[Slot]:
    """Those that an office of that kind keeps."""
    return [slot for slot in SLOTS.values() if kind in slot.levels]


def due_days(text: str, year: int) -> list[date]:
    """The days of the school year that begins in `year` on which a paper is due; `text` like `09-15 01-31`, in their order."""
    return sorted(_in_year(month, day, year) for month, day in _days(text))


def _in_year(month: int, day: int, year: int) -> date:
    return date(year if month >= FIRST_MONTH else year + 1, month, day)


def _days(text: str) -> Iterator[tuple[int, int]]:
    """ValueError for anything but days that each year has."""
    for word in text.split():
        found = DAY.fullmatch(word)
        if found is None:
            raise ValueError(word)
        month, day = int(found[1]), int(found[2])
        date(NO_LEAP_YEAR, month, day)
        yield month, day


def refuse_shelf(rules: dict[str, Any]) -> None:
    """DomainError for a day that no year has."""
    for code, text in rules.get("shelf", {}).items():
        try:
            list(_days(text))
        except ValueError as wrong:
            raise DomainError(
                _("“%(slot)s” is due on days like 09-15 01-31, with blanks between; this is none: %(said)s"),
                slot=SLOTS[code].title,
                said=text[:60],
            ) from wrong  # fmt: skip
