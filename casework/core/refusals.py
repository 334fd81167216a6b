"""A refusal becomes a page: what was refused, what to do, and what was typed kept (409, never 500)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from casework.core.errors import DomainError
from casework.core.fsm import ConcurrentTransition, TransitionNotAllowed


class Refusals:
    """Turns `DomainError` and the state machine's refusals into the page `core/refused.html`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, TransitionNotAllowed | ConcurrentTransition):
            error = DomainError(_("The case has moved on meanwhile. Please look at it again."))
        if not isinstance(error, DomainError):
            return None
        context = {"error": error, "typed": typed_in(request), "back": own_page(request)}
        return render(request, "core/refused.html", context, status=409)


def own_page(request: HttpRequest) -> str:
    """The page of this house that a form was sent from; empty for one of elsewhere."""
    sent_from = request.META.get("HTTP_REFERER", "")
    own = url_has_allowed_host_and_scheme(sent_from, allowed_hosts={request.get_host()})
    return sent_from if own else ""


def typed_in(request: HttpRequest) -> list[tuple[str, str]]:
    """What a person typed into the form that was sent, without its hidden parts."""
    return [(key, str(value)) for key, value in request.POST.items() if key not in HIDDEN and value]


HIDDEN = frozenset(
    {"csrfmiddlewaretoken", "password", "code", "form_key", "generation", "sender", "act", "back"}
)
