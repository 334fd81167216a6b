"""Photos of a visit: the content decides, the copy has no metadata, the original is kept apart (UPL-01, UPL-02, PRIV-04)."""

import io
import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import ExifTags, Image

from casework.cases import matters
from casework.cases.kinds import Kind
from casework.cases.models import Case, Photo, Step
from casework.cases.photos import MOST, attach, copy_of, problems, take_in
from casework.core.canonical import sha256_hex
from casework.core.clock import moved_to
from casework.core.crypto import decrypt_bytes, encrypt_bytes
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents.models import Document
from casework.evidence.casefile import _photos
from tests.world import (
    World,
    answers,
    cleaned,
    client_of,
    day,
    do,
    holder_of,
    open_case,
    open_step,
    prepared,
    walk,
)
from workflows.complete import complete
from workflows.demo import typed
from workflows.side_forms import ask_form

pytestmark = pytest.mark.django_db
SCRIPT = b"<script>alert(1)</script><?php system('id'); ?>"


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(scope="module")
def case_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    yield from prepared(
        django_db_blocker, lambda: walk(world, open_case(world, world.lan), until=Kind.HOME_VISIT)
    )


@pytest.fixture
def case(case_pk: int) -> Case:
    return Case.objects.get(pk=case_pk)


@pytest.fixture
def visit(case: Case) -> Any:
    do(case, Kind.HOME_VISIT, day(case, 2), result="not_yet")
    return case.visits.get()


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **save: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (180, 120, 60)).save(out, kind, **save)
    return out.getvalue()


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.DateTime] = "2026:10:14 14:20:00"
    exif[ExifTags.Base.Make] = "CANARY-MAKE"
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (27.0, 15.0, 9.0)
    return picture(exif=exif, comment=b"CANARY-COMMENT")


def without_place() -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "CANARY-MAKE"
    return picture(exif=exif, comment=b"CANARY-COMMENT")


def kept(visit: Any, raw: bytes) -> Photo:
    with one_act():
        attach(take_in([io.BytesIO(raw)]), visit=visit, by=visit.visitor, at=visit.recorded_at)
    return visit.photos.get()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photo_is_kept_and_its_copy_is_a_fresh_jpeg(visit: Any, kind: str) -> None:
    photo = kept(visit, picture(kind))
    copy = Image.open(io.BytesIO(copy_of(photo)))
    assert (copy.format, copy.size) == ("JPEG", (60, 40))


def test_the_copy_has_no_exif_and_stands_upright(visit: Any) -> None:
    """PRIV-04: no tag, no place, no comment is left; the capture time stands in its column."""
    photo = kept(visit, with_exif())
    data = copy_of(photo)
    copy = Image.open(io.BytesIO(data))
    assert dict(copy.getexif()) == {} and "exif" not in copy.info and "comment" not in copy.info
    assert b"CANARY" not in data and copy.size == (40, 60)
    assert photo.taken_at == "2026-10-14T14:20:00"


def test_the_original_is_kept_unchanged_and_encrypted(visit: Any, own_media: Path) -> None:
    raw = without_place()
    photo = kept(visit, raw)
    stored = (own_media / photo.original).read_bytes()
    assert b"CANARY" not in stored and decrypt_bytes(stored, "photo") == raw
    assert photo.size == len(raw)


def test_an_original_that_names_a_place_is_kept_without_it(visit: Any, own_media: Path) -> None:
    """PRIV-04: the picture stays as it is, bit for bit; the hash is of what came."""
    raw = with_exif()
    photo = kept(visit, raw)
    original = decrypt_bytes((own_media / photo.original).read_bytes(), "photo")
    assert b"CANARY" not in original and photo.original_sha256 == sha256_hex(raw)
    before, after = Image.open(io.BytesIO(raw)), Image.open(io.BytesIO(original))
    assert before.tobytes() == after.tobytes() and not after.getexif()


def test_photos_stand_in_the_record_of_their_paper(case: Case) -> None:
    """PDF-06: the record, and so its seal and chain, holds them by their hashes."""
    at = day(case, 2)
    with moved_to(at):
        step, photos = open_step(case, Kind.HOME_VISIT), take_in([io.BytesIO(with_exif())])
        person = holder_of(step, at)
        said = cleaned(step, person, at, result="not_yet")
        complete(step.pk, said, by=person, at=at, photos=photos)
    photo = Photo.objects.get()
    record = json.loads(Document.objects.get(subject=f"step:{step.pk}", kind="P04").record)
    assert record["attachments"] == [
        {
            "photo": photo.name,
            "sha256": photo.original_sha256,
            "copy_sha256": sha256_hex(copy_of(photo)),
            "taken_at": "2026-10-14T14:20:00",
        }
    ]


@pytest.mark.parametrize("damage", ["original", "copy", "missing", "row", "gone"])
def test_a_photo_that_is_not_as_it_was_is_found(visit: Any, own_media: Path, damage: str) -> None:
    """SEAL-04"""
    photo = kept(visit, picture())
    assert list(problems()) == []
    if damage == "missing":
        (own_media / photo.copy).unlink()
    elif damage == "row":
        Photo.objects.update(original_sha256="0" * 64)
    elif damage == "gone":
        Photo.objects.all().delete()
    else:
        place = own_media / getattr(photo, damage)
        place.write_bytes(encrypt_bytes(picture(size=(9, 9)), "photo"))
    assert list(problems()) == [{"kind": "photo", "photo": photo.name}]


def test_a_polyglot_loses_what_it_carries(visit: Any) -> None:
    """UPL-01: a JPEG that is a script too is served as a picture and nothing else."""
    photo = kept(visit, picture() + SCRIPT)
    assert b"script" not in copy_of(photo) and b"php" not in copy_of(photo)


def bomb() -> bytes:
    """The head of a PNG of 7,000 × 7,000 pixels."""
    head = struct.pack(">IIBBBBB", 7000, 7000, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


NOT_PHOTOS = {
    "empty": b"",
    "text": b"not a photo at all",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html named jpg": b"<html>" + SCRIPT,
    "pdf": b"%PDF-1.7\n" + SCRIPT,
    "gif": picture("GIF"),
    "webp": picture("WEBP"),
    "bmp": picture("BMP"),
    "tiff": picture("TIFF"),
    "cut": picture(size=(400, 400))[:300],
    "magic only": b"\xff\xd8\xff\xe0" + SCRIPT,
    "bomb": bomb(),
}


@pytest.mark.parametrize("name", NOT_PHOTOS)
def test_what_is_no_photo_is_refused(visit: Any, name: str) -> None:
    """UPL-01, UPL-02: by content, whatever it is called."""
    with pytest.raises(DomainError, match="Photo 1"):
        kept(visit, NOT_PHOTOS[name])
    assert not Photo.objects.exists()


def test_a_photo_too_large(visit: Any) -> None:
    with pytest.raises(DomainError, match="larger than 15 MB"):
        kept(visit, picture() + b"\0" * (15 * 2**20))


def test_at_most_six(visit: Any) -> None:
    with pytest.raises(DomainError, match="At most 6"):
        take_in([io.BytesIO(picture())] * (MOST + 1))


def test_a_large_photo_is_made_smaller(visit: Any) -> None:
    photo = kept(visit, picture(size=(3200, 1000)))
    assert Image.open(io.BytesIO(copy_of(photo))).size == (1600, 500)


def upload(case: Case, name: str, raw: bytes) -> Any:
    step, at = open_step(case, Kind.HOME_VISIT), day(case, 2)
    data = answers(step, step.holder, at, result="not_yet")  # type: ignore[arg-type]
    files = [SimpleUploadedFile(name, raw, "image/jpeg")]
    with moved_to(at):
        sent = {**data, "form_key": "k", "generation": step.generation, "photos": files}
        return client_of(step.holder).post(reverse("workflows:step", args=[step.pk]), sent)  # type: ignore[arg-type]


def test_a_visit_with_a_bad_photo_is_refused_whole(case: Case) -> None:
    response = upload(case, "门口.jpg", NOT_PHOTOS["html named jpg"])
    assert response.status_code == 409 and "结伴返校" in response.content.decode()
    assert not case.visits.exists() and open_step(case, Kind.HOME_VISIT).is_open


def test_a_photo_is_served_as_an_attachment_in_a_sandbox(
    case: Case, world: World, own_media: Path
) -> None:
    """UPL-05: a name of ours, no type sniffing, no script; another school gets 404 (ACC-02)."""
    assert upload(case, "罗小兰 家.jpg", with_exif()).status_code == 302
    photo = Photo.objects.get()
    place = reverse("cases:photo", args=[photo.pk])
    response = client_of(world.officer).get(place)
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert response["Content-Disposition"] == f'attachment; filename="photo-{photo.pk}.jpg"'
    assert response["Content-Security-Policy"] == "sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert client_of(world.far_officer).get(place).status_code == 404
    names = [p.name for p in own_media.rglob("*") if p.is_file()]
    assert sorted(names) == sorted([Path(photo.copy).name, Path(photo.original).name])
    assert not any(world.lan.name in name for name in names)


def test_the_paper_says_how_many_photos(case: Case) -> None:
    upload(case, "a.jpg", picture())
    step = Step.objects.get(case=case, kind=Kind.HOME_VISIT)
    assert '"1"' in Document.objects.get(subject=f"step:{step.pk}").record


def test_a_proof_is_photographed_and_shown_to_whoever_decides(case: Case, world: World) -> None:
    """domain.md 2.4: each branch with its proof; kept with the request, in its evidence file."""
    with moved_to(day(case, 2)):
        client = client_of(world.teacher)
        place = f"/cases/{case.pk}/ask/TRANSFER_OUT/"
        form = client.get(place)
        said = typed.asked(case, "TRANSFER_OUT", day(case, 2))
        upload = SimpleUploadedFile("回执.jpg", picture(), content_type="image/jpeg")
        hidden = {"form_key": form.context["form_key"]}
        assert client.post(place, {**said, **hidden, "photos": upload}).status_code == 302
    photo, step = Photo.objects.get(), open_step(case, Kind.DECIDE_REQUEST)
    assert (photo.step, photo.visit) == (step, None)
    with moved_to(day(case, 2)):
        principal = client_of(world.principal)
        shown = principal.get(f"/steps/{step.pk}/").content.decode()
        seen = principal.get(f"/matters/{step.matter_id}/").content.decode()
        assert f"/photos/{photo.pk}/" in shown and f"/photos/{photo.pk}/" in seen
        assert principal.get(f"/photos/{photo.pk}/").status_code == 200
        assert client_of(world.far_officer).get(f"/photos/{photo.pk}/").status_code == 404
    assert [each.name for each in _photos([case], day(case, 3))[case.pk]] == [photo.name]


def test_a_photo_of_what_is_restricted_is_seen_by_those_who_may(case: Case, world: World) -> None:
    at = day(case, 2)
    with moved_to(at):
        said = ask_form("JUSTICE_CUSTODY")(typed.asked(case, "JUSTICE_CUSTODY", at))
        assert said.is_valid()
        step = matters.ask(case, "JUSTICE_CUSTODY", said.cleaned_data, by=world.teacher, at=at)
        with one_act():
            attach(take_in([io.BytesIO(picture())]), step=step, by=world.teacher, at=at)
        photo = Photo.objects.get()
        for who, status in (("principal", 200), ("teacher", 200), ("officer", 403)):
            seen = client_of(world.people[who])
            assert seen.get(f"/photos/{photo.pk}/").status_code == status, who
        assert f"/photos/{photo.pk}/" not in seen.get(f"/cases/{case.pk}/").content.decode()
    assert _photos([case], day(case, 3)) == {}


def test_the_mark_on_the_platform_keeps_its_screenshot(world: World) -> None:
    """Issue point (E7, E8): date, operator, number and screenshot."""
    case = walk(world, open_case(world, world.ming), until=Kind.PLATFORM_MARK)
    step = open_step(case, Kind.PLATFORM_MARK)
    with moved_to(day(case, 0, 20)):
        client = client_of(world.status)
        form = client.get(f"/steps/{step.pk}/")
        said = answers(step, world.status, day(case, 0, 20))
        hidden = {"form_key": form.context["form_key"], "generation": step.generation}
        upload = SimpleUploadedFile("截图.png", picture("PNG"), content_type="image/png")
        sent = client.post(f"/steps/{step.pk}/", {**said, **hidden, "photos": upload})
        assert sent.status_code == 302
        page = client.get(f"/cases/{case.pk}/").content.decode()
    assert f"/photos/{Photo.objects.get(step=step).pk}/" in page
