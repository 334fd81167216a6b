"""A frozen record as the HTML of its paper. Sees the record only; user text is element text only (PDF-08)."""

import io
import json
from functools import cache
from typing import Any

import segno
from django.conf import settings
from django.template import Context, Engine

from casework.core.canonical import sha256_hex
from casework.documents import spelling, strokes
from casework.documents.papers.words import FRAME


@cache
def _engine() -> Engine:
    """Its own engine: no tags, context or templates of the site's pages."""
    return Engine(
        dirs=[str(settings.BASE / "templates" / "documents" / "print")],
        autoescape=True,
        builtins=["casework.documents.templatetags.paper"],
    )


def html_of(record_text: str) -> str:
    """The paper of a frozen record (its canonical JSON text)."""
    record: dict[str, Any] = json.loads(record_text)
    language = record["language"]
    context = {
        "record": record,
        "hash": sha256_hex(record_text.encode()),
        "lang": "en" if language == "en" else "zh-Hans",
        "stamped": record["recorded_at"][:16].replace("T", " "),
        "joint": FRAME["comma"].spoken(language),
        "day": FRAME["day_by_hand"].spoken(language)
        if record.get("blank")
        else spelling.plain(spelling.day_of(record["recorded_at"]), language),
    }
    template = "letter.html" if record["letter"] else "form.html"
    return _engine().get_template(template).render(Context(context))


def assets_of(record_text: str) -> dict[str, str]:
    """The pictures of a paper as SVG: its code, and what was drawn on the screen."""
    signers = json.loads(record_text).get("signatures") or []
    drawn = {
        f"asset:sign-{place}": strokes.drawn(signer["strokes"])
        for place, signer in enumerate(signers)
        if "strokes" in signer
    }
    return {"asset:code": code_of(record_text)} | drawn


def code_of(record_text: str) -> str:
    """The QR code of the record's link, as SVG."""
    out = io.BytesIO()
    code = segno.make_qr(json.loads(record_text)["link"], error="m")
    code.save(out, kind="svg", xmldecl=False, svgclass=None, lineclass=None, border=2)
    return out.getvalue().decode()
