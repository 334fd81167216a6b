"""Cut to casework/documents/fonts/more/ what the print fonts lack of the characters beyond the first plane (𠮷), from the same faces for all of CJK.

Usage: apt-get install fonts-noto-cjk
       tools/cut_more_fonts.py FOLDER, where its NotoSansCJK-Regular.ttc, NotoSansCJK-Bold.ttc and NotoSerifCJK-Regular.ttc lie
"""

import sys
from pathlib import Path

from cut_fonts import MORE, TARGET, WHOLE, characters, complete, saved, subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont, newTable

OF_FACE = {
    "NotoSansSC_400Regular.ttf": "NotoSansCJK-Regular.ttc",
    "NotoSansSC_700Bold.ttf": "NotoSansCJK-Bold.ttc",
    "NotoSerifSC_400Regular.ttf": "NotoSerifCJK-Regular.ttc",
}
FROM = "and by tools/cut_more_fonts.py from:\n"


def simplified(collection: Path) -> TTFont:
    """The face of a collection that is for simplified Chinese."""
    fonts = TTCollection(str(collection), lazy=True).fonts
    found: TTFont = next(f for f in fonts if f["name"].getDebugName(1).endswith("CJK SC"))
    found.recalcTimestamp = False
    return found


def to_truetype(font: TTFont) -> None:
    """Its outlines as those of the other fonts are, so that papers embed one kind of font."""
    glyphs, outlines = font.getGlyphSet(), {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(glyphs)
        glyphs[name].draw(Cu2QuPen(pen, max_err=0.5, reverse_direction=True))
        outlines[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = font.getGlyphOrder(), outlines
    for name in ("CFF ", "VORG"):
        del font[name]
    font["maxp"].tableVersion = 0x00010000
    zeros = (
        "maxZones",
        "maxTwilightPoints",
        "maxStorage",
        "maxFunctionDefs",
        "maxInstructionDefs",
        "maxStackElements",
        "maxSizeOfInstructions",
    )
    for name in zeros:
        setattr(font["maxp"], name, 0)
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"


def main(folder: str) -> None:
    MORE.mkdir(parents=True, exist_ok=True)
    for name, collection in OF_FACE.items():
        font = simplified(Path(folder) / collection)
        lacking = set(font.getBestCmap()) - characters(WHOLE / name)
        subset(font, {each for each in lacking if 0xFFFF < each < 0x40000})
        to_truetype(font)
        (MORE / name).write_bytes(saved(font))
    before = (TARGET / "SOURCE").read_text("utf-8").split(FROM)[0]
    complete([before, FROM, "fonts-noto-cjk 1:20220127+repack1-1 (Debian)\n"])


if __name__ == "__main__":
    main(sys.argv[1])
