"""A form whose key against forged requests is stale: another sign-in came between. What was typed is not lost."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from casework.cases.views.record import RecordPage
from casework.core.errors import DomainError
from casework.core.refusals import typed_in


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page instead of Django's (403). A record form becomes the draft of the person whose mark it bears."""
    kept = _kept(request)
    error = DomainError(
        _("This form was opened under another sign-in. What you typed is kept: open it again.")
        if kept
        else _("This form was opened under another sign-in. Open it again and send it once more.")
    )
    context = {"error": error, "typed": typed_in(request), "again": request.path if kept else ""}
    return render(request, "core/refused.html", context, status=403)


def _kept(request: HttpRequest) -> bool:
    found = request.resolver_match
    view = getattr(found.func, "view_class", None) if found else None
    if found is None or view is None or not issubclass(view, RecordPage):
        return False
    page = view()
    page.setup(request, *found.args, **found.kwargs)
    return bool(page.keep_for_sender())
