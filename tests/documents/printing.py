"""Records and PDFs for tests that need no database."""

import json
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from casework.core import clock
from casework.core.canonical import canonical_json
from casework.documents import freeze
from casework.documents.papers.register import PAPERS
from casework.documents.render import Rendered, render
from tests.documents.samples import AT, values_for


def record_of(
    code: str, length: str, language: str = "zh-hans", values: Mapping[str, Any] | None = None
) -> str:
    """A frozen record as `issue` makes it, with fixed token and salt."""
    laid = freeze.lay_out(PAPERS[code], values or values_for(PAPERS[code], length), language)
    more = {
        "number": f"青石镇中学控辍{code}〔2026〕9号",
        "unit": "示范县青石镇中学",
        "recorded_at": AT.astimezone(clock.LOCAL),
        "recorded_by": laid["recorded_by"] or "系统",
        "supersedes": "青石镇中学控辍P05〔2026〕8号" if length == "most" else "",
        "chain": "case:12",
        "place": 3,
        "previous": "" if length == "least" else "ab12" * 16,
        "token": "t" * 22,
        "link": f"http://127.0.0.1:8000/v/{'t' * 22}/",
        "salt": "0" * 32,
        "style": freeze.STYLE,
    }
    return canonical_json(laid | more).decode()


@cache
def printed(code: str, length: str, language: str = "zh-hans") -> Rendered:
    return render(record_of(code, length, language))


def changed(record: str, **fields: Any) -> str:
    return canonical_json(json.loads(record) | fields).decode()


def text_in(pdf: bytes, folder: Path) -> str:
    """All text of a PDF without any blank."""
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True)
    return "".join(done.stdout.decode().split())
