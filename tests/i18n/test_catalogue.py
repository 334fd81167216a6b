"""Every message has its Chinese, complete and in the words and marks of an office."""

import re
from collections import Counter

import pytest

from tests.i18n.conftest import BASE, PO
from tests.i18n.text import half_width

NEVER = ("开除", "劝退", "取消学籍", "罚款")  # domain.md 1.8: no page may offer or name these
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|</?\w+[^>]*>")


def test_every_message_of_code_and_templates_is_translated(
    asked: set[str], catalogue: dict[str, str]
) -> None:
    """Mended by tools/messages.sh, which names what has no Chinese yet."""
    assert sorted(asked - set(catalogue)) == []


def test_the_catalogue_holds_nothing_that_nobody_asks_for(
    asked: set[str], catalogue: dict[str, str]
) -> None:
    assert sorted(set(catalogue) - asked) == []


def test_words_marked_by_an_alias_are_asked_for_too(asked: set[str]) -> None:
    """`lazy` is ours: Django's own makemessages passes over it."""
    assert "Due within two days" in asked


def test_nothing_is_guessed_or_left_over() -> None:
    lines = PO.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith(("#, fuzzy", "#~", "#|", "#:"))] == []


def test_placeholders_and_tags_are_kept(catalogue: dict[str, str]) -> None:
    wrong = [
        (english, chinese)
        for english, chinese in catalogue.items()
        if Counter(PLACEHOLDER.findall(english)) != Counter(PLACEHOLDER.findall(chinese))
    ]
    assert wrong == []


def test_chinese_has_full_width_marks(catalogue: dict[str, str]) -> None:
    assert {text: found for text in catalogue.values() if (found := half_width(text))} == {}


@pytest.mark.parametrize(
    "text", ["是，不是：对；好（一）", "“个案”", "第3次 PDF", "%(n)s天，%(m)s次"]
)
def test_full_width_marks_pass(text: str) -> None:
    assert half_width(text) == []


@pytest.mark.parametrize("text", ["是,不是", "个案: ", "(一)", "%(n)s天, 共", '"个案"', "好?"])
def test_a_half_width_mark_beside_chinese_is_found(text: str) -> None:
    assert half_width(text) != []


def test_a_sentence_ends_as_a_sentence(catalogue: dict[str, str]) -> None:
    """A label stays a label, and a sentence keeps its full stop or question mark."""
    ends = {".": "。", "?": "？", ":": "："}
    wrong = [
        (english, chinese)
        for english, chinese in catalogue.items()
        if english.rstrip()[-1] in ends and chinese[-1] not in ends.values()
    ]
    assert wrong == []


def test_what_a_school_may_not_do_is_named_nowhere(catalogue: dict[str, str]) -> None:
    """domain.md 1.8: no expelling, no persuading to leave, no cancelling of status, no fines."""
    pages = [path.read_text(encoding="utf-8") for path in (BASE / "templates").rglob("*.html")]
    papers = (BASE / "casework" / "documents" / "papers").glob("*.py")
    everything = [
        *catalogue.values(),
        *pages,
        *(path.read_text(encoding="utf-8") for path in papers),
    ]
    assert [word for word in NEVER for text in everything if word in text] == []
