"""The official notice of a year from a file, for an office whose package of holidays is older than the notice."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from casework.core.clock import day_in
from casework.core.errors import DomainError
from casework.deadlines.calendar import Days, Official, Source, notice_year
from casework.deadlines.models import Holiday

KINDS = {"off": False, "work": True}
NEEDED = (
    Holiday.NEW_YEAR, Holiday.SPRING_FESTIVAL, Holiday.TOMB_SWEEPING, Holiday.LABOUR_DAY, Holiday.DRAGON_BOAT,
    Holiday.NATIONAL_DAY, Holiday.MID_AUTUMN,
)  # fmt: skip
HEAD = ["day", "kind", "name"]


def read_notice(path: Path, year: int, known: Official) -> Source:
    """The days of `known` with those of `year` as the file names them: lines of day, off or work, code of the holiday.

    DomainError naming file, row, field and remedy: no such file, a line that cannot be read, a day of another year, a day
    twice, a holiday that is missing, a year with a gap before it.
    """
    _refuse_gap(year, known)
    days: Days = {}
    for row, line in _lines(path):
        day, said = _read(path, row, line)
        if day in days:
            raise _wrong(path, row, "day", _("it stands here twice"))
        if year not in (day.year, notice_year(day)):
            raise _wrong(path, row, "day", _("it is not a day of %(year)s") % {"year": year})
        days[day] = said
    _refuse_missing(path, days)
    others = {day: said for day, said in known.named.items() if notice_year(day) != year}
    return Source(
        name=path.name[:120],
        last_year=max(year, known.last.year),
        known=tuple(sorted({*known.known_years, year})),
        days=others | days,
    )


def _refuse_gap(year: int, known: Official) -> None:
    last = max(known.known_years)
    if year > last + 1:
        raise DomainError(
            _("The calendar would have a gap: load the notice of %(year)s first."), year=last + 1
        )


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines below the head with their numbers; comments and empty ones are left out."""
    try:
        rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise DomainError(
            _("%(file)s cannot be read. Give the path of a CSV file in UTF-8."), file=path.name
        ) from error
    said = [(n, row) for n, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]
    numbered = [(n, row) for n, row in said if not row[0].startswith("#")]
    if not numbered or [cell.strip() for cell in numbered[0][1]] != HEAD:
        raise DomainError(
            _("%(file)s: the first line must say %(head)s."), file=path.name, head=",".join(HEAD)
        )
    yield from numbered[1:]


def _read(path: Path, row: int, line: list[str]) -> tuple[date, tuple[bool, str]]:
    if len(line) != len(HEAD):
        raise _wrong(path, row, "day", _("write three fields: day, off or work, holiday"))
    text, kind, name = (cell.strip() for cell in line)
    day = day_in(text)
    if day is None:
        raise _wrong(path, row, "day", _("write it like 2027-02-06"))
    if kind not in KINDS:
        raise _wrong(path, row, "kind", _("write off or work"))
    if name not in Holiday.values or (kind == "work") != (name == Holiday.MAKE_UP):
        codes = ", ".join(Holiday.values)
        raise _wrong(
            path, row, "name", _("write one of %(codes)s; a workday is make_up") % {"codes": codes}
        )
    return day, (KINDS[kind], name)


def _refuse_missing(path: Path, days: Days) -> None:
    named = {name for _working, name in days.values()}
    missing = [str(holiday.label) for holiday in NEEDED if holiday not in named]
    if not any(working for working, _name in days.values()):
        missing.append(str(Holiday.MAKE_UP.label))  # every notice since 2008 names some
    if missing:
        raise DomainError(
            _("%(file)s names no day of: %(missing)s. Enter the whole notice."),
            file=path.name,
            missing="、".join(missing),
        )


def _wrong(path: Path, row: int, field: str, remedy: object) -> DomainError:
    return DomainError(
        _("%(file)s, row %(row)s, field %(field)s: %(remedy)s."),
        file=path.name,
        row=row,
        field=field,
        remedy=remedy,
    )
