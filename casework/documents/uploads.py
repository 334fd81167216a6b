"""Files that people hand in: the content decides what they are, pictures are copied anew, the rest is looked into by a child process (UPL-01, UPL-02)."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.core.errors import DomainError
from casework.documents.pictures import Picture, look_at_picture
from casework.documents.sound import is_sound

MB = 2**20
CHILD, SECONDS = Path(__file__).with_name("looking_child.py"), 60


class FileKind(models.TextChoices):
    PHOTO = "photo", _("photo")
    PDF = "pdf", _("PDF")
    AUDIO = "audio", _("sound recording")


LIMITS = {FileKind.PHOTO: 15 * MB, FileKind.PDF: 30 * MB, FileKind.AUDIO: 30 * MB}
LARGEST = max(LIMITS.values())
# what an archive ends with, and how far from its end that is looked for: such a file is two files at once
ZIP_END, ZIP_TAIL = b"PK\x05\x06", 22 + 2**16
# how a file begins: its kind, the ending of its name, its media type
BEGINNINGS = (
    (re.compile(rb"\xff\xd8\xff"), FileKind.PHOTO, "jpg", "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), FileKind.PHOTO, "jpg", "image/jpeg"),  # copied as JPEG
    (re.compile(rb"%PDF-"), FileKind.PDF, "pdf", "application/pdf"),
    (re.compile(rb"ID3|\xff[\xfb\xf3\xf2]"), FileKind.AUDIO, "mp3", "audio/mpeg"),
    (re.compile(rb"OggS"), FileKind.AUDIO, "ogg", "audio/ogg"),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), FileKind.AUDIO, "wav", "audio/wav"),
    (re.compile(rb"....ftyp(M4A|mp4|isom|3gp)", re.DOTALL), FileKind.AUDIO, "m4a", "audio/mp4"),
    (re.compile(rb"#!AMR"), FileKind.AUDIO, "amr", "audio/amr"),
)
MEDIA_TYPES = {ending: media for _begin, _kind, ending, media in BEGINNINGS}


@dataclass(frozen=True)
class Upload:
    """A file that was looked at. `copy` is what is served: of a photo a new picture, of others the bytes as they came.

    `kept`: what came, of a photo without the place that it names; `codes`: the texts of the QR codes on it; `taken_at`: the
    capture time that a photo names.
    """

    kind: FileKind
    ending: str
    raw: bytes
    kept: bytes
    copy: bytes
    pages: int = 0
    taken_at: str = ""
    codes: tuple[str, ...] = ()


def look_at(raw: bytes, label: str) -> Upload:
    """What the file is. `label` is what the messages call it. DomainError: another kind, too large, damaged, or it carries a program."""
    kind, ending = kind_of(raw, label)
    _refuse_large(raw, kind, label)
    if kind != FileKind.PHOTO and ZIP_END in raw[-ZIP_TAIL:]:
        raise DomainError(REFUSALS["program"], file=label)
    if kind == FileKind.AUDIO:
        if not is_sound(raw, ending):
            raise DomainError(DAMAGED, file=label)
        return Upload(kind, ending, raw, raw, raw)
    picture = look_at_picture(raw, label) if kind == FileKind.PHOTO else Picture(raw, raw, "")
    seen = _looked_into(picture.kept, kind, label)  # a copy is too small for the code of a page
    return Upload(
        kind, ending, raw, picture.kept, picture.copy, seen["pages"], picture.taken_at, tuple(seen["codes"])
    )  # fmt: skip


def photo(raw: bytes, label: str) -> Picture:
    """What is kept of a photo. DomainError for another kind, too large, or damaged."""
    _refuse_large(raw, FileKind.PHOTO, label)
    return look_at_picture(raw, label)


def kind_of(raw: bytes, label: str) -> tuple[FileKind, str]:
    """Kind and ending by how the bytes begin. DomainError for any other."""
    for begin, kind, ending, _media in BEGINNINGS:
        if begin.match(raw):
            return kind, ending
    raise DomainError(
        _("%(file)s is neither a photo (JPEG, PNG) nor a PDF nor a sound recording."),
        file=label,
        fields={"files": _("another kind of file")},
    )


def _refuse_large(raw: bytes, kind: FileKind, label: str) -> None:
    if len(raw) > LIMITS[kind]:
        raise DomainError(
            _("%(file)s is larger than %(most)s MB. Take a smaller one."),
            file=label,
            most=LIMITS[kind] // MB,
        )


def _looked_into(data: bytes, kind: FileKind, label: str) -> dict[str, Any]:
    """What the child says of the file. DomainError for what it refuses, or dies of."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(CHILD), kind],
            input=data, capture_output=True, timeout=SECONDS, env={"LANG": "C.UTF-8"}, check=True,
        )  # fmt: skip
        said: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise DomainError(DAMAGED, file=label) from error
    if said["trouble"]:
        raise DomainError(REFUSALS[said["trouble"]], file=label)
    return said


DAMAGED = _("%(file)s cannot be read: it is damaged. Scan or save it anew.")
REFUSALS = {
    "program": _("%(file)s carries a program or another file. Print it or scan it anew."),
    "locked": _("%(file)s is locked by a password. Save it without one."),
    "pages": _("%(file)s has no page, or more than 60. Hand it in in parts."),
}
