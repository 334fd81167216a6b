"""The truancy ladder (domain.md B2): how often a pupil stayed away without leave this school year, and which talk is still owed.

Computed from the rolls and the records of talks (P24), never stored. Education only: a talk each time, by the class
teacher, then above her; from the fourth time on with a home visit.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from casework.cases.models import Case
from casework.core.clock import local_date, local_moment, school_year
from casework.deadlines.days import days_for, school_days
from casework.detection.reading import read_rolls
from casework.detection.rules import runs
from casework.documents.models import Document
from casework.org.models import Unit, User
from casework.org.roles import Role
from casework.students.models import UNEXCUSED, Absence, Enrolment, Pupil

RUNGS = ("oral", "written", "grade", "school")
WHOSE = {
    Role.CLASS_TEACHER: ("oral", "written"),
    Role.SCHOOL_CASE_OFFICER: ("grade",),
    Role.PRINCIPAL: ("school",),
}
LOOKS_BACK = timedelta(days=30)  # a talk about what lies longer ago than this mends nothing


@dataclass(frozen=True)
class Owed:
    """A talk that is owed: about which time, its rung, and the last day missed."""

    pupil_id: int
    class_unit_id: int
    times: int
    rung: str
    last_day: date


def talks_owed(user: User, at: datetime) -> list[Owed]:
    """The talks that the person's posts owe, the latest absence first. A fixed number of queries a post."""
    found = []
    for post in user.current_posts:
        rungs = WHOSE.get(Role(post.role), ())
        found += [each for each in _owed_in(post.unit, at) if each.rung in rungs] if rungs else []
    unique = {each.pupil_id: each for each in found}
    return sorted(unique.values(), key=lambda each: (each.last_day, each.pupil_id), reverse=True)


def rung_owed(pupil: Pupil, at: datetime) -> str:
    """The rung of the talk that is owed to a pupil; empty where none is."""
    enrolled = (
        Enrolment.objects.filter(pupil=pupil, until=None).select_related("class_unit").first()
    )
    if enrolled is None:
        return ""
    owed = (each for each in _owed_in(enrolled.class_unit, at) if each.pupil_id == pupil.pk)
    return next((each.rung for each in owed), "")


def _owed_in(unit: Unit, at: datetime) -> list[Owed]:
    today = local_date(at)
    classes = _missing_lately(unit, today)
    if not classes:
        return []
    taught = school_days(days_for(unit), school_year(today), today)
    times = _times(classes, taught)
    talks = _talks(classes, school_year(today))
    return [
        Owed(pupil, classes[pupil], len(days), RUNGS[min(len(days), len(RUNGS)) - 1], days[-1])
        for pupil, days in times.items()
        if days and days[-1] > today - LOOKS_BACK and talks[pupil] < len(days)
    ]


def _missing_lately(unit: Unit, today: date) -> dict[int, int]:
    """The pupils below a unit with an unexcused mark of the last weeks, by id, with their class."""
    rows = Absence.objects.filter(
        day__gt=today - LOOKS_BACK, day__lte=today, mark__in=UNEXCUSED
    ).values("pupil")
    enrolled = Enrolment.objects.filter(
        pupil__in=rows, until=None, class_unit__path__startswith=unit.path
    )
    return dict(enrolled.values_list("pupil", "class_unit"))


def _times(pupils: Iterable[int], taught: list[date]) -> dict[int, list[date]]:
    """Of each pupil the last day of every time: days missed in a row are one time."""
    keys = sorted(pupils)
    if not taught:
        return {}
    rolls = read_rolls(keys, taught[0], taught[-1])
    return {
        pupil: [
            run.last_day
            for run in runs(rolls.of(pupil, taught), taught, days=1, unexcused=UNEXCUSED)
        ]
        for pupil in keys
    }


def _talks(pupils: Iterable[int], since: date) -> Counter[int]:
    """How many talks were recorded of each pupil since a day, with or without a case."""
    cases = dict(Case.objects.filter(pupil__in=list(pupils)).values_list("pk", "pupil"))
    chains = {f"pupil:{pk}": pk for pk in pupils} | {f"case:{pk}": of for pk, of in cases.items()}
    papers = Document.objects.filter(
        Q(chain__in=list(chains)), kind="P24", frozen_at__gte=local_moment(since), supersedes=None
    )
    return Counter(chains[chain] for chain in papers.values_list("chain", flat=True))
