"""The status register: worklists, a pupil's movements, asking, approving, receipts and platform entries."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from casework.audit import trail
from casework.cases.forms import day_field, text_field
from casework.core.clock import day_in, local_date
from casework.core.errors import DomainError
from casework.core.pager import page
from casework.documents.models import Document
from casework.org.models import Unit, UnitKind
from casework.org.pages import Page
from casework.org.roles import Can
from casework.registers.status import (
    SEEING,
    WORKLISTS,
    ask,
    decide,
    found_by_number,
    is_late,
    movements_of,
    pupils_of,
    schools_of,
)
from casework.students.models import MovementKind, Pupil, StatusMovement
from casework.students.movements import KINDS, confirm_receipt, done_on_platform, may_decide


class StatusPage(Page):
    """Base: whoever keeps or approves status."""

    capability: ClassVar[tuple[Can, ...]] = SEEING


class Status(StatusPage):
    """The worklists, one at a time."""

    def get(self, request: HttpRequest) -> HttpResponse:
        first = "decide" if self.user.can(Can.APPROVE_STATUS) else "platform"
        shown = request.GET.get("show", first)
        if shown not in WORKLISTS:
            raise Http404
        today, work = local_date(self.at), WORKLISTS[shown]
        found = page(work.rows(self.user, today), ["id"], request.GET.get("after", ""))
        pupils = [row.pk if work.of_pupils else row.pupil_id for row in found.rows]
        trail.look("status", pupils, by=self.user, at=self.at)
        late = set() if work.of_pupils else {r.pk for r in found.rows if is_late(r, shown, self.at)}
        counts = [(each, each.rows(self.user, today).count()) for each in WORKLISTS.values()]
        keeps = self.user.can(Can.MOVE_STATUS)
        context = {"page": found, "shown": work, "counts": counts, "late": late, "keeps": keeps}
        return self.show("registers/status.html", context)


INCOMING = "incoming pupil"  # found by its whole number, by this session


class FindIncoming(StatusPage):
    """A pupil in no class who comes in from elsewhere: found by the whole number alone, which is in no address."""

    def post(self, request: HttpRequest) -> HttpResponse:
        pupil = found_by_number(request.POST.get("number", "")[:20])
        if pupil is None or not self.user.can(Can.MOVE_STATUS):
            messages.warning(
                request,
                _(
                    "Nobody in no class has this number. Who is enrolled elsewhere is transferred out there first; who is new comes with the roster."
                ),
            )
            return redirect("registers:status")
        trail.look("incoming", [pupil.pk], by=self.user, at=self.at)
        request.session[INCOMING] = pupil.pk
        return redirect("registers:pupil_status", pupil.pk)


class MovementForm(forms.Form):
    """A movement to be asked for."""

    kind = forms.ChoiceField(label=lazy("Movement"), widget=forms.RadioSelect)
    day = day_field(lazy("From"))
    ends_on = day_field(lazy("Until"), required=False, help_text=lazy("suspension and guest study"))
    class_unit = forms.ModelChoiceField(
        label=lazy("Class"), queryset=Unit.objects.none(), required=False,
        help_text=lazy("transfer from another school, change of class"),
    )  # fmt: skip
    other_school = text_field(
        lazy("Other school"), required=False, help_text=lazy("transfers and guest study")
    )
    note = text_field(lazy("Reason"), long=True, most=200)
    proof = text_field(lazy("What proves it"))
    proof_number = text_field(lazy("Its number"), required=False, most=60)

    def __init__(self, *args: Any, classes: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, kind.label) for kind in MovementKind if kind in KINDS]  # type: ignore[attr-defined]
        self.fields["class_unit"].queryset = classes  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        """As the service takes it."""
        said = dict(self.cleaned_data)
        return said | {
            "proof_number": said["proof_number"][:60],
            "other_school": said["other_school"][:120],
        }


class PupilStatus(StatusPage):
    """One pupil: where it was and is, its movements, and the form to ask for the next."""

    def pupil(self) -> Pupil:
        incoming = self.request.session.get(INCOMING, 0)
        return get_object_or_404(pupils_of(self.user, incoming=incoming), pk=self.kwargs["pk"])

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(self.pupil(), self._form())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        pupil, form = self.pupil(), self._form(request.POST)
        if not self.user.can(Can.MOVE_STATUS):
            raise Http404
        if not form.is_valid():
            return self._show(pupil, form, status=422)
        try:
            ask(pupil, form.said(), by=self.user, at=self.at)
        except DomainError as error:
            return self._show(pupil, form, error=error, status=409)
        messages.success(request, _("Asked. Another person approves."))
        return redirect("registers:pupil_status", pk)

    def _form(self, typed: Any = None) -> MovementForm:
        paths = list(schools_of(self.user).values_list("path", flat=True))
        classes = Unit.objects.none()
        for path in paths if self.user.can(Can.MOVE_STATUS) else ():
            classes |= Unit.objects.filter(kind=UnitKind.CLASS, path__startswith=path)
        initial = {"day": local_date(self.at)}
        return MovementForm(typed, classes=classes.order_by("path"), initial=initial)

    def _show(
        self,
        pupil: Pupil,
        form: MovementForm,
        *,
        error: DomainError | None = None,
        status: int = 200,
    ) -> HttpResponse:
        trail.look("pupil", [pupil.pk], by=self.user, at=self.at)
        for field, words in (error.fields if error else {}).items():
            form.add_error(field if field in form.fields else None, str(words))
        rows = (
            movements_of(self.user)
            .filter(pupil=pupil)
            .select_related("school", "class_unit", "asked_by", "decided_by")
        )
        movements = list(rows.order_by("-recorded_at", "-pk")[:50])
        papers = Document.objects.filter(subject__in=[f"movement:{m.pk}" for m in movements])
        context = {
            "pupil": pupil,
            "enrolments": pupil.enrolments.select_related("school", "class_unit").order_by(
                "-since", "-pk"
            ),
            "movements": [(m, may_decide(self.user, m)) for m in movements],
            "papers": papers.order_by("pk"),
            "form": form,
            "error": error,
            "keeps": self.user.can(Can.MOVE_STATUS),
            "today": local_date(self.at),
        }
        return self.show("registers/pupil_status.html", context, status=status)


class MovementAct(StatusPage):
    """Approve or refuse a movement, note its receipt or its entry on the platform."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        movement = get_object_or_404(movements_of(self.user), pk=pk)
        self._do(movement, request.POST.get("act", ""))
        messages.success(request, _("Noted."))
        return redirect(self.back() or "registers:status")

    def _do(self, movement: StatusMovement, act: str) -> None:
        said = self.request.POST
        day = day_in(said.get("day", "")) or local_date(self.at)
        if act in ("approve", "refuse"):
            opinion = said.get("opinion", "")[:200]
            decide(movement, approved=act == "approve", opinion=opinion, by=self.user, at=self.at)
        elif act not in ("receipt", "platform") or not self._keeps(movement):
            raise Http404
        elif act == "receipt":
            number = said.get("number", "")[:60]
            confirm_receipt(movement, day, number, by=self.user, at=self.at)
        else:
            done_on_platform(movement, day, by=self.user, at=self.at)

    def _keeps(self, movement: StatusMovement) -> bool:
        return movement.school is not None and self.user.can(Can.MOVE_STATUS, movement.school)
