"""How it goes: in time by step, month and unit; where the days go; what comes; week by week."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from casework.cases.kinds import Kind
from casework.deadlines.days import days_for
from casework.org.models import Unit
from casework.oversight import pace, weeks
from casework.oversight.chart import chart_over
from casework.oversight.figures import place_length
from casework.oversight.pivot import COLUMNS, causes
from casework.oversight.views import HIDDEN, UnitPage
from casework.oversight.watch import horizon


class Pace(UnitPage):
    """Numbers of the last half year for a unit and all below it; no number of a single person."""

    def get(self, request: HttpRequest) -> HttpResponse:
        unit = self.unit()
        days = days_for(unit)
        ahead = _named(pace.forecast(unit, self.at, days))
        evenings = weeks.evenings(self.at)
        apart = self.sees_apart(unit)
        trend, burns = weeks.trend(unit, evenings, apart=apart), weeks.burn_down(unit, self.at)
        return self.show(
            "oversight/pace.html",
            {
                "unit": unit,
                "kinds": _named(pace.on_time_by_kind(unit, self.at)),
                "months": list(pace.on_time_by_month(unit, self.at).items()),
                "places": self._places(unit),
                "spent": sorted(
                    _named(pace.time_spent(unit, self.at, days)), key=lambda row: -row[2].total
                ),
                "ahead": ahead,
                "too_late": sum(each.too_late for _code, _label, each in ahead),
                "horizon": horizon(self.at, days),
                "causes": [
                    (cause, [counts[key] for key in COLUMNS])
                    for cause, counts in causes(unit, self.at)
                ],
                "stands": list(COLUMNS.values()),
                "weeks": trend,
                "trend": chart_over([(week.day, week.open, week.overdue) for week in trend]),
                "evenings": evenings,
                "heat": weeks.heat(unit, evenings, apart=apart),
                "burns": burns,
                "burn": chart_over([(each.day, each.left, 0) for each in burns]),
                "weeks_left": weeks.weeks_left(burns),
            },
        )

    def _places(self, unit: Unit) -> list[tuple[Unit, pace.OnTime]]:
        found = pace.on_time_by_unit(unit, self.at, place_length(unit))
        units = Unit.objects.filter(path__in=found).order_by("path")
        return [(each, found[each.path]) for each in units]


def _named(found: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Kinds in the order of the flow, with their words; restricted work is told nowhere."""
    return [
        (str(kind), kind.label, found[kind])
        for kind in Kind
        if kind in found and kind not in HIDDEN
    ]
