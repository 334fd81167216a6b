"""Files kept beside the records: stored before the act, entered in it, found again by the code that a printed paper carries."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.audit.models import Entry
from casework.core.canonical import sha256_hex
from casework.core.crypto import decrypt_bytes, encrypt_bytes
from casework.core.errors import DomainError
from casework.documents.form_codes import kind_of, step_of
from casework.documents.glyphs import cleaned
from casework.documents.issue import case_of
from casework.documents.models import Attachment, DestroyedFile, Document, FileOf, Purpose
from casework.documents.store import sweep_untaken, write_whole
from casework.documents.uploads import FileKind, Upload
from casework.org.models import User

PLACE, FOLDER, ORIGINAL = "attachment", "attachments", ".original"
ADDED = "attachment.added"
CODE = re.compile(r"https?://[^/]+/v/([A-Za-z0-9_-]{22})/")


@dataclass(frozen=True)
class Stored:
    """An upload whose files are on the disk and that nothing names yet."""

    upload: Upload
    stem: str
    sha256: str

    @property
    def files(self) -> dict[str, bytes]:
        """Names and bytes, encrypted on the disk: of a photo what came and its copy, of others what came."""
        upload = self.upload
        return {self.original: upload.kept, self.copy: upload.copy}

    @property
    def original(self) -> str:
        return f"{self.stem}{ORIGINAL}" if self.upload.kind == FileKind.PHOTO else self.copy

    @property
    def copy(self) -> str:
        return f"{self.stem}.{self.upload.ending}"


def store(upload: Upload) -> Stored:
    """Write the files of an upload, encrypted: before the act that enters it, which holds locks. OSError when the disk is full."""
    stem = f"{FOLDER}/{secrets.token_hex(1)}/{secrets.token_hex(12)}"
    kept = Stored(upload, stem, sha256_hex(upload.raw))
    for name, data in kept.files.items():
        write_whole(Path(settings.MEDIA_ROOT) / name, encrypt_bytes(data, PLACE))
    return kept


def enter(
    kept: Stored,
    *,
    chain: str,
    purpose: Purpose,
    by: User,
    at: datetime,
    title: str = "",
    document: Document | None = None,
    form_code: str = "",
) -> Attachment:
    """The row of a stored file (inside one_act), its hash in the audit trail."""
    upload = kept.upload
    return _add(
        Attachment(
            chain=chain,
            document=document,
            purpose=purpose,
            kind=upload.kind,
            title=cleaned(title)[:120],
            sha256=kept.sha256,
            kept_sha256=sha256_hex(upload.kept),
            copy_sha256=sha256_hex(upload.copy),
            size=len(upload.raw),
            pages=upload.pages,
            taken_at=upload.taken_at,
            form_code=form_code,
            original=kept.original,
            copy=kept.copy,
        ),
        by=by,
        at=at,
    )


def give_to(waiting: Attachment, document: Document, *, by: User, at: datetime) -> Attachment:
    """A signed sheet that waited belongs to that paper (inside one_act). DomainError if it was given before."""
    if _given(waiting):
        raise DomainError(_("This sheet has been given to a paper already."))
    same = (
        "kind",
        "title",
        "sha256",
        "kept_sha256",
        "copy_sha256",
        "size",
        "pages",
        "taken_at",
        "form_code",
        "original",
        "copy",
    )
    given = Attachment(
        chain=document.chain,
        document=document,
        given_from=waiting,
        purpose=Purpose.SIGNED,
        **{name: getattr(waiting, name) for name in same},
    )
    return _add(given, by=by, at=at)


def _given(waiting: Attachment) -> bool:
    """Whether it was given to its paper, as things stand now that its row is locked."""
    return Attachment.objects.filter(given_from=waiting).exists()


def _add(attachment: Attachment, *, by: User, at: datetime) -> Attachment:
    attachment.by, attachment.by_name, attachment.at = by, by.display_name, at
    attachment.save()
    line, _colon, number = attachment.chain.partition(":")
    trail.record(
        ADDED,
        by=by,
        at=at,
        case_id=case_of(attachment.chain),
        unit_id=int(number) if line == "unit" else None,
        subject=f"attachment:{attachment.pk}",
        **_told(attachment),
    )
    return attachment


def _told(attachment: Attachment) -> dict[str, object]:
    """What the trail keeps of a row."""
    return {
        "purpose": attachment.purpose,
        "sha256": attachment.sha256,
        "kept": attachment.kept_sha256,
        "copy": attachment.copy_sha256,
        "document": attachment.document_id,
        "form": attachment.form_code,
        "of": attachment.chain,
    }


def is_told(attachment: Attachment, entry: Entry) -> bool:
    """Whether the row says what the audit trail said when it was added."""
    said = {
        "kept": "",
        "copy": "",
        "form": "",
        "of": attachment.chain,
        **entry.facts,
    }  # earlier entries said less
    by = (attachment.by_name, attachment.at)
    return said == _told(attachment) and (entry.actor_name, entry.at) == by


def paper_on(codes: Iterable[str]) -> Document | None:
    """The paper whose printed code is among the texts that were read."""
    tokens = [found[1] for text in codes if (found := CODE.fullmatch(text))]
    there = Document.objects.filter(token__in=tokens, destroyed=None)
    return there.order_by("pk").first() if tokens else None


def paper_of_form(code: str) -> Document | None:
    """The newest paper of the step that a form was printed for; none of a form for anybody, which may have been copied."""
    made = Document.objects.filter(
        kind=kind_of(code), subject=f"step:{step_of(code)}", destroyed=None
    )
    return made.order_by("-pk").first()


def give_waiting(document: Document, code: str, *, by: User, at: datetime) -> list[Attachment]:
    """The sheets of that form which waited in the paper's chain belong to the paper now (inside one_act)."""
    rows = kept_rows().filter(chain=document.chain, form_code=code, document=None, given_to=None)
    waiting = list(rows.select_for_update(of=("self",)).order_by("pk"))
    return [give_to(each, document, by=by, at=at) for each in waiting if not _given(each)]


def sheets_of(papers: Iterable[Document]) -> dict[int, list[Attachment]]:
    """The signed sheets of papers by the papers' ids, oldest first. One query."""
    found: dict[int, list[Attachment]] = {}
    rows = Attachment.objects.filter(document__in=[paper.pk for paper in papers])
    for each in rows.order_by("pk"):
        found.setdefault(each.document_id, []).append(each)
    return found


def kept_rows() -> QuerySet[Attachment]:
    """Those whose file is still to be there: a sheet goes with its paper, also where it waited for it first; others go by a list."""
    rows = Attachment.objects.filter(document__destroyed=None, given_to__document__destroyed=None)
    gone = DestroyedFile.objects.filter(of=FileOf.ATTACHMENT)
    return rows.exclude(pk__in=gone.values("ref"))


def copy_of(attachment: Attachment) -> bytes:
    """What is served. DomainError if the file is missing, damaged or another."""
    data = _read(attachment.copy)
    if attachment.copy_sha256 and sha256_hex(data) != attachment.copy_sha256:
        raise DomainError(DAMAGED)
    return data


def original_of(attachment: Attachment) -> bytes:
    """The bytes that were kept, checked against their hash. DomainError if they are missing or damaged."""
    data = _read(attachment.original)
    if sha256_hex(data) != (attachment.kept_sha256 or attachment.sha256):
        raise DomainError(DAMAGED)
    return data


def is_whole(attachment: Attachment) -> bool:
    """Whether the bytes are there and as they were kept, and so is what is served."""
    try:
        return bool(original_of(attachment)) and bool(copy_of(attachment))
    except DomainError:
        return False


DAMAGED = _("The file is missing or damaged. Please tell the administrator.")


def _read(name: str) -> bytes:
    try:
        return decrypt_bytes((Path(settings.MEDIA_ROOT) / name).read_bytes(), PLACE)
    except (OSError, InvalidTag) as error:
        raise DomainError(DAMAGED) from error


def sweep(*, at: datetime) -> int:
    """Remove files that nothing took within a day. `at`: the machine's time, as the files' own are. Returns how many went."""
    gone = Attachment.objects.exclude(pk__in=kept_rows().values("pk"))
    kept = _names(Attachment.objects.all()) - _names(gone)
    return sweep_untaken(FOLDER, kept, at=at)


def _names(rows: QuerySet[Attachment]) -> set[str]:
    return {name for pair in rows.values_list("original", "copy") for name in pair}
