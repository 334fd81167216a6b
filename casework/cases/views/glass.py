"""Breaking the glass: a case by its number, for a reason, seen by the supervisors."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from casework.audit import trail
from casework.cases.glass import OPEN_FOR, break_glass, told_to
from casework.core.clock import LOCAL
from casework.core.errors import DomainError
from casework.org.pages import Page
from casework.org.roles import Can

SHOWN = 25


class BreakGlass(Page):
    """Read one case out of reach, or what is restricted in one, for some hours."""

    capability = Can.SEE_CASES

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show({"number": request.GET.get("number", "")})

    def post(self, request: HttpRequest) -> HttpResponse:
        said = {key: request.POST.get(key, "") for key in ("number", "reason")}
        try:
            case = break_glass(said["number"], said["reason"], by=self.user, at=self.at)
        except DomainError as error:
            return self._show({**said, "error": error}, status=409)
        messages.success(
            request,
            _("Open to you until %(time)s, to be read. The supervisors were told.")
            % {"time": (self.at + OPEN_FOR).astimezone(LOCAL).strftime("%H:%M")},
        )
        return redirect("cases:case", pk=case.pk)

    def _show(self, context: dict[str, object], status: int = 200) -> HttpResponse:
        hours = int(OPEN_FOR.total_seconds() // 3600)
        told = told_to(self.user)[:SHOWN]
        if told:
            trail.look("glass", [each.case_id for each in told], by=self.user, at=self.at)
        return self.show(
            "cases/glass.html", {**context, "hours": hours, "told": told}, status=status
        )
