"""Photos and files handed in go with the last papers of their case that are not kept for ever (decision 30)."""

from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from casework.audit.models import Entry
from casework.cases.models import Case, Photo
from casework.cases.photos import attach, copy_of, take_in
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents import attachments, checks
from casework.documents.models import Attachment, DestroyedFile, Document, Purpose
from casework.documents.uploads import look_at
from casework.profiles.rules import baseline, publish
from casework.registers import handing_in
from casework.registers.destruction import due_papers, files_of, sign
from casework.registers.models import DestructionList
from tests.cases.test_photos import picture
from tests.registers.test_destruction import (
    KEPT,
    case,
    case_pk,
    destroyed,
    in_english,
    listed,
    on,
    own_media,
    world,
)
from tests.registers.test_destruction import (
    closed as closed_case,
)
from tests.world import World, client_of

__all__ = ["case", "case_pk", "closed_case", "in_english", "own_media", "world"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(closed_case: Case, world: World) -> Case:
    """The same case where P04, whose photo it is, is kept three years."""
    rules = baseline()
    for_ever = dict.fromkeys(rules["retention"], 0)
    rules["retention"] = {**for_ever, **KEPT, "P04": 3, "basis": "档案"}
    publish(
        world.county,
        rules,
        name="y",
        valid_from=date(2026, 1, 2),
        by=None,
        at=closed_case.opened_at,
    )
    return closed_case


@pytest.fixture
def photo(closed: Case, world: World) -> Photo:
    """A photo of the home visit, and a file handed in at the case."""
    visit = closed.visits.get()
    with one_act():
        attach(
            take_in([SimpleUploadedFile("a.jpg", picture())]),
            visit=visit,
            by=world.teacher,
            at=on(2026, 11),
        )
        proof = attachments.store(look_at(picture(), "x"))
        attachments.enter(
            proof,
            chain=f"case:{closed.pk}",
            purpose=Purpose.PROOF,
            by=world.officer,
            at=on(2026, 11),
        )
    found: Photo = visit.photos.get()
    return found


def test_while_such_a_paper_is_left_they_stay(world: World, closed: Case, photo: Photo) -> None:
    destroyed(world, on(2030))  # P36; P35 is kept two years longer
    assert copy_of(photo) and not DestroyedFile.objects.exists()


def test_with_the_last_one_they_go_and_stay_provable(
    world: World, closed: Case, photo: Photo, own_media: Path
) -> None:
    papers = [document for document, _years in due_papers(world.school, at=on(2032))]
    assert sorted(gone.of for gone in files_of(papers, world.school, at=on(2032))) == [
        "attachment",
        "photo",
    ]
    made = destroyed(world, on(2032))
    assert not (own_media / photo.copy).exists() and not (own_media / photo.original).exists()
    proof = Attachment.objects.get(purpose=Purpose.PROOF)
    assert not (own_media / proof.copy).exists()
    row = DestroyedFile.objects.get(of="photo")
    assert (row.ref, row.sha256, row.listed) == (photo.pk, photo.original_sha256, made.ref)
    entry = Entry.objects.get(verb="file.destroyed", subject=f"attachment:{proof.pk}")
    assert entry.facts["sha256"] == proof.sha256
    assert [p for p in checks.problems() if p["kind"] not in ("trigger", "seal")] == []
    assert not attachments.kept_rows().exists()


def test_the_pages_say_so_and_serve_none(
    world: World, closed: Case, photo: Photo, client: Client
) -> None:
    client = client_of(world.officer)
    place = reverse("registers:destruction", args=[world.school.pk])
    files = reverse("registers:files", args=["case", closed.pk])
    proof = Attachment.objects.get(purpose=Purpose.PROOF)
    with moved_to(on(2032)):
        listed(world, on(2032))
        assert "photos (1) and the files handed in (1)" in client.get(place).content.decode()
        sign(DestructionList.objects.get(), by=world.principal, at=on(2032))
        shown = client.get(files).content.decode()
        assert "destroyed" in shown
        for name, pk in (("registers:file", proof.pk), ("cases:photo", photo.pk)):
            assert reverse(name, args=[pk]) not in shown
            assert client.get(reverse(name, args=[pk])).status_code == 404


def test_one_that_no_list_took_is_damage(closed: Case, photo: Photo) -> None:
    DestroyedFile(of="photo", ref=photo.pk, sha256="0", listed="2032-9", at=on(2032)).save()
    assert "file_unlisted" in {p["kind"] for p in checks.problems()}


def test_what_came_later_is_kept_as_long_and_goes_with_another_list(
    world: World, closed: Case, photo: Photo
) -> None:
    """A late file of a case whose papers are gone: not at once, and not for ever; a list may hold nothing else."""
    destroyed(world, on(2032))
    with one_act():
        late = attachments.store(look_at(picture(), "x"))
        attachments.enter(
            late, chain=f"case:{closed.pk}", purpose=Purpose.PROOF, by=world.officer, at=on(2033)
        )
    with pytest.raises(DomainError, match="No paper"):
        listed(world, on(2038))
    destroyed(world, on(2039))
    assert DestroyedFile.objects.count() == 3 and not attachments.kept_rows().exists()
    assert [p for p in checks.problems() if p["kind"] not in ("trigger", "seal")] == []


def test_a_photo_stays_while_a_paper_of_its_visit_does(
    world: World, closed: Case, photo: Photo
) -> None:
    """P04 is kept for ever from here on: its photo with it, the file handed in goes."""
    rules = baseline()
    rules["retention"] = {**dict.fromkeys(rules["retention"], 0), **KEPT, "P04": 0, "basis": "x"}
    publish(
        world.county, rules, name="z", valid_from=date(2026, 1, 3), by=None, at=closed.opened_at
    )
    destroyed(world, on(2032))
    assert copy_of(photo) and DestroyedFile.objects.get().of == "attachment"


def test_a_sheet_that_a_list_took_is_given_to_no_paper(
    world: World, closed: Case, photo: Photo
) -> None:
    with one_act():
        sheet = attachments.store(look_at(picture(), "x"))
        waiting = attachments.enter(
            sheet,
            chain=f"case:{closed.pk}",
            purpose=Purpose.SIGNED,
            by=world.officer,
            at=on(2026, 11),
        )
    destroyed(world, on(2032))
    kept = Document.objects.filter(chain=f"case:{closed.pk}", destroyed=None).latest("pk")
    gone = Document.objects.get(chain=f"case:{closed.pk}", kind="P36")
    client = client_of(world.officer)
    with moved_to(on(2032)):
        give = reverse("registers:give", args=[waiting.pk])
        assert client.post(give, {"number": kept.number}).status_code == 404
    fresh = Attachment.objects.create(
        chain=waiting.chain, purpose="signed", kind="photo", sha256="0", size=1, original="o", copy="c.jpg", at=on(2033)
    )  # fmt: skip
    with pytest.raises(DomainError, match="no paper"):
        handing_in.give(
            fresh, gone.number, may_read=lambda paper: True, by=world.officer, at=on(2033)
        )
