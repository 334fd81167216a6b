"""A paper as an empty form for the hand: laid out like the real one, unsealed, and saying so. Nothing is recorded."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from casework.core import clock
from casework.core.canonical import canonical_json
from casework.documents import form_codes, freeze
from casework.documents.layout import code_of, html_of
from casework.documents.papers.register import PAPERS
from casework.documents.papers.words import FRAME
from casework.documents.render import print_html
from casework.org.models import Unit


def blank(
    code: str, values: Mapping[str, Any], unit: Unit, *, at: datetime, language: str = "zh-hans"
) -> bytes:
    """The form of a `code` (see `form_codes`) with what is known already filled in, as PDF bytes. RenderError if it cannot be made."""
    laid = freeze.lay_out(PAPERS[form_codes.kind_of(code)], values, language, blank=True)
    moment = at.astimezone(clock.LOCAL).isoformat("T", "seconds")
    stamp = {
        "number": FRAME["blank"].spoken(language),
        "unit": unit.formal_name,
        "recorded_at": moment,
        "supersedes": "",
        "blank": 1,
        "link": form_codes.link_of(code),
    }
    record = canonical_json(laid | stamp).decode()
    return print_html(html_of(record), record, moment, {"asset:code": code_of(record)}).pdf
