"""Pages of the evidence room: ask for a bundle, watch it being made, fetch it. Everybody sees their own bundles only."""

from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.access import steps_open_to
from casework.cases.facts import paper_language
from casework.cases.facts.before import forms_of
from casework.cases.kinds import Kind
from casework.cases.letters import printed
from casework.cases.models import Step
from casework.cases.views.office import of_my_office
from casework.core.downloads import handed_out
from casework.core.errors import DomainError
from casework.core.pager import number_in, page
from casework.core.transaction import one_act
from casework.documents.seal import seal_in_use
from casework.evidence.approving import decide
from casework.evidence.bundle import GIVEN_UP, folder, make, name_of, packed_in
from casework.evidence.forms import BundleForm
from casework.evidence.locking import SHORTEST, locked
from casework.evidence.models import Bundle, State
from casework.evidence.printing import MOST, form_for, print_letters
from casework.evidence.scope import case_for, order, waiting_for
from casework.evidence.slip import slip_of
from casework.evidence.verify import grouped
from casework.org.pages import Page
from casework.org.roles import Can
from casework.profiles.rules import rules_for

MINE = ("case", "unit", "by")


class PrintLetters(Page):
    """The ticked letters: sent, they count as printed and stand under “to serve”; their one PDF for the printer is read from there."""

    capability = Can.LETTERS

    def post(self, request: HttpRequest) -> HttpResponse:
        steps = self._steps(request.POST.getlist("step"))
        if not steps:
            messages.warning(request, _("Tick the letters to print first."))
            return redirect(f"{reverse('cases:letters')}?show=print")
        print_letters(steps, at=self.at)  # what cannot be printed is not called printed
        with one_act():
            printed(steps, by=self.user, at=self.at)
        chosen = [("step", step.pk) for step in steps]
        return redirect(f"{reverse('cases:letters')}?{urlencode([('show', 'serve'), *chosen])}")

    def get(self, request: HttpRequest) -> HttpResponse:
        steps = self._steps(request.GET.getlist("step"))
        if not steps:
            raise Http404
        trail.look("letters", [step.case_id for step in steps], by=self.user, at=self.at)
        return handed_out(print_letters(steps, at=self.at), "application/pdf", "letters.pdf")

    def _steps(self, ticked: list[str]) -> list[Step]:
        """The letters of the person's own office among those ticked."""
        rows = of_my_office(self.user).filter(
            pk__in=[number_in(text) for text in ticked][:MOST], kind=Kind.SERVE_LETTER
        )
        found = rows.select_related("case__pupil", "case__school", "unit", "matter__lead")
        return list(found.order_by("due_at", "pk"))


class FormOfStep(Page):
    """A paper of a step as an empty form to take along: what is known stands on it, its code leads its scan to the record."""

    capability = Can.WORK_STEPS

    def get(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        rows = steps_open_to(self.user).filter(finished_at=None)
        step = get_object_or_404(rows.select_related("case__school", "unit", "matter"), pk=pk)
        if kind not in forms_of(step):
            raise Http404
        trail.look("step", [step.case_id], by=self.user, at=self.at)
        language = paper_language(rules_for(step.case.school, step.begun_at), step.case.school)
        data = form_for(step, kind, at=self.at, language=language)
        return handed_out(data, "application/pdf", f"{kind}-{step.pk}.pdf", inline=True)


class Bundles(Page):
    """My bundles, newest first, and the form for another."""

    capability = Can.EVIDENCE

    def get(self, request: HttpRequest) -> HttpResponse:
        number = request.GET.get("case", "")
        return self._show(BundleForm(self.user, initial={"number": number}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = BundleForm(self.user, request.POST)
        if not form.is_valid():
            return self._show(form, status=409)
        said = {key: value for key, value in form.cleaned_data.items() if key != "number"}
        try:
            bundle = order(case=form.case, **said, by=self.user, at=self.at)
        except DomainError as error:
            form.add_error(next(iter(error.fields), None), str(error))
            return self._show(form, status=409)
        return redirect("evidence:bundle", pk=bundle.pk)

    def _show(self, form: BundleForm, status: int = 200) -> HttpResponse:
        rows = Bundle.objects.filter(by=self.user).select_related(*MINE)
        found = page(rows, ["-at", "-id"], self.request.GET.get("after", ""))
        return self.show(
            "evidence/bundles.html",
            {"form": form, "page": found, "may_take": True, "asked": waiting_for(self.user)},
            status=status,
        )


class BundlePage(Page):
    """One bundle: progress, then size, hash, anchor, gaps. A POST makes it here and now, worker or not."""

    capability = Can.EVIDENCE

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        bundle = _mine(self, pk)
        stuck = bundle.state == State.BUILDING and (
            bundle.touched_at is None or bundle.touched_at < self.at - GIVEN_UP
        )
        return self.show(
            "evidence/bundle.html",
            {
                "bundle": bundle,
                "anchor_groups": grouped(bundle.anchor),
                "seal": seal_in_use(),
                "shortest": SHORTEST,
                "may_make": stuck or bundle.state in (State.WAITING, State.FAILED),
                "refresh": bundle.state == State.BUILDING
                or (bundle.state == State.WAITING and settings.JOBS == "queue"),
            },
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        make(_mine(self, pk), at=self.at)
        return redirect("evidence:bundle", pk=pk)


class Download(Page):
    """The zip as an attachment."""

    capability = Can.EVIDENCE

    def get(self, request: HttpRequest, pk: int) -> FileResponse:
        bundle, place = _made(self, pk)
        _note(self, bundle)
        return FileResponse(
            place.open("rb"),
            as_attachment=True,
            filename=f"{name_of(bundle, bundle.anchored_at or bundle.at)}.zip",
            content_type="application/zip",
        )


class Decide(Page):
    """A second person agrees to a large evidence file, or refuses it."""

    capability = Can.EVIDENCE

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        bundle = get_object_or_404(waiting_for(self.user), pk=pk)
        approve = request.POST.get("act") == "approve"
        said = request.POST.get("reason", "")
        decide(bundle, approve=approve, reason=said, by=self.user, at=self.at)
        messages.success(request, _("It is being made.") if approve else _("Refused."))
        return redirect("evidence:bundles")


class Slip(Page):
    """The hand-over slip of one's own bundle."""

    capability = Can.EVIDENCE

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        bundle = _mine(self, pk)
        if not bundle.is_done:
            raise Http404
        return handed_out(slip_of(bundle, self.at), "application/pdf", f"slip-{pk}.pdf")


class CodeList(Page):
    """Whose code is whose in one's own file without names: for the office, not for whoever got the file."""

    capability = Can.EVIDENCE

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        bundle = _mine(self, pk)
        if not bundle.codes:
            raise Http404
        trail.look("evidence_codes", packed_in(bundle), by=self.user, at=self.at)
        return handed_out(f"\ufeff{bundle.codes}".encode(), "text/csv", f"codes-{pk}.csv")


class Locked(Page):
    """The zip inside another that opens with a password only."""

    capability = Can.EVIDENCE

    def post(self, request: HttpRequest, pk: int) -> FileResponse:
        bundle, place = _made(self, pk)
        name = name_of(bundle, bundle.anchored_at or bundle.at)
        file = locked(place, f"{name}.zip", request.POST.get("password", ""))
        _note(self, bundle)
        return FileResponse(
            file, as_attachment=True, filename=f"{name}-locked.zip", content_type="application/zip"
        )


def _made(view: Page, pk: int) -> tuple[Bundle, Path]:
    """One's own bundle and its file; 404 until it is made."""
    bundle = _mine(view, pk)
    place = folder() / bundle.path
    if not bundle.is_done or not bundle.path or not place.is_file():
        raise Http404
    return bundle, place


def _note(view: Page, bundle: Bundle) -> None:
    """Every download is logged with its cases (AUD-02)."""
    trail.look("evidence", packed_in(bundle), by=view.user, at=view.at, reason=bundle.reason)


def _mine(view: Page, pk: int) -> Bundle:
    """One's own bundle, as long as one may still take evidence of what is in it; else 404 (ACC-02)."""
    bundle = get_object_or_404(Bundle.objects.select_related(*MINE), pk=pk, by=view.user)
    allowed = (
        case_for(view.user, bundle.case.number)
        if bundle.case
        else bundle.unit and view.user.can(Can.EVIDENCE, bundle.unit)
    )
    if not allowed:
        raise Http404
    return bundle
