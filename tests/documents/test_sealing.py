"""A paper's file is made once, sealed, stored whole, and served only as it was stored."""

import io
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.db import transaction
from django.utils import translation

from casework.audit.models import Entry
from casework.core import clock
from casework.core.append_only import AppendOnlyError
from casework.core.errors import DomainError
from casework.documents import file_checks, seal, sealing, store
from casework.documents.models import Document, SealedFile
from casework.documents.render import RenderError, render
from casework.documents.seal import SealError
from tests.documents.authorities import issued, stamping
from tests.documents.printing import printed
from tests.documents.samples import AT

Make = Callable[..., Document]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sealed")]


@pytest.fixture
def authority() -> Iterator[str]:
    with stamping() as address:
        yield address


def stored() -> list[Path]:
    return [path for path in store.folder().glob("*/*") if path.is_file()]


def test_it_works(make: Make) -> None:
    """SEAL-01, REL-03: the job makes one whole file, its row and its audit entry."""
    document = make()
    assert list(sealing.unsealed()) == [document]
    sealing.seal_document(document.pk)
    file = SealedFile.objects.get(document=document)
    data = sealing.bytes_of(file)
    assert (len(data), file.pages) == (file.size, 2) or file.pages == 1
    assert file_checks.embedded(data) == document.record.encode()
    assert seal.intact(data)
    assert (
        set(file.made_with) == {"weasyprint", "pango", "style", "fonts"} and not sealing.unsealed()
    )
    assert Entry.objects.get(verb="document.sealed").facts == {"sha256": file.sha256}


def test_a_second_run_changes_nothing(make: Make) -> None:
    document = make()
    first = sealing.file_of(document)
    assert sealing.file_of(document) == first
    assert [path.name for path in stored()] == [Path(first.path).name]


def test_what_waits_is_sealed_in_batches_and_a_bad_one_left_out(
    make: Make, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REL-14"""
    settings.JOBS = "now"
    bad, *good = [make("P02") for _ in range(5)]
    real = render

    def picky(record: str) -> Any:
        if record == bad.record:
            raise RenderError("died")
        return real(record)

    monkeypatch.setattr(sealing, "render", picky)
    monkeypatch.setattr(sealing, "BATCH", 2)
    with transaction.atomic(), pytest.MonkeyPatch.context() as at_once:
        at_once.setattr(transaction, "on_commit", lambda work: work())
        sealing.seal_waiting()
    assert list(sealing.unsealed()) == [bad]
    assert {file.document_id for file in SealedFile.objects.all()} == {each.pk for each in good}


@contextmanager
def room_for(octets: int) -> Iterator[None]:
    """No file grows beyond so much, as where the disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    told = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, told)


def test_a_full_disk_loses_nothing_and_the_next_run_goes_on(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REL-09: half a file is written, and nothing of it stays."""
    document, real = make(), store.write_whole

    def full(path: Path, data: bytes) -> None:
        with room_for(len(data) // 2):
            real(path, data)

    with monkeypatch.context() as short, translation.override("en"):
        short.setattr(store, "write_whole", full)
        with pytest.raises(SealError, match="room on the disk"):
            sealing.file_of(document)
        sealing.seal_waiting()  # a sweep goes on with the next one
    assert stored() == [] and list(sealing.unsealed()) == [document]
    assert not SealedFile.objects.exists() and not Entry.objects.filter(verb="document.sealed")
    sealing.seal_waiting()
    assert not sealing.unsealed() and seal.intact(sealing.bytes_of(SealedFile.objects.get()))


def test_a_time_stamp_of_the_authority_is_put_into_the_seal(
    settings: Any, make: Make, authority: str
) -> None:
    """SEAL-01: PAdES B-T, by an authority with a certificate of its own, over HTTP"""
    from pyhanko.pdf_utils.reader import PdfFileReader

    settings.TIMESTAMP_URL = authority
    data = sealing.bytes_of(sealing.file_of(make()))
    (signature,) = PdfFileReader(io.BytesIO(data)).embedded_signatures
    signed = signature.signer_info["unsigned_attrs"]
    assert [each["type"].native for each in signed] == ["signature_time_stamp_token"]
    assert seal.intact(data)


def test_a_changed_time_stamp_does_not_hold(settings: Any, authority: str) -> None:
    """SEAL-01: the authority's own signature is looked at"""
    settings.TIMESTAMP_URL = authority
    data = seal.seal(printed("P35", "usual").pdf)
    stamped = f"{clock.real_now():%Y%m%d}".encode().hex().encode()
    another = b"20190101".hex().encode()
    assert seal.intact(data) and stamped in data
    assert not seal.intact(data.replace(stamped, another))


def test_the_seal_of_another_customer_of_the_same_authority_is_not_ours(
    settings: Any, seal_key: str, tmp_path: Path
) -> None:
    """SEAL-03: what the authority issued to others does not count"""
    settings.SEAL_PASSPHRASE = ""
    keys = issued(["ours", "theirs"], tmp_path)
    pdf = printed("P35", "usual").pdf
    settings.SEAL_KEY = keys["theirs"]
    theirs = seal.seal(pdf)
    settings.SEAL_KEY = keys["ours"]
    assert seal.intact(seal.seal(pdf))
    assert not seal.intact(theirs)


def test_of_two_makers_one_wins_and_the_other_serves_its_bytes(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = make()
    real = render

    def late(record: str) -> Any:
        made = real(record)
        monkeypatch.setattr(sealing, "render", real)
        sealing.file_of(document)
        return made

    monkeypatch.setattr(sealing, "render", late)
    file = sealing.file_of(document)
    assert SealedFile.objects.get() == file
    assert [path.name for path in stored()] == [Path(file.path).name]
    assert seal.intact(sealing.bytes_of(file))


def test_the_seal_carries_the_real_time_under_a_moved_clock(make: Make) -> None:
    document = make()
    before = clock.real_now()
    with clock.moved_to(AT.replace(year=2020)):
        file = sealing.file_of(document)
    assert before <= file.sealed_at <= clock.real_now()
    paper = pikepdf.open(io.BytesIO(sealing.bytes_of(file)))
    (field,) = paper.Root.AcroForm.Fields
    assert str(field.V.M).startswith(f"D:{before.astimezone():%Y%m%d}")


@pytest.mark.parametrize("damage", ["missing", "changed", "truncated"])
def test_a_damaged_file_is_never_served(make: Make, damage: str) -> None:
    file = sealing.file_of(make())
    path = store.folder() / file.path
    if damage == "missing":
        path.unlink()
    else:
        data = path.read_bytes()
        path.write_bytes(data[:-1] if damage == "truncated" else data[:-1] + b"?")
    with pytest.raises(DomainError):
        sealing.bytes_of(file)


def test_without_a_seal_key_the_paper_stays_recorded_and_says_what_to_do(
    make: Make, settings: Any
) -> None:
    settings.SEAL_KEY = "nowhere.p12"
    document = make()
    with pytest.raises(DomainError, match="make_seal"):
        sealing.file_of(document)
    assert list(sealing.unsealed()) == [document] and not stored()


def test_without_an_answer_of_the_time_stamp_authority_nothing_is_sealed(
    make: Make, settings: Any
) -> None:
    """SEAL-09: it waits and says so; no false time."""
    settings.TIMESTAMP_URL = "http://127.0.0.1:9/"
    with translation.override("en"), pytest.raises(DomainError, match="time-stamp"):
        sealing.file_of(make())
    assert not SealedFile.objects.exists() and not stored()


def test_files_and_documents_are_written_once(make: Make) -> None:
    file = sealing.file_of(make())
    for row in (file, file.document):
        with pytest.raises(AppendOnlyError):
            row.save()
        with pytest.raises(AppendOnlyError):
            row.delete()
        with pytest.raises(AppendOnlyError):
            type(row).objects.update(pk=1)


def _overlaid(data: bytes) -> bytes:
    paper = pikepdf.open(io.BytesIO(data))
    paper.pages[0].contents_add(b"0 0 m 99 99 l S")
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def _incremental(data: bytes) -> bytes:
    from pyhanko.pdf_utils.generic import pdf_name, pdf_string
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    writer.root[pdf_name("/Title")] = pdf_string("forged")
    writer.update_root()  # type: ignore[no-untyped-call]
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def _without_seal(data: bytes) -> bytes:
    paper = pikepdf.open(io.BytesIO(data))
    del paper.Root.AcroForm
    for page in paper.pages:
        if "/Annots" in page:
            del page.Annots
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


TAMPERINGS: dict[str, Callable[[bytes], bytes]] = {
    "a flipped bit": lambda data: data[:9000] + bytes([data[9000] ^ 1]) + data[9001:],
    "written again": lambda data: _rewritten(data),
    "an overlay": _overlaid,
    "an incremental update": _incremental,
    "cut short": lambda data: data[:-200],
    "appended": lambda data: data + b"\n%",
    "no seal": _without_seal,
    "not sealed at all": lambda data: printed("P35", "usual").pdf,
    "no PDF": lambda data: b"nothing",
}


def _rewritten(data: bytes) -> bytes:
    out = io.BytesIO()
    pikepdf.open(io.BytesIO(data)).save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def a_sealed_paper(seal_key: str) -> bytes:
    from django.test import override_settings

    with override_settings(SEAL_KEY=seal_key, SEAL_PASSPHRASE="tests"):
        return seal.seal(printed("P35", "usual").pdf)


@pytest.mark.parametrize("how", TAMPERINGS)
def test_a_seal_finds_every_tampering(a_sealed_paper: bytes, how: str) -> None:
    """SEAL-03"""
    assert seal.intact(a_sealed_paper)
    assert not seal.intact(TAMPERINGS[how](a_sealed_paper))


def test_a_seal_of_someone_else_is_not_ours(
    a_sealed_paper: bytes, settings: Any, tmp_path: Path
) -> None:
    """SEAL-03"""
    path = tmp_path / "other.p12"
    seal.make_demo_certificate(path, name="某处", passphrase="", at=clock.real_now())
    settings.SEAL_KEY, settings.SEAL_PASSPHRASE = str(path), ""
    assert not seal.intact(a_sealed_paper)


def test_a_seal_key_is_private_and_never_overwritten(tmp_path: Path, seal_key: str) -> None:
    """OPS-03"""
    assert Path(seal_key).stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        seal.make_demo_certificate(Path(seal_key), name="x", passphrase="", at=AT)
