"""What a reader of a page sees: its texts and the attributes that are read out, without codes and foreign parts."""

import re
from html.parser import HTMLParser

CHINESE = "\u3400-\u9fff"
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "use"}
UNREAD = {"script", "style", "code", "pre"}
READ_OUT = {
    "alt", "title", "placeholder", "aria-label", "data-label", "data-saved", "data-offline",
}  # fmt: skip


class Reader(HTMLParser):
    """Collects the texts of a page; a part marked as another language, or as a code, is left out."""

    def __init__(self, foreign: str) -> None:
        super().__init__()
        self.foreign, self.texts = foreign, list[str]()
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        hidden = (
            tag in UNREAD
            or said.get("lang", "").startswith(self.foreign)
            or "code" in said.get("class", "").split()
        )
        if not hidden and not self._hidden():
            self.texts += [value for name, value in said.items() if name in READ_OUT]
        if tag not in VOID:
            self.open.append((tag, hidden))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._hidden():
            self.texts.append(data)

    def _hidden(self) -> bool:
        return any(hidden for _, hidden in self.open)


def texts(html: str, *, foreign: str) -> list[str]:
    """The texts of a page, without the parts in the language `foreign`."""
    reader = Reader(foreign)
    reader.feed(html)
    reader.close()
    return [text for part in reader.texts if (text := part.strip())]


def latin_words(html: str, allowed: set[str]) -> set[str]:
    """Words of three or more Latin letters that a reader of the Chinese page would meet."""
    found = re.findall(r"[A-Za-z]{3,}", " ".join(texts(html, foreign="en")))
    return set(found) - allowed


def half_width(text: str) -> list[str]:
    """Places where an ASCII mark or quote stands beside a Chinese character; placeholders count as Chinese."""
    plain = re.sub(r"%\(\w+\)[sd]|\{\w*\}", "字", re.sub(r"<[^>]+>", "", text))
    marks = r"[,:;!?()\"']"
    return re.findall(f"..?[{CHINESE}] ?{marks}.?|{marks} ?[{CHINESE}].?", f"  {plain} ")
