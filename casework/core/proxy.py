"""Behind a reverse proxy the address of a request is the proxy's: the one that it names is taken in its place."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class TrustedProxies:
    """With `TRUSTED_PROXIES=n` the n-th address from the right of X-Forwarded-For; what a client wrote left of it counts nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        hops, named = settings.TRUSTED_PROXIES, request.META.get("HTTP_X_FORWARDED_FOR", "")
        addresses = [each.strip() for each in named.split(",") if each.strip()]
        if hops and len(addresses) >= hops:
            request.META["REMOTE_ADDR"] = addresses[-hops]
        return self.get_response(request)
