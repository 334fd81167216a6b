"""The page of goals: what is asked, what is reached, by unit and stage, as of any day."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from casework.core.clock import local_date, school_year
from casework.core.errors import DomainError
from casework.org.models import Unit
from casework.org.roles import Can
from casework.oversight.board import units_near
from casework.oversight.cohorts import MOST, entrants_of, set_entrants
from casework.oversight.figures import place_length
from casework.oversight.goals import (
    Indicator,
    Reached,
    Stage,
    goals_for,
    misses,
    reached,
    set_goal,
)
from casework.oversight.models import Goal
from casework.oversight.views import UnitPage


class GoalForm(forms.Form):
    indicator = forms.ChoiceField(label=lazy("Goal"), choices=Indicator.choices)
    stage = forms.ChoiceField(label=lazy("School stage"), choices=Stage.choices)
    value = forms.DecimalField(
        label=lazy("Per cent"),
        min_value=Decimal(0),
        max_value=Decimal(100),
        decimal_places=2,
        max_digits=5,
    )


class CohortForm(forms.Form):
    entrants = forms.IntegerField(
        label=lazy("Pupils who began with them"), min_value=1, max_value=MOST
    )


@dataclass(frozen=True)
class Cell:
    """One indicator of one unit: the value reached, the goal in force and who set it, whether it is missed."""

    percent: Decimal | None
    goal: Goal | None
    missed: bool


class Goals(UnitPage):
    """Dropout rate and retention of the units below, beside their goals; the office sets them, only stricter below."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(GoalForm(), CohortForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        if request.POST.get("act") == "cohort":
            cohort = CohortForm(request.POST)
            done = self._done(cohort, set_entrants, _("The number is kept for this school year."))
            return done or self._show(GoalForm(), cohort, status=409)
        form = GoalForm(request.POST)
        done = self._done(form, set_goal, _("The goal is set for this unit and all below it."))
        return done or self._show(form, CohortForm(), status=409)

    def _done(self, form: forms.Form, act: Callable[..., object], said: str) -> HttpResponse | None:
        """Back to the page when it went well; None with the reason in the form."""
        if not form.is_valid():
            return None
        try:
            act(self.unit(), **form.cleaned_data, by=self.user, at=self.at)
        except DomainError as error:
            form.add_error(None, str(error))
            return None
        messages.success(self.request, said)
        return redirect(self.request.get_full_path())

    def _show(self, form: GoalForm, cohort: CohortForm, status: int = 200) -> HttpResponse:
        units = units_near(self.user.units_with(Can.SEE_BOARD))
        unit = self.unit(units)
        lens = self.lens(unit)
        stage = self.choice("stage", Stage.values, Stage.ALL)
        found = reached(unit, lens)
        length = place_length(unit)
        places = [u for u in units if unit.holds(u) and len(u.path) == length and u != unit]
        whole = sum((each for (_path, at), each in found.items() if at == stage), Reached())
        year = school_year(local_date(lens.at)).year
        goals = list(
            Goal.objects.filter(year=year, at__lte=lens.at).select_related("unit").order_by("pk")
        )
        began = entrants_of(year, lens.at) if stage == Stage.ALL else {}
        parts = [
            (place, replace(part, entrants=began[place.pk].entrants) if place.pk in began else part)
            for place, part in (
                (unit, whole),
                *((p, found[p.path, stage]) for p in places if (p.path, stage) in found),
            )
        ]
        return self.show(
            "oversight/goals.html",
            {
                "unit": unit,
                "rows": [(place, part, _cells(place, part, stage, goals)) for place, part in parts],
                "stage": stage,
                "stages": Stage.choices,
                "form": form,
                "cohort": cohort,
                "began": began.get(unit.pk),
                "sets": not lens.past and self.user.can(Can.REASSIGN, unit),
                "year": year,
                **self.looked(lens),
            },
            status=status,
        )


def _cells(unit: Unit, part: Reached, stage: str, goals: list[Goal]) -> list[Cell]:
    mine = goals_for(unit.paths_up(), goals)
    cells = []
    for indicator in Indicator:
        percent, goal = part.percent(indicator), mine.get((indicator, stage))
        cells.append(Cell(percent, goal, misses(indicator, percent, goal)))
    return cells
