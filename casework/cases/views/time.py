"""The time of a step: why its date is what it is, more of it, and its clock put on hold."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from casework.audit import trail
from casework.cases import access
from casework.cases.case_clock import clock_of
from casework.cases.explaining import as_json, why
from casework.cases.extensions import (
    ask_more_time,
    cap_of,
    decide_more_time,
    give_more_time,
    refuse_beyond_cap,
)
from casework.cases.forms import day_field, text_field
from casework.cases.holds import hold, may_be_held, refuse_hold, resume, standing
from casework.cases.models import Extension, Step
from casework.cases.redating import current, would_be_due
from casework.cases.rule_words import UNIT_WORDS
from casework.cases.views.case import readable
from casework.cases.views.work import StepAct
from casework.core.clock import end_of, local_date
from casework.core.errors import DomainError
from casework.core.templatetags.look import until
from casework.org.pages import Page
from casework.org.roles import Can

MOST = 999


class TimeForm(forms.Form):
    """So many units more, why, and by which paper."""

    more = forms.IntegerField(label=lazy("How much more"), min_value=1, max_value=MOST)
    reason = text_field(lazy("Why"))
    document = text_field(lazy("Paper that shows it"), required=False)


class HoldForm(forms.Form):
    """Until when the clock stands, why, and by which paper."""

    until = day_field(lazy("Until the end of"))
    reason = text_field(lazy("Why"))
    document = text_field(lazy("Paper that shows it"), required=False)


class StepWhy(Page):
    """Why this date: the versions, and day by day what counted and what did not."""

    capability = Can.SEE_CASES

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        step = self.step(pk)
        if step.restricted and not access.may_see(self.user, step.about, self.at):
            return self.show("cases/restricted.html", {"case": step.case}, status=403)
        trail.look("why", [step.case_id], by=self.user, at=self.at)
        return self.answer(step)

    def answer(self, step: Step) -> HttpResponse:
        changes = step.is_open and access.acts_on(self.user, step, self.at).time
        return self.show("cases/why.html", {"step": step, "why": why(step), "changes": changes})

    def step(self, pk: int) -> Step:
        rows = Step.objects.visible_to(self.user).select_related(
            "case__pupil", "case__school", "profile", "unit", "matter__case__school"
        )
        found: Step = get_object_or_404(rows, pk=pk)
        return found


class StepWhyJson(StepWhy):
    """The same for a machine."""

    def answer(self, step: Step) -> HttpResponse:
        return JsonResponse(as_json(why(step)), json_dumps_params={"ensure_ascii": False})


class CaseWhy(Page):
    """The clock of the whole case, day by day."""

    capability = Can.SEE_CASES

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        case = readable(self.user, pk, self.at)
        trail.look("why", [case.pk], by=self.user, at=self.at)
        clock = clock_of(case, list(case.steps.select_related("matter")), self.at)
        words = UNIT_WORDS[clock.limit.unit]
        return self.show("cases/case_why.html", {"case": case, "clock": clock, "unit_words": words})


class StepTime(StepAct):
    """More time asked for, granted, refused or given; the clock on hold and running again."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(self.step(pk), TimeForm(), HoldForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        step, act = self.step(pk), request.POST.get("act", "")
        time, held = TimeForm(), HoldForm()
        form: forms.Form | None = None
        if act in ("ask", "give", "see_time"):
            form = time = TimeForm(request.POST)
        elif act in ("hold", "see_hold"):
            form = held = HoldForm(request.POST)
        if form is not None and not form.is_valid():
            return self._show(step, time, held, status=422)
        data = form.cleaned_data if form else {}
        try:
            if act in ("see_time", "see_hold"):
                return self._show(step, time, held, seen=act, would_be=self._would_be(step, data))
            said = self._act(step, act, data)
        except DomainError as error:
            return self._show(step, time, held, error=error, status=409)
        messages.success(request, said)
        return redirect(self.back() or request.path)

    def _would_be(self, step: Step, data: dict[str, Any]) -> datetime:
        """The date that the step would have: shown before anybody decides. DomainError for what would be refused."""
        if "until" in data:
            refuse_hold(step, data["until"], self.at)
            return would_be_due(step, pauses=[(self.at, end_of(data["until"]))])
        refuse_beyond_cap(step, data["more"], self.at)
        return would_be_due(step, more=data["more"])

    def _if_granted(self, step: Step, waits: Extension | None) -> datetime | None:
        """The date that was asked for; None where no calendar reaches it: it can still be refused."""
        try:
            return would_be_due(step, more=waits.more) if waits else None
        except DomainError:
            return None

    def _act(self, step: Step, act: str, data: dict[str, object]) -> str:
        if act == "ask":
            ask_more_time(step, **data, by=self.user, at=self.at)  # type: ignore[arg-type]  # the form's fields
            return _("Asked. A supervisor decides, and you are told.")
        if act == "give":
            give_more_time(step, **data, by=self.user, at=self.at)  # type: ignore[arg-type]  # the form's fields
            return self._moved(step, _("The step has more time."))
        if act == "hold":
            hold(step, **data, by=self.user, at=self.at)  # type: ignore[arg-type]  # the form's fields
            return self._moved(step, _("The clock of the step stands still."))
        if act == "resume":
            resume(step, by=self.user, at=self.at)
            return self._moved(step, _("The clock of the step runs again."))
        return self._decide(step, act)

    def _moved(self, step: Step, said: str) -> str:
        """What was done, and which day it made of it: a step can be late all the same."""
        step.refresh_from_db(fields=["due_at"])
        words = (
            _("%(said)s It is due %(when)s.")
            if step.due_at >= self.at
            else _("%(said)s It was due %(when)s: it is late all the same.")
        )
        return words % {"said": said, "when": until(step.due_at)}

    def _decide(self, step: Step, act: str) -> str:
        asked = Extension.objects.filter(step=step, decided_at=None).first()
        if act not in ("grant", "refuse") or asked is None:
            raise Http404
        opinion = self.request.POST.get("opinion", "")
        decide_more_time(asked, grant=act == "grant", opinion=opinion, by=self.user, at=self.at)
        return _("Decided. Whoever asked is told.")

    def _show(
        self,
        step: Step,
        time: TimeForm,
        held: HoldForm,
        *,
        error: DomainError | None = None,
        status: int = 200,
        **seen: Any,
    ) -> HttpResponse:
        if step.restricted and not access.may_see(self.user, step.about, self.at):
            return self.show("cases/restricted.html", {"case": step.case}, status=403)
        trail.look("time", [step.case_id], by=self.user, at=self.at)
        asked = step.extensions.select_related("asked_by", "decided_by").order_by("pk")
        gives = step.is_open and access.may_change_time(self.user, step)
        waits = next((each for each in asked if each.decided_at is None), None)
        return self.show(
            "cases/time.html",
            {
                "step": step,
                "time": time,
                "hold": held,
                "unit_words": UNIT_WORDS[step.budget_unit],
                "cap": cap_of(step, self.at),
                "asked": [each for each in asked if each.decided_at],
                "waits": waits,
                "if_granted": self._if_granted(step, waits),
                "pauses": current(step) if step.pauses else [],
                "stands": standing(step, self.at),
                "mine": step.is_open and step.holder_id == self.user.pk,
                "gives": gives,
                "may_hold": gives and may_be_held(step) and step.due_at > self.at,
                "late": step.is_open and step.due_at <= self.at,
                "back": self.back(),
                "today": local_date(self.at),
                "error": error,
                **seen,
            },
            status=status,
        )
