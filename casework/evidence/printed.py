"""Pages that the evidence room itself prints: reading copies, ledgers, rehearsal sheets. Made like papers, but no records and unsealed."""

import io
from datetime import datetime
from functools import cache
from typing import Any

import pikepdf
from django.conf import settings
from django.template import Context, Engine
from django.utils.translation import gettext_lazy as _

from casework.core.canonical import canonical_json
from casework.core.clock import LOCAL
from casework.core.errors import DomainError
from casework.documents.render import Rendered, RenderError, print_html


@cache
def _engine() -> Engine:
    """Like that of the papers: its own templates, no tags or context of the site's pages."""
    return Engine(
        dirs=[
            str(settings.BASE / "templates" / room / "print") for room in ("evidence", "documents")
        ],
        autoescape=True,
        builtins=["casework.documents.templatetags.paper"],
    )


def print_page(
    template: str,
    context: dict[str, object],
    *,
    language: str,
    made_of: dict[str, object],
    at: datetime,
) -> Rendered:
    """A template of `templates/evidence/print` as PDF; `made_of` lies inside it as its record. RenderError if it cannot be made."""
    base = {"lang": "en" if language == "en" else "zh-Hans", "language": language}
    html = _engine().get_template(template).render(Context(base | context))
    made_at = at.astimezone(LOCAL).isoformat("T", "seconds")
    return print_html(html, canonical_json(made_of).decode(), made_at, {})


def watermark(receiver: str, at: datetime) -> str:
    """Who gets it and when, for every page that is made for somebody."""
    return f"{receiver}　{at.astimezone(LOCAL):%Y-%m-%d %H:%M}"


def without_seal(pdf: pikepdf.Pdf) -> None:
    """Take out the seal's field, which would be broken in a copy, and what leads to structure left behind."""
    if "/AcroForm" in pdf.Root:
        del pdf.Root["/AcroForm"]
    for page in pdf.pages:
        for key in ("/Annots", "/StructParents"):
            if key in page:
                del page[key]


def marked(sealed: bytes, mark: str, *, language: str, at: datetime) -> bytes:
    """A copy of a paper to look at: without its seal and record, `mark` across each page. DomainError if it cannot be made now."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(sealed)) as source, pikepdf.new() as copy:
        without_seal(source)
        copy.pages.extend(source.pages)
        pages = range(len(copy.pages))
        context: dict[str, object] = {"pages": pages, "mark": mark, "footer": "none"}
        page = printed_now(
            "numbers.html", context, language=language, made_of={"mark": mark}, at=at
        )
        with pikepdf.open(io.BytesIO(page)) as marks:
            for each, over in zip(copy.pages, marks.pages, strict=True):
                each.add_overlay(over, None)
        copy.save(out)
    return out.getvalue()


def printed_now(template: str, context: dict[str, object], **more: Any) -> bytes:
    """`print_page` for somebody who waits for it. DomainError if it cannot be made now."""
    try:
        return print_page(template, context, **more).pdf
    except RenderError as error:
        raise DomainError(_("This cannot be printed now. Try again later.")) from error
