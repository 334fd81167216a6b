"""Late steps that a person takes up or sets aside (domain.md C4)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from casework.audit import trail
from casework.cases.late import decide_late, late_steps, may_decide_late
from casework.cases.models import Step
from casework.core.errors import DomainError
from casework.core.pager import number_in, page
from casework.oversight.lens import below
from casework.oversight.views import ROW, UnitPage

SHOWS: dict[str, Promise] = {
    "waiting": lazy("To be decided"),
    "taken": lazy("Looked into"),
    "aside": lazy("Set aside"),
}


class Late(UnitPage):
    """The late steps of a unit and below; what was decided about them, by whom and why."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show()

    def post(self, request: HttpRequest) -> HttpResponse:
        step = get_object_or_404(self._steps(), pk=number_in(request.POST.get("step", "")))
        try:
            decide_late(
                step,
                taken_up=request.POST.get("act") == "take",
                reason=request.POST.get("reason", ""),
                by=self.user,
                at=self.at,
            )
        except DomainError as error:
            return self._show(error)
        messages.success(request, _("Noted, with your name and reason."))
        return redirect(request.get_full_path())

    def _steps(self) -> Any:
        rows = Step.objects.visible_to(self.user).filter(below(self.unit(), "unit__path"))
        return rows.filter(pk__in=late_steps(self.at).values("pk")).select_related(
            *ROW, "finished_by"
        )

    def _show(self, error: DomainError | None = None) -> HttpResponse:
        show = self.choice("show", SHOWS, "waiting")
        rows = self._steps().select_related("late_decision__by")
        if show == "waiting":
            rows = rows.filter(late_decision=None)
        else:
            rows = rows.filter(late_decision__taken_up=show == "taken")
        found = page(rows, ["due_at", "id"], self.request.GET.get("after", ""))
        trail.look("late", [step.case_id for step in found.rows], by=self.user, at=self.at)
        return self.show(
            "oversight/late.html",
            {
                "page": found,
                "rows": [(step, may_decide_late(self.user, step)) for step in found.rows],
                "unit": self.unit(),
                "shown": show,
                "shows": SHOWS,
                "error": error,
            },
            status=409 if error else 200,
        )
