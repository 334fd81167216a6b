"""The paper fonts: that they are there, and which characters they can print. What none can print is refused before anything is frozen."""

import unicodedata
from bisect import bisect_right
from functools import cache
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from casework.core.canonical import sha256_hex

FONTS = Path(__file__).with_name("fonts")
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def refuse_changed_fonts(folder: Path = FONTS) -> None:
    """ImproperlyConfigured when a font is not there, not the one that papers are made with, or one too many: nothing starts then, neither web nor worker (PDF-04)."""
    listed = folder / "SHA256SUMS"
    lines = listed.read_text("ascii").splitlines() if listed.exists() else []
    wanted = {name: sha256 for sha256, name in (line.split("  ") for line in lines)}
    there = {str(file.relative_to(folder)) for file in folder.rglob("*.ttf")}
    names = sorted(there | wanted.keys()) or [listed.name]
    if found := [name for name in names if _sha256(folder / name) != wanted.get(name)]:
        raise ImproperlyConfigured(
            f"missing or changed fonts: {', '.join(found)}. "
            "Fetch casework/documents/fonts again from the release that runs here."
        )


def _sha256(font: Path) -> str:
    """That of a missing file is empty."""
    return sha256_hex(font.read_bytes()) if font.exists() else ""


@cache
def _ranges() -> tuple[list[int], list[int]]:
    lines = (FONTS / "coverage.txt").read_text("ascii").split()
    pairs = [line.split("-") for line in lines]
    return [int(first, 16) for first, _ in pairs], [int(last, 16) for _, last in pairs]


def printable(character: str) -> bool:
    """Whether every paper font has the character."""
    firsts, lasts = _ranges()
    place = bisect_right(firsts, ord(character)) - 1
    return place >= 0 and ord(character) <= lasts[place]


def unprintable(text: str) -> list[str]:
    """The characters of `text` that a font lacks, each once, in order; line ends are no characters."""
    return [each for each in dict.fromkeys(text) if each != "\n" and not printable(each)]


def cleaned(text: str) -> str:
    """`text` in Unicode form C, without control, direction and zero-width characters; tabs become blanks."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    text = text.replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    kept = (c for c in text if c == "\n" or unicodedata.category(c) not in _DROPPED)
    return "".join(kept).strip(" \n")
