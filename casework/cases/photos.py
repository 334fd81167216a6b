"""Photos of a visit or a proof: content decides the type, the copy is re-encoded without metadata, the original is kept apart (UPL-01, PRIV-04)."""

import hashlib
import io
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from casework.cases.models import Photo, Step, Visit
from casework.core.crypto import decrypt_bytes, encrypt_bytes
from casework.core.errors import DomainError
from casework.documents.store import write_whole

LIMIT = 15 * 2**20
PIXELS = 40_000_000
SIDE = 1600
MOST = 6
PLACE = "photo"
FOLDER, ORIGINAL, COPY = "photos", ".original", ".jpg"
ABANDONED = timedelta(days=1)


@dataclass(frozen=True)
class Taken:
    """A photo whose files are stored and that belongs to no visit yet."""

    stem: str
    sha256: str
    taken_at: str
    size: int


def take_in(files: Sequence[IO[bytes]]) -> list[Taken]:
    """Store up to six photos before the act that records the visit: decoding is slow, and an act holds locks.

    A file that is no JPEG or PNG image, or too large, is refused by its place in the list.
    """
    if len(files) > MOST:
        raise DomainError(_("At most %(most)s photos belong to a visit."), most=MOST)
    read = [(file.read(LIMIT + 1), number) for number, file in enumerate(files, 1)]
    return [_store(raw, *_reencoded(raw, number)) for raw, number in read]


def _store(raw: bytes, copy: bytes, taken_at: str) -> Taken:
    stem = f"{FOLDER}/{secrets.token_hex(2)}/{secrets.token_hex(12)}"
    for ending, data in ((ORIGINAL, raw), (COPY, copy)):
        write_whole(Path(settings.MEDIA_ROOT) / f"{stem}{ending}", encrypt_bytes(data, PLACE))
    return Taken(stem, hashlib.sha256(raw).hexdigest(), taken_at, len(raw))


def attach(
    photos: Sequence[Taken], *, visit: Visit | None = None, step: Step | None = None
) -> None:
    """Give stored photos to a visit, or to the step whose proof they show (inside the act)."""
    Photo.objects.bulk_create(
        Photo(
            visit=visit,
            step=step,
            original_sha256=each.sha256,
            original=f"{each.stem}{ORIGINAL}",
            copy=f"{each.stem}{COPY}",
            taken_at=each.taken_at,
            size=each.size,
        )
        for each in photos
    )


def sweep_photos(*, at: datetime) -> int:
    """Remove files that nothing took within a day. `at` is the machine's time, as the files' own are."""
    kept = {name for pair in Photo.objects.values_list("original", "copy") for name in pair}
    root, limit, gone = Path(settings.MEDIA_ROOT), (at - ABANDONED).timestamp(), 0
    for path in (root / FOLDER).glob("*/*"):
        if path.relative_to(root).as_posix() not in kept and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _reencoded(raw: bytes, number: int) -> tuple[bytes, str]:
    """A fresh JPEG of at most 1600 pixels without any metadata, and the capture time that the original names."""
    if len(raw) > LIMIT:
        raise DomainError(
            _("Photo %(number)s is larger than 15 MB. Take a smaller one."), number=number
        )
    try:
        with Image.open(io.BytesIO(raw), formats=["JPEG", "PNG"]) as image:
            if image.width * image.height > PIXELS:
                raise DomainError(_("Photo %(number)s has too many pixels."), number=number)
            taken = str(image.getexif().get(ExifTags.Base.DateTime, ""))[:32]
            upright = ImageOps.exif_transpose(image).convert("RGB")
            upright.thumbnail((SIDE, SIDE))
            upright.info.clear()  # Pillow would write a comment of the original again
            out = io.BytesIO()
            upright.save(out, "JPEG", quality=80)
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
            _("Photo %(number)s cannot be read. Use JPEG or PNG."),
            number=number,
            fields={"photos": _("not a photo")},
        ) from error
    return out.getvalue(), taken


def copy_of(photo: Photo) -> bytes:
    """The re-encoded copy: the only one that is served."""
    return decrypt_bytes((Path(settings.MEDIA_ROOT) / photo.copy).read_bytes(), PLACE)
