"""The “seven ones” of Honghu as a check before an export (domain.md 6.2): what should agree, what does, and what this house does not keep."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.cases.kinds import Outcome, Stage
from casework.cases.models import Case
from casework.core.errors import DomainError
from casework.deadlines.days import days_for, school_days
from casework.documents.models import Document
from casework.evidence.extent import About, Row, Table
from casework.students.models import Enrolment, RollCall

ELSEWHERE = (Outcome.TRANSFER_OUT, Outcome.STUDYING_ELSEWHERE, Outcome.MIGRANT_WITH_PARENTS)
SCHOOL_WEEK = 5


class Found(NamedTuple):
    """Of how many the check was made, how many do not agree, and where or which they are."""

    checked: int
    differ: int
    which: list[str]


@dataclass(frozen=True)
class Check:
    """One of the seven, or a part of it. `made` None: nothing here could answer it."""

    title: Promise
    made: Callable[[About], Found] | None = None


def _status_numbers(a: About) -> Found:
    without = _enrolled(a).filter(pupil__status_index="")
    return Found(_enrolled(a).count(), without.count(), _classes(without))


def _rolls(a: About) -> Found:
    """Classes with pupils whose roll was called on one of the last five school days. DomainError where no term is known."""
    back = a.last - timedelta(days=60)
    last = school_days(days_for(a.unit), back, a.last)[-SCHOOL_WEEK:]
    called = RollCall.objects.filter(class_unit=OuterRef("class_unit"), day__in=last)
    missing = _classes(_enrolled(a).exclude(Exists(called)))
    return Found(len(_classes(_enrolled(a))), len(missing), missing)


def _enrolled(a: About) -> QuerySet[Enrolment]:
    rows: QuerySet[Enrolment] = Enrolment.objects.running_on(a.last)
    return rows.filter(class_unit__path__startswith=a.unit.path)


def _classes(rows: QuerySet[Enrolment]) -> list[str]:
    names = rows.order_by("class_unit__path").values_list("school__name", "class_unit__name")
    return [f"{school} {name}" for school, name in names.distinct()]


def _certificates(a: About) -> Found:
    return _papers(a.cases.filter(outcome__in=ELSEWHERE), ("P22",), a.until)


def _home_taught(a: About) -> Found:
    return _papers(a.cases.filter(outcome=Outcome.HOME_TEACHING), ("P37", "P21"), a.until)


def _interviews(a: About) -> Found:
    return _papers(a.cases, ("P02", "P04", "P06", "P24"), a.until)


def _bags(a: About) -> Found:
    return _papers(a.cases, ("P35",), a.until)


def _villages(a: About) -> Found:
    """The sums of villages and township agree where each case has its village."""
    cases = a.cases.filter(Q(closed_at=None) | Q(closed_at__gt=a.until))
    without = list(cases.filter(village=None).values_list("number", flat=True))
    return Found(cases.count(), len(without), without)


def _papers(cases: QuerySet[Case], kinds: tuple[str, ...], at: datetime) -> Found:
    """Whether each case has a paper of one of the kinds."""
    chain = Concat(Value("case:"), Cast(OuterRef("pk"), CharField()))
    there = Document.objects.filter(chain=chain, kind__in=kinds, frozen_at__lte=at)
    kept = cases.exclude(stage=Stage.CANCELLED)
    without = list(kept.exclude(Exists(there)).values_list("number", flat=True))
    return Found(kept.count(), len(without), without)


CHECKS = (
    Check(_("Each pupil of the rosters has a status number"), _status_numbers),
    Check(_("Each class of the rosters was called on one of the last five school days"), _rolls),
    Check(_("The exam lists have the same pupils")),
    Check(_("The list of aid agrees")),
    Check(_("One certificate for each pupil who studies elsewhere"), _certificates),
    Check(_("Township and village tables agree: each open case has its village"), _villages),
    Check(_("One file for each pupil taught at home"), _home_taught),
    Check(_("One interview sheet for each case"), _interviews),
    Check(_("One bag for each household: its case is on paper"), _bags),
)


def _rows(a: About) -> Iterator[Row]:
    for check in CHECKS:
        yield check.title, *_answer(check, a)


def _answer(check: Check, a: About) -> Row:
    if check.made is None:
        return "", "", _("not kept here"), ""
    try:
        found = check.made(a)
    except DomainError as unknown:
        return "", "", str(unknown), ""
    return (
        found.checked,
        found.differ,
        _("differs") if found.differ else _("agrees"),
        "; ".join(found.which),
    )


SEVEN = Table(
    "seven-ones",
    _("The seven ones"),
    (_("What is compared"), _("Checked"), _("Differ"), _("State"), _("Which")),
    _rows,
    whole=True,
)
