"""What is kept of a photo: a fresh small copy, its capture time, and the original without the place that it names (PRIV-04).

Where a photo was taken is never kept: no inspection asks for it, and a family that is asked at its door can hardly refuse.
"""

import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from casework.core.errors import DomainError

PIXELS, SIDE = 55_000_000, 1600  # of the phones of these years the largest
MOMENT = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)")
NAMES_A_PLACE = re.compile(rb"GPS(Latitude|Longitude|Altitude|DestLat)")  # in XMP, which is text
PNG_SAID = {b"eXIf", b"tEXt", b"zTXt", b"iTXt"}
SCAN, END, ICC, ADOBE = 0xDA, 0xD9, b"ICC_PROFILE\x00", 0xEE


@dataclass(frozen=True)
class Picture:
    """`copy`: at most 1600 pixels, without metadata; `kept`: the original, all metadata cut out where it names a place; `taken_at`: ISO 8601, empty if the photo does not say."""

    copy: bytes
    kept: bytes
    taken_at: str


def look_at_picture(raw: bytes, label: str) -> Picture:
    """DomainError for what is no whole JPEG or PNG, or has too many pixels; `label` is what the message calls it."""
    try:
        with Image.open(io.BytesIO(raw), formats=["JPEG", "PNG"]) as image:
            if image.width * image.height > PIXELS:
                raise DomainError(_("%(file)s has too many pixels."), file=label)
            exif = image.getexif()
            says = bool(exif.get_ifd(ExifTags.IFD.GPSInfo)) or bool(NAMES_A_PLACE.search(raw))
            return Picture(_copy(image), without_metadata(raw) if says else raw, _moment(exif))
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        LookupError,
        TypeError,
        ArithmeticError,
        struct.error,  # crafted EXIF
        Image.DecompressionBombError,
    ) as error:
        raise DomainError(
            _("%(file)s cannot be read. Use JPEG or PNG."),
            file=label,
            fields={"photos": _("not a photo")},
        ) from error


def _copy(image: Image.Image) -> bytes:
    """A JPEG is decoded no larger than needed: 50 megapixels would take half a gigabyte."""
    image.draft("RGB", (SIDE, SIDE))
    upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.thumbnail((SIDE, SIDE))
    upright.info.clear()  # Pillow would write a comment of the original again
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=80)
    return out.getvalue()


def _moment(exif: Image.Exif) -> str:
    """When it was taken, not when it was last edited; with its distance from UTC if the photo names one."""
    own, names = exif.get_ifd(ExifTags.IFD.Exif), ExifTags.Base
    said = own.get(names.DateTimeOriginal) or own.get(names.DateTimeDigitized)
    found = MOMENT.fullmatch(str(said or exif.get(names.DateTime, "")).strip("\x00 "))
    if not found:
        return ""
    year, month, day, clock = found.groups()
    offset = str(own.get(names.OffsetTimeOriginal, "")).strip("\x00 ")
    return f"{year}-{month}-{day}T{clock}" + (
        offset if re.fullmatch(r"[+-]\d\d:\d\d", offset) else ""
    )


def without_metadata(raw: bytes) -> bytes:
    """The same picture, bit for bit, without what is said about it or hangs behind it. ValueError for what is no JPEG or PNG."""
    if raw.startswith(b"\x89PNG"):
        return raw[:8] + b"".join(_chunks(raw))
    return raw[:2] + b"".join(_segments(raw))


def _chunks(raw: bytes) -> Iterator[bytes]:
    place = 8
    while place < len(raw):
        size, kind = struct.unpack_from(">I4s", raw, place)
        if kind not in PNG_SAID:
            yield raw[place : place + size + 12]
        if kind == b"IEND":
            return
        place += size + 12
    raise ValueError("a PNG without an end")


def _segments(raw: bytes) -> Iterator[bytes]:
    """Frame, tables, scans, colours; no other application's segment and no comment."""
    place = 2
    while raw[place + 1] != END:
        marker, size = raw[place + 1], 2 + int.from_bytes(raw[place + 2 : place + 4])
        end = _end_of_scan(raw, place + size) if marker == SCAN else place + size
        if _is_picture(marker, raw[place + 4 : place + 4 + len(ICC)]):
            yield raw[place:end]
        place = end
    yield raw[place : place + 2]


def _end_of_scan(raw: bytes, place: int) -> int:
    """Where the next marker stands: in a scan 0xFF is followed by 0 or by a restart."""
    while True:
        place = raw.index(b"\xff", place)
        if raw[place + 1] not in (0, 0xFF) and not 0xD0 <= raw[place + 1] <= 0xD7:
            return place
        place += 1 if raw[place + 1] == 0xFF else 2


def _is_picture(marker: int, begins: bytes) -> bool:
    spoken = 0xE1 <= marker <= 0xEF or marker == 0xFE
    return not spoken or marker == ADOBE or begins == ICC
