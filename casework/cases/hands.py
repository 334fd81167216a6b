"""What was drawn on the screen when a paper was written: it goes into its record and is kept nowhere else (domain.md 4.0)."""

from collections.abc import Mapping
from typing import Any

from casework.cases.models import SignState
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
        "sign_state": str(SignState.PHONE.label) if said in (None, "", unsigned) else said,
    }
