"""The columns of a list of steps: on the screen and in its file the same."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from casework.cases.models import Step
from casework.core.clock import local_date
from casework.deadlines.days import DayTable, days_of
from casework.deadlines.engine import working_days_late
from casework.deadlines.units import last_day
from casework.oversight.lens import Lens


class Seen(NamedTuple):
    """What a column is worked out from: the step, the days of its school, and the moment looked at."""

    step: Step
    days: DayTable
    lens: Lens


@dataclass(frozen=True)
class Column:
    """The head of a column, and its value for a step: text or a number."""

    label: Promise
    value: Callable[[Seen], Any]


def _told(seen: Seen, text: str) -> str:
    """What is told of no restricted work: its office, holder, line, day (decision 17)."""
    return _("kept apart") if seen.step.restricted else text


def _holder(seen: Seen) -> str:
    return _told(seen, seen.step.holder.display_name if seen.step.holder else "")


def _class(seen: Seen) -> str:
    there = seen.step.case.class_unit
    return there.name if there else ""


COLUMNS: dict[str, Column] = {
    "number": Column(lazy("Case"), lambda seen: seen.step.case.number),
    "pupil": Column(lazy("Pupil"), lambda seen: seen.step.case.pupil.name),
    "school": Column(lazy("School"), lambda seen: seen.step.case.school.name),
    "class": Column(lazy("Class"), _class),
    "step": Column(lazy("Step"), lambda seen: seen.step.title),
    "unit": Column(lazy("Unit"), lambda seen: _told(seen, seen.step.unit.name)),
    "holder": Column(lazy("In whose hands"), _holder),
    "due": Column(lazy("Due"), lambda seen: last_day(seen.step.due_at).isoformat()),
    "late": Column(
        lazy("Working days late"),
        lambda seen: working_days_late(seen.step.due_at, seen.lens.at, seen.days),
    ),
    "begun": Column(
        lazy("Begun on"), lambda seen: _told(seen, local_date(seen.step.begun_at).isoformat())
    ),
    "opened": Column(
        lazy("Case opened on"), lambda seen: local_date(seen.step.case.opened_at).isoformat()
    ),
    "line": Column(lazy("Line"), lambda seen: _told(seen, str(seen.step.get_line_display()))),
    "urgent": Column(lazy("Urgent"), lambda seen: _("yes") if seen.step.case.urgent else ""),
}
USUAL = ("number", "pupil", "school", "class", "step", "unit", "holder", "due", "late")


def heads(names: Iterable[str]) -> list[str]:
    """The first row."""
    return [str(COLUMNS[name].label) for name in names]


def rows(steps: list[Step], names: Iterable[str], lens: Lens) -> list[list[Any]]:
    """The values of each step under these heads. One query for the days."""
    days = days_of({step.case.school.path for step in steps}) if steps else {}
    seen = [Seen(step, days[step.case.school.path], lens) for step in steps]
    return [[COLUMNS[name].value(each) for name in names] for each in seen]
