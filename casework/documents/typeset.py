"""Chinese and Latin text as safe HTML with the small rules of good setting (no lone last character, half marks)."""

import re
from collections.abc import Callable

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from casework.documents.spelling import MONTHS

TOGETHER = re.compile(
    r"\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?|\d{1,2}月\d{1,2}日|\d+[年月日号次天个人节组室岁页件%]|(?:电话：)?(?:\d+(?:[ :.,—–-]\d+)+|＿{1,20}(?!＿)[）。；，：]?)"
)
CLOSING, OPENING = "，。、；：？！）》」』】〕”’", "（《「『【〔“‘"
HALVED = re.compile(f"[{CLOSING}](?=[{CLOSING}{OPENING}])|[{OPENING}](?=[{OPENING}])")
HAN = re.compile(r"[\u2e80-\u9fff\uf900-\uffef\U00020000-\U0003ffff]")
CHINESE = re.compile(r"[\u2e80-\u9fff\u3000-\u303f\uf900-\uffef\U00020000-\U0003ffff·]+")
FIGURES = re.compile(r"[\d :.,*+—–-]+")
DAY_OF_MONTH = re.compile(rf"\b\d{{1,2}} (?:{'|'.join(MONTHS)})\b")
UNBROKEN = '<span class="nb">{}</span>'
SHORT_PART, LONG_NUMBER = 7, 22


def flowing(text: str, language: str) -> SafeString:
    """Running text; a line end in it stays one."""
    setter = _english if language == "en" else _chinese
    return mark_safe("<br>".join(setter(line) for line in text.split("\n")))


def name(text: str) -> SafeString:
    """A name or class: it breaks at a middle dot or not at all, if it is short enough for that."""
    parts = [part + "·" for part in text.split("·")]
    parts[-1] = parts[-1][:-1]
    return format_html_join(
        "",
        '<span class="{}">{}</span>',
        (("name nb" if len(part) <= SHORT_PART else "name", part) for part in parts),
    )


def number(text: str) -> SafeString:
    """Figures: tabular, unbroken unless very long; words keep the face of words."""
    if HAN.search(text) or len(text) > LONG_NUMBER:
        return _chinese(text)
    return format_html('<span class="num">{}</span>', text)


def _marked(text: str, what: re.Pattern[str], html: str, rest: Callable[[str], str]) -> SafeString:
    """Every match of `what` set into `html`, all between handed to `rest`, which escapes it."""
    out, end = [], 0
    for found in what.finditer(text):
        out += [rest(text[end : found.start()]), format_html(html, found[0])]
        end = found.end()
    return mark_safe("".join([*out, rest(text[end:])]))


def _english(text: str) -> SafeString:
    """English: runs of Chinese are marked as such, the day stays with its month."""

    def dated(latin: str) -> str:
        return _marked(latin, DAY_OF_MONTH, UNBROKEN, escape)

    return _marked(text, CHINESE, '<span lang="zh-Hans">{}</span>', dated)


def _chinese(text: str) -> SafeString:
    cut = _last_bound(text)
    head, tail = _pieces(text[:cut]), _pieces(text[cut:])
    return format_html('{}<span class="nb">{}</span>', head, tail) if tail else head


def _last_bound(text: str) -> int:
    """Where the last two characters begin (marks not counted), or the end if nothing is to be bound."""
    if len(text) < 8:
        return len(text)
    cut = len(text.rstrip(CLOSING)) - 2
    if cut <= 0 or not HAN.match(text[cut]) or not HAN.match(text[cut - 1]):
        return len(text)
    return cut - 1 if text[cut] in CLOSING else cut


def _pieces(text: str) -> SafeString:
    """The text escaped, dates and figures with their unit unbroken, touching full-width marks halved."""

    def halved(between: str) -> str:
        return _marked(between, HALVED, '<span class="h">{}</span>', escape)

    return _marked(text, TOGETHER, UNBROKEN, halved)
