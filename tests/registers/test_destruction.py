"""Papers go when their time is over and two persons signed the list; what they were stays provable (domain.md 7.4)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from casework.audit import trail
from casework.audit.models import Entry
from casework.cases.models import Case
from casework.core import triggers
from casework.core.clock import local_moment, moved_to
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents import attachments, checks, destroying, sealing, store
from casework.documents.anchors import make_anchor, root_of
from casework.documents.models import Attachment, Destroyed, Document
from casework.documents.views import DAMAGED, DESTROYED, state_of
from casework.evidence import verify
from casework.evidence.bundle import make
from casework.evidence.inspections import close_inspection, open_inspection
from casework.evidence.models import Bundle, Purpose, State
from casework.evidence.scope import order
from casework.profiles.rules import baseline, publish
from casework.registers.destruction import due_papers, put_forward, refuse, sign
from casework.registers.models import DestructionList
from tests.audit.test_trail import guarded
from tests.documents.conftest import press_stops
from tests.evidence.conftest import stand_in
from tests.registers.conftest import case, case_pk, own_media, world
from tests.world import World, client_of

__all__ = ["case", "case_pk", "guarded", "own_media", "press_stops", "world"]
pytestmark = pytest.mark.django_db
KEPT = {"P35": 5, "P36": 3, "P04": 0}


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def closed(world: World, case: Case) -> Case:
    """A case with sealed papers that ended on a day of 2026; P35 is kept five years, P36 three, all others for ever."""
    rules = baseline()
    for_ever = dict.fromkeys(rules["retention"], 0)
    rules["retention"] = {**for_ever, **KEPT, "basis": "档案"}
    publish(world.county, rules, name="x", valid_from=date(2026, 1, 1), by=None, at=case.opened_at)
    for document in Document.objects.filter(file=None):
        stand_in(document)
    Case.objects.filter(pk=case.pk).update(
        closed_at=datetime(2026, 12, 1, tzinfo=UTC), stage="closed"
    )
    case.refresh_from_db()
    return case


def on(year: int, month: int = 1, day: int = 2) -> datetime:
    return local_moment(date(year, month, day), 9)


def kinds(world: World, at: datetime) -> list[str]:
    return [document.kind for document, _years in due_papers(world.school, at=at)]


@pytest.mark.parametrize(("at", "due"), [
    (on(2029, 12, 31), []), (on(2030), ["P36"]), (on(2031, 12, 31), ["P36"]), (on(2032), ["P35", "P36"]), (on(2099), ["P35", "P36"]),
])  # fmt: skip
def test_the_years_run_from_the_end_of_the_year_in_which_the_case_ended(
    world: World, closed: Case, at: datetime, due: list[str]
) -> None:
    assert sorted(kinds(world, at)) == sorted(due)


def again(closed: Case, school: Any = None) -> None:
    """The child has a case that runs."""
    Case.objects.create(
        number="KC-990026-2030A-00001", pupil=closed.pupil, school=school or closed.school, opened_at=on(2030), opened_by="x"
    )  # fmt: skip


def test_nothing_goes_while_the_child_has_an_open_case(world: World, closed: Case) -> None:
    again(closed)
    assert kinds(world, on(2032)) == []


def test_an_open_case_at_another_school_counts_as_well(world: World, closed: Case) -> None:
    again(closed, world.far_school)
    assert kinds(world, on(2032)) == []


@pytest.mark.parametrize(
    ("of_county", "of_school", "due"),
    [(3, 0, []), (0, 3, []), (3, 9, []), (9, 3, []), (3, 2, ["P36"])],
)
def test_of_two_rules_the_longer_one_holds(
    world: World, closed: Case, of_county: int, of_school: int, due: list[str]
) -> None:
    """A list made by the county, papers of a school that has rules of its own; 0 is for ever."""
    for unit, years in ((world.county, of_county), (world.school, of_school)):
        rules = baseline()
        rules["retention"] = {**dict.fromkeys(rules["retention"], 0), "P36": years, "basis": "档案"}
        publish(unit, rules, name="y", valid_from=date(2026, 1, 2), by=None, at=closed.opened_at)
    for unit in (world.county, world.school):
        found = due_papers(unit, at=on(2030))
        assert [document.kind for document, _years in found] == due


def test_nothing_goes_while_an_inspector_may_see_the_case(world: World, closed: Case) -> None:
    visit, _code = open_inspection(
        unit=world.school, name="王督", office="督导室", reason="专项督导", until=date(2032, 1, 20),
        numbers=closed.number, by=world.county_officer, at=on(2032),
    )  # fmt: skip
    assert kinds(world, on(2032)) == []
    close_inspection(visit, by=world.county_officer, at=on(2032, 1, 3))
    assert kinds(world, on(2032)) != []


def listed(world: World, at: datetime) -> DestructionList:
    return put_forward(world.school, by=world.officer, at=at)


def destroyed(world: World, at: datetime) -> DestructionList:
    made = listed(world, at)
    sign(made, by=world.principal, at=at)
    destroying.remove_files()
    made.refresh_from_db()
    return made


def test_two_persons_sign_and_then_record_file_and_sheet_are_gone(
    world: World, closed: Case, own_media: Path
) -> None:
    paper = Document.objects.get(chain=f"case:{closed.pk}", kind="P36")
    for name in ("o", "c"):
        (own_media / name).write_bytes(b"x")
    sheet = Attachment(
        chain=paper.chain, document=paper, purpose="signed", kind="photo", sha256="0", size=1, original="o", copy="c",
        at=on(2027), by_name="x",
    )  # fmt: skip
    sheet.save()
    made = listed(world, on(2030))
    with pytest.raises(DomainError, match="another person decides"):
        sign(made, by=world.officer, at=on(2030))
    file = store.folder() / paper.file.path
    assert file.is_file()
    sign(made, by=world.principal, at=on(2030))
    assert destroying.remove_files() == 3 and destroying.remove_files() == 0
    paper.refresh_from_db()
    gone = Destroyed.objects.get(document=paper)
    assert (paper.record, gone.listed, gone.first, gone.second) == (
        "", made.ref, world.officer.display_name, world.principal.display_name,
    )  # fmt: skip
    assert not file.exists() and not (own_media / "o").exists()
    assert state_of(Document.objects.get(pk=paper.pk)) == DESTROYED
    assert Entry.objects.get(verb="document.destroyed").facts["hash"] == paper.hash
    with pytest.raises(DomainError, match="was destroyed on 2030-01-02 by list"):
        sealing.bytes_of(paper.file)
    with pytest.raises(DomainError, match="decided already"):
        sign(made, by=world.principal, at=on(2030))
    assert Document.objects.exclude(pk=paper.pk).filter(record="").count() == 0


def test_what_a_kill_leaves_the_sweeps_take(world: World, closed: Case, own_media: Path) -> None:
    import os

    made = listed(world, on(2030))
    sign(made, by=world.principal, at=on(2030))  # the job that removes the files never ran
    paper = Document.objects.get(chain=f"case:{closed.pk}", kind="P36")
    file = store.folder() / paper.file.path
    old = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    os.utime(file, (old, old))
    assert sealing.janitor() == 1 and not file.exists()


def test_the_house_stays_whole_and_the_anchors_of_before_hold(world: World, closed: Case) -> None:
    before = make_anchor(at=on(2029))
    assert [p for p in checks.problems() if p["kind"] not in ("trigger", "seal")] == []
    destroyed(world, on(2032))
    assert [p for p in checks.problems() if p["kind"] not in ("trigger", "seal")] == []
    assert root_of(before) == before.root


def test_an_emptied_record_without_a_list_is_damage(world: World, closed: Case) -> None:
    """A row of whoever owns the database opens the lock, but the audit trail knows nothing of it."""
    paper = Document.objects.filter(chain=f"case:{closed.pk}").latest("pk")
    Destroyed(document=paper, listed="destruction:9", first="a", second="b", at=on(2027)).save()
    models.QuerySet(Document).filter(pk=paper.pk).update(record="")
    assert "emptied" in {p["kind"] for p in checks.problems()}
    assert state_of(Document.objects.get(pk=paper.pk)) == DAMAGED
    with one_act():
        trail.record(
            "document.destroyed", by=None, at=on(2027), case_id=closed.pk, subject=f"document:{paper.pk}",
            hash=paper.hash, sha256=paper.file.sha256, listed="destruction:9",
        )  # fmt: skip
    found = {p["kind"] for p in checks.problems()}  # and one who wrote that too has no list
    assert "unlisted" in found and "emptied" not in found


def test_a_file_that_somebody_put_back_is_damage(world: World, closed: Case) -> None:
    made = destroyed(world, on(2030))
    paper = Document.objects.get(destroyed__listed=made.ref)
    (store.folder() / paper.file.path).write_bytes(b"back")
    with moved_to(on(2030) + timedelta(minutes=30)):  # the job may be on its way
        assert not [p for p in checks.problems() if p["kind"] in ("not_gone", "unlisted")]
    with moved_to(on(2031)):
        assert "not_gone" in {p["kind"] for p in checks.problems()}


def test_evidence_files_that_hold_it_are_handed_out_no_longer(
    world: World, closed: Case, own_media: Path
) -> None:
    at = on(2026, 12, 20)
    with moved_to(at):
        bundle = order(case=closed, reason="x", merged=False, by=world.officer, at=at, queued=False)
        assert make(bundle, at=at), bundle.error
    destroyed(world, on(2030))
    bundle.refresh_from_db()
    assert bundle.path == ""


def test_a_file_that_is_being_made_fails_with_words(world: World, closed: Case) -> None:
    """Its maker may hold the paper already: what he brings is not taken, and whoever waits is told."""
    at = on(2026, 12, 20)
    bundle = order(case=closed, reason="x", merged=False, by=world.officer, at=at, queued=False)
    Bundle.objects.filter(pk=bundle.pk).update(state=State.BUILDING, attempt=1, touched_at=at)
    destroyed(world, on(2030))
    bundle.refresh_from_db()
    assert (bundle.state, bundle.attempt) == (State.FAILED, 2)
    assert "destroyed meanwhile" in bundle.error


def test_two_lists_never_hold_one_paper(world: World, closed: Case) -> None:
    listed(world, on(2030))
    with pytest.raises(DomainError, match="No paper"):
        put_forward(world.county, by=world.county_officer, at=on(2030))


def test_nobody_keeps_papers_for_more_than_two_hundred_years(world: World) -> None:
    rules = baseline()
    rules["retention"] = {**rules["retention"], "P36": 3000}
    with pytest.raises(DomainError, match="200 years"):
        publish(world.county, rules, name="x", valid_from=date(2026, 1, 1), by=None, at=on(2026))


def test_an_evidence_file_names_what_was_destroyed_and_is_proved(
    world: World, closed: Case, tmp_path: Path
) -> None:
    made, at = destroyed(world, on(2032)), on(2026, 12, 20)
    with moved_to(at):
        bundle = order(case=closed, reason="x", merged=False, by=None, at=at, queued=False)
        assert make(bundle, at=at, target=tmp_path / "a.zip"), bundle.error
        court = order(case=closed, reason="x", purpose=Purpose.COURT, by=None, at=at, queued=False)
        assert make(court, at=at, target=tmp_path / "b.zip"), court.error
    for name, anchor in (("a.zip", bundle.anchor), ("b.zip", court.anchor)):
        found = verify.check(verify.Zip(tmp_path / name), anchor)
        assert found.problems == [] and found.left_out >= 2
    top = verify.Zip(tmp_path / "a.zip")
    said = verify.read(top, "index.csv").decode("utf-8-sig")
    assert said.count(f"destroyed on 2032-01-02 by list {made.ref}") == 2
    assert not [gap for gap in bundle.gaps if "seal" in gap[2]]


def test_the_database_lets_a_listed_record_be_emptied_and_nothing_else(
    world: World, closed: Case, guarded: None
) -> None:
    """SEAL-05, on both engines."""
    paper = Document.objects.get(chain=f"case:{closed.pk}", kind="P36")
    row = models.QuerySet(Document).filter(pk=paper.pk)

    def refused(**changes: Any) -> None:
        with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
            row.update(**changes)

    refused(record="")  # no list names it
    Destroyed(document=paper, listed="destruction:1", first="a", second="b", at=on(2030)).save()
    refused(record="other")
    refused(record="", number="x")
    refused(hash="0" * 64)
    assert row.update(record="") == 1
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        models.QuerySet(Destroyed).all().update(first="c")


def test_the_lock_knows_every_column_of_a_paper() -> None:
    columns = {field.column for field in Document._meta.concrete_fields}
    assert set(triggers.KEPT) == columns - {"record"}


def test_a_list_is_refused_with_a_reason_and_nothing_is_lost(world: World, closed: Case) -> None:
    made = listed(world, on(2032))
    with pytest.raises(DomainError, match="second signature"):
        listed(world, on(2032))
    with pytest.raises(DomainError, match="why"):
        refuse(made, " ", by=world.principal, at=on(2032))
    refuse(made, "巡察未结束", by=world.principal, at=on(2032))
    assert not Destroyed.objects.exists()
    assert listed(world, on(2032)).pk != made.pk


def test_nothing_due_makes_no_list(world: World, closed: Case) -> None:
    with pytest.raises(DomainError, match="No paper"):
        listed(world, on(2028))


def test_a_list_that_is_out_of_date_is_not_carried_out(world: World, closed: Case) -> None:
    """The child has a case again since."""
    made = listed(world, on(2032))
    again(closed)
    with pytest.raises(DomainError, match="no longer due"):
        sign(made, by=world.principal, at=on(2032, 3))
    assert not Destroyed.objects.exists()


def test_the_page_walks_the_whole_way(world: World, closed: Case) -> None:
    place = reverse("registers:destruction", args=[world.school.pk])
    paper = Document.objects.get(chain=f"case:{closed.pk}", kind="P36")

    def at_the_page(who: Any, **said: str) -> tuple[Client, str]:
        client = client_of(who)
        if said:
            client.post(place, said)
        return client, client.get(place).content.decode()

    with moved_to(on(2030)):
        _client, page = at_the_page(world.officer, act="put")
        assert (
            paper.number in page and "another person decides" in page and 'value="sign"' not in page
        )
        made = DestructionList.objects.get()
        _client, page = at_the_page(world.principal, act="sign", list=str(made.pk))
        assert "Nothing is due" in page and made.ref in page
        assert client_of(world.supervisor).post(place, {"act": "put"}).status_code == 403
        assert client_of(world.teacher).get(place).status_code == 403
        public = (
            Client(headers={"accept-language": "en"}).get(f"/v/{paper.token}/").content.decode()
        )
        assert "Destroyed." in public
        assert (
            client_of(world.officer).get(reverse("cases:paper", args=[paper.pk])).status_code == 409
        )


def test_a_waiting_sheet_that_was_given_to_the_paper_goes_with_it(
    world: World, closed: Case, own_media: Path
) -> None:
    paper = Document.objects.get(chain=f"case:{closed.pk}", kind="P36")
    same = {
        "purpose": "signed",
        "kind": "photo",
        "sha256": "0",
        "size": 1,
        "original": "scans/a/o",
        "copy": "scans/a/c",
    }
    waits = Attachment(chain=paper.chain, at=on(2027), by_name="x", **same)
    waits.save()
    given = Attachment(
        chain=paper.chain, document=paper, given_from=waits, at=on(2027), by_name="x", **same
    )
    given.save()
    destroyed(world, on(2030))
    kept = attachments._names(Attachment.objects.all()) - attachments._names(
        Attachment.objects.exclude(document__destroyed=None)
    )
    assert "scans/a/o" not in kept
    assert [p for p in checks.problems() if p["kind"] == "attachment"] == []
