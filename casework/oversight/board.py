"""The board of a unit: its own numbers, those of the units below it, and what needs action most."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise

from casework.cases.kinds import Kind
from casework.cases.models import Step
from casework.cases.reminding import with_reminders
from casework.deadlines.days import DayTable, basis
from casework.org.models import Unit, UnitKind, User
from casework.oversight import figures
from casework.oversight.figures import AGES, Tally, total
from casework.oversight.lens import Lens, below
from casework.oversight.rolls import Rolls, rolls

WORST = 5
NO_AGES = (0,) * len(AGES)


@dataclass(frozen=True)
class Row:
    """One unit of the board. `own` marks the office of the chosen unit itself."""

    unit: Unit
    own: bool
    tally: Tally
    ages: tuple[int, ...]
    rolls: Rolls
    late: dict[str, int]


@dataclass(frozen=True)
class Board:
    """All that the page shows of a unit at a moment."""

    unit: Unit
    above: list[Unit]
    tally: Tally
    ages: tuple[int, ...]
    rolls: Rolls
    rows: list[Row]
    kinds: list[tuple[str, Promise, Tally]]
    days: DayTable


def board_of(unit: Unit, lens: Lens, units: list[Unit] | None = None) -> Board:
    """The board of `unit` through a lens, in six queries whatever the number of steps; `units` if they are read already."""
    units = units_near([unit]) if units is None else units
    paths = {each.pk: each.path for each in units}
    days = basis()
    own = days.at(unit)
    tallies = figures.step_tallies(unit, lens, own, paths)
    ages = figures.ages(unit, lens, paths)
    classes = [u.path for u in units if u.kind == UnitKind.CLASS and unit.holds(u)]
    found = rolls(unit, days.of(classes), lens.at)
    rows = [_row(u, unit, tallies, ages, found) for u in _places(unit, units)]
    return Board(
        unit=unit,
        above=[u for u in units if u.holds(unit) and u != unit],
        tally=total(tallies.values()),
        ages=tuple(map(sum, zip(NO_AGES, *ages.values(), strict=True))),
        rolls=sum(found.values(), Rolls()),
        rows=[row for row in rows if not row.own or row.tally.open or any(row.ages)],
        kinds=_by_kind(tallies),
        days=own,
    )


def worst_of(unit: Unit, lens: Lens, units: list[Unit], reader: User) -> list[Step]:
    """What has been late for longest, of what the reader sees. The units are known: joining them would cost more than all the rest."""
    late = figures.steps_of(unit, lens, "overdue").visible_to(reader)
    rows = with_reminders(late, lens.at).select_related("case__pupil", "holder", "matter")
    known = {each.pk: each for each in units}
    worst = lens.shown(rows.order_by(lens.due, "id")[:WORST])
    for step in worst:
        for of, name in ((step, "unit"), (step.case, "school"), (step.case, "class_unit")):
            place = known.get(getattr(of, f"{name}_id"))
            if place:
                setattr(of, name, place)
    return worst


def units_near(mine: list[Unit]) -> list[Unit]:
    """My units, all below them and those above, without villages: one query."""
    near = Q(path__in=[path for unit in mine for path in unit.paths_up()])
    for unit in mine:
        near |= below(unit, "path")
    if any(unit.is_root() for unit in mine):
        near = Q()
    units = Unit.objects.filter(near).exclude(kind=UnitKind.VILLAGE)
    return list(units.only("path", "depth", "kind", "name").order_by("path"))


def _places(unit: Unit, units: list[Unit]) -> list[Unit]:
    length = figures.place_length(unit)
    return [u for u in units if u == unit or (unit.holds(u) and len(u.path) == length)]


def _row(
    place: Unit,
    unit: Unit,
    tallies: dict[tuple[str, str], Tally],
    ages: dict[str, tuple[int, ...]],
    found: dict[str, Rolls],
) -> Row:
    mine = {kind: tally for (path, kind), tally in tallies.items() if path == place.path}
    return Row(
        unit=place,
        own=place == unit,
        tally=total(mine.values()),
        ages=ages.get(place.path, NO_AGES),
        rolls=found.get(place.path, Rolls()),
        late={kind: tally.overdue for kind, tally in mine.items() if tally.overdue},
    )


def _by_kind(tallies: dict[tuple[str, str], Tally]) -> list[tuple[str, Promise, Tally]]:
    """In the order of the flow, only kinds of which a step is open."""
    kinds = [(kind, total(t for (_, k), t in tallies.items() if k == kind)) for kind in Kind]
    return [(str(kind), kind.label, tally) for kind, tally in kinds if tally.open]
