"""Files handed in: the content decides, a signed sheet finds its paper by the printed code, nothing is half kept."""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from PIL import Image

from casework.audit.models import Entry
from casework.cases.kinds import Kind
from casework.cases.models import Case
from casework.cases.protection import report_harm
from casework.core import triggers
from casework.core.clock import moved_to
from casework.core.crypto import decrypt_bytes, encrypt_bytes
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents import attachments
from casework.documents.file_checks import Course, problems_of_attachments
from casework.documents.models import Attachment, Document, Purpose
from casework.documents.render import render
from casework.documents.uploads import look_at
from casework.registers.handing_in import MOST, give, hand_in
from tests.cases.test_photos import picture, with_exif, without_place
from tests.documents.sounds import SOUNDS, mp3
from tests.world import World, client_of, day, do

pytestmark = pytest.mark.django_db


def photographed(
    document: Document, *, turned: float = 0, page: int = -1, scale: float = 1.8
) -> bytes:
    """A page of a printed paper (the last one), as a phone sees it."""
    with pypdfium2.PdfDocument(render(document.record).pdf) as pdf:
        sheet = pdf[page % len(pdf)].render(scale=scale).to_pil().convert("RGB")
    out = io.BytesIO()
    sheet.rotate(turned, expand=True, fillcolor="gray").save(out, "JPEG", quality=60)
    return out.getvalue()


def scanned(picture_of: bytes, *, pages: int = 1) -> bytes:
    """A PDF as a scanner app makes it."""
    out = io.BytesIO()
    sheets = [Image.open(io.BytesIO(picture_of)).convert("RGB") for _ in range(pages)]
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:])
    return out.getvalue()


def file(raw: bytes, name: str = "sheet.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, raw)


@pytest.fixture
def keep(world: World, case: Case) -> Callable[..., list[Attachment]]:
    def act(*files: Any, chain: str = "", **more: Any) -> list[Attachment]:
        said: dict[str, Any] = {
            "chain": chain or f"case:{case.pk}", "purpose": Purpose.SIGNED, "title": "", "may_read": lambda paper: True,
            "by": world.officer, "at": day(case, 5),
        }  # fmt: skip
        return hand_in(files, **(said | more))

    return act


@pytest.fixture
def paper(case: Case) -> Document:
    found: Document = Document.objects.filter(chain=f"case:{case.pk}", kind="P04").get()
    return found


Keep = Callable[..., list[Attachment]]


@pytest.mark.parametrize("turned", [0, 8, 90])
def test_a_photo_of_a_signed_sheet_is_given_to_its_paper(
    keep: Keep, paper: Document, turned: float
) -> None:
    (kept,) = keep(file(photographed(paper, turned=turned)), chain="unit:1")
    assert (kept.document, kept.chain, kept.purpose) == (paper, paper.chain, "signed")


@pytest.mark.parametrize("turned", [0, 8, 90])
def test_every_page_of_a_paper_finds_it(keep: Keep, paper: Document, turned: float) -> None:
    """The small code at the foot, by a phone of eight megapixels."""
    (kept,) = keep(file(photographed(paper, turned=turned, page=0, scale=3.4)), chain="unit:1")
    assert kept.document == paper


def test_the_first_page_of_a_scan_is_enough(keep: Keep, paper: Document) -> None:
    """A scanner app at 150 dots an inch."""
    first = photographed(paper, page=0, scale=150 / 72)
    (kept,) = keep(file(scanned(first), "scan.pdf"))
    assert kept.document == paper


def test_a_scan_of_several_pages_is_given_to_its_paper(keep: Keep, paper: Document) -> None:
    (kept,) = keep(file(scanned(photographed(paper), pages=2), "scan.pdf"))
    assert (kept.document, kept.kind, kept.pages) == (paper, "pdf", 2)


def test_the_code_of_a_paper_out_of_reach_gives_nothing(keep: Keep, paper: Document) -> None:
    (kept,) = keep(file(photographed(paper)), chain="unit:1", may_read=lambda paper: False)
    assert (kept.document, kept.chain) == (None, "unit:1")


def test_a_sheet_without_a_code_waits_and_is_given_once(
    keep: Keep, paper: Document, world: World, case: Case
) -> None:
    (waiting,) = keep(file(picture()), chain=f"unit:{world.school.pk}")
    assert waiting.waits
    said = {"may_read": lambda paper: True, "by": world.officer, "at": day(case, 5)}
    with pytest.raises(DomainError, match="no paper"):
        give(waiting, "没有这个号", **said)  # type: ignore[arg-type]
    given = give(waiting, paper.number.replace("〔", "[").replace("〕", "]"), **said)  # type: ignore[arg-type]
    assert (given.document, given.sha256, given.copy) == (paper, waiting.sha256, waiting.copy)
    assert not given.waits
    with pytest.raises(DomainError, match="already"):
        give(waiting, paper.number, **said)  # type: ignore[arg-type]


def test_the_original_is_kept_encrypted_and_its_hash_stands_in_the_trail(
    keep: Keep, own_media: Path
) -> None:
    raw = without_place()
    (kept,) = keep(file(raw), purpose=Purpose.PROOF, title="证明")
    stored = (own_media / kept.original).read_bytes()
    assert b"CANARY" not in stored and decrypt_bytes(stored, "attachment") == raw
    assert b"CANARY" not in attachments.copy_of(kept)
    assert attachments.original_of(kept) == raw
    entry = Entry.objects.get(verb="attachment.added", subject=f"attachment:{kept.pk}")
    assert entry.facts["sha256"] == hashlib.sha256(raw).hexdigest() == kept.sha256


def test_the_place_that_a_photo_names_is_not_kept(keep: Keep, own_media: Path) -> None:
    """PRIV-04: the hash is of what came, the rest of the original stays"""
    raw = with_exif()
    (kept,) = keep(file(raw), purpose=Purpose.PROOF, title="证明")
    original = attachments.original_of(kept)
    assert kept.sha256 == hashlib.sha256(raw).hexdigest() != kept.kept_sha256
    assert b"CANARY" not in original and kept.taken_at == "2026-10-14T14:20:00"


@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_a_missing_or_changed_file_is_never_served(
    keep: Keep, own_media: Path, damage: str
) -> None:
    (kept,) = keep(file(picture()))
    for name in {kept.original, kept.copy}:
        path = own_media / name
        *rest, last = path.read_bytes()
        path.unlink() if damage == "missing" else path.write_bytes(bytes([*rest, last ^ 1]))
    for read in (attachments.copy_of, attachments.original_of):
        with pytest.raises(DomainError, match="missing or damaged"):
            read(kept)


def with_program() -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.Root.OpenAction = pikepdf.Dictionary(
        S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)")
    )
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def locked() -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    out = io.BytesIO()
    pdf.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def huge_photo() -> bytes:
    """The head of a PNG of 60 megapixels."""
    head = struct.pack(">IIBBBBB", 10_000, 6_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", b""), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def plain_pdf() -> bytes:
    pdf, out = pikepdf.new(), io.BytesIO()
    pdf.add_blank_page()
    pdf.save(out)
    return out.getvalue()


def acting(kind: str, **more: Any) -> bytes:
    """A PDF with a link that does something when it is tapped."""
    pdf, out = pikepdf.new(), io.BytesIO()
    page = pdf.add_blank_page()
    link = pikepdf.Dictionary(
        Subtype=pikepdf.Name.Link, A=pikepdf.Dictionary(S=pikepdf.Name(kind), **more)
    )
    page.obj.Annots = pdf.make_indirect([pdf.make_indirect(link)])
    pdf.save(out)
    return out.getvalue()


def archive(comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as inside:
        inside.writestr("setup.exe", b"MZ")
        inside.comment = comment
    return out.getvalue()


REFUSED = {
    "an EXE named jpg": (b"MZ\x90\x00" + b"\x00" * 200, "neither a photo"),
    "HTML": (b"<html><script>alert(1)</script>", "neither a photo"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "neither a photo"),
    "nothing": (b"", "neither a photo"),
    "a PDF with a program": (with_program(), "carries a program"),
    "a locked PDF": (locked(), "locked"),
    "a PDF that is an archive too": (plain_pdf() + archive(), "carries a program or another file"),
    "an archive that ends like a PDF": (plain_pdf() + archive(b"%%EOF"), "carries a program or another file"),
    "a PDF with a page behind its end": (plain_pdf() + b"<script>alert(1)</script>", "carries a program or another file"),
    "a PDF that sends forms": (acting("/SubmitForm"), "carries a program"),
    "a PDF that opens another": (acting("/GoToR"), "carries a program"),
    "a PDF with a link that is a program": (acting("/URI", URI="JavaScript:alert(1)"), "carries a program"),
    "a recording that is an archive too": (mp3() + archive(), "carries a program or another file"),
    "a page that begins like a recording": (b"ID3<html><script>alert(1)</script>", "damaged"),
    "a program that begins like a recording": (b"\xff\xfbMZ\x90\x00" + b"\x00" * 300, "damaged"),
    "a cut PDF": (b"%PDF-1.7\n1 0 obj", "damaged|no page"),
    "60 megapixels": (huge_photo(), "too many pixels"),
    "too large": (b"\xff\xd8\xff" + b"\x00" * (15 * 2**20), "larger than 15"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_kept_is_refused_by_name_and_nothing_is_kept(
    keep: Keep, own_media: Path, name: str
) -> None:
    """UPL-01, UPL-02: by content, whatever it is called; one bad file keeps all of them out."""
    raw, words = REFUSED[name]
    with pytest.raises(DomainError, match=words) as refusal:
        keep(file(picture(), "good.jpg"), file(raw, "bad.jpg"))
    assert "2. bad.jpg" in str(refusal.value)
    assert not Attachment.objects.exists() and not list(own_media.rglob("*.jpg"))


def test_the_sealed_paper_itself_is_no_signed_sheet(keep: Keep, paper: Document) -> None:
    with pytest.raises(DomainError, match="another file"):
        keep(file(render(paper.record).pdf, "paper.pdf"))


@pytest.mark.parametrize("ending", SOUNDS)
def test_a_sound_recording_is_kept_as_it_came(keep: Keep, ending: str) -> None:
    raw = SOUNDS[ending]()
    (kept,) = keep(file(raw, "note"), purpose=Purpose.SURVEY)
    assert (kept.kind, kept.ending) == ("audio", ending)
    assert attachments.copy_of(kept) == raw and kept.original == kept.copy


def test_no_file_and_too_many_are_refused(keep: Keep) -> None:
    with pytest.raises(DomainError, match="Choose a file"):
        keep()
    with pytest.raises(DomainError, match="At most"):
        keep(*[file(picture()) for _ in range(MOST + 1)])


class TestPages:
    def test_files_are_kept_shown_and_fetched_safely(self, world: World, case: Case) -> None:
        with moved_to(day(case, 5)):
            client = client_of(world.teacher)
            address = reverse("registers:files", args=["case", case.pk])
            said = {"purpose": "proof", "title": "病历", "files": [file(picture())]}
            assert client.post(address, said).status_code == 302
            kept = Attachment.objects.get()
            assert "病历" in client.get(address).content.decode()
            answer = client.get(reverse("registers:file", args=[kept.pk]))
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["Content-Security-Policy"] == "sandbox"
        far = client_of(world.far_teacher)
        assert far.get(reverse("registers:file", args=[kept.pk])).status_code == 404
        assert far.post(address, said).status_code == 404

    def test_a_refused_file_is_named_and_what_was_typed_stays(
        self, world: World, case: Case
    ) -> None:
        with moved_to(day(case, 5)):
            answer = client_of(world.teacher).post(
                reverse("registers:files", args=["case", case.pk]),
                {"purpose": "proof", "title": "病历", "files": [file(b"MZ", "x.jpg")]},
            )
        shown = answer.content.decode()
        assert answer.status_code == 409 and "x.jpg" in shown and "病历" in shown

    def test_a_closed_case_keeps_its_files_in_view_and_takes_late_sheets(
        self, world: World, case: Case
    ) -> None:
        Case.objects.filter(pk=case.pk).update(closed_at=day(case, 4), outcome="returned")
        address = reverse("registers:files", args=["case", case.pk])
        with moved_to(day(case, 5)):
            client = client_of(world.teacher)
            assert address in client.get(reverse("cases:case", args=[case.pk])).content.decode()
            assert client.get(address).status_code == 200
            said = {"purpose": "proof", "title": "", "files": [file(picture())]}
            assert client.post(address, said).status_code == 302

    def test_whoever_reads_the_case_reads_its_files_and_adds_none(
        self, world: World, case: Case
    ) -> None:
        address = reverse("registers:files", args=["case", case.pk])
        with moved_to(day(case, 5)):
            client = client_of(world.supervisor)
            answer = client.get(address)
            assert answer.status_code == 200 and 'type="file"' not in answer.content.decode()
            assert client.post(address, {"purpose": "proof"}).status_code == 404

    def test_the_sheet_of_a_paper_kept_apart_is_shown_to_no_other(
        self, world: World, case: Case, keep: Keep
    ) -> None:
        said = {"signs": ["neglect"], "danger": "no", "seen": "数日无人照料。"}
        harm = report_harm(case, said, by=world.teacher, at=day(case, 4))
        do(case, Kind.PROTECT, day(case, 5))
        apart = Document.objects.get(subject=f"step:{harm.pk}")
        kept = attachments.store(look_at(picture(), "x"))
        with one_act():
            sheet = attachments.enter(
                kept,
                chain=apart.chain,
                purpose=Purpose.SIGNED,
                document=apart,
                by=world.principal,
                at=day(case, 5),
            )
        address = reverse("registers:file", args=[sheet.pk])
        with moved_to(day(case, 5)):
            assert client_of(world.principal).get(address).status_code == 200
            assert client_of(world.officer).get(address).status_code == 403

    def test_a_signed_sheet_stands_beside_its_paper(
        self, world: World, case: Case, keep: Keep, paper: Document
    ) -> None:
        (kept,) = keep(file(photographed(paper)))
        with moved_to(day(case, 5)):
            shown = (
                client_of(world.teacher).get(reverse("cases:case", args=[case.pk])).content.decode()
            )
        assert reverse("registers:file", args=[kept.pk]) in shown


def test_a_picture_of_a_paper_that_is_a_proof_stays_one(keep: Keep, paper: Document) -> None:
    (kept,) = keep(file(photographed(paper)), purpose=Purpose.PROOF, title="回执照片")
    assert (kept.document, kept.purpose, kept.title) == (None, "proof", "回执照片")


@pytest.mark.parametrize("damage", ["original", "copy"])
def test_a_file_that_is_not_as_it_came_is_found(keep: Keep, own_media: Path, damage: str) -> None:
    """SEAL-04: what came, and what is served"""
    (kept,) = keep(file(picture()))
    assert list(problems_of_attachments(Course())) == []
    path = own_media / getattr(kept, damage)
    path.write_bytes(encrypt_bytes(b"other", "attachment"))
    (problem,) = problems_of_attachments(Course())
    assert (problem["kind"], problem["attachment"]) == ("attachment", kept.pk)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM documents_attachment",
        "UPDATE documents_attachment SET chain = 'case:9999'",
        "UPDATE documents_attachment SET purpose = 'survey'",
        "UPDATE documents_attachment SET by_name = 'x'",
        "UPDATE documents_attachment SET at = '2020-01-02 00:00:00'",
        "UPDATE documents_attachment SET copy_sha256 = 'x'",
        "DELETE FROM audit_entry WHERE verb = 'attachment.added'",
    ],
)
def test_a_row_of_a_file_that_was_changed_or_removed_is_found(keep: Keep, sql: str) -> None:
    """SEAL-04: by somebody who owns the database"""
    (kept,) = keep(file(picture()), purpose=Purpose.PROOF)
    triggers.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute(sql)
    found = {(each["kind"], str(each["attachment"])) for each in problems_of_attachments(Course())}
    assert ("attachment_row", str(kept.pk)) in found
