"""Photos of a visit or a proof: content decides the type, the copy is re-encoded without metadata, the original is kept apart (UPL-01, PRIV-04)."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.cases.models import Photo, Step, Visit
from casework.core.crypto import decrypt_bytes, encrypt_bytes
from casework.core.errors import DomainError
from casework.documents.store import sweep_untaken, write_whole
from casework.documents.uploads import LARGEST, image_copy

MOST = 6
PLACE = "photo"
FOLDER, ORIGINAL, COPY = "photos", ".original", ".jpg"


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
    read = [(file.read(LARGEST + 1), number) for number, file in enumerate(files, 1)]
    return [
        _store(raw, *image_copy(raw, gettext("Photo %(number)s") % {"number": number}))
        for raw, number in read
    ]


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
    return sweep_untaken(FOLDER, kept, at=at)


def copy_of(photo: Photo) -> bytes:
    """The re-encoded copy: the only one that is served."""
    return decrypt_bytes((Path(settings.MEDIA_ROOT) / photo.copy).read_bytes(), PLACE)
