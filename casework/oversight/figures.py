"""The board's numbers for a unit and all below it at a moment. One definition of each number serves count and list."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import add, sub
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Coalesce, Substr

from casework.cases.models import Case, CaseQuerySet, Step, StepQuerySet
from casework.core.clock import local_date, local_moment
from casework.org.models import Post, Unit, UnitKind

DEEPEST = 5  # county, township, school, grade, class
SOON = timedelta(hours=48)
AGES: tuple[tuple[int, int | None], ...] = ((0, 3), (4, 7), (8, 14), (15, 30), (31, None))
LEVELS_DOWN: dict[str, int] = {UnitKind.SCHOOL: 2, UnitKind.CLASS: 0, UnitKind.VILLAGE: 0}


class Tally(NamedTuple):
    """How many open steps, and how many of them are what a supervisor acts on."""

    open: int = 0
    soon: int = 0
    overdue: int = 0
    unclaimed: int = 0
    stuck: int = 0

    def __add__(self, other: "Tally") -> "Tally":  # type: ignore[override]  # adds number to number
        return Tally(*map(add, self, other))


def conditions(at: datetime) -> dict[str, Q]:
    """What each number counts among open steps at `at`; the keys are the fields of `Tally`.

    soon: due within 48 hours; unclaimed: in nobody's hands though it can be claimed; stuck: in nobody's
    hands, and no active person holds its role at its unit or above (whose work it checks does not count).
    """
    posts = Post.objects.held_on(local_date(at)).filter(
        role=OuterRef("role"), unit__path__in=_paths_up("unit__path"), user__is_active=True
    )
    takers = posts.exclude(user_id=Coalesce(OuterRef("asked_by_id"), 0))
    return {
        "open": Q(),
        "soon": Q(due_at__gte=at, due_at__lt=at + SOON),
        "overdue": Q(due_at__lt=at),
        "unclaimed": Q(holder=None, opens_at__lte=at),
        "stuck": Q(holder=None) & ~Q(Exists(takers)),
    }


def _paths_up(path: str) -> list[Any]:
    """The path of a unit and of each above it, computed in the database: the tree has `DEEPEST` levels."""
    step = Unit.steplen
    return [Substr(OuterRef(path), 1, step * depth) for depth in range(1, DEEPEST + 1)]


def below(unit: Unit, path: str) -> Q:
    """The condition that the unit at `path` is `unit` or lies below it; at the root no condition at all."""
    if unit.is_root():
        return Q()
    last = Unit.alphabet[-1] * (Unit._meta.get_field("path").max_length - len(unit.path))
    return Q(**{f"{path}__range": (unit.path, unit.path + last)})


def steps_of(unit: Unit, at: datetime, what: str = "open") -> StepQuerySet:
    """The open steps behind a number of the board: those whose own unit is `unit` or below it. Unknown `what`: KeyError."""
    rows: StepQuerySet = Step.objects.open().filter(below(unit, "unit__path"))
    return rows.filter(conditions(at)[what])


def place_length(unit: Unit) -> int:
    """How long the paths of the rows below `unit` are: its townships, schools or (past the grades) classes."""
    return int(len(unit.path) + Unit.steplen * LEVELS_DOWN.get(unit.kind, 1))


def step_tallies(unit: Unit, at: datetime, paths: dict[int, str]) -> dict[tuple[str, str], Tally]:
    """By path of the row below `unit` (its own path: work of its own office) and kind of step; `paths` of all units.

    Steps are grouped by their unit first, on the index `step_board` alone (so a column of it is counted): what follows
    costs by unit, not by step.
    """
    rules, rows = conditions(at), Step.objects.open().filter(below(unit, "unit__path"))
    counts = {
        name: Count("due_at", filter=rules[name] or None) for name in ("open", "soon", "overdue")
    }
    grouped = list(rows.values("unit_id", "shown_kind").annotate(**counts).order_by())
    grouped += _idle(rows, at, paths)
    length = place_length(unit)
    found: dict[tuple[str, str], Tally] = {}
    for row in grouped:
        key = (paths[row.pop("unit_id")][:length], row.pop("shown_kind"))
        found[key] = found.get(key, Tally()) + Tally(**row)
    return found


def _idle(rows: Any, at: datetime, paths: dict[int, str]) -> list[dict[str, Any]]:
    """What is in nobody's hands, by unit and kind: claimable now, and stuck (as in `conditions`)."""
    groups = (
        rows.filter(holder=None)
        .values("unit_id", "shown_kind", "role", "asked_by_id")
        .annotate(many=Count("pk"), ready=Count("pk", filter=Q(opens_at__lte=at)))
        .order_by()
    )
    found = list(groups)
    takers = _takers({row["role"] for row in found}, at)
    return [
        {
            "unit_id": row["unit_id"],
            "shown_kind": row["shown_kind"],
            "unclaimed": row["ready"],
            "stuck": 0 if _can_be_taken(row, paths[row["unit_id"]], takers) else row["many"],
        }
        for row in found
    ]


def _takers(roles: set[str], at: datetime) -> dict[tuple[str, str], set[int]]:
    """Who holds each of the roles, by role and path of the unit."""
    posts = Post.objects.held_on(local_date(at)).filter(role__in=roles, user__is_active=True)
    found: dict[tuple[str, str], set[int]] = {}
    for role, path, user in posts.values_list("role", "unit__path", "user_id"):
        found.setdefault((role, path), set()).add(user)
    return found


def _can_be_taken(row: dict[str, Any], path: str, takers: dict[tuple[str, str], set[int]]) -> bool:
    ends = range(Unit.steplen, len(path) + 1, Unit.steplen)
    others = (takers.get((row["role"], path[:end]), set()) - {row["asked_by_id"]} for end in ends)
    return any(others)


def cases_of(unit: Unit, at: datetime, age: int | None = None) -> CaseQuerySet:
    """The open cases of `unit` and below, by their class (else school); of one span of `AGES` if it is given."""
    rows: CaseQuerySet = Case.objects.open().annotate(
        path=Coalesce("class_unit__path", "school__path")
    )
    aged = Q() if age is None else _aged(at, *AGES[age])
    return rows.filter(below(unit, "path"), aged)


def ages(unit: Unit, at: datetime, paths: dict[int, str]) -> dict[str, tuple[int, ...]]:
    """Open cases by path of the row below `unit` and by days since they were opened, in the spans of `AGES`."""
    older = {
        f"older{i}": Count("opened_at", filter=Q(opened_at__lt=_opened_before(at, youngest)))
        for i, (youngest, _oldest) in enumerate(AGES)
    }
    open_cases = Case.objects.open() if unit.is_root() else cases_of(unit, at)
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
