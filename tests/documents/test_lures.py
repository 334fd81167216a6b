"""Whatever somebody types into any field of any paper is text, and reaches nobody (PDF-07, PDF-08)."""

import socket
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from casework.documents import layout, render
from casework.documents.papers.register import PAPERS
from tests.documents.listening import Listener, listener
from tests.documents.printing import record_of, text_in
from tests.documents.samples import NAMES, PUPILS, SENTENCES, values_for

__all__ = ["listener"]
LURES = [
    "<img src=http://LISTENER/a>",
    "<script src=http://LISTENER/b></script>",
    "<svg><image href=file:///etc/passwd /></svg>",
    "<p style=background:url(http://LISTENER/c)>",
    "</td></table><style>@import 'http://LISTENER/d'",
    "<object data=file:///etc/passwd></object>",
]
TYPED = {*SENTENCES.values(), *NAMES.values(), *map(str, PUPILS["usual"].values())}


def lured(values: Any, lure: str) -> Any:
    """The values with the lure for every text that somebody types."""
    if isinstance(values, dict):
        return {key: lured(value, lure) for key, value in values.items()}
    if isinstance(values, list):
        return [lured(value, lure) for value in values]
    return lure if isinstance(values, str) and values in TYPED else values


class Seen(HTMLParser):
    """The elements of a page but spans, which texts are set in; what stands in attributes; the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.text = Counter[str](), list[str](), ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += tag != "span"
        self.attributes += [value for _name, value in attrs if value]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("lure", LURES)
@pytest.mark.parametrize("code", sorted(PAPERS))
def test_a_lure_in_any_field_of_any_paper_is_shown_as_text(code: str, lure: str) -> None:
    plain = Seen(layout.html_of(record_of(code, "usual")))
    values = lured(values_for(PAPERS[code], "usual"), lure)
    seen = Seen(layout.html_of(record_of(code, "usual", values=values)))
    assert seen.tags == plain.tags
    assert not [each for each in seen.attributes if "LISTENER" in each or "passwd" in each]
    assert "".join(lure.split()) in "".join(seen.text.split())


@pytest.mark.parametrize("code", ["P04", "P09", "P12", "P25"])
def test_a_printed_lure_reaches_nobody(code: str, listener: Listener, tmp_path: Path) -> None:
    lure = LURES[0].replace("LISTENER", listener.address)
    values = lured(values_for(PAPERS[code], "usual"), lure)
    made = render.render(record_of(code, "usual", values=values))
    assert "".join(lure.split()) in text_in(made.pdf, tmp_path)


def test_the_listener_hears() -> None:
    """The tests that use it can fail."""
    found = Listener()
    host, port = found.address.split(":")
    with socket.create_connection((host, int(port))):
        assert found.was_reached()
    found.socket.close()
