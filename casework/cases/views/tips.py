"""Tips from outside: the public form behind a village's code, its poster, and saying which child a tip means."""

from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views import View

from casework.audit import trail
from casework.cases import access, intake
from casework.cases.views.intake import SuspicionForm, schools_near
from casework.cases.views.search import matching
from casework.core import clock
from casework.core.crypto import decrypt
from casework.core.errors import DomainError
from casework.core.pager import number_in, page
from casework.core.validators import PHONE
from casework.detection.by_hand import identify
from casework.detection.models import UNDECIDED, Finding, Tip, TipDoor, to_decide
from casework.detection.tips import PLACE, TooMany, found_by_number, open_door, take_tip
from casework.org.models import Unit, UnitKind
from casework.org.pages import Page
from casework.org.roles import Can
from casework.students.models import Pupil

SUGGESTED = 10


class TipForm(forms.Form):
    """What anybody may say. `website` is shown to nobody: what fills it in is no person."""

    what = forms.CharField(
        label=lazy("What have you seen or heard?"), max_length=500, widget=forms.Textarea(attrs={"rows": 4})
    )  # fmt: skip
    name = forms.CharField(label=lazy("Name of the child"), max_length=60, required=False)
    age = forms.CharField(
        label=lazy("About how old, or which class"), max_length=40, required=False
    )
    home = forms.CharField(label=lazy("Where the child lives"), max_length=120, required=False)
    reporter = forms.CharField(label=lazy("Your name"), max_length=60, required=False)
    phone = forms.CharField(
        label=lazy("Your phone"), max_length=20, required=False, validators=[PHONE]
    )
    website = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)


class GiveTip(View):
    """`/t/<token>/`, without sign-in: takes a tip and gives a number; reads nothing out of the records."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self._show(token, TipForm())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        door, form = self._door(token), TipForm(request.POST)
        if not form.is_valid() or form.cleaned_data.pop("website"):
            return self._show(token, form, status=422)
        try:
            tip = take_tip(
                door, form.cleaned_data, address=request.META["REMOTE_ADDR"], at=clock.now()
            )
        except DomainError as error:
            form.add_error("what", str(error))
            return self._show(token, form, status=422)
        except TooMany:
            return self._show(token, form, status=429)
        return render(request, "cases/tip_taken.html", {"tip": tip})

    def _door(self, token: str) -> TipDoor:
        rows = TipDoor.objects.select_related("village")
        return get_object_or_404(rows, token=token, closed_at=None)

    def _show(self, token: str, form: TipForm, *, status: int = 200) -> HttpResponse:
        context = {"door": self._door(token), "form": form, "too_many": status == 429}
        return render(self.request, "cases/tip.html", context, status=status)


class AskTip(View):
    """`/t/`, without sign-in: whether the tip with a number was looked at, and nothing else."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "cases/tip_asked.html", {})

    def post(self, request: HttpRequest) -> HttpResponse:
        tip = found_by_number(request.POST.get("number", "")[:20])
        looked_at = tip is not None and tip.finding.state not in UNDECIDED
        context = {"asked": True, "tip": tip, "looked_at": looked_at}
        return render(request, "cases/tip_asked.html", context, status=200 if tip else 404)


class VillagesPage(Page):
    """Base: the villages below one's office."""

    capability = Can.DECIDE_FINDINGS

    def villages(self) -> QuerySet[Unit]:
        within = Q(pk=None)
        for unit in self.user.units_with(Can.DECIDE_FINDINGS):
            within |= Q(path__startswith=unit.path)
        rows: QuerySet[Unit] = Unit.objects.filter(within, kind=UnitKind.VILLAGE)
        return rows


class Doors(VillagesPage):
    """The villages of an office with their codes: make one, print its poster."""

    def get(self, request: HttpRequest) -> HttpResponse:
        found = page(self.villages(), ["path", "id"], request.GET.get("after", ""))
        open_doors = TipDoor.objects.filter(village__in=found.rows, closed_at=None)
        doors = {door.village_id: door for door in open_doors}
        return self.show("cases/tip_doors.html", {"page": found, "doors": doors})

    def post(self, request: HttpRequest) -> HttpResponse:
        village = get_object_or_404(self.villages(), pk=number_in(request.POST.get("village", "")))
        open_door(village, by=self.user, at=self.at)
        return redirect("cases:tip_poster", village.pk)


class Poster(VillagesPage):
    """The code of a village on a sheet to be put up."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = TipDoor.objects.filter(village__in=self.villages(), closed_at=None)
        door = get_object_or_404(rows.select_related("village"), village=pk)
        link = f"{settings.SITE_URL}{reverse('cases:tip', args=[door.token])}"
        return self.show(
            "cases/tip_poster.html",
            {
                "door": door,
                "link": link,
                "code": segno.make_qr(link, error="m").svg_data_uri(scale=8),
            },
        )


class ChildForm(SuspicionForm):
    """A child on no roster, as far as a case needs it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, pupil=None, **kwargs)
        del self.fields["reason_text"]


class Identify(Page):
    """Which child a tip means: pupils who may be meant, a search, or a child on no roster."""

    capability = Can.DECIDE_FINDINGS

    def finding(self, pk: int) -> Finding:
        rows = intake.findings_for(self.user).filter(to_decide(self.at), pupil=None)
        return get_object_or_404(rows.select_related("unit"), pk=pk)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        finding = self.finding(pk)
        return self._show(finding, self._form(finding), finding.child.get("name", ""))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        finding = self.finding(pk)
        if request.POST.get("act") == "search":
            return self._show(finding, self._form(finding), request.POST.get("q", "").strip()[:60])
        pupil = self._pupil(request.POST.get("pupil", ""))
        form = self._form(finding, None if pupil else request.POST)
        if pupil is None and not form.is_valid():
            return self._show(finding, form, "", status=422)
        said = dict(form.cleaned_data) if pupil is None else {}
        school = said.pop("unit", None)
        child = {key: str(value) for key, value in said.items() if value}
        identify(finding, pupil=pupil, child=child, school=school, by=self.user, at=self.at)
        messages.success(request, _("The child is named. Now decide."))
        return redirect("cases:intake")

    def _pupil(self, number: str) -> Pupil | None:
        rows = access.pupils_visible_to(self.user)
        return get_object_or_404(rows, pk=number_in(number)) if number else None

    def _form(self, finding: Finding, typed: Any = None) -> ChildForm:
        near = schools_near(self.user)
        known = {key: finding.child.get(key, "") for key in ("name", "address")}
        return ChildForm(typed, schools=near, initial={**known, "unit": near.first()})

    def _show(
        self, finding: Finding, form: ChildForm, words: str, *, status: int = 200
    ) -> HttpResponse:
        seen = access.pupils_visible_to(self.user)
        found = matching(seen, words) if words else Pupil.objects.none()
        pupils = list(
            found.prefetch_related("enrolments__class_unit", "enrolments__school")[:SUGGESTED]
        )
        trail.look("identify", [each.pk for each in pupils], by=self.user, at=self.at)
        sender = self._sender(finding)
        context = {"finding": finding, "form": form, "pupils": pupils, "q": words, "sender": sender}
        return self.show("cases/identify.html", context, status=status)

    def _sender(self, finding: Finding) -> list[str]:
        """Who told it, for the offices above the village only: a school does not learn who spoke about it."""
        tip = Tip.objects.filter(finding=finding).select_related("door__village").first()
        offices = self.user.units_with(Can.DECIDE_FINDINGS)
        if tip is None or not any(unit.holds(tip.door.village) for unit in offices):
            return []
        trail.look("tip_sender", [finding.pk], by=self.user, at=self.at)
        return [decrypt(each, PLACE) for each in (tip.reporter, tip.phone)]
