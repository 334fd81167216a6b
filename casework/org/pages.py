"""The base of every page behind the sign-in: who may open it is said on the class and checked before anything runs."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views import View

from casework.core import clock
from casework.org.models import User
from casework.org.roles import Can


class Page(View):
    """A page. `capability` is what opens it (a tuple: any of them; None: everybody who is signed in)."""

    capability: ClassVar[Can | tuple[Can, ...] | None]
    user: User
    at: datetime

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.path)
        assert isinstance(request.user, User)
        if request.user.must_set_password:
            return redirect("org:set_password")
        self.user, self.at = request.user, clock.now()
        if not self.allowed():
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def allowed(self) -> bool:
        """Whether the person has what opens the page."""
        needed = self.capability
        if needed is None:
            return True
        return any(
            self.user.can(each) for each in (needed if isinstance(needed, tuple) else (needed,))
        )

    def show(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """Render a page with the moment it was made at."""
        return render(self.request, template, {"at": self.at, **context}, status=status)
