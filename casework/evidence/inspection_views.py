"""Pages of the office that lets an inspector in: open a visit, choose cases, see every look, end it with a note."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from casework.audit import trail
from casework.audit.models import Look
from casework.core.downloads import handed_out
from casework.core.errors import DomainError
from casework.core.pager import page
from casework.core.templatetags.look import full_day, full_moment
from casework.evidence.inspections import (
    choose_more,
    close_inspection,
    in_reach,
    looks_of,
    open_inspection,
)
from casework.evidence.models import Inspection
from casework.evidence.printed import printed_now
from casework.evidence.scope import units_for
from casework.evidence.verify import grouped
from casework.org.models import Unit, User
from casework.org.pages import Page
from casework.org.people import give_code
from casework.org.roles import Can

WORDS: dict[str, Promise] = {
    "inspecting": gettext_lazy("the list of cases"),
    "inspected_case": gettext_lazy("the file of the case"),
    "inspected_paper": gettext_lazy("a paper"),
    "inspected_photo": gettext_lazy("a photo"),
    "inspected_file": gettext_lazy("a file handed in"),
}


class VisitForm(forms.Form):
    """Who comes, from where, why, through which day, for which cases."""

    unit = forms.ModelChoiceField(label=gettext_lazy("Unit"), queryset=Unit.objects.none())
    name = forms.CharField(label=gettext_lazy("Name of the inspector"), max_length=40)
    office = forms.CharField(label=gettext_lazy("Who sends the inspector"), max_length=120)
    reason = forms.CharField(label=gettext_lazy("What it is needed for"), max_length=200)
    until = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("at most 30 days from today"),
    )
    numbers = forms.CharField(
        label=gettext_lazy("Case numbers"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=8000,
        help_text=gettext_lazy("one a line"),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units_for(user)  # type: ignore[attr-defined]


class Inspections(Page):
    """The visits of the person's units, newest first, and the form for another. What is opened is shown once with its code."""

    capability = Can.EVIDENCE

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(VisitForm(self.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = VisitForm(self.user, request.POST)
        if not form.is_valid():
            return self._show(form, status=422)
        try:
            inspection, code = open_inspection(**form.cleaned_data, by=self.user, at=self.at)
        except DomainError as error:
            form.add_error(next(iter(error.fields), None), str(error))
            return self._show(form, status=422)
        return _slip(self, inspection, code)

    def _show(self, form: VisitForm, status: int = 200) -> HttpResponse:
        found = page(in_reach(self.user), ["-at", "-id"], self.request.GET.get("after", ""))
        context = {"form": form, "page": found, "may_take": True}
        return self.show("evidence/inspections.html", context, status=status)


class OneInspection(Page):
    """A page of one visit in reach."""

    capability = Can.EVIDENCE

    def inspection(self) -> Inspection:
        found: Inspection = get_object_or_404(in_reach(self.user), pk=self.kwargs["pk"])
        return found


class InspectionPage(OneInspection):
    """The chosen cases and every look so far. A POST chooses more (`act` is `choose`), makes a new code for a lost one (`code`) or ends the visit (`close`)."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(self.inspection())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        inspection = self.inspection()
        if request.POST.get("act") == "code" and not inspection.closed_at:
            return _slip(
                self, inspection, give_code(user=inspection.inspector, by=self.user, at=self.at)
            )
        try:
            if request.POST.get("act") == "close":
                close_inspection(inspection, by=self.user, at=self.at)
                messages.success(request, _("Ended: the account is closed."))
            else:
                numbers = request.POST.get("numbers", "")
                choose_more(inspection, numbers, by=self.user, at=self.at)
                messages.success(request, _("Chosen."))
        except DomainError as error:
            return self._show(inspection, error, status=422)
        return redirect("evidence:inspection", pk=pk)

    def _show(
        self, inspection: Inspection, error: DomainError | None = None, status: int = 200
    ) -> HttpResponse:
        found = page(looks_of(inspection), ["id"], self.request.GET.get("after", ""))
        chosen = list(_chosen(inspection))
        cases = [each.case for each in chosen]
        trail.look("inspection", [case.pk for case in cases], by=self.user, at=self.at)
        numbers = {case.pk: case.number for case in cases}
        context = {
            "inspection": inspection,
            "chosen": chosen,
            "page": found,
            "lines": [_line(look, numbers) for look in found.rows],
            "error": error,
            "may_take": True,
        }
        return self.show("evidence/inspection.html", context, status=status)


class InspectionNote(OneInspection):
    """The hand-over note that ends a visit: its cases and every look, for both to sign; 404 until it has ended."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        inspection = get_object_or_404(in_reach(self.user).exclude(closed_at=None), pk=pk)
        chosen = list(_chosen(inspection))
        numbers = {each.case_id: each.case.number for each in chosen}
        context: dict[str, object] = {
            "title": _("Hand-over note of an inspection"),
            "lines": _lines(inspection, len(chosen)),
            "heads": [_("When"), _("What was looked at"), _("Case")],
            "looks": [_line(look, numbers) for look in looks_of(inspection).iterator()],
            "cases_title": _("Chosen cases"),
            "cases": [
                (each.case.number, each.case.pupil.name, full_moment(each.at), each.by_name)
                for each in chosen
            ],
            "cases_heads": [_("Case"), _("Name"), _("Opened to the inspector"), _("Who")],
            "looks_title": _("Every look"),
            "anchor_title": _("Anchor at its end, over all looks"),
            "anchor": grouped(inspection.anchor),
            "signs": [_("For the office"), _("The inspector"), _("Date")],
        }
        language = get_language() or "zh-hans"
        made_of: dict[str, object] = {"inspection": inspection.pk}
        pdf = printed_now("note.html", context, language=language, made_of=made_of, at=self.at)
        return handed_out(pdf, "application/pdf", f"inspection-{pk}.pdf")


def _slip(view: Page, inspection: Inspection, code: str) -> HttpResponse:
    """What is given to the inspector by hand: it is shown once."""
    context = {"inspection": inspection, "code": code, "site": settings.SITE_URL}
    return view.show("evidence/inspector_slip.html", context)


def _chosen(inspection: Inspection) -> Any:
    return inspection.chosen.select_related("case__pupil", "case__school").order_by("case__number")


def _line(look: Look, numbers: dict[int, str]) -> tuple[str, str, str]:
    """A look in words: when, what, which case; of a list how many."""
    what = str(WORDS.get(look.what, look.what))
    if look.reason:
        what = _("%(what)s: %(which)s") % {"what": what, "which": look.reason}
    known = [numbers[pk] for pk in look.subjects if pk in numbers]
    whose = known[0] if len(known) == 1 else _("%(n)s cases") % {"n": len(known)}
    return full_moment(look.at), what, whose


def _lines(inspection: Inspection, cases: int) -> list[tuple[str, str]]:
    inspector, ended = inspection.inspector, inspection.closed_at
    return [
        (_("Unit"), inspection.unit.name),
        (_("Inspector"), f"{inspector.display_name} ({inspector.username})"),
        (_("Sent by"), inspection.office),
        (_("What it is needed for"), inspection.reason),
        (_("Account opened"), f"{full_moment(inspection.at)} {inspection.by_name}"),
        (_("Last day"), full_day(inspector.visits_until) if inspector.visits_until else ""),
        (_("Ended"), f"{full_moment(ended)} {inspection.closed_by}" if ended else ""),
        (_("Cases"), str(cases)),
    ]
