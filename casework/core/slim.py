"""Pages go compressed over slow lines (design.md §8); files that are compressed in themselves go as they are."""

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/", "image/svg+xml")


class SlimPages(GZipMiddleware):
    """Django's own, with its random padding against guessing by length, for texts alone."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.streaming or not response.headers.get("Content-Type", "").startswith(TEXTS):
            return response
        return super().process_response(request, response)
