"""Which rolls of today are called, which are late, and which days of a class were never called."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from casework.core.clock import local_date
from casework.deadlines.days import days_for, days_of, school_days
from casework.org.models import Unit
from casework.profiles.rules import newest_profiles
from casework.students.attendance import Policy, policy
from casework.students.models import Enrolment, Part, RollCall, RollTaking

DAYS_BACK, DAY = 14, timedelta(days=1)
SHOWN = 5


@dataclass(frozen=True)
class PartDay:
    """A part of a day of a class: the roll as it was called, if it was; `late`: it should be there by now."""

    part: Part
    taking: RollTaking | None
    late: bool


@dataclass(frozen=True)
class ClassDay:
    """A class today. No `parts`: it is not taught, nobody is in it, or its roll came with a file (`imported`)."""

    class_unit: Unit
    parts: tuple[PartDay, ...]
    imported: bool = False
    before: date | None = None  # the school day before


def todays_classes(classes: Sequence[Unit], today: date, at: datetime) -> list[ClassDay]:
    """The classes with the rolls of a day. A fixed number of queries."""
    takings = _takings(classes, today)
    called = set(
        RollCall.objects.filter(class_unit__in=classes, day=today).values_list(
            "class_unit", flat=True
        )
    )
    running = Enrolment.objects.running_on(today).filter(class_unit__in=classes)
    filled = {*running.values_list("class_unit", flat=True).distinct(), *takings}
    tables, newest = days_of({unit.path for unit in classes}), newest_profiles()
    found = []
    for unit in classes:
        imported = unit.pk in called and unit.pk not in takings
        taught = (
            not imported
            and unit.pk in filled
            and tables[unit.path].school.counts(today.toordinal())
        )
        rules = policy(unit, at, newest=newest) if taught else None
        parts = _parts(rules, today, at, takings[unit.pk]) if rules else ()
        earlier = school_days(tables[unit.path], today - timedelta(days=DAYS_BACK), today - DAY)
        found.append(ClassDay(unit, parts, imported, earlier[-1] if earlier else None))
    return found


def _takings(classes: Sequence[Unit], day: date) -> dict[int, dict[str, RollTaking]]:
    rows = RollTaking.objects.filter(class_unit__in=classes, day=day).select_related("by")
    found: dict[int, dict[str, RollTaking]] = defaultdict(dict)
    for each in rows.prefetch_related("marks"):
        found[each.class_unit_id][each.part] = each
    return found


def _parts(
    rules: Policy, day: date, at: datetime, takings: dict[str, RollTaking]
) -> tuple[PartDay, ...]:
    return tuple(
        PartDay(part, takings.get(part), part not in takings and rules.late(day, part, at))
        for part in rules.called_for(day, at)
    )


def days_open(class_unit: Unit, at: datetime) -> list[tuple[date, Part]]:
    """The school days of the last two weeks, before today, of which no roll of a class says anything; the newest few, with their first part."""
    today = local_date(at)
    days = days_for(class_unit)
    term = days.term_of(today)
    if term is None:
        return []
    first = max(term.first, today - timedelta(days=DAYS_BACK))
    taught = school_days(days, first, today - timedelta(days=1))
    rows = RollCall.objects.filter(class_unit=class_unit, day__range=(first, today))
    called = set(rows.values_list("day", flat=True))
    missing = [day for day in reversed(taught) if day not in called]
    return [(day, Part.MORNING) for day in missing[:SHOWN]]
