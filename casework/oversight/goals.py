"""Goals handed down and what is reached of them: dropout rate (formula C), in-year retention, nine-year consolidation (domain.md A1–A4, A6, 5.3)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.models import Matter
from casework.core.clock import local_date, local_moment, school_year
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import Latch, Unit, UnitKind, User
from casework.org.roles import Can
from casework.oversight.figures import place_length
from casework.oversight.lens import Lens, below
from casework.oversight.models import Goal
from casework.profiles.rules import section
from casework.students.models import Enrolment

GRADE_DEPTH = 4  # county, township, school, grade
PRIMARY, JUNIOR, NINTH = "一二三四五六", "七八九", "九"


class Stage(models.TextChoices):
    ALL = "all", _("all stages")
    PRIMARY = "primary", _("primary school")
    JUNIOR = "junior", _("junior school")


class Indicator(models.TextChoices):
    """In per cent. Of the pupils of 1 September: open cases confirmed as dropout (formula C); still enrolled, and no dropout.

    Of the entrants of nine years: pupils of the ninth grade retained.
    """

    DROPOUT = "dropout", _("dropout rate (C)")
    RETENTION = "retention", _("in-year retention")
    CONSOLIDATION = "cohort", _("nine-year consolidation")


@dataclass(frozen=True)
class Reached:
    """What a unit reached at a moment: pupils of 1 September, confirmed dropouts among all its cases, pupils retained, of them in the ninth grade; and the entrants of their cohort, where they were entered."""

    pupils: int = 0
    dropouts: int = 0
    kept: int = 0
    finishing: int = 0
    entrants: int = 0

    def __add__(self, other: "Reached") -> "Reached":
        return Reached(
            *(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True))
        )

    def percent(self, indicator: str) -> Decimal | None:
        """To two places; None where there were no pupils, or nobody entered how many began."""
        part, whole = {
            Indicator.DROPOUT: (self.dropouts, self.pupils),
            Indicator.RETENTION: (self.kept, self.pupils),
            Indicator.CONSOLIDATION: (self.finishing, self.entrants),
        }[Indicator(indicator)]
        return (Decimal(part) * 100 / whole).quantize(Decimal("0.01")) if whole else None


def misses(indicator: str, percent: Decimal | None, goal: Goal | None) -> bool:
    """Whether a goal is not reached: a finding, never a sanction."""
    if percent is None or goal is None:
        return False
    return percent > goal.value if indicator == Indicator.DROPOUT else percent < goal.value


def set_goal(
    unit: Unit, indicator: str, stage: str, value: Decimal, *, by: User, at: datetime
) -> Goal:
    """Set a goal of the school year of `at` for a unit and all below it; the newest rules.

    DomainError: not one's unit, not from 0 to 100, or laxer than what an office above set (domain.md A6).
    """
    if not by.can(Can.REASSIGN, unit):
        raise DomainError(_("The goals of this unit are not yours to set."))
    if not 0 <= value <= 100:
        raise DomainError(
            _("A goal is a share from 0 to 100 per cent."), fields={"value": _("check the number")}
        )
    if indicator == Indicator.CONSOLIDATION and stage != Stage.ALL:
        raise DomainError(
            _("Nine years are both stages: set this goal for all of them."),
            fields={"stage": _("all stages")},
        )
    year = school_year(local_date(at)).year
    with one_act():
        Latch.hold("goals")
        set_before = list(Goal.objects.filter(year=year).select_related("unit").order_by("pk"))
        upper = goals_for(unit.paths_up()[1:], set_before).get((indicator, stage))
        if upper and _is_laxer(indicator, value, upper.value):
            raise DomainError(
                _("%(unit)s set %(value)s %%: a unit below may only be stricter."),
                fields={"value": _("check the number")},
                unit=upper.unit.name,
                value=upper.value,
            )
        goal = Goal(
            unit=unit,
            year=year,
            indicator=indicator,
            stage=stage,
            value=value,
            at=at,
            by_name=by.display_name,
        )
        goal.save()
        trail.record(
            "goal.set",
            by=by,
            at=at,
            unit_id=unit.pk,
            indicator=indicator,
            stage=stage,
            value=str(value),
        )
    return goal


def _is_laxer(indicator: str, mine: Decimal, theirs: Decimal) -> bool:
    return mine > theirs if indicator == Indicator.DROPOUT else mine < theirs


def goals_for(paths: Iterable[str], goals: Iterable[Goal]) -> dict[tuple[str, str], Goal]:
    """Of `goals` (the oldest first) those in force along the paths of a unit and those above it: the newest of each unit, of these the strictest, so that a later one above binds too."""
    along = set(paths)
    last = {(g.unit_id, g.indicator, g.stage): g for g in goals if g.unit.path in along}
    found: dict[tuple[str, str], Goal] = {}
    for goal in last.values():
        key = (goal.indicator, goal.stage)
        if key not in found or _is_laxer(goal.indicator, found[key].value, goal.value):
            found[key] = goal
    return found


def reached(unit: Unit, lens: Lens) -> dict[tuple[str, str], Reached]:
    """By place below `unit` (path) and stage, what was reached at the moment of the lens. Five queries.

    A child away for as many days as the profile says is a confirmed dropout (domain.md 2.2).
    """
    today = local_date(lens.at)
    first, grades, length = school_year(today), _grades(unit), place_length(unit)
    found: dict[tuple[str, str], Reached] = defaultdict(Reached)
    for name, counts in (
        ("pupils", _enrolled(unit, first)),
        ("kept", _kept(unit, first, today, lens)),
        ("dropouts", _dropouts(unit, lens)),
    ):
        for path, count in counts.items():
            grade = grades.get(path[: Unit.steplen * GRADE_DEPTH], "")
            last = count if name == "kept" and grade[:1] == NINTH else 0
            for stage in {Stage.ALL, stage_of(grade) or Stage.ALL}:
                found[path[:length], stage] += Reached(**{name: count}, finishing=last)
    return dict(found)


def _grades(unit: Unit) -> dict[str, str]:
    """The name of each grade below, by its path."""
    rows = Unit.objects.filter(below(unit, "path"), kind=UnitKind.GRADE)
    return dict(rows.values_list("path", "name"))


def stage_of(grade: str) -> Stage | None:
    """Primary or junior school, by the name of a grade like 七年级; None for another name."""
    if grade[:1] and grade[:1] in PRIMARY:
        return Stage.PRIMARY
    return Stage.JUNIOR if grade[:1] and grade[:1] in JUNIOR else None


def _by_path(rows: Any, path: str) -> dict[str, int]:
    return dict(rows.values_list(path).annotate(n=Count("pk")).order_by())


def _on(unit: Unit, day: date) -> Any:
    return Enrolment.objects.running_on(day).filter(below(unit, "class_unit__path"))


def _enrolled(unit: Unit, first: date) -> dict[str, int]:
    return _by_path(_on(unit, first), "class_unit__path")


def _kept(unit: Unit, first: date, today: date, lens: Lens) -> dict[str, int]:
    """Pupils of 1 September who are enrolled somewhere today and no confirmed dropouts."""
    here = Enrolment.objects.running_on(today).filter(pupil=OuterRef("pupil"))
    gone = confirmed(unit, lens).filter(pupil=OuterRef("pupil"))
    return _by_path(_on(unit, first).filter(Exists(here), ~Exists(gone)), "class_unit__path")


def _dropouts(unit: Unit, lens: Lens) -> dict[str, int]:
    rows = confirmed(unit, lens).annotate(at_path=Coalesce("class_unit__path", "school__path"))
    return _by_path(rows.filter(below(unit, "at_path")), "at_path")


def confirmed(unit: Unit, lens: Lens) -> Any:
    """Confirmed dropouts: cases open for as many days as the profile of `unit` says, the child neither back nor on a side branch."""
    days = section(unit, "guards", lens.at)["days_to_dropout"]
    begun = local_moment(local_date(lens.at) - timedelta(days=days - 1))
    on_branch = Matter.objects.filter(case=OuterRef("pk"), parks=True, decided_at__lte=lens.at)
    on_branch = on_branch.filter(Q(settled_at=None) | Q(settled_at__gt=lens.at))
    rows = lens.cases().annotate(begun=Coalesce("reopened_at", "opened_at"))
    away = rows.filter(Q(returned_at=None) | Q(returned_at__gt=lens.at), begun__lt=begun)
    return away.filter(~Exists(on_branch))
