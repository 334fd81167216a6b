"""What is signed on the screen: strokes in the record, the witness in the guardian's box, and no signature is a field to mend."""

import json
from collections.abc import Iterator

import pytest
from django.utils import translation

from casework.cases.kinds import Kind
from casework.cases.models import Case, SignState
from casework.documents.models import Document
from tests.cases.test_guards_of_steps import visiting, visiting_pk
from tests.world import day, send, world

__all__ = ["visiting", "visiting_pk", "world"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


STROKES = "[[[60, 200], [180, 60], [260, 240]], [[320, 150], [700, 90]]]"


def test_what_is_signed_on_the_screen_stands_in_the_record(visiting: Case) -> None:
    typed = {
        "sign_state": "phone",
        "sign_guardian": STROKES,
        "sign_worker": STROKES,
        "result": "not_yet",
    }
    assert send(visiting, Kind.HOME_VISIT, day(visiting, 2), **typed).status_code == 302
    record = json.loads(Document.objects.get(kind="P04", chain=f"case:{visiting.pk}").record)
    drawn = [box.get("strokes") for box in record["signatures"]]
    assert drawn == [json.loads(STROKES), json.loads(STROKES), None]
    with translation.override("zh-hans"):
        assert record["sign_state"] == str(SignState.PHONE.label)
    assert "sign_guardian" not in visiting.steps.get(kind=Kind.HOME_VISIT).facts


def test_a_refusal_is_signed_by_its_witness(visiting: Case) -> None:
    typed = {
        "sign_state": "refused",
        "witness": "陈志刚",
        "sign_witness": STROKES,
        "result": "not_yet",
    }
    assert send(visiting, Kind.HOME_VISIT, day(visiting, 2), **typed).status_code == 302
    record = json.loads(Document.objects.get(kind="P04", chain=f"case:{visiting.pk}").record)
    box = record["signatures"][1]
    assert box["strokes"] == json.loads(STROKES)
    assert "陈志刚" in box["state"], "nobody may take it for the guardian's hand"
    assert "陈志刚" in record["sign_state"]


@pytest.mark.parametrize(
    "drawn", ["", "[]", "[[[1, 1], [2, 2]]]", "x", "[[[-1, 2], [900, 300]]]", '{"a": 1}']
)
def test_no_signature_on_the_screen_is_a_field_to_mend(visiting: Case, drawn: str) -> None:
    typed = {"sign_state": "phone", "sign_guardian": drawn, "result": "not_yet"}
    response = send(visiting, Kind.HOME_VISIT, day(visiting, 2), **typed)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["sign_guardian"])


@pytest.mark.parametrize("state", ["refused", "unsigned", "signed", "thumb"])
def test_what_was_drawn_before_the_answer_changed_is_not_kept(visiting: Case, state: str) -> None:
    """The pad is only hidden, and still sends its strokes."""
    typed = {
        "sign_state": state,
        "witness": "陈志刚",
        "sign_guardian": STROKES,
        "result": "not_yet",
    }
    assert send(visiting, Kind.HOME_VISIT, day(visiting, 2), **typed).status_code == 302
    record = Document.objects.get(kind="P04", chain=f"case:{visiting.pk}").record
    assert "strokes" not in record
