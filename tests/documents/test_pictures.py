"""What is kept of a photo: when it was taken, and not where."""

import io
from typing import Any

import pytest
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from casework.documents.pictures import look_at_picture, without_metadata

NAMES = ExifTags.Base
XMP = b"http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta><exif:GPSLatitude>27,15N</exif:GPSLatitude></x:xmpmeta>"


def photo(kind: str = "JPEG", **save: Any) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 48), 60).convert("RGB").save(out, kind, **save)
    return out.getvalue()


def dated(**said: str) -> Image.Exif:
    exif = Image.Exif()
    for name, value in said.items():
        of = exif if name == "DateTime" else exif.get_ifd(ExifTags.IFD.Exif)
        of[NAMES[name]] = value
    return exif


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ({"DateTimeOriginal": "2026:10:14 14:20:00"}, "2026-10-14T14:20:00"),
        (
            {"DateTimeOriginal": "2026:10:14 14:20:00", "DateTime": "2026:11:01 08:00:00"},
            "2026-10-14T14:20:00",
        ),
        (
            {"DateTimeOriginal": "2026:10:14 14:20:00", "OffsetTimeOriginal": "+08:00"},
            "2026-10-14T14:20:00+08:00",
        ),
        ({"DateTimeDigitized": "2026:10:14 14:20:00"}, "2026-10-14T14:20:00"),
        ({"DateTime": "2026:10:14 14:20:00"}, "2026-10-14T14:20:00"),
        ({"DateTimeOriginal": "<b>yesterday</b>"}, ""),
        ({}, ""),
    ],
)
def test_the_capture_time_is_that_of_the_shot(said: dict[str, str], taken: str) -> None:
    """UPL-01: not of the last edit"""
    assert look_at_picture(photo(exif=dated(**said)), "x").taken_at == taken


def with_place(kind: str) -> bytes:
    exif = dated(DateTime="2026:10:14 14:20:00")
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (27.0, 15.0, 9.0)
    return photo(kind, exif=exif)


def in_xmp(kind: str) -> bytes:
    if kind == "PNG":
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", XMP[29:].decode())
        return photo(kind, pnginfo=info)
    plain = photo(kind)
    return plain[:2] + b"\xff\xe1" + (len(XMP) + 2).to_bytes(2) + XMP + plain[2:]


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("made", [with_place, in_xmp])
def test_the_place_is_cut_out_and_no_bit_of_the_picture(made: Any, kind: str) -> None:
    """PRIV-04"""
    raw = made(kind)
    kept = look_at_picture(raw, "x").kept
    before, after = Image.open(io.BytesIO(raw)), Image.open(io.BytesIO(kept))
    assert before.tobytes() == after.tobytes()
    assert b"GPS" not in kept and not after.getexif() and len(kept) < len(raw)


def test_what_names_no_place_is_kept_as_it_came() -> None:
    raw = photo(exif=dated(DateTimeOriginal="2026:10:14 14:20:00"), comment=b"said")
    assert look_at_picture(raw, "x").kept == raw


@pytest.mark.parametrize("more", [{"progressive": True}, {"quality": 100, "subsampling": 0}, {}])
def test_pictures_of_every_make_stay_whole_and_lose_what_hangs_behind(more: dict[str, Any]) -> None:
    """A second picture or a film behind the first may name a place too."""
    raw = photo(comment=b"said", icc_profile=b"colours", **more)
    kept = without_metadata(raw + with_place("JPEG"))
    assert Image.open(io.BytesIO(kept)).tobytes() == Image.open(io.BytesIO(raw)).tobytes()
    assert Image.open(io.BytesIO(kept)).info["icc_profile"] == b"colours"
    assert kept.endswith(b"\xff\xd9") and b"said" not in kept and len(kept) < len(raw)
