"""Warnings and plans: what is to be done, one procedure with its history, beginning one, and recording its next step."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from casework.audit import trail
from casework.cases import access
from casework.cases.drafts import note_sent
from casework.cases.forms import RecordForm
from casework.cases.models import Duty, Procedure
from casework.cases.photos import Taken
from casework.cases.procedure_forms import LABELS, BeginForm, form_of
from casework.cases.procedures import (
    SEEING,
    begin,
    duties_of,
    finish,
    holders,
    may_do,
    procedures_of,
)
from casework.cases.stops import LABELS as ANSWERS
from casework.cases.stops import STOPS
from casework.cases.views.record import RecordPage
from casework.core.clock import local_date
from casework.core.pager import page
from casework.core.transaction import one_act
from casework.documents.models import Document
from casework.org.pages import Page
from casework.org.roles import Can
from casework.students.models import Pupil

TABS = ("mine", "all", "ended")


class Duties(Page):
    """What is to be done, the most pressing first: by oneself, by anybody in reach; and what has ended."""

    capability = SEEING

    def get(self, request: HttpRequest) -> HttpResponse:
        shown = request.GET.get("show", "mine" if self.user.can(Can.CALL_ROLL) else "all")
        if shown not in TABS:
            raise Http404
        after = request.GET.get("after", "")
        if shown == "ended":
            rows = procedures_of(self.user).exclude(closed_at=None)
            found = page(rows, ["-closed_at", "-id"], after)
            pupils = [each.pupil_id for each in found.rows]
        else:
            found = page(duties_of(self.user, mine=shown == "mine"), ["due_at", "id"], after)
            pupils = [each.procedure.pupil_id for each in found.rows]
        trail.look("procedures", pupils, by=self.user, at=self.at)
        context = {"page": found, "shown": shown, "stops": STOPS, "answers": ANSWERS}
        if shown != "ended":
            context["whose"] = holders(found.rows, self.at)
        return self.show("cases/duties.html", context)


class OneProcedure(Page):
    """Base: one procedure in reach."""

    capability = SEEING

    @cached_property
    def procedure(self) -> Procedure:
        found: Procedure = get_object_or_404(procedures_of(self.user), pk=self.kwargs["pk"])
        return found

    def duties(self) -> QuerySet[Duty]:
        rows: QuerySet[Duty] = self.procedure.duties.select_related("unit", "done_by", "procedure")
        return rows.order_by("pk")


class Procedures(OneProcedure):
    """Where it stands, what was recorded, its papers."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        procedure, duties = self.procedure, list(self.duties())
        trail.look("procedure", [procedure.pupil_id], by=self.user, at=self.at)
        waiting = [each for each in duties if each.done_at is None and procedure.closed_at is None]
        open_one = next(iter(waiting), None)
        done = [(each, STOPS[each.stop], _told(each)) for each in duties if each.done_at]
        context = {
            "procedure": procedure,
            "open": open_one,
            "stop": STOPS[open_one.stop] if open_one else None,
            "whose": holders([open_one], self.at) if open_one else {},
            "may": open_one is not None and may_do(self.user, open_one),
            "done": done,
            "answers": ANSWERS,
            "papers": Document.objects.filter(subject=f"procedure:{procedure.pk}").order_by("pk"),
        }
        return self.show("cases/procedure.html", context)


def _told(duty: Duty) -> list[tuple[Any, Any]]:
    """What was recorded, with the words of the form."""
    return [(LABELS[key], said) for key, said in duty.facts.items()]


class Begin(RecordPage):
    """Begin a warning, the procedure of serious truancy or a support plan for a pupil."""

    capability = Can.CALL_ROLL

    @cached_property
    def pupil(self) -> Pupil:
        rows = access.pupils_visible_to(self.user)
        found: Pupil = get_object_or_404(rows, pk=self.kwargs["pk"])
        return found

    def form_class(self) -> type[RecordForm]:
        return BeginForm

    def draft_key(self) -> str:
        return f"procedure:{self.kwargs['pk']}"

    def defaults(self) -> dict[str, Any]:
        return {"code": self.request.GET.get("code", "")}

    def frame(self) -> dict[str, Any]:
        trail.look("pupil", [self.pupil.pk], by=self.user, at=self.at)
        return {"pupil": self.pupil, "title": _("Warning or plan"), "home": reverse("cases:duties")}

    def send(self, data: dict[str, Any], photos: list[Taken], form_key: str) -> str:
        with one_act():
            made = begin(data["code"], self.pupil, data["reason"], by=self.user, at=self.at)
            answer = reverse("cases:procedure", args=[made.pk])
            note_sent(key=form_key, user=self.user, answer=answer, at=self.at)
        messages.success(self.request, _("Begun. Whoever does the first step is told."))
        return answer


class Finish(OneProcedure, RecordPage):
    """Record the open step of a procedure."""

    @cached_property
    def duty(self) -> Duty:
        found = self.duties().filter(done_at=None).first()
        if found is None or not may_do(self.user, found):
            raise Http404
        return found

    def form_class(self) -> type[RecordForm]:
        return form_of(STOPS[self.duty.stop])

    def draft_key(self) -> str:
        return f"duty:{self.kwargs['pk']}"

    def defaults(self) -> dict[str, Any]:
        today: date = local_date(self.at)
        return {"held_on": today, "present": self.user.display_name}

    def frame(self) -> dict[str, Any]:
        procedure = self.procedure
        trail.look("procedure", [procedure.pupil_id], by=self.user, at=self.at)
        return {
            "pupil": procedure.pupil,
            "title": STOPS[self.duty.stop].title,
            "home": reverse("cases:procedure", args=[procedure.pk]),
            "said": [(procedure.get_code_display(), procedure.reason)],
        }

    def send(self, data: dict[str, Any], photos: list[Taken], form_key: str) -> str:
        answer = reverse("cases:procedure", args=[self.procedure.pk])
        with one_act():
            finish(self.duty, data, by=self.user, at=self.at)
            note_sent(key=form_key, user=self.user, answer=answer, at=self.at)
        messages.success(self.request, _("Recorded. The paper is made."))
        return answer
