"""Signs of a roll-book and what they mean, as people write and explain them. No database."""

import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from casework.students.cells import CellError
from casework.students.models import Mark
from casework.students.own_words import SIGNS, as_known
from casework.students.report import Report

WORDS = {
    **dict.fromkeys(("出勤", "到校", "已到", "到", "正常"), Mark.PRESENT),
    **dict.fromkeys(("旷课", "旷", "无故缺勤", "缺勤", "缺课", "未到"), Mark.ABSENT),
    **dict.fromkeys(("半天旷课", "旷课半天"), Mark.HALF),
    **dict.fromkeys(("病假", "病", "住院"), Mark.SICK),
    **dict.fromkeys(("事假", "请假", "事", "公假"), Mark.LEAVE),
    **dict.fromkeys(("迟到", "迟"), Mark.LATE),
    **dict.fromkeys(("早退", "退"), Mark.LEFT_EARLY),
}
USUAL = {"√": Mark.PRESENT, "×": Mark.ABSENT, "○": Mark.SICK, "△": Mark.LEAVE, "半": Mark.HALF}
# one sign in its many shapes; a legend may be written with one and the sheet with another
_SHAPES = {"√": "✓✔☑✅∨vV", "×": "xX✕✖╳✗✘☓❌", "○": "〇◯oOо", "△": "∆Δ▲"}
_SAME = {shape: sign for sign, shapes in _SHAPES.items() for shape in shapes}
_UNSEEN = re.compile("[\ufe0e\ufe0f\u200b-\u200d\ufeff\\s]")
_LONG = "|".join(sorted((word for word in WORDS if len(word) > 1), key=len, reverse=True))
_MEANS = "(?:=|:|表示|代表|为)"
_BEFORE = re.compile(
    rf"(?:([^\s\w=:,、;。()/|])\s*{_MEANS}?|(?<!\w)(\w)\s*{_MEANS}|(?<!\w)([0-9A-Za-z]))\s*({_LONG})"
)
_AFTER = re.compile(rf"({_LONG})\s*[(]?\s*([^\s\w=:,、;。()/|])[)]?")
_UNKNOWN = re.compile(
    r"(?:^|[\s,、;:])([^\s=:,、;。()/|\w]\s*=?|[^\s=:,、;()]{1,2}=)\s*([\u4e00-\u9fff]{1,8})"
)
_NAMED = re.compile("符号|图例|标记")
LEAST = 2  # pairs that make a line a legend; one is enough where it is called so


def canonical(said: str) -> str:
    """A sign in the one shape by which it is known."""
    plain = _UNSEEN.sub("", said)
    return _SAME.get(plain, plain)


def meaning(said: str, legend: dict[str, Mark]) -> Mark | None:
    """What a cell says: by the legend, by its word, else by what the office once said of it; None for a sign that nobody explained."""
    sign = canonical(said)
    return legend.get(sign) or WORDS.get(sign) or WORDS.get(as_known(sign))


def ask(said: str, report: Report) -> None:
    """A sign was not understood. One of a usual meaning is not asked about: a legend that leaves it out is to be mended."""
    sign = canonical(said)
    if sign not in USUAL:
        report.ask([sign], SIGNS)


def pairs(line: str) -> Iterator[tuple[str, Mark]]:
    """The signs that a line explains, written before their words or after them."""
    before = [(canonical(next(filter(None, m.groups()[:3]))), m[4]) for m in _BEFORE.finditer(line)]
    after = [(canonical(m[2]), m[1]) for m in _AFTER.finditer(line)]
    for sign, word in before if len(before) >= len(after) else after:
        yield sign, WORDS[word]


def is_legend(line: str) -> bool:
    """Whether a line explains signs; a note that only speaks of leave and lateness does not."""
    found = len(dict(pairs(line)))
    return found >= LEAST or (found > 0 and bool(_NAMED.search(line)))


def legend_of(lines: Iterable[str]) -> dict[str, Mark]:
    """All that the legends among these lines explain; empty without any. A word that is not known: CellError."""
    found: dict[str, Mark] = {}
    for line in filter(is_legend, lines):
        for sign, word in _UNKNOWN.findall(line):
            plain = canonical(sign.rstrip("= "))
            if word not in WORDS and plain not in dict(pairs(line)):
                raise CellError(
                    _(
                        "The legend holds a word that is not known: %(word)s. Use 出勤, 旷课, 病假, 事假, 迟到, 早退."
                    )
                    % {"word": word}
                )
        found.update(pairs(line))
    return found
