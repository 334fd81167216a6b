"""What is beside the road of a case: the list of what may be asked for, and one matter with all that was said in it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from casework.audit import trail
from casework.cases import access
from casework.cases.models import Case, Matter, Photo
from casework.cases.side_roads import WITH_TERM, Effect, SideRoad, open_to
from casework.cases.views.case import readable
from casework.documents.attachments import sheets_of
from casework.documents.models import Document
from casework.org.pages import Page
from casework.org.roles import Can
from workflows.said import answers_of, facts_of

ROW = ("pupil", "school", "class_unit")


class SideRoads(Page):
    """What may be asked for: each road with the proof that it takes and who decides."""

    capability = Can.WORK_STEPS

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = Case.objects.visible_to(self.user, Can.WORK_STEPS).select_related(*ROW)
        case: Case = get_object_or_404(rows, pk=pk)
        trail.look("case", [case.pk], by=self.user, at=self.at)
        groups: dict[str, list[SideRoad]] = {}
        hands_over = access.may_hand_over(self.user, case)
        for road in open_to(case):
            if road.effect == Effect.HAND_OVER and not hands_over:
                continue
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
        papers = list(Document.objects.filter(subject__in=subjects).order_by("frozen_at"))
        return self.show(
            "cases/matter.html",
            {
                "matter": matter,
                "case": matter.case,
                "said": facts_of(matter),
                "steps": [(step, answers_of(step)) for step in steps],
                "papers": papers,
                "sheets": sheets_of(papers),
                "photos": Photo.objects.there().filter(step__matter=matter).order_by("pk"),
            },
        )
