"""The rules of detection about enrolments and status numbers: whom no school has, and whose number is missing or left over.

Each is asked of the database for all schools of a group at once and gives pupil, first day and the rows that say so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from casework.core.clock import school_year
from casework.deadlines.days import DayTable
from casework.deadlines.engine import due_at
from casework.students.models import Enrolment, MovementState, StatusMovement
from casework.students.models import MovementKind as M
from casework.students.movements import away_on
from casework.students.roster import GRADES

AUTUMN = (8, 9)  # months in which the first term of a school year begins
SUMMER = timedelta(
    days=90
)  # what began longer before the autumn term belongs to the school year before
# movements after which no school of ours owes the child anything (domain.md 2.4)
SETTLED = (M.DECEASED, M.EMIGRATED, M.GRADUATED)


@dataclass(frozen=True)
class Ground:
    """What holds alike for a group of schools: days, rule parameters, the time limit of the decision."""

    days: DayTable
    day: date
    taught: list[date]
    year: list[date]
    parameters: dict[str, Any]
    profile_id: int
    limit: dict[str, Any]
    at: datetime

    @cached_property
    def due(self) -> datetime:
        """When what is found now shall be decided."""
        return due_at(self.at, self.limit["budget"], self.limit["unit"], self.days)

    @property
    def term_begins(self) -> date:
        return self.taught[0]


class Found(NamedTuple):
    """A pupil, the school it was last at, since when, and the rows that say so (as `Finding.days` keeps them)."""

    pupil_id: int
    school_id: int
    since: date
    rows: list[dict[str, Any]]


def not_registered(
    schools: Sequence[int], ground: Ground, said: Mapping[str, Any]
) -> list[Found] | None:
    """Enrolled within the school year before or this one, ended, nothing that settles it, and in no class `days` calendar days into the term."""
    if ground.day < ground.term_begins + timedelta(days=said["days"]):
        return None
    since = school_year(ground.term_begins) - timedelta(days=366)
    rows = _ended(schools, ground.day).filter(until__gte=since, until__lte=ground.day)
    return [_found(each, each.until) for each in _newest(rows, ground.day)]


def not_in_junior(
    schools: Sequence[int], ground: Ground, said: Mapping[str, Any]
) -> list[Found] | None:
    """In the last grade of primary school in the school year before, and `days` calendar days into the autumn term in no higher class (A5)."""
    begins = ground.term_begins
    is_autumn = begins.month in AUTUMN
    if not is_autumn or ground.day < begins + timedelta(days=said["days"]):
        return None
    before = begins - SUMMER
    last_grade = f"{GRADES[said['grade'] - 1]}年级"
    rows = Enrolment.objects.filter(
        Q(until=None) | Q(until__gt=before),
        school__in=schools,
        since__lt=before,
        class_unit__name__startswith=last_grade,
    )
    moved_on = Enrolment.objects.filter(
        pupil=OuterRef("pupil"), until=None, since__gte=before
    ).exclude(pk=OuterRef("pk"))
    rows = rows.exclude(Exists(moved_on)).exclude(Exists(_settling(ground.day)))
    return [_found(each, begins) for each in rows.select_related("class_unit").order_by("pk")]


def no_status(schools: Sequence[int], ground: Ground, said: Mapping[str, Any]) -> list[Found]:
    """In a class for `days` calendar days and without a status number (E5, E6)."""
    latest = ground.day - timedelta(days=said["days"])
    rows = Enrolment.objects.filter(
        school__in=schools, until=None, since__lte=latest, pupil__status_index=""
    )
    return [_found(each, each.since) for each in rows.select_related("class_unit").order_by("pk")]


def left_over(schools: Sequence[int], ground: Ground, said: Mapping[str, Any]) -> list[Found]:
    """A status number whose pupil has been in no class for `days` calendar days, whatever the reason but a settled one (E9)."""
    latest = ground.day - timedelta(days=said["days"])
    rows = _ended(schools, ground.day).filter(until__lte=latest).exclude(pupil__status_index="")
    return [_found(each, each.until) for each in _newest(rows, ground.day)]


def suspension_over(schools: Sequence[int], ground: Ground, said: Mapping[str, Any]) -> list[Found]:
    """A suspension or guest study whose last day passed `days` calendar days ago, and nobody resumed it (domain.md 2.4)."""
    latest = ground.day - timedelta(days=said["days"])
    rows = away_on(StatusMovement.objects.filter(school__in=schools), ground.day)
    found = []
    for row in rows.filter(ends_on__lte=latest).order_by("pk"):
        assert row.ends_on is not None and row.school_id is not None
        kept = {
            "day": row.day.isoformat(),
            "mark": row.kind,
            "source": row.other_school or row.proof,
            "row": 0,
        }
        found.append(Found(row.pupil_id, row.school_id, row.ends_on + timedelta(days=1), [kept]))
    return found


def _ended(schools: Sequence[int], day: date) -> QuerySet[Enrolment]:
    """Ended enrolments of pupils who are in no class now and whose going is not settled."""
    running = Enrolment.objects.filter(pupil=OuterRef("pupil"), until=None)
    rows = Enrolment.objects.filter(school__in=schools).exclude(until=None)
    return rows.exclude(Exists(running)).exclude(Exists(_settling(day)))


def _settling(day: date) -> QuerySet[StatusMovement]:
    """Movements of the pupil that settle it, since the enrolment began; a transfer only with its receipt, or as long as that is not due (E3)."""
    arrived = Q(receipt_due=None) | Q(receipt_on__isnull=False) | Q(receipt_due__gte=day)
    return StatusMovement.objects.filter(
        Q(kind__in=SETTLED) | Q(arrived, kind=M.TRANSFER_OUT),
        pupil=OuterRef("pupil"),
        day__gte=OuterRef("since"),
        state__in=(MovementState.APPROVED, MovementState.NOTED),
    )


def _newest(rows: QuerySet[Enrolment], day: date) -> Iterator[Enrolment]:
    """Of each pupil the last enrolment only."""
    last = Enrolment.objects.filter(pupil=OuterRef("pupil"), since__lte=day).order_by(
        "-since", "-pk"
    )
    yield from (
        rows.filter(pk=Subquery(last.values("pk")[:1])).select_related("class_unit").order_by("pk")
    )


def _found(row: Enrolment, since: date | None) -> Found:
    assert since is not None
    rows = [
        {"day": row.since.isoformat(), "mark": "enrolled", "source": row.class_unit.name, "row": 0}
    ]
    if row.until:
        rows.append(
            {"day": row.until.isoformat(), "mark": "left", "source": row.class_unit.name, "row": 0}
        )
    return Found(row.pupil_id, row.school_id, since, rows)
