"""What is beside the road of a case: the list of what may be asked for, and one matter with all that was said in it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from casework.audit import trail
from casework.cases import access
from casework.cases.drafts import note_sent
from casework.cases.forms import RecordForm
from casework.cases.models import Case, Matter, Step
from casework.cases.photos import Taken
from casework.cases.side_roads import WITH_TERM, Effect, SideRoad, open_to
from casework.cases.supervision import raise_notice
from casework.cases.views.case import readable
from casework.cases.views.record import RecordPage
from casework.core.transaction import one_act
from casework.documents.models import Document
from casework.org.pages import Page
from casework.org.roles import Can
from workflows.said import answers_of, facts_of
from workflows.side_forms import NoticeForm

ROW = ("pupil", "school", "class_unit")


class SideRoads(Page):
    """What may be asked for: each road with the proof that it takes and who decides."""

    capability = Can.WORK_STEPS

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = Case.objects.visible_to(self.user, Can.WORK_STEPS).select_related(*ROW)
        case: Case = get_object_or_404(rows, pk=pk)
        trail.look("case", [case.pk], by=self.user, at=self.at)
        groups: dict[str, list[SideRoad]] = {}
        for road in open_to(case):
            groups.setdefault(_group(road), []).append(road)
        return self.show("cases/side_roads.html", {"case": case, "groups": groups})


def _group(road: SideRoad) -> str:
    """Under which heading a road stands."""
    if road.code in WITH_TERM:
        return _("Away for a time, and back on a day")
    titles = {
        Effect.PARK: _("Learns elsewhere, or cannot be found"),
        Effect.REFER: _("Others have to act"),
        Effect.FINAL: _("A proof ends the case"),
        Effect.UNDO: _("Something is objected to, or wrong"),
        Effect.HAND_OVER: _("The case belongs to another place"),
        Effect.CANCEL: _("The case is a mistake"),
        Effect.REOPEN: _("It was closed too early"),
        Effect.NOTE: _("Something is objected to, or wrong"),
    }
    return titles[road.effect]


class RaiseNotice(RecordPage):
    """A supervision notice on a late step."""

    capability = (Can.NUDGE, Can.REASSIGN)

    def form_class(self) -> type[RecordForm]:
        return NoticeForm

    def draft_key(self) -> str:
        return f"notice:{self.kwargs['pk']}"

    def step(self) -> Step:
        rows = Step.objects.visible_to(self.user).select_related(
            "case__pupil", "case__school", "case__class_unit", "unit", "holder", "matter"
        )
        found: Step = get_object_or_404(rows, pk=self.kwargs["pk"])
        return found

    def frame(self) -> dict[str, Any]:
        step = self.step()
        trail.look("step", [step.case_id], by=self.user, at=self.at)
        title = _("Supervision notice: %(step)s") % {"step": step.title}
        return {
            "case": step.case,
            "pupil": step.case.pupil,
            "title": title,
            "finish": _("Serve the notice"),
        }

    def send(self, data: dict[str, Any], photos: list[Taken], form_key: str) -> str:
        step = self.step()
        answer = reverse("cases:case", args=[step.case_id])
        with one_act():
            raise_notice(step, data, by=self.user, at=self.at)
            note_sent(key=form_key, user=self.user, answer=answer, at=self.at)
        messages.success(
            self.request, _("The notice is served; its answer is a step with a deadline.")
        )
        return answer


class MatterPage(Page):
    """A letter, branch or request with all that was said in it; what is restricted only to those who may see it."""

    capability = Can.SEE_CASES

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        matter = get_object_or_404(
            Matter.objects.select_related("case__school", "case__pupil", "opened_by"), pk=pk
        )
        readable(self.user, matter.case_id, self.at)
        if not access.may_see(self.user, matter, self.at):
            return self.show("cases/restricted.html", {"case": matter.case}, status=403)
        trail.look("matter", [matter.case_id], by=self.user, at=self.at)
        steps = matter.steps.select_related("holder", "finished_by").order_by("begun_at", "pk")
        subjects = [f"matter:{matter.pk}", *(f"step:{step.pk}" for step in steps)]
        papers = Document.objects.filter(subject__in=subjects).order_by("frozen_at")
        return self.show(
            "cases/matter.html",
            {
                "matter": matter,
                "case": matter.case,
                "said": facts_of(matter),
                "steps": [(step, answers_of(step)) for step in steps],
                "papers": papers,
            },
        )
