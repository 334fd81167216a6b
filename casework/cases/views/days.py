"""Terms, local days, office hours and the official calendar: what a change would move is shown first, then it is entered and carried over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from casework.audit import trail
from casework.cases import changing
from casework.cases.changing import Effect
from casework.cases.models import Restatement, Step, StepDue
from casework.cases.recounting import Moves
from casework.core.errors import DomainError
from casework.core.pager import page
from casework.deadlines.days import Override, Span
from casework.deadlines.forms import HoursForm, LocalDayForm, TermForm
from casework.deadlines.models import CalendarVersion, LocalDay, OfficeHours, Term
from casework.deadlines.office import OFFICE, written
from casework.org.models import Unit
from casework.org.pages import Page
from casework.org.roles import Can


def by_school(effect: Effect) -> list[tuple[str, Moves]]:
    """The rows of a preview: the schools whose steps move, by name, those with most overdue first."""
    moving = {
        path: moves for path, moves in effect.items() if path and (moves.moved or moves.uncounted)
    }
    names = dict(Unit.objects.filter(path__in=moving).values_list("path", "name"))
    rows = [(names[path], moves) for path, moves in moving.items()]
    return sorted(rows, key=lambda row: (-row[1].overdue, -row[1].moved, row[0]))


@dataclass(frozen=True)
class Entry:
    """What can be entered: its form, what it would move (`see`), and the service that enters it."""

    form: type[forms.Form]
    see: Callable[[dict[str, Any], datetime], Effect]
    enter: Callable[..., object]


def _see_term(said: dict[str, Any], at: datetime) -> Effect:
    span = Span(said["first_day"], said["last_day"], said["code"])
    return changing.term_would_move(said["unit"], span, at)


def _see_day(said: dict[str, Any], at: datetime) -> Effect:
    day = Override(said["day"], said["school"], said["reason"])
    return changing.day_would_move(said["unit"], day, at)


def _see_hours(said: dict[str, Any], at: datetime) -> Effect:
    return changing.hours_would_move(said["unit"], said["hours"], said["valid_from"], at)


ENTRIES = {
    "term": Entry(TermForm, _see_term, changing.enter_term),
    "day": Entry(LocalDayForm, _see_day, changing.enter_day),
    "hours": Entry(HoursForm, _see_hours, changing.enter_hours),
}


class Terms(Page):
    """Terms in force, those that were only assumed, local days, office hours, the calendar's version, and what was carried over."""

    capability = Can.MANAGE_PEOPLE

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show({})

    def post(self, request: HttpRequest) -> HttpResponse:
        kind = request.POST.get("kind", "")
        if kind not in ENTRIES:
            raise Http404
        form, effect = _form(kind, request.POST), None
        if form.is_valid():
            try:
                effect = ENTRIES[kind].see(form.cleaned_data, self.at)
                if request.POST.get("act") == "enter" and request.POST.get("seen") == _said(form):
                    return self._enter(kind, form)
            except DomainError as error:
                form.add_error(None, str(error))
        if form.errors:
            return self._show({kind: form}, status=409)
        return self._show({kind: form}, kind=kind, effect=effect, seen=_said(form))

    def _enter(self, kind: str, form: forms.Form) -> HttpResponse:
        ENTRIES[kind].enter(by=self.user, at=self.at, **form.cleaned_data)
        messages.success(
            self.request,
            _("Entered. New deadlines are counted by it; the open ones are counted anew."),
        )
        return redirect("cases:terms")

    def _show(
        self, filled: dict[str, forms.Form], *, status: int = 200, **more: Any
    ) -> HttpResponse:
        effect = more.pop("effect", None)
        return self.show(
            "cases/terms.html",
            {
                "terms": _newest(Term, "unit_id", "code"),
                "hours": _newest(OfficeHours, "unit_id"),
                "usual": written(OFFICE),
                "days": LocalDay.objects.select_related("unit").order_by("-day")[:50],
                "calendar": CalendarVersion.objects.order_by("-number").first(),
                "restated": Restatement.objects.order_by("-pk")[:10],
                "forms": {kind: filled.get(kind) or _form(kind) for kind in ENTRIES},
                "effect": effect and effect[""],
                "schools": by_school(effect) if effect else [],
                **more,
            },
            status=status,
        )


def _form(kind: str, said: QueryDict | None = None) -> forms.Form:
    return ENTRIES[kind].form(said, auto_id=f"{kind}_%s")


def _newest(model: type[Model], *same: str) -> list[Any]:
    """Of the rows that say the same the newest, by the path of their unit."""
    rows = model._default_manager.select_related("unit").order_by("pk")
    newest = {tuple(getattr(row, name) for name in same): row for row in rows}
    return sorted(newest.values(), key=lambda row: (row.unit.path, getattr(row, "code", "")))


def _said(form: forms.Form) -> str:
    """What was typed, as one text: entered is what was seen."""
    return "|".join(
        f"{key}={getattr(value, 'pk', value)}" for key, value in form.cleaned_data.items()
    )


class Restated(Page):
    """What a change of calendar, terms or rules moved: how far it got, and the steps with old and new date."""

    capability = (Can.SEE_CASES, Can.MANAGE_PEOPLE, Can.ANSWER_REFERRALS)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = get_object_or_404(Restatement, pk=pk)
        dues = StepDue.objects.filter(restatement=found)
        mine = dues.filter(step__in=self._steps()).select_related(
            "step__case__pupil", "step__unit", "step__matter"
        )
        listed = page(mine, ["id"], request.GET.get("after", ""))
        trail.look("restated", [due.step.case_id for due in listed.rows], by=self.user, at=self.at)
        before = {
            (due.step_id, due.version): due.due_at
            for due in StepDue.objects.filter(step__in=[due.step_id for due in listed.rows])
        }
        rows = [(due, before.get((due.step_id, due.version - 1))) for due in listed.rows]
        return self.show("cases/restated.html", {"found": found, "page": listed, "rows": rows})

    def _steps(self) -> Any:
        if not self.user.can(Can.SEE_CASES):
            return Step.objects.none()
        return Step.objects.visible_to(self.user)
