"""Run as a child process: looks into an uploaded file within limits; nothing of the file is believed by the parent.

Reads the bytes from standard input, its kind (`photo` or `pdf`) from the arguments; answers in JSON: how many pages, whether
a PDF is locked or carries a program, and the texts of the QR codes on it.
"""

import io
import json
import resource
import sys
from collections.abc import Iterator
from typing import Any

MEMORY, SECONDS = 2 * 2**30, 40
SCALE = 200 / 72  # dots an inch at which a page is drawn
MOST_PAGES, DEPTH = 60, 8
PROGRAMS = (
    "/JavaScript",
    "/JS",
    "/Launch",
    "/EmbeddedFiles",
    "/OpenAction",
    "/AA",
    "/RichMedia",
    "/XFA",
)
ACTIONS = ("/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/Movie")


def main() -> None:
    """One file."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    data = sys.stdin.buffer.read()
    answer = photo(data) if sys.argv[1] == "photo" else pdf(data)
    sys.stdout.write(json.dumps(answer))


def photo(data: bytes) -> dict[str, Any]:
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=["JPEG", "PNG"]) as image:
        return {"pages": 1, "trouble": "", "codes": sorted(codes(image.convert("L")))}


def pdf(data: bytes) -> dict[str, Any]:
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(data)) as paper:
            trouble = "program" if has_program(paper) or hangs_behind(data) else ""
            pages = len(paper.pages)
    except pikepdf.PasswordError:
        return {"pages": 0, "trouble": "locked", "codes": []}
    if trouble or not 0 < pages <= MOST_PAGES:
        return {"pages": pages, "trouble": trouble or "pages", "codes": []}
    return {"pages": pages, "trouble": "", "codes": sorted(set(drawn_codes(data)))}


def hangs_behind(data: bytes) -> bool:
    """Whether something follows the end of the file, which no reader shows."""
    return bool(data[data.rindex(b"%%EOF") + 5 :].strip(b"\r\n\t \x00"))


def has_program(paper: Any) -> bool:
    """Whether any object of the file acts by itself or carries another file: a plain scan has none of these."""
    return any(_acts(each, DEPTH) for each in (*paper.objects, paper.trailer))


def _acts(thing: Any, depth: int) -> bool:
    """An object and what stands directly in it; what it refers to is looked at by itself."""
    import pikepdf

    if isinstance(thing, pikepdf.Stream):
        thing = thing.stream_dict
    if isinstance(thing, pikepdf.Array):
        inside = [each for each in thing if depth and not _refers(each)]
    elif isinstance(thing, pikepdf.Dictionary):
        if any(name in thing for name in PROGRAMS) or thing.get("/S") in ACTIONS:
            return True
        if str(thing.get("/URI", "")).strip().lower().startswith("javascript:"):
            return True
        inside = [each for each in thing.values() if depth and not _refers(each)]
    else:
        return False
    return any(_acts(each, depth - 1) for each in inside)


def _refers(thing: Any) -> bool:
    return bool(getattr(thing, "is_indirect", False))


def drawn_codes(data: bytes) -> Iterator[str]:
    import pypdfium2

    with pypdfium2.PdfDocument(data) as paper:
        for page in paper:
            yield from codes(page.render(scale=SCALE, grayscale=True).to_pil())


def codes(image: Any) -> Iterator[str]:
    import zxingcpp

    for found in zxingcpp.read_barcodes(image, formats=zxingcpp.barcode_formats_from_str("QRCode")):
        yield found.text


if __name__ == "__main__":
    main()
