"""What is checked on every request of a signed-in person: still active, not idle too long, in their language."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from casework.core import clock


class CurrentSession:
    """Ends sessions of deactivated people at once (ACC-05) and idle ones after a while (AUTH-03)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._check(request)
        return self.get_response(request)

    def _check(self, request: HttpRequest) -> None:
        seen, now = request.session.get("seen", 0), clock.real_now().timestamp()
        if seen and now - seen > settings.SESSION_IDLE_SECONDS:
            logout(request)
        elif now - seen > 60:
            request.session["seen"] = now


def name_tried(request: HttpRequest, credentials: dict[str, str] | None = None) -> str:
    """The user name of a sign-in as the lock-out counts it: without regard to case (AUTH-01)."""
    said = (credentials or {}).get("username") or request.POST.get("username", "")
    return said.strip().casefold()
