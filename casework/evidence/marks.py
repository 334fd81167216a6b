"""A mark in a photo: who looks at it and when, in a strip at its foot."""

import io

from PIL import Image, ImageDraw, ImageFont

from casework.documents.glyphs import FONTS

FACE = FONTS / "whole" / "NotoSansSC_400Regular.ttf"


def marked_photo(data: bytes, mark: str) -> bytes:
    """The JPEG with `mark` written across its foot, white on a dark strip."""
    with Image.open(io.BytesIO(data)) as image:
        picture = image.convert("RGB")
    size = max(12, picture.width // 32)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, picture.height - 2 * size, picture.width, picture.height), fill=(20, 20, 20))
    place = (size // 2, picture.height - 1.75 * size)
    draw.text(place, mark, font=ImageFont.truetype(str(FACE), size), fill=(255, 255, 255))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()
