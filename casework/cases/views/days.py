"""Terms, local days and the official calendar: what a change would move is shown first, then it is entered and carried over."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
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
from casework.deadlines.forms import LocalDayForm, TermForm
from casework.deadlines.models import CalendarVersion, LocalDay, Term
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


class Terms(Page):
    """Terms in force, those that were only assumed, local days, the calendar's version, and what was carried over."""

    capability = Can.MANAGE_PEOPLE

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(TermForm(), LocalDayForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        is_day = request.POST.get("kind") == "day"
        form: forms.Form = LocalDayForm(request.POST) if is_day else TermForm(request.POST)
        effect = None
        if form.is_valid():
            try:
                effect = self._would_move(form)
                if request.POST.get("act") == "enter" and request.POST.get("seen") == _said(form):
                    return self._enter(form)
            except DomainError as error:
                form.add_error(None, str(error))
        seen, effect = ("", None) if form.errors else (_said(form), effect)
        status = 409 if form.errors else 200
        term, day = (TermForm(), form) if is_day else (form, LocalDayForm())
        return self._show(term, day, effect=effect, is_day=is_day, seen=seen, status=status)

    def _would_move(self, form: forms.Form) -> Effect:
        said = form.cleaned_data
        if isinstance(form, LocalDayForm):
            day = Override(said["day"], said["school"], said["reason"])
            return changing.day_would_move(said["unit"], day, self.at)
        span = Span(said["first_day"], said["last_day"], said["code"])
        return changing.term_would_move(said["unit"], span, self.at)

    def _enter(self, form: forms.Form) -> HttpResponse:
        enter = changing.enter_day if isinstance(form, LocalDayForm) else changing.enter_term
        enter(by=self.user, at=self.at, **form.cleaned_data)
        messages.success(
            self.request,
            _("Entered. New deadlines are counted by it; the open ones are counted anew."),
        )
        return redirect("cases:terms")

    def _show(
        self, term: forms.Form, day: forms.Form, *, status: int = 200, **more: Any
    ) -> HttpResponse:
        newest = {
            (t.unit_id, t.code): t for t in Term.objects.select_related("unit").order_by("pk")
        }
        effect = more.pop("effect", None)
        return self.show(
            "cases/terms.html",
            {
                "terms": sorted(newest.values(), key=lambda t: (t.unit.path, t.code)),
                "days": LocalDay.objects.select_related("unit").order_by("-day")[:50],
                "calendar": CalendarVersion.objects.order_by("-number").first(),
                "restated": Restatement.objects.order_by("-pk")[:10],
                "term_form": term,
                "day_form": day,
                "effect": effect and effect[""],
                "schools": by_school(effect) if effect else [],
                **more,
            },
            status=status,
        )


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
