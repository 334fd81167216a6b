"""The board's numbers for a unit and all below it through a lens. One definition of each number serves count and list."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import add, sub
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Coalesce, Substr

from casework.cases.models import CaseQuerySet, StepQuerySet
from casework.core.clock import local_date, local_moment
from casework.deadlines.days import DayTable, days_for
from casework.org.models import Post, Unit, UnitKind
from casework.org.units import county
from casework.oversight.lens import Lens, below
from casework.oversight.watch import LATE, NEXT, WATCHED, horizon, lateness, watched

DEEPEST = 5  # county, township, school, grade, class
SOON = timedelta(hours=48)
BY_DUE = ("open", "soon", "overdue", *LATE)
AGES: tuple[tuple[int, int | None], ...] = ((0, 3), (4, 7), (8, 14), (15, 30), (31, None))
LEVELS_DOWN: dict[str, int] = {UnitKind.SCHOOL: 2, UnitKind.CLASS: 0, UnitKind.VILLAGE: 0}


class Tally(NamedTuple):
    """How many open steps, and how many of them are what a supervisor acts on."""

    open: int = 0
    soon: int = 0
    overdue: int = 0
    unclaimed: int = 0
    stuck: int = 0
    late_0: int = 0
    late_1: int = 0
    late_4: int = 0
    late_8: int = 0

    def __add__(self, other: "Tally") -> "Tally":  # type: ignore[override]  # adds number to number
        return Tally(*map(add, self, other))


def by_due(lens: Lens) -> dict[str, Q]:
    """What the numbers that only ask for the due moment count: all that is open, soon (within 48 hours), overdue."""
    at, due = lens.at, lens.due
    return {
        "open": Q(),
        "soon": Q(**{f"{due}__gte": at, f"{due}__lt": at + SOON}),
        "overdue": Q(**{f"{due}__lt": at}),
    }


def conditions(lens: Lens) -> dict[str, Q]:
    """What each number counts among the open steps of a lens; the keys are the first fields of `Tally`.

    unclaimed: in nobody's hands though it can be claimed; stuck: in nobody's hands, and no active person holds its role
    at its unit or above (whose work it checks does not count).
    """
    posts = Post.objects.held_on(local_date(lens.at)).filter(
        role=OuterRef("role"), unit__path__in=_paths_up("unit__path"), **_active(lens)
    )
    takers = posts.exclude(user_id=Coalesce(OuterRef("asked_by_id"), 0))
    free = Q(**{lens.holder: None})
    return {
        **by_due(lens),
        "unclaimed": free & Q(opens_at__lte=lens.at),
        "stuck": free & ~Q(Exists(takers)),
    }


def _paths_up(path: str) -> list[Any]:
    """The path of a unit and of each above it, computed in the database: the tree has `DEEPEST` levels."""
    step = Unit.steplen
    return [Substr(OuterRef(path), 1, step * depth) for depth in range(1, DEEPEST + 1)]


def steps_of(unit: Unit, lens: Lens, what: str = "open") -> StepQuerySet:
    """The open steps behind a number of the board: those whose own unit is `unit` or below it. Unknown `what`: KeyError."""
    rows: StepQuerySet = lens.steps().filter(lens.within(unit))
    return rows.filter(_rule(lens, what))


def _rule(lens: Lens, what: str) -> Q:
    """The condition of that name; those that ask more of the database are put together only for what they name."""
    if what == NEXT:
        until = horizon(lens.at, days_for(county()))
        return Q(**{f"{lens.due}__gte": lens.at, f"{lens.due}__lt": until})
    if what in LATE:
        return lateness(lens, days_for(county()))[what]
    return watched(lens)[what] if what in WATCHED else conditions(lens)[what]


def place_length(unit: Unit) -> int:
    """How long the paths of the rows below `unit` are: its townships, schools or (past the grades) classes."""
    return int(len(unit.path) + Unit.steplen * LEVELS_DOWN.get(unit.kind, 1))


def step_tallies(
    unit: Unit, lens: Lens, days: DayTable, paths: dict[int, str]
) -> dict[tuple[str, str], Tally]:
    """By path of the row below `unit` (its own path: work of its own office) and kind of step; `paths` of all units.

    Steps are grouped by their unit first, on the index `step_board` alone (so a column of it is counted): what follows
    costs by unit, not by step.
    """
    length = place_length(unit)
    found: dict[tuple[str, str], Tally] = {}
    for (place, kind), tally in tallies_by_unit(unit, lens, days, paths).items():
        key = (paths[place][:length], kind)
        found[key] = found.get(key, Tally()) + tally
    return found


def tallies_by_unit(
    unit: Unit, lens: Lens, days: DayTable, paths: dict[int, str]
) -> dict[tuple[int, str], Tally]:
    """The numbers of each unit (by key) at or below `unit`, by kind of step. Two queries (of a past day three) and one for posts."""
    rules = {**by_due(lens), **lateness(lens, days)}
    counts = {name: Count(lens.due, filter=rules[name] or None) for name in BY_DUE}
    grouped = [
        row
        for rows in lens.parts()
        for row in rows.filter(lens.within(unit))
        .values(lens.unit, "shown_kind")
        .annotate(**counts)
        .order_by()
    ]
    grouped += _unheld(unit, lens, paths)
    found: dict[tuple[int, str], Tally] = {}
    for row in grouped:
        key = (row.pop(lens.unit), row.pop("shown_kind"))
        found[key] = found.get(key, Tally()) + Tally(**row)
    return found


def _unheld(unit: Unit, lens: Lens, paths: dict[int, str]) -> list[dict[str, Any]]:
    """What is in nobody's hands, by unit and kind: claimable now, and stuck (as in `conditions`)."""
    groups = (
        lens.free()
        .filter(lens.within(unit))
        .values(lens.unit, "shown_kind", "role", "asked_by_id")
        .annotate(many=Count("opens_at"), ready=Count("opens_at", filter=Q(opens_at__lte=lens.at)))
        .order_by()
    )
    found = list(groups)
    takers = _takers({row["role"] for row in found}, lens)
    return [
        {
            lens.unit: row[lens.unit],
            "shown_kind": row["shown_kind"],
            "unclaimed": row["ready"],
            "stuck": 0 if _can_be_taken(row, paths[row[lens.unit]], takers) else row["many"],
        }
        for row in found
    ]


def _active(lens: Lens) -> dict[str, bool]:
    """Who is active is known of now alone; of the past the dated posts speak."""
    return {} if lens.past else {"user__is_active": True}


def _takers(roles: set[str], lens: Lens) -> dict[tuple[str, str], set[int]]:
    """Who holds each of the roles, by role and path of the unit."""
    posts = Post.objects.held_on(local_date(lens.at)).filter(role__in=roles, **_active(lens))
    found: dict[tuple[str, str], set[int]] = {}
    for role, path, user in posts.values_list("role", "unit__path", "user_id"):
        found.setdefault((role, path), set()).add(user)
    return found


def _can_be_taken(row: dict[str, Any], path: str, takers: dict[tuple[str, str], set[int]]) -> bool:
    ends = range(Unit.steplen, len(path) + 1, Unit.steplen)
    others = (takers.get((row["role"], path[:end]), set()) - {row["asked_by_id"]} for end in ends)
    return any(others)


def cases_of(unit: Unit, lens: Lens, age: int | None = None) -> CaseQuerySet:
    """The open cases of `unit` and below, by their class (else school); of one span of `AGES` if it is given."""
    aged = Q() if age is None else _aged(lens.at, *AGES[age])
    return placed(lens.cases(), unit).filter(aged)


def placed(cases: CaseQuerySet, unit: Unit) -> CaseQuerySet:
    """Those of `unit` and below, by their class (else school)."""
    rows: CaseQuerySet = cases.annotate(path=Coalesce("class_unit__path", "school__path"))
    return rows.filter(below(unit, "path"))


def ages(unit: Unit, lens: Lens, paths: dict[int, str]) -> dict[str, tuple[int, ...]]:
    """Open cases by path of the row below `unit` and by days since they were opened, in the spans of `AGES`."""
    older = {
        f"older{i}": Count("opened_at", filter=Q(opened_at__lt=_opened_before(lens.at, youngest)))
        for i, (youngest, _oldest) in enumerate(AGES)
    }
    open_cases = lens.cases() if unit.is_root() else cases_of(unit, lens)
    groups = list(open_cases.values("class_unit_id", "school_id").annotate(**older).order_by())
    length = place_length(unit)
    found: dict[str, tuple[int, ...]] = {}
    for row in groups:
        place, many = paths[_home(row)][:length], [*(row[name] for name in older), 0]
        spans = map(sub, many, many[1:])
        found[place] = tuple(map(add, found.get(place, (0,) * len(AGES)), spans))
    return found


def _home(row: dict[str, int]) -> int:
    return row["class_unit_id"] or row["school_id"]


def _aged(at: datetime, youngest: int, oldest: int | None) -> Q:
    """Opened that many local days before the day of `at`."""
    rule = Q(opened_at__lt=_opened_before(at, youngest))
    return rule if oldest is None else rule & Q(opened_at__gte=_opened_before(at, oldest + 1))


def _opened_before(at: datetime, days: int) -> datetime:
    """The moment before which a case was opened that is at least so many local days old on the day of `at`."""
    return local_moment(local_date(at) - timedelta(days=days - 1))


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum of some tallies."""
    return sum(tallies, Tally())
