"""Pupils, open cases, dropouts and returns by village and class (domain.md C6), as of any day."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count
from django.db.models.functions import Coalesce

from casework.core.clock import local_date, local_moment, school_year
from casework.org.models import Unit
from casework.oversight.figures import place_length
from casework.oversight.goals import confirmed
from casework.oversight.lens import Lens, below
from casework.students.models import Enrolment


@dataclass(frozen=True)
class Count4:
    """Of one village in one class (or school): enrolled pupils, open cases, confirmed dropouts, returned since 1 September."""

    pupils: int = 0
    open: int = 0
    dropouts: int = 0
    returned: int = 0

    def __add__(self, other: "Count4") -> "Count4":
        return Count4(
            self.pupils + other.pupils,
            self.open + other.open,
            self.dropouts + other.dropouts,
            self.returned + other.returned,
        )


Table = dict[
    tuple[int | None, str], Count4
]  # by village (None: of no village here) and path of the column


def by_village(unit: Unit, lens: Lens) -> Table:
    """The table of a township (its schools) or a school (its classes). Five queries."""
    today, length = local_date(lens.at), place_length(unit)
    found: Table = defaultdict(Count4)
    for name, rows in (
        ("pupils", _pupils(unit, today)),
        ("open", _cases(unit, lens.cases())),
        ("dropouts", _cases(unit, confirmed(unit, lens))),
        ("returned", _cases(unit, _returned(lens))),
    ):
        for village, path, count in rows:
            found[village, path[:length]] += Count4(**{name: count})
    return dict(found)


def _pupils(unit: Unit, today: date) -> Any:
    here = Enrolment.objects.running_on(today).filter(below(unit, "class_unit__path"))
    return here.values_list("pupil__village", "class_unit__path").annotate(n=Count("pk")).order_by()


def _cases(unit: Unit, rows: Any) -> Any:
    placed = rows.annotate(at_path=Coalesce("class_unit__path", "school__path"))
    mine = placed.filter(below(unit, "at_path")).values_list("village", "at_path")
    return mine.annotate(n=Count("pk", distinct=True)).order_by()


def _returned(lens: Lens) -> Any:
    since = local_moment(school_year(local_date(lens.at)))
    every = lens.cases().model.objects.exclude(stage="cancelled")
    return every.filter(returned_at__gte=since, returned_at__lte=lens.at)
