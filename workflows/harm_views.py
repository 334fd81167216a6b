"""Suspected harm to a child: reported on a case or on a visit without one, read and answered by those whose work it is."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from casework.audit import trail
from casework.cases import access, protection
from casework.cases.drafts import kept_drafts, note_sent
from casework.cases.forms import RecordForm
from casework.cases.models import Case, HarmReport, Step
from casework.cases.photos import Taken
from casework.cases.side_roads import HARM
from casework.cases.views.record import RecordPage
from casework.core.clock import local_date
from casework.core.pager import page
from casework.core.transaction import one_act
from casework.documents.attachments import sheets_of
from casework.documents.models import Document
from casework.org.pages import Page
from casework.org.roles import Can
from casework.students.models import Pupil
from workflows.raising import OnCase
from workflows.said import said_in
from workflows.side_forms import HarmForm, ProtectForm

REPORTED = lazy("Reported: the principal and the county know. Your own duty to call 110 stays.")


def _warning() -> str:
    return _(
        "In danger now: call 110 first. What you write is seen by the principal, the county and those who act on it, by nobody else."
    )


class ReportHarm(OnCase):
    """Suspected harm: whoever works on the case says so, and who must act is told at once."""

    capability = (Can.WORK_STEPS, Can.SEE_VILLAGE_CASES)
    form, key = HarmForm, "harm"
    title, finish, done = HARM.title, lazy("Report it"), REPORTED

    def case(self) -> Case:
        rows = Case.objects.open().in_reach(self.user)
        rows = rows.select_related("pupil", "school", "class_unit")
        found: Case = get_object_or_404(rows, pk=self.kwargs["pk"])
        return found

    def frame(self) -> dict[str, Any]:
        return {**super().frame(), "warn": _warning()}

    def begin(self, case: Case, data: dict[str, Any]) -> Step:
        return protection.report_harm(case, data, by=self.user, at=self.at)


class ReportHarmOf(RecordPage):
    """The same of a child without a case, from a general visit or a call."""

    capability = Can.WORK_STEPS

    def form_class(self) -> type[RecordForm]:
        return HarmForm

    def draft_key(self) -> str:
        return f"harm-of:{self.kwargs['pk']}"

    def pupil(self) -> Pupil:
        pupil = get_object_or_404(Pupil, pk=self.kwargs["pk"])
        if not access.may_report_harm_of(self.user, pupil):
            raise Http404
        return pupil

    def frame(self) -> dict[str, Any]:
        pupil = self.pupil()
        trail.look("pupil", [pupil.pk], by=self.user, at=self.at)
        return {"pupil": pupil, "title": HARM.title, "finish": _("Report it"), "warn": _warning()}

    def send(self, data: dict[str, Any], photos: list[Taken], form_key: str) -> str:
        pupil = self.pupil()
        with one_act():
            report = protection.report_harm_of(pupil, data, by=self.user, at=self.at)
            answer = reverse("workflows:harm_report", args=[report.pk])
            note_sent(key=form_key, user=self.user, answer=answer, at=self.at)
        messages.success(self.request, str(REPORTED))
        return answer


class HarmReports(Page):
    """Reports of harm without a case: those that wait, and those that were answered."""

    capability = Can.WORK_STEPS

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = access.harm_reports_to(self.user).select_related("pupil", "unit", "reported_by")
        found = page(rows, ["-reported_at", "-id"], request.GET.get("after", ""))
        trail.look("harm", [each.pupil_id for each in found.rows], by=self.user, at=self.at)
        today = local_date(self.at)
        cards = [
            (each, each.is_open and local_date(each.reported_at) < today) for each in found.rows
        ]
        return self.show("cases/harm_reports.html", {"page": found, "cards": cards})


class HarmReportPage(RecordPage):
    """One report: what was seen; the form for whoever must act, the answer for all who may read it."""

    capability = Can.WORK_STEPS

    def form_class(self) -> type[RecordForm]:
        return ProtectForm

    def draft_key(self) -> str:
        return f"harm-report:{self.kwargs['pk']}"

    def report(self) -> HarmReport:
        rows = access.harm_reports_to(self.user)
        rows = rows.select_related("pupil", "unit", "reported_by", "answered_by")
        found: HarmReport = get_object_or_404(rows, pk=self.kwargs["pk"])
        return found

    def defaults(self) -> dict[str, Any]:
        return {"reported_on": local_date(self.at), "operator": self.user.display_name}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        report = self.report()
        if access.may_answer_harm(self.user, report):
            return super().get(request, *args, **kwargs)
        return self.show("cases/harm_report.html", self._read(report))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not access.harm_reports_to(self.user).filter(pk=self.kwargs["pk"]).exists():
            raise Http404
        return super().post(request, *args, **kwargs)

    def _read(self, report: HarmReport) -> dict[str, Any]:
        trail.look("pupil", [report.pupil_id], by=self.user, at=self.at)
        papers = list(Document.objects.filter(chain=f"harm:{report.pk}"))
        return {
            "report": report,
            "said": said_in(HarmForm, report.facts),
            "answer": said_in(ProtectForm, report.answer),
            "papers": papers,
            "sheets": sheets_of(papers),
            "waits_for": protection.people_for(report, self.at) if report.is_open else (),
            "begun": self._begun(report),
        }

    def _begun(self, report: HarmReport) -> list[str]:
        """The forms about the child that the person began before reporting."""
        pages = {
            f"visit:{report.pupil_id}": "cases:general_visit",
            f"absent:{report.pupil_id}": "cases:absence_call",
        }
        kept = kept_drafts(self.user, pages)
        return [reverse(pages[key], args=[report.pupil_id]) for key in sorted(kept)]

    def frame(self) -> dict[str, Any]:
        report = self.report()
        trail.look("pupil", [report.pupil_id], by=self.user, at=self.at)
        return {
            "pupil": report.pupil,
            "title": HARM.title,
            "home": reverse("workflows:harm_reports"),
            "finish": _("Record what was done"),
            "said": [
                (_("Reported by"), report.reported_by.display_name),
                *said_in(HarmForm, report.facts),
            ],
        }

    def send(self, data: dict[str, Any], photos: list[Taken], form_key: str) -> str:
        report, answer = self.report(), reverse("workflows:harm_reports")
        with one_act():
            protection.answer_harm(report, data, by=self.user, at=self.at)
            note_sent(key=form_key, user=self.user, answer=answer, at=self.at)
        messages.success(
            self.request, _("Recorded: whoever reported it sees that it was acted on.")
        )
        return answer
