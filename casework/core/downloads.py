"""Files for the browser: never run, never guessed at (WEB-02, UPL-01)."""

from django.http import HttpResponse


def handed_out(data: bytes, media_type: str, name: str, *, inline: bool = False) -> HttpResponse:
    """The bytes as a download called `name` (`inline`: shown by the browser), in a sandbox."""
    response = HttpResponse(data, content_type=media_type)
    how = "inline" if inline else "attachment"
    response["Content-Disposition"] = f'{how}; filename="{name}"'
    response["Content-Security-Policy"] = "sandbox"
    return response
