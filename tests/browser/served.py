"""The entry point of the browser tests' server: the product's own, its clock set to the first school day after the demo."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from casework.core.clock import local_moment, moved_to, real_now
from casework.wsgi import application as product

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

TODAY = local_moment(date(2026, 11, 23), 9, 30)
STARTED = real_now()


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Answer as the product does; the moved clock runs on from TODAY."""
    with moved_to(TODAY + (real_now() - STARTED)):
        return product(environ, start_response)
