"""What was drawn on the screen when a paper was written: it goes into its record and is kept nowhere else (domain.md 4.0)."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from casework.cases.models import SignState
from casework.documents.papers.declare import Signer
from casework.documents.papers.register import PAPERS

PREFIX = "hand_"  # before the signer's key in the names of the form's fields


def hands_in(data: Mapping[str, Any]) -> dict[str, Any]:
    """The strokes by the signer's key."""
    drawn = {key: strokes for key, strokes in data.items() if key.startswith(PREFIX) and strokes}
    return {key.removeprefix(PREFIX): strokes for key, strokes in drawn.items()}


def signed_by(hands: Mapping[str, Any], kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a paper with the hands of its signers; it says then that it was signed, unless it says that somebody refused."""
    drawn = {
        signer.key: {"strokes": hands[signer.key], "words": ""}
        for signer in PAPERS[kind].signers
        if signer.key in hands
    }
    if not drawn:
        return dict(values)
    said, unsigned = values.get("sign_state"), str(SignState.UNSIGNED.label)
    return {
        **values,
        "signatures": {**values.get("signatures", {}), **drawn},
        "sign_state": _state(kind, set(drawn)) if said in (None, "", unsigned) else said,
    }


def _plain(signer: Signer) -> str:
    """Who signs, without what the box asks for in brackets."""
    return re.split(r" ?[（(]", str(signer.label))[0]


def _state(kind: str, drawn: set[str]) -> str:
    """Signed on the screen: by all, or by whom, the others being awaited."""
    signers = PAPERS[kind].signers
    names = "、".join(_plain(each) for each in signers if each.key in drawn)
    if len(drawn) == len(signers):
        return str(SignState.PHONE.label)
    words = {"state": SignState.PHONE.label, "names": names, "others": SignState.UNSIGNED.label}
    return gettext("%(state)s: %(names)s; others: %(others)s") % words
