"""Photos of a visit or a proof: content decides the type, the copy is re-encoded without metadata, the original is kept apart (UPL-01, PRIV-04)."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.audit.models import Entry
from casework.cases.models import Photo, Step, Visit
from casework.core.canonical import sha256_hex
from casework.core.crypto import decrypt_bytes, encrypt_bytes
from casework.core.errors import DomainError
from casework.documents.models import DestroyedFile, FileOf
from casework.documents.pictures import Picture
from casework.documents.store import sweep_untaken, write_whole
from casework.documents.uploads import LARGEST, photo
from casework.org.models import User

MOST = 6
PLACE = "photo"
FOLDER, ORIGINAL, COPY = "photos", ".original", ".jpg"
ADDED = "photo.added"
HASHES = ("original_sha256", "kept_sha256", "copy_sha256")


@dataclass(frozen=True)
class Taken:
    """A photo whose files are stored and that belongs to no visit yet."""

    stem: str
    sha256: str
    kept_sha256: str
    copy_sha256: str
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
        _store(raw, photo(raw, gettext("Photo %(number)s") % {"number": number}))
        for raw, number in read
    ]


def _store(raw: bytes, picture: Picture) -> Taken:
    stem = f"{FOLDER}/{secrets.token_hex(2)}/{secrets.token_hex(12)}"
    files = {ORIGINAL: picture.kept, COPY: picture.copy}
    for ending, data in files.items():
        write_whole(Path(settings.MEDIA_ROOT) / f"{stem}{ending}", encrypt_bytes(data, PLACE))
    came, kept, copy = map(sha256_hex, (raw, *files.values()))
    return Taken(stem, came, kept, copy, picture.taken_at, len(raw))


def attach(
    photos: Sequence[Taken],
    *,
    visit: Visit | None = None,
    step: Step | None = None,
    by: User,
    at: datetime,
) -> None:
    """Give stored photos to a visit, or to the step whose proof they show (inside the act); the trail says their hashes."""
    rows = Photo.objects.bulk_create(
        Photo(
            visit=visit,
            step=step,
            original_sha256=each.sha256,
            kept_sha256=each.kept_sha256,
            copy_sha256=each.copy_sha256,
            original=f"{each.stem}{ORIGINAL}",
            copy=f"{each.stem}{COPY}",
            taken_at=each.taken_at,
            size=each.size,
        )
        for each in photos
    )
    for row in rows:
        _note(row, by=by, at=at)


def _note(photo: Photo, *, by: User, at: datetime) -> None:
    owner = photo.visit or photo.step
    assert owner
    trail.record(
        ADDED,
        by=by,
        at=at,
        case_id=owner.case_id,
        unit_id=photo.visit.school_id if photo.visit and not owner.case_id else None,
        subject=f"photo:{photo.pk}",
        photo=photo.name,
        **{name: getattr(photo, name) for name in HASHES},
    )


def problems() -> Iterator[dict[str, object]]:
    """Photos whose row or files are gone or not what the trail says; an earlier version noted no hashes."""
    said = Entry.objects.filter(verb=ADDED).values_list("subject", "facts")
    told = {int(subject.partition(":")[2]): facts for subject, facts in said.iterator()}
    gone = set(DestroyedFile.objects.filter(of=FileOf.PHOTO).values_list("ref", flat=True))
    for each in Photo.objects.exclude(kept_sha256="").order_by("pk").iterator():
        facts = told.pop(each.pk, {})
        same = all(facts.get(name) == getattr(each, name) for name in HASHES)
        whole = each.pk in gone or is_whole(each)
        if not (same and facts.get("photo") == each.name and whole):
            yield {"kind": "photo", "photo": each.name}
    for facts in told.values():
        yield {"kind": "photo", "photo": facts["photo"]}


def listed(photos: Iterable[Photo]) -> list[dict[str, str]]:
    """What a record says of photos: so they are bound by its hash and its seal, and a copy can be compared."""
    return [
        {
            "photo": each.name,
            "sha256": each.original_sha256,
            "copy_sha256": each.copy_sha256,
            "taken_at": each.taken_at,
        }
        for each in photos
    ]


def places_of_destroyed() -> Iterator[Path]:
    """Where the files of photos lie that a destruction list took."""
    gone = DestroyedFile.objects.filter(of=FileOf.PHOTO).values("ref")
    for pair in Photo.objects.filter(pk__in=gone).values_list("original", "copy").iterator():
        yield from (Path(settings.MEDIA_ROOT) / name for name in pair)


def sweep_photos(*, at: datetime) -> int:
    """Remove files that nothing took within a day. `at` is the machine's time, as the files' own are."""
    kept = {name for pair in Photo.objects.values_list("original", "copy") for name in pair}
    return sweep_untaken(FOLDER, kept, at=at)


def copy_of(photo: Photo) -> bytes:
    """The re-encoded copy: the only one that is served."""
    return _read(photo.copy)


def _read(name: str) -> bytes:
    return decrypt_bytes((Path(settings.MEDIA_ROOT) / name).read_bytes(), PLACE)


def is_whole(photo: Photo) -> bool:
    """Whether both files are there and as they were stored."""
    wanted = {photo.original: photo.kept_sha256, photo.copy: photo.copy_sha256}
    try:
        return all(sha256_hex(_read(name)) == sha256 for name, sha256 in wanted.items())
    except (OSError, InvalidTag):
        return False
