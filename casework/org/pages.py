"""The base of every page behind the sign-in: who may open it is said on the class and checked before anything runs."""

from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views import View

from casework.core import clock
from casework.core.errors import DomainError
from casework.core.refusals import own_page
from casework.org.models import User
from casework.org.roles import Can

LARGEST_ID = 2**63 - 1


def _page_of(request: HttpRequest) -> str:
    """Where a person goes on after signing in: an act that was sent has no page of its own, the one that it was sent from has."""
    return (request.method == "POST" and urlsplit(own_page(request)).path) or request.path


def _refuse_unreadable(request: HttpRequest, kwargs: dict[str, Any]) -> None:
    """No row has such a number, and no database keeps such a text."""
    if any(isinstance(value, int) and value > LARGEST_ID for value in kwargs.values()):
        raise Http404
    said = [text for values in request.POST.lists() for text in values[1]] if request.POST else []
    if any("\x00" in text for text in said):
        raise DomainError(_("The text contains a character that cannot be kept. Type it anew."))


class Page(View):
    """A page. `capability` is what opens it (a tuple: any of them; None: everybody who is signed in)."""

    capability: ClassVar[Can | tuple[Can, ...] | None]
    user: User
    at: datetime

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(_page_of(request))
        assert isinstance(request.user, User)
        if request.user.visits_until and not request.user.is_visiting:
            logout(request)  # the last day of an inspector is over
            return redirect("org:sign_in")
        if request.user.must_set_password:
            return redirect("org:set_password")
        _refuse_unreadable(request, kwargs)
        self.user, self.at = request.user, clock.now()
        if not self.allowed():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def back(self) -> str:
        """The page of this house from which an act was chosen; empty for any other."""
        said = self.request.POST.get("back") or self.request.GET.get("back", "")
        own = said.startswith("/") and url_has_allowed_host_and_scheme(said, allowed_hosts=None)
        return said if own else ""

    def allowed(self) -> bool:
        """Whether the person has what opens the page."""
        needed = self.capability
        if needed is None:  # a page of whoever works here, which an inspector does not
            return not self.user.visits_until
        return any(
            self.user.can(each) for each in (needed if isinstance(needed, tuple) else (needed,))
        )

    def show(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """Render a page with the moment it was made at."""
        return render(self.request, template, {"at": self.at, **context}, status=status)
