"""Stage 0, the alert: absent without leave when the roll was last called, and the family not reached since (domain.md 2.2, B2).

Computed from rolls and contacts, never stored: it is over when somebody was reached, when a case is open, or when the
roll says otherwise. The contact is a record with its paper (P02), due the same school day.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.facts.early import contact
from casework.cases.models import Case, SignState, Visit, VisitForm
from casework.cases.visits import line_of, plain, refuse_facts_to_come
from casework.cases.without_case import issue_outside
from casework.core.clock import local_date, local_moment
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.detection.scan import RULE
from casework.org.models import Unit, UnitKind, User
from casework.org.roles import Can
from casework.profiles.rules import section
from casework.students.models import Absence, Enrolment, Mark, Pupil, RollCall

LOOKS_BACK = timedelta(days=7)
NOBODY, AWAY = "nobody", "away"


@dataclass(frozen=True)
class Alert:
    """A pupil, the class, and the day of the roll that says absent; `late`: that day is over."""

    pupil: Pupil
    class_unit: Unit
    day: date
    late: bool


def alerts_for(user: User, at: datetime) -> list[Alert]:
    """The alerts of the person's classes, those of the longest ago first. A fixed number of queries."""
    classes = {unit.pk: unit for unit in _classes(user)}
    today = local_date(at)
    last = _last_rolls(classes, today)
    if not last:
        return []
    rows = Absence.objects.filter(_of(last)).select_related("pupil")
    rows = rows.filter(mark__in={Mark.HALF, *_unexcused(classes, at)}).exclude(_settled(at))
    places = dict(
        Enrolment.objects.filter(pupil__in=rows.values("pupil"), until=None).values_list(
            "pupil", "class_unit"
        )
    )
    return [
        Alert(row.pupil, classes[places[row.pupil_id]], row.day, row.day < today)
        for row in rows.order_by("day", "pupil__name", "pk")
        if places.get(row.pupil_id) in classes
    ]


def rolls_called(user: User, at: datetime) -> bool:
    """Whether a roll of the last days is there at all: without one nobody can be said to be present."""
    classes = {unit.pk: unit for unit in _classes(user)}
    return bool(_last_rolls(classes, local_date(at)))


def _classes(user: User) -> list[Unit]:
    within = Q(pk=None)
    for unit in user.units_with(Can.CALL_ABSENT):
        within |= Q(path__startswith=unit.path)
    return list(Unit.objects.filter(within, kind=UnitKind.CLASS))


def _last_rolls(classes: dict[int, Unit], today: date) -> dict[date, list[int]]:
    """The classes by the day on which their roll was last called, of the last days."""
    rolls = RollCall.objects.filter(
        class_unit__in=classes, day__gt=today - LOOKS_BACK, day__lte=today
    )
    found: dict[date, list[int]] = {}
    for unit, day in rolls.values_list("class_unit").annotate(day=Max("day")).order_by():
        found.setdefault(day, []).append(unit)
    return found


def _of(last: dict[date, list[int]]) -> Q:
    absent = Q(pk=None)
    for day, classes in last.items():
        here = Q(pupil__enrolments__class_unit__in=classes, pupil__enrolments__until=None)
        absent |= Q(day=day) & here
    return absent


def _unexcused(classes: dict[int, Unit], at: datetime) -> list[str]:
    marks: list[str] = section(next(iter(classes.values())), "detection", at)[RULE]["unexcused"]
    return marks


def _settled(at: datetime) -> Any:
    """A case is open, or somebody was reached since that morning."""
    reached = Visit.objects.filter(
        pupil=OuterRef("pupil"), began__date__gte=OuterRef("day"), began__lte=at, struck=False
    ).exclude(answers__result=NOBODY)
    return Q(Exists(Case.objects.open().filter(pupil=OuterRef("pupil")))) | Q(Exists(reached))


def record_contact(pupil: Pupil, data: dict[str, Any], *, by: User, at: datetime) -> Visit:
    """Record that the family was called, with its paper (P02), chained by pupil. DomainError: a moment that lies ahead."""
    refuse_facts_to_come(data["when"], at)
    if local_date(data["when"]) <= local_date(at) - LOOKS_BACK:
        raise DomainError(
            _("That call lies too far back to answer an absence of these days."),
            fields={"when": _("check the day")},
        )
    enrolled = Enrolment.objects.select_related("school").get(pupil=pupil, until=None)
    with one_act():
        visit = Visit.objects.create(
            pupil=pupil,
            school=enrolled.school,
            form=VisitForm.PHONE,
            line=line_of(by),
            visitor=by,
            began=data["when"],
            ended=data["when"],
            recorded_at=at,
            answers={"visitors": by.display_name, **{k: plain(v) for k, v in data.items() if v}},
            sign_state=SignState.UNSIGNED,
        )
        trail.record(
            "visit.recorded", by=by, at=at, unit_id=visit.school_id, subject=f"visit:{visit.pk}"
        )
        issue_outside(
            f"pupil:{pupil.pk}", "P02", lambda: contact(visit, by),
            unit=visit.school, subject=f"visit:{visit.pk}", by=by, at=at,
        )  # fmt: skip
    return visit


def told_in(class_unit: Unit, first: date) -> dict[date, list[str]]:
    """The pupils of a class whose families were called about an absence, by day of the month that begins on `first`."""
    rows = _calls(class_unit, first, (first + timedelta(days=32)).replace(day=1))
    found: dict[date, list[str]] = {}
    for began, name in rows.order_by("began", "pk").values_list("began", "pupil__name"):
        found.setdefault(local_date(began), []).append(name)
    return found


def told_on(class_unit: Unit, day: date) -> set[int]:
    """The pupils of a class whose families were called on a day."""
    return set(_calls(class_unit, day, day + timedelta(days=1)).values_list("pupil", flat=True))


def _calls(class_unit: Unit, first: date, end: date) -> QuerySet[Visit]:
    """The calls about an absence of the pupils of a class, from `first` to the day before `end`."""
    pupils = Enrolment.objects.filter(class_unit=class_unit).values("pupil")
    rows: QuerySet[Visit] = Visit.objects.filter(
        pupil__in=pupils, case=None, form=VisitForm.PHONE,
        began__gte=local_moment(first), began__lt=local_moment(end),
    )  # fmt: skip
    return rows
