"""What learning records and surveys of learning at home tell of a pupil, and its days missed in the term (domain.md B19, B20)."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils.translation import gettext as _

from casework.cases.models import CensusKind, Counted
from casework.cases.models.census import Results
from casework.cases.sheets import SHEETS
from casework.core.clock import local_date
from casework.deadlines.days import term_of
from casework.org.models import Unit
from casework.students.models import Absence, Mark

KNOWN_FOR = timedelta(
    days=400
)  # a year's records: this term's, the one before and that of a year ago
FELL = 2  # steps of the results from one record to the next
AWAY = (Mark.ABSENT, Mark.HALF, Mark.SICK, Mark.LEAVE)


def signals(pupils: Collection[int], at: datetime) -> dict[int, list[tuple[str, str]]]:
    """Of each pupil of whom anything alarms: the signs with the record that says so, from the newest record of each kind. One query."""
    since = local_date(at) - KNOWN_FOR
    kinds = (CensusKind.LEARNING, CensusKind.HOME)
    rows = Counted.objects.filter(
        pupil__in=pupils, census__kind__in=kinds, census__opens_on__gt=since
    )
    records: dict[tuple[int, str], list[Counted]] = defaultdict(list)
    for each in rows.select_related("census").order_by("census__opens_on", "pk"):
        records[each.pupil_id, each.census.kind].append(each)
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for (pupil, _kind), told in records.items():
        newest = told[-1]
        signs = [*_alarming(newest), *([_("results fell")] if _fell(told[-2:]) else [])]
        found[pupil] += [(sign, newest.census.title) for sign in signs]
    return {pupil: signs for pupil, signs in found.items() if signs}


def _alarming(record: Counted) -> list[str]:
    return [
        str(question.answers(code).label)
        for question in SHEETS[record.census.kind]
        if (code := record.answers[question.key]) in question.alarming
    ]


def _fell(records: list[Counted]) -> bool:
    """Whether the results of two records in a row went down by `FELL` steps."""
    order = Results.values
    steps = [order.index(each.answers["results"]) for each in records if "results" in each.answers]
    return len(steps) > 1 and steps[1] - steps[0] >= FELL


def days_missed(pupils: Collection[int], class_unit: Unit, at: datetime) -> dict[int, int]:
    """On how many days of the running term each pupil was away for a day or part of it, excused or not; nothing between terms."""
    today = local_date(at)
    term = term_of(class_unit, today)
    if term is None:
        return {}
    rows = Absence.objects.filter(
        pupil__in=pupils, mark__in=AWAY, day__gte=term.first, day__lte=today
    )
    return dict(rows.values_list("pupil").annotate(Count("day", distinct=True)))
