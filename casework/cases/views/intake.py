"""The intake list and suspicions made by hand."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from casework.audit import trail
from casework.cases import access, intake
from casework.cases.models import Case
from casework.core.clock import day_in, local_date, local_moment, now
from casework.core.errors import DomainError
from casework.core.pager import number_in, page
from casework.core.validators import PHONE
from casework.detection.by_hand import HAND, HEARD, add_suspicion
from casework.detection.models import Finding
from casework.detection.tally import tallies
from casework.detection.words import days_told, why
from casework.org.models import Unit, UnitKind
from casework.org.pages import Page
from casework.org.roles import MAY_IMPORT, Can
from casework.students.models import Pupil

OLDEST = date(1990, 1, 1)  # nobody born before is of school age


class Intake(Page):
    """Findings that wait for a decision, the most pressing first; beside them those put off and those decided."""

    capability = Can.DECIDE_FINDINGS

    def get(self, request: HttpRequest) -> HttpResponse:
        shown = request.GET.get("show", "")
        if shown == "decided":
            return self._show(shown, intake.decided_for(self.user, self.at), ["-decided_at", "-id"])
        if shown == "later":
            return self._show(shown, intake.put_off_for(self.user, self.at), ["wake_at", "id"])
        return self._show("", intake.waiting_for(self.user, self.at), ["due", "id"])

    def _show(self, shown: str, rows: QuerySet[Finding], keys: list[str]) -> HttpResponse:
        found = page(rows.select_related("pupil", "unit"), keys, self.request.GET.get("after", ""))
        pupils = [f.pupil_id for f in found.rows if f.pupil_id]
        trail.look("findings", [f.pk for f in found.rows], by=self.user, at=self.at)
        joining = intake.with_open_case(self.user, self.at) if not shown else Finding.objects.none()
        shown_keys = [f.pk for f in found.rows]
        return self.show(
            "cases/intake.html",
            {
                "page": found,
                "said": {each.pk: (why(each), days_told(each)) for each in found.rows},
                "joining": joining.filter(pk__in=shown_keys).values_list("pk", flat=True),
                "shown": shown,
                "lists": [
                    ("", _("To decide")),
                    ("later", _("Put off")),
                    ("decided", _("Decided findings")),
                ],
                "open_cases": {c.pupil_id: c for c in Case.objects.open().filter(pupil__in=pupils)},
                "decisions": intake.last_decisions(found.rows),
                "may_import": any(map(self.user.can, MAY_IMPORT)),
            },
        )


class LinkAll(Page):
    """Join the findings of a page that are about children with an open case: one tap for what needs no thought."""

    capability = Can.DECIDE_FINDINGS

    def post(self, request: HttpRequest) -> HttpResponse:
        shown = [number_in(each) for each in request.POST.getlist("finding")]
        rows = intake.with_open_case(self.user, self.at).filter(pk__in=shown).order_by("pk")
        linked = intake.link_all(rows.select_related("unit"), by=self.user, at=self.at)
        words = ngettext(
            "%(n)s finding joined its case.", "%(n)s findings joined their cases.", linked
        )
        messages.success(request, words % {"n": linked})
        return redirect("cases:intake")


class Tallies(Page):
    """What became of the findings of each rule: the share set aside tells a bad rule (features 6)."""

    capability = (Can.DECIDE_FINDINGS, Can.MANAGE_RULES)

    def get(self, request: HttpRequest) -> HttpResponse:
        seen = intake.findings_for(self.user)
        if not self.user.can(Can.DECIDE_FINDINGS):
            seen = intake.findings_below(self.user.units_with(Can.MANAGE_RULES))
        return self.show("cases/tallies.html", {"tallies": tallies(seen)})


class Decide(Page):
    """Link, set aside or later; opening a case is the flow's page."""

    capability = Can.DECIDE_FINDINGS

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        finding = get_object_or_404(intake.findings_for(self.user), pk=pk)
        act, reason = request.POST.get("act"), request.POST.get("reason", "")[:300]
        if act == "link":
            intake.link(finding, reason=reason, by=self.user, at=self.at)
        elif act == "set_aside":
            until = self._day()
            intake.set_aside(finding, until=until, reason=reason, by=self.user, at=self.at)
        else:
            self._put_off(finding, reason)
        messages.success(request, _("Decided and noted."))
        return redirect("cases:intake")

    def _day(self) -> datetime | None:
        day = day_in(self.request.POST.get("until", ""))
        return local_moment(day) if day else None

    def _put_off(self, finding: Finding, reason: str) -> None:
        until = self._day()
        if until is None:
            raise DomainError(
                _("Choose the day on which the finding comes back."),
                fields={"until": _("required")},
            )
        intake.put_off(finding, until=until, reason=reason, by=self.user, at=self.at)


class SuspicionForm(forms.Form):
    """A suspicion by hand: for a pupil of the roster, or for a child that is on none."""

    reason_text = forms.CharField(
        label=lazy("What happened"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
    name = forms.CharField(label=lazy("Name of the child"), max_length=60, required=False)
    sex = forms.ChoiceField(
        label=lazy("Sex"),
        choices=[("", "—"), ("m", lazy("boy")), ("f", lazy("girl"))],
        required=False,
    )
    born = forms.DateField(
        label=lazy("Date of birth"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    address = forms.CharField(label=lazy("Home address"), max_length=160, required=False)
    guardian = forms.CharField(label=lazy("Guardian"), max_length=60, required=False)
    phone = forms.CharField(
        label=lazy("Phone of the guardian"), max_length=20, required=False, validators=[PHONE]
    )
    unit = forms.ModelChoiceField(label=lazy("School"), queryset=Unit.objects.none())

    def __init__(self, *args: Any, schools: Any, pupil: Pupil | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = schools  # type: ignore[attr-defined]
        if pupil:
            for name in ("name", "sex", "born", "address", "guardian", "phone"):
                del self.fields[name]
        else:
            for name in ("name", "born", "sex"):
                self.fields[name].required = True

    def clean_born(self) -> date | None:
        born: date | None = self.cleaned_data["born"]
        if born and born > local_date(now()):
            raise forms.ValidationError(_("A day lies in the future."))
        if born and born < OLDEST:
            raise forms.ValidationError(_("check the day"))
        return born


class Suspicion(Page):
    """Say that a child may be dropping out: a teacher, an officer, or a village cadre who heard of it."""

    capability = Can.OPEN_SUSPICION

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(self._form(None))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self._form(request.POST)
        if not form.is_valid():
            return self._show(form)
        data = dict(form.cleaned_data)
        unit, reason = data.pop("unit"), data.pop("reason_text")
        child = {
            key: (value.isoformat() if key == "born" else value)
            for key, value in data.items()
            if value
        }
        add_suspicion(
            pupil=self._pupil(),
            child=child,
            unit=unit,
            reason_text=reason,
            by=self.user,
            at=self.at,
            rule=HEARD if self.user.can(Can.SEE_VILLAGE_CASES) else HAND,
        )
        messages.success(request, _("Noted. The case officer of the school decides."))
        return redirect("cases:intake" if self.user.can(Can.DECIDE_FINDINGS) else "/")

    def _pupil(self) -> Pupil | None:
        number = self.request.GET.get("pupil", "")
        if not number:
            return None
        return get_object_or_404(access.pupils_visible_to(self.user), pk=number_in(number))

    def _form(self, typed: Any) -> SuspicionForm:
        schools = schools_near(self.user)
        pupil = self._pupil()
        first = (
            pupil.enrolments.filter(until=None).values_list("school", flat=True).first()
            if pupil
            else None
        )
        return SuspicionForm(
            typed, schools=schools, pupil=pupil, initial={"unit": first or schools.first()}
        )

    def _show(self, form: SuspicionForm) -> HttpResponse:
        pupil = self._pupil()
        if pupil:
            trail.look("pupil", [pupil.pk], by=self.user, at=self.at)
        searches = self.user.can(Can.SEARCH_PUPILS)
        return self.show(
            "cases/suspicion.html", {"form": form, "pupil": pupil, "searches": searches}
        )


def schools_near(user: Any) -> Any:
    """The schools at, above or below one's posts; for a village, those of its township."""
    near = Q()
    for post in user.current_posts:
        top = post.unit.above(UnitKind.SCHOOL) or post.unit.above(UnitKind.TOWNSHIP) or post.unit
        near |= Q(path__startswith=top.path)
    return (
        Unit.objects.filter(near, kind=UnitKind.SCHOOL).order_by("path")
        if near
        else Unit.objects.none()
    )
