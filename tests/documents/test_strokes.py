"""A signature is what a hand draws: anything else is refused, and what is drawn cannot be anything but lines."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.core.errors import DomainError
from casework.documents import strokes
from casework.documents.layout import assets_of, html_of
from casework.documents.models import Document
from casework.documents.papers.register import PAPERS
from tests.documents.samples import DRAWN, values_for

POINTS = st.lists(
    st.tuples(st.integers(0, strokes.WIDTH), st.integers(0, strokes.HEIGHT)).map(list),
    min_size=1,
    max_size=40,
)


@given(drawing=st.lists(POINTS, min_size=1, max_size=20))
def test_what_is_read_is_what_was_drawn_or_refused(drawing: Any) -> None:
    try:
        found = strokes.read(json.dumps(drawing))
    except DomainError as error:
        assert "short" in str(error) or "过短" in str(error)
    else:
        assert found == drawing
        ElementTree.fromstring(strokes.drawn(found))


@given(
    said=st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=20)
)
def test_anything_else_is_refused(said: Any) -> None:
    text = json.dumps(said)
    if said not in ([], "", None) or text == "null":
        with pytest.raises(DomainError):
            strokes.read(text)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        json.dumps([[[0, 0], [900, 300]]] * 61),
        json.dumps([[[n % 900, n % 300] for n in range(1501)]]),
        '[[["<script>", 1], [2, 300]]]',
        "[[[true, false], [800, 200]]]",
    ],
)
def test_more_than_a_hand_draws_is_refused(text: str) -> None:
    with pytest.raises(DomainError):
        strokes.read(text)


def test_no_text_is_no_signature() -> None:
    assert strokes.read("  ") == []


@pytest.mark.django_db
def test_a_paper_shows_what_was_drawn_and_says_what_it_is(make: Any) -> None:
    document: Document = make(
        "P04", values=values_for(PAPERS["P04"], "usual") | {"signatures": {"guardian": DRAWN}}
    )
    assets = assets_of(document.record)
    assert "M60 200L180 60" in assets["asset:sign-1"]
    assert list(assets) == ["asset:code", "asset:sign-1"]
    page = html_of(document.record)
    assert '<img class="hand" src="asset:sign-1" alt="屏幕手写签名">' in page
    assert "asset:sign-0" not in page
