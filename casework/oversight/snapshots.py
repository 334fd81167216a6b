"""The numbers of each evening, kept: trends are read from them, and any of them can be counted again from the rows."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from django.db import transaction

from casework.core.clock import last_moment, local_date
from casework.core.snapshot import snapshot
from casework.deadlines.days import basis
from casework.org.models import Unit, UnitKind
from casework.org.units import county, school_path
from casework.oversight.figures import Tally, tallies_by_unit
from casework.oversight.lens import Lens
from casework.oversight.models import Snapshot

MOST_MISSED = 30
IN_SCHOOL = (UnitKind.GRADE, UnitKind.CLASS)


def take_snapshot(at: datetime) -> int:
    """Keep the numbers of the evening before `at`, and of the evenings missed since the last one kept. Returns how many rows."""
    yesterday = local_date(at) - timedelta(days=1)
    last = Snapshot.objects.order_by("-day").values_list("day", flat=True).first()
    missed = (yesterday - last).days - 1 if last else 0
    back = range(min(max(0, missed), MOST_MISSED), -1, -1)
    return sum(take(yesterday - timedelta(days=days)) for days in back)


def take(day: date) -> int:
    """Keep the numbers of the end of that day, unless they are there."""
    if Snapshot.objects.filter(day=day).exists():
        return 0
    with snapshot():  # a number that is kept is of one moment
        numbers = numbers_of(last_moment(day), past=True)
    rows = [
        Snapshot(
            day=day,
            unit_id=unit,
            kind=kind,
            open=tally.open,
            overdue=tally.overdue,
            unclaimed=tally.unclaimed,
            stuck=tally.stuck,
        )
        for (unit, kind), tally in numbers.items()
    ]
    with transaction.atomic():
        Snapshot.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def numbers_of(at: datetime, *, past: bool) -> dict[tuple[int, str], Tally]:
    """By office or school (its classes with it) and kind of step."""
    units = {unit.pk: unit for unit in Unit.objects.only("path", "depth", "kind")}
    paths = {pk: unit.path for pk, unit in units.items()}
    keys = {unit.path: pk for pk, unit in units.items()}
    root = county()
    found: dict[tuple[int, str], Tally] = defaultdict(Tally)
    tallies = tallies_by_unit(root, Lens(at, past=past), basis().at(root), paths)
    for (pk, kind), tally in tallies.items():
        unit = units[pk]
        place = keys[school_path(unit.path)] if unit.kind in IN_SCHOOL else pk
        found[place, kind] += tally
    return dict(found)
