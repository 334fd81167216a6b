"""Whom the classes answer for on a class sheet: who is in them, and in a census also who left them last and is in no class now."""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from casework.cases.models import Census, Counted, SignOff
from casework.cases.sheets import asks_whereabouts
from casework.org.models import Unit, UnitKind
from casework.students.models import Enrolment

LOOKS_BACK = timedelta(days=200)  # who left a class in the term before, or since, is asked about


def asked(kind: str, classes: QuerySet[Unit], today: date) -> list[QuerySet[Enrolment]]:
    """The enrolments by which pupils are asked about, one a pupil: those that run, and in a census those that ended last."""
    running = Enrolment.objects.running_on(today).filter(class_unit__in=classes)
    return [running, _left(classes, today)] if asks_whereabouts(kind) else [running]


def _left(classes: QuerySet[Unit], today: date) -> QuerySet[Enrolment]:
    now = Enrolment.objects.running_on(today).filter(pupil=OuterRef("pupil"))
    later = Enrolment.objects.filter(
        Q(until__gt=OuterRef("until")) | Q(until=OuterRef("until"), pk__gt=OuterRef("pk")),
        pupil=OuterRef("pupil"),
        until__lte=today,
    )
    ended = Enrolment.objects.filter(
        class_unit__in=classes, until__gt=today - LOOKS_BACK, until__lte=today
    )
    return ended.exclude(Exists(now)).exclude(Exists(later))


def asking(kind: str, classes: QuerySet[Unit], today: date) -> set[int]:
    """Those of the classes in which anybody is asked about."""
    return _classes(asked(kind, classes, today))


def still_open(census: Census, classes: QuerySet[Unit], today: date) -> set[int]:
    """Those of the classes in which somebody is not answered for yet, were it a pupil who came since; a school that is signed has none any more."""
    answered = Exists(Counted.objects.filter(census=census, pupil=OuterRef("pupil")))
    found = _classes([rows.exclude(answered) for rows in asked(census.kind, classes, today)])
    signed = SignOff.objects.filter(census=census, unit__kind=UnitKind.SCHOOL)
    frozen = tuple(signed.values_list("unit__path", flat=True))
    paths = dict(Unit.objects.filter(pk__in=found).values_list("pk", "path"))
    return {pk for pk in found if not paths[pk].startswith(frozen)} if frozen else found


def _classes(rows: list[QuerySet[Enrolment]]) -> set[int]:
    return {pk for each in rows for pk in each.values_list("class_unit", flat=True).distinct()}
