"""What was drawn on the screen when a paper was written: it goes into its record and is kept nowhere else (domain.md 4.0)."""

import re
from collections.abc import Mapping, Sequence
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
    """The values of a paper with the hands of its signers; it says then who signed, who refused, and whose hands are awaited."""
    drawn = {
        signer.key: {"strokes": hands[signer.key], "words": ""}
        for signer in PAPERS[kind].signers
        if signer.key in hands
    }
    said, unsigned = str(values.get("sign_state", "")), str(SignState.UNSIGNED.label)
    served_refused = kind == "P13" and said not in ("", unsigned)
    if not drawn and not served_refused:
        return dict(values)
    signers = [s for s in PAPERS[kind].signers if s.key != "recipient" or not served_refused]
    state = _state(signers, set(drawn))
    return {
        **values,
        "signatures": {**values.get("signatures", {}), **drawn},
        "sign_state": f"{said}；{state}" if served_refused else state,
    }


def _plain(signer: Signer) -> str:
    """Who signs, without what the box asks for in brackets."""
    return re.split(r" ?[（(]", str(signer.label))[0]


def _state(signers: Sequence[Signer], drawn: set[str]) -> str:
    """Signed on the screen: by all, or by whom, the others being awaited."""
    names = "、".join(_plain(each) for each in signers if each.key in drawn)
    if not names:
        return str(SignState.UNSIGNED.label)
    if all(each.key in drawn for each in signers):
        return str(SignState.PHONE.label)
    words = {"state": SignState.PHONE.label, "names": names, "others": SignState.UNSIGNED.label}
    return gettext("%(state)s: %(names)s; others: %(others)s") % words
