"""Terms and local days: the data administrator enters them, the deadlines follow."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from casework.core.errors import DomainError
from casework.deadlines.forms import LocalDayForm, TermForm
from casework.deadlines.models import CalendarVersion, LocalDay, Term
from casework.deadlines.terms import add_local_day, set_term
from casework.org.pages import Page
from casework.org.roles import Can


class Terms(Page):
    """Terms in force, those that were only assumed, local days, and the calendar's version."""

    capability = Can.MANAGE_PEOPLE

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(TermForm(), LocalDayForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        is_day = request.POST.get("act") == "day"
        form: forms.Form = LocalDayForm(request.POST) if is_day else TermForm(request.POST)
        if form.is_valid() and self._enter(form):
            messages.success(request, _("Entered. New deadlines are counted by it."))
            return redirect("deadlines:terms")
        if is_day:
            return self._show(TermForm(), form, status=409)
        return self._show(form, LocalDayForm(), status=409)

    def _enter(self, form: forms.Form) -> bool:
        enter = add_local_day if isinstance(form, LocalDayForm) else set_term
        try:
            enter(by=self.user, at=self.at, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
        return not form.errors

    def _show(self, term: forms.Form, day: forms.Form, status: int = 200) -> HttpResponse:
        newest = {
            (t.unit_id, t.code): t for t in Term.objects.select_related("unit").order_by("pk")
        }
        return self.show(
            "deadlines/terms.html",
            {
                "terms": sorted(newest.values(), key=lambda t: (t.unit.path, t.code)),
                "days": LocalDay.objects.select_related("unit").order_by("-day")[:50],
                "calendar": CalendarVersion.objects.order_by("-number").first(),
                "term_form": term,
                "day_form": day,
            },
            status=status,
        )
