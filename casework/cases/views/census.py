"""Pages of the census: those that run, how far each unit is, and counting one class."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from casework.audit import trail
from casework.cases.census import (
    SEEING,
    begin,
    censuses_of,
    count,
    end,
    lines_of,
    progress,
    sign_school,
)
from casework.cases.forms import day_field, one_of, text_field
from casework.cases.learning import days_missed
from casework.cases.models import Census, CensusKind
from casework.cases.sheets import SHEETS, asks_whereabouts, tones, usual
from casework.cases.views.rolls import classes_of
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.pager import number_in, page
from casework.org.models import Unit, UnitKind
from casework.org.pages import Page
from casework.org.roles import Can


class CensusForm(forms.Form):
    """A census to be opened."""

    kind = one_of(lazy("Which kind"), CensusKind.choices, short=True)
    title = text_field(
        lazy("What it is called"), help_text=lazy("such as: whereabouts of all pupils, autumn 2026")
    )
    opens_on = day_field(lazy("From"))
    due_on = day_field(lazy("Until"))
    tasks = text_field(lazy("What else is to be done"), required=False, long=True)

    def said(self) -> dict[str, Any]:
        """As the service takes it."""
        return {**self.cleaned_data, "title": self.cleaned_data["title"][:80]}


class CensusPage(Page):
    """Base: whoever calls rolls, or sees a board."""

    capability: ClassVar[tuple[Can, ...]] = SEEING

    @cached_property
    def census(self) -> Census:
        return get_object_or_404(censuses_of(self.user), pk=self.kwargs["pk"])

    def office(self) -> Unit | None:
        """The unit for which the person may open one."""
        return next(iter(self.user.units_with(Can.DECIDE_FINDINGS)), None)


class Censuses(CensusPage):
    """The censuses near one's unit, and the form to open one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(CensusForm(initial={"opens_on": local_date(self.at)}))

    def post(self, request: HttpRequest) -> HttpResponse:
        unit, form = self.office(), CensusForm(request.POST)
        if unit is None:
            raise Http404
        if not form.is_valid():
            return self._show(form, status=422)
        try:
            made = begin(form.said(), unit=unit, by=self.user, at=self.at)
        except DomainError as error:
            return self._show(form, error=error, status=409)
        return redirect("cases:census", made.pk)

    def _show(
        self, form: CensusForm, *, error: DomainError | None = None, status: int = 200
    ) -> HttpResponse:
        for field, words in (error.fields if error else {}).items():
            form.add_error(field if field in form.fields else None, str(words))
        found = page(
            censuses_of(self.user), ["-opens_on", "-id"], self.request.GET.get("after", "")
        )
        context = {"page": found, "form": form, "office": self.office(), "error": error}
        return self.show("cases/censuses.html", context, status=status)


class OneCensus(CensusPage):
    """How far it is: schools of a unit, or classes of a school; signing a school; ending it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        unit = self._unit()
        school = unit.kind == UnitKind.SCHOOL
        kind = UnitKind.CLASS if school else UnitKind.SCHOOL
        found = page(self._below(unit, kind), ["path", "id"], request.GET.get("after", ""))
        whole, *rows = progress(self.census, [unit, *found.rows], self.at)
        context = {
            "census": self.census, "unit": unit, "school": school, "page": found, "rows": rows, "whole": whole,
            "states": tones(self.census.kind), "today": local_date(self.at),
            "mine": {row.unit.pk for row in rows if school and self.user.can(Can.CALL_ROLL, row.unit)},
            "may_sign": school and unit in self.user.units_with(Can.APPROVE_STATUS),
            "may_end": self.user.can(Can.DECIDE_FINDINGS, self.census.unit),
        }  # fmt: skip
        return self.show("cases/census.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        act = request.POST.get("act", "")
        if act == "end":
            end(self.census, by=self.user, at=self.at)
        elif act == "sign":
            sign_school(self.census, self._unit(), by=self.user, at=self.at)
        else:
            raise Http404
        messages.success(request, _("Noted."))
        return redirect(request.get_full_path())

    def _unit(self) -> Unit:
        """The unit that is shown: one of the person's own or below them, by default the highest that the sheet reaches."""
        own = self._own()
        first = next((u for u in own if self.census.unit.holds(u)), None)
        if first is None and any(u.holds(self.census.unit) for u in own):
            first = self.census.unit
        number = number_in(self.request.GET.get("unit", ""))
        unit = get_object_or_404(Unit, pk=number) if number else first
        if unit is None or not self.census.unit.holds(unit) or not any(u.holds(unit) for u in own):
            raise Http404
        return unit

    def _own(self) -> list[Unit]:
        """The units of the person's posts from above down; of a class its school."""
        units = {unit for each in SEEING for unit in self.user.units_with(each)}
        within = (UnitKind.CLASS, UnitKind.GRADE)
        own = {(u.above(UnitKind.SCHOOL) or u) if u.kind in within else u for u in units}
        return sorted(own, key=lambda unit: unit.path)

    def _below(self, unit: Unit, kind: UnitKind) -> QuerySet[Unit]:
        rows: QuerySet[Unit] = Unit.objects.filter(kind=kind, path__startswith=unit.path)
        if unit.kind == UnitKind.SCHOOL and not self.user.can(Can.SEE_BOARD, unit):
            rows = rows.filter(pk__in=classes_of(self.user))
        return rows


class CountClass(CensusPage):
    """What the class says of each pupil: in a census all are in class but those who are not."""

    capability = (Can.CALL_ROLL,)

    @cached_property
    def class_unit(self) -> Unit:
        found: Unit = get_object_or_404(classes_of(self.user), pk=self.kwargs["unit"])
        return found

    def get(self, request: HttpRequest, pk: int, unit: int) -> HttpResponse:
        lines = lines_of(self.census, self.class_unit, self.at)
        return self._show([(each, each.answers, each.note) for each in lines])

    def post(self, request: HttpRequest, pk: int, unit: int) -> HttpResponse:
        lines = lines_of(self.census, self.class_unit, self.at)
        said = {each.pupil.pk: self._said(each.pupil.pk) for each in lines}
        try:
            count(self.census, self.class_unit, said, by=self.user, at=self.at)
        except DomainError as error:
            return self._show([(each, *said[each.pupil.pk]) for each in lines], error)
        messages.success(request, _("Counted and signed."))
        return redirect("cases:census", pk)

    def _said(self, pupil: int) -> tuple[dict[str, str], str]:
        typed = self.request.POST
        asked = SHEETS[self.census.kind]
        answers = {
            each.key: typed.get(f"{each.key}{pupil}", "") or typed.get(f"rest-{each.key}", "")
            for each in asked
        }
        return answers, typed.get(f"n{pupil}", "")[:200]

    def _show(self, lines: list[Any], error: DomainError | None = None) -> HttpResponse:
        pupils = [each.pupil.pk for each, *_more in lines]
        trail.look("census", pupils, by=self.user, at=self.at)
        context = {
            "census": self.census,
            "class_unit": self.class_unit,
            "lines": lines,
            "questions": SHEETS[self.census.kind],
            "folded": asks_whereabouts(self.census.kind),
            "usual": usual(self.census.kind),
            "missed": self._missed(pupils),
            "error": error,
        }
        return self.show("cases/count_class.html", context, status=409 if error else 200)

    def _missed(self, pupils: list[int]) -> dict[int, int]:
        """Beside the learning record stand the days of the roll."""
        if self.census.kind != CensusKind.LEARNING:
            return {}
        return days_missed(pupils, self.class_unit, self.at)
