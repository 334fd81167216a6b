"""The code on an empty form. It names the step that the form was printed for, or just this print of it: so the scan of a filled-in
form finds its record, whichever of the two comes first."""

import re
import secrets
from collections.abc import Iterable

from django.conf import settings

from casework.documents.papers.register import PAPERS

CODE = re.compile(r"[A-Z0-9]{2,8}/(?:step-[1-9][0-9]{0,17}|(?!step-)[A-Za-z0-9_-]{12})")


def for_step(kind: str, step: int) -> str:
    """Of a form printed for a step: `P13/step-12`."""
    return f"{kind}/step-{step}"


def for_anybody(kind: str) -> str:
    """Of a form that was printed before anybody knew for whom."""
    return f"{kind}/{secrets.token_hex(6)}"


def link_of(code: str) -> str:
    """What the printed code leads to."""
    return f"{settings.SITE_URL}/f/{code}/"


def among(texts: Iterable[str]) -> str:
    """The first code of an empty form of this house among the texts that were read; empty without one."""
    before, behind = link_of("|").split("|")
    ours = (text for text in texts if text.startswith(before) and text.endswith(behind))
    return next(filter(is_code, (text[len(before) : -len(behind)] for text in ours)), "")


def is_code(text: str) -> bool:
    """Whether such a form can have been printed here."""
    return bool(CODE.fullmatch(text)) and kind_of(text) in PAPERS


def kind_of(code: str) -> str:
    """Which paper the form is."""
    return code.partition("/")[0]


def step_of(code: str) -> int | None:
    """The id of the step that it was printed for."""
    mark = code.partition("/")[2]
    return int(mark.removeprefix("step-")) if mark.startswith("step-") else None
