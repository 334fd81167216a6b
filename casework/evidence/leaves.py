"""Photos and files handed in as pages of a reading copy: pictures on a page of their own, PDFs as they came, sound not at all."""

import io
from collections.abc import Callable

import pikepdf
from cryptography.exceptions import InvalidTag
from PIL import Image

from casework.cases import photos
from casework.cases.models import Photo
from casework.core.errors import DomainError
from casework.documents import attachments
from casework.documents.models import Attachment
from casework.documents.uploads import FileKind

A4 = (595.276, 841.89)  # points
FRAME = pikepdf.Rectangle(57, 71, A4[0] - 57, A4[1] - 57)  # room for what is stamped at the foot


def leaf_of_photo(photo: Photo) -> bytes:
    """The page of a photo; empty where its file cannot be read, which the gaps name."""
    return _readable(lambda: _page(photos.copy_of(photo)))


def leaves_of_file(attachment: Attachment) -> bytes:
    """The pages of a file; empty for a recording, and where it cannot be read."""
    if attachment.kind == FileKind.AUDIO:
        return b""
    as_page = _page if attachment.kind == FileKind.PHOTO else bytes
    return _readable(lambda: as_page(attachments.copy_of(attachment)))


def _readable(make: Callable[[], bytes]) -> bytes:
    try:
        return make()
    except (OSError, InvalidTag, DomainError):
        return b""


def _page(picture: bytes) -> bytes:
    """A page with the picture as large as it fits."""
    alone, out = io.BytesIO(), io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        image.save(alone, "PDF", quality=80)
    with pikepdf.open(alone) as source, pikepdf.new() as paper:
        page = paper.add_blank_page(page_size=A4)
        page.add_overlay(source.pages[0], FRAME)
        paper.save(out)
    return out.getvalue()
