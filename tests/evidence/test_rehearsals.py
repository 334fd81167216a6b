"""A sample that anybody can draw again, its sheets, and results typed back: differences become findings, nothing is half entered."""

import io
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from casework.audit.models import Entry, Look
from casework.cases.models import Case
from casework.core.clock import local_date, moved_to
from casework.core.errors import DomainError
from casework.detection.models import Finding
from casework.documents.render import Rendered
from casework.evidence import printed
from casework.evidence.extent import About
from casework.evidence.models import CheckKind, Rehearsal, Result
from casework.evidence.rehearsals import REHEARSED, Said, draw, enter_results, index_of, rehearse
from casework.evidence.sightings import LAST_SEEN
from casework.students.models import Absence, Enrolment, Mark, RollCall
from tests.registers.conftest import case, case_pk, own_media, world
from tests.world import World, client_of, day

__all__ = ["case", "case_pk", "own_media", "world"]
pytestmark = pytest.mark.django_db
SEED, FOR = "20261013", ("督导组", "秋季督导")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def at(case: Case) -> Any:
    return day(case, 5)


def made(world: World, at: Any, kind: str = CheckKind.FACE, size: int = 2) -> Rehearsal:
    return rehearse(world.school, kind, size, SEED, *FOR, by=world.officer, at=at)


class TestTheDraw:
    @given(seed=st.text(max_size=20), population=st.integers(1, 300), size=st.integers(1, 300))
    def test_the_same_seed_draws_the_same_and_no_entry_twice(
        self, seed: str, population: int, size: int
    ) -> None:
        drawn = draw(seed, population, size)
        assert drawn == draw(seed, population, size)
        assert len(set(drawn)) == len(drawn) == min(size, population)
        assert set(drawn) <= set(range(1, population + 1))

    @given(seed=st.text(max_size=20), population=st.integers(2, 100), data=st.data())
    def test_a_larger_sample_begins_with_the_smaller_one(
        self, seed: str, population: int, data: Any
    ) -> None:
        size = data.draw(st.integers(1, population - 1))
        assert draw(seed, population, population)[:size] == draw(seed, population, size)

    def test_a_stranger_draws_it_from_the_full_list_and_the_seed(
        self, world: World, at: Any
    ) -> None:
        """The rule as the guide says it, written down once more here."""
        rehearsal = made(world, at)
        ids = index_of(rehearsal)
        text = "".join(f"{pk}\n" for pk in ids)
        assert sha256(text.encode()).hexdigest() == rehearsal.index_sha256
        order = sorted(
            range(1, len(ids) + 1), key=lambda n: sha256(f"{SEED}:{n}".encode()).hexdigest()
        )
        rows = rehearsal.rows.all()
        assert {row.serial for row in rows} == set(order[:2])
        assert all(ids[row.serial - 1] == row.pupil_id for row in rows)


class TestWhatIsDrawn:
    def test_a_roll_call_draws_classes_with_all_their_pupils(self, world: World, at: Any) -> None:
        rehearsal = made(world, at, CheckKind.ROLL, 1)
        (class_unit,) = {row.place for row in rehearsal.rows.select_related("place")}
        there = Enrolment.objects.running_on(local_date(at)).filter(class_unit=class_unit)
        assert rehearsal.rows.count() == there.count()

    def test_doors_are_those_of_children_with_a_case(
        self, world: World, case: Case, at: Any
    ) -> None:
        rehearsal = made(world, at, CheckKind.DOOR, 9)
        assert [row.case for row in rehearsal.rows.all()] == [case]
        assert (rehearsal.size, rehearsal.population) == (1, 1)

    def test_a_child_with_two_cases_is_drawn_once(self, world: World, case: Case, at: Any) -> None:
        Case.objects.update(closed_at=at, stage="closed")
        again = Case.objects.create(
            number="KC-990026-2026A-99999", pupil=case.pupil, school=case.school, opened_at=at, opened_by="x", previous=case
        )  # fmt: skip
        assert [row.case for row in made(world, at, CheckKind.DOOR, 9).rows.all()] == [again]

    @pytest.mark.parametrize(("size", "seed"), [(0, SEED), (500, SEED), (3, " ")])
    def test_what_cannot_be_drawn_is_refused(
        self, world: World, at: Any, size: int, seed: str
    ) -> None:
        with pytest.raises(DomainError):
            rehearse(world.school, CheckKind.FACE, size, seed, *FOR, by=world.officer, at=at)
        assert not Rehearsal.objects.exists()

    def test_an_empty_unit_is_refused(self, world: World, at: Any) -> None:
        with pytest.raises(DomainError, match="nothing to draw"):
            rehearse(world.village, CheckKind.FACE, 1, SEED, *FOR, by=world.county_officer, at=at)

    def test_seed_and_list_stand_in_the_trail(self, world: World, at: Any) -> None:
        rehearsal = made(world, at)
        facts = Entry.objects.get(verb="rehearsal.drawn").facts
        assert (facts["seed"], facts["index"]) == (SEED, rehearsal.index_sha256)


class TestResults:
    def test_a_difference_becomes_a_finding(self, world: World, at: Any) -> None:
        rehearsal = made(world, at)
        first, second = rehearsal.rows.order_by("pk")
        said = {first.pk: Said(Result.DIFFERS, "人不在校"), second.pk: Said(Result.AGREES, "")}
        assert enter_results(rehearsal, said, by=world.officer, at=at) == 2
        first.refresh_from_db()
        finding = Finding.objects.get(rule="check")
        assert (first.finding, finding.pupil, finding.note) == (finding, first.pupil, finding.note)
        assert finding.note.endswith("人不在校") and "faces" in finding.note
        assert finding.unit == world.school
        assert Entry.objects.get(verb="rehearsal.entered").facts["rows"] == [
            [first.pk, "", "differs"],
            [second.pk, "", "agrees"],
        ]

    def test_two_sheets_of_a_day_make_one_finding_of_a_child(self, world: World, at: Any) -> None:
        for _again in range(2):
            rehearsal = made(world, at)
            row = rehearsal.rows.order_by("pk").first()
            assert row
            enter_results(
                rehearsal, {row.pk: Said(Result.DIFFERS, "人不在校")}, by=world.officer, at=at
            )
        assert Finding.objects.filter(rule="check").count() == 1

    @pytest.mark.parametrize("wrong", [Said(Result.DIFFERS, " "), Said("maybe", "x")])
    def test_nothing_is_half_entered(self, world: World, at: Any, wrong: Said) -> None:
        rehearsal = made(world, at)
        first, second = rehearsal.rows.order_by("pk")
        with pytest.raises(DomainError):
            enter_results(
                rehearsal,
                {first.pk: Said(Result.AGREES, ""), second.pk: wrong},
                by=world.officer,
                at=at,
            )
        assert not rehearsal.rows.exclude(result="").exists()

    def test_what_was_mistyped_can_be_mended_unless_it_is_a_finding(
        self, world: World, at: Any
    ) -> None:
        rehearsal = made(world, at)
        row = rehearsal.rows.order_by("pk")[0]
        for said in (Said(Result.AGREES, ""), Said(Result.DIFFERS, "不符")):
            enter_results(rehearsal, {row.pk: said}, by=world.officer, at=at)
        with pytest.raises(DomainError, match="finding already"):
            enter_results(rehearsal, {row.pk: Said(Result.AGREES, "")}, by=world.officer, at=at)

    def test_the_rest_touches_nothing_that_was_entered_meanwhile(
        self, world: World, at: Any
    ) -> None:
        """A page that was opened before somebody else entered something."""
        rehearsal = made(world, at)
        first, second = rehearsal.rows.order_by("pk")
        enter_results(
            rehearsal, {first.pk: Said(Result.EXCUSED, "请假")}, by=world.principal, at=at
        )
        rest = Said(Result.AGREES, "", rest=True)
        assert (
            enter_results(rehearsal, {first.pk: rest, second.pk: rest}, by=world.officer, at=at)
            == 1
        )
        first.refresh_from_db()
        assert (first.result, first.note, first.by_name) == (
            "excused",
            "请假",
            world.principal.display_name,
        )

    def test_the_table_of_a_bundle_names_seed_and_result(self, world: World, at: Any) -> None:
        rehearsal = made(world, at)
        row = rehearsal.rows.order_by("serial")[0]
        enter_results(rehearsal, {row.pk: Said(Result.EXCUSED, "请假")}, by=world.officer, at=at)
        later = at + timedelta(hours=1)
        about = About(
            Case.objects.all(), world.county, date(2026, 9, 1), local_date(at), later, None
        )
        first, *_ = REHEARSED.rows(about)
        assert {SEED, "请假", "not met, but known why"} <= {str(cell) for cell in first}


def test_last_seen_names_whoever_is_back_with_roll_and_check(
    world: World, case: Case, at: Any
) -> None:
    about = About(Case.objects.all(), world.county, date(2026, 9, 1), local_date(at), at, None)
    assert list(LAST_SEEN.rows(about)) == []
    Case.objects.update(returned_at=at)
    assert case.class_unit
    RollCall.objects.create(class_unit=case.class_unit, day=local_date(at), source="十月考勤")
    (row,) = LAST_SEEN.rows(about)
    assert row[4:6] == (local_date(at), "十月考勤")
    Absence.objects.create(pupil=case.pupil, day=local_date(at), mark=Mark.SICK, source="x", row=1)
    (row,) = LAST_SEEN.rows(about)
    assert row[4] != local_date(at)


class TestThePages:
    @pytest.fixture(autouse=True)
    def now(self, at: Any) -> Iterator[None]:
        with moved_to(at):
            yield

    def test_drawn_printed_and_typed_back(
        self, world: World, at: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pages: list[str] = []

        def kept(html: str, *rest: Any) -> Rendered:
            pages.append(html)
            return Rendered(b"%PDF-", 1, {})

        monkeypatch.setattr(printed, "print_html", kept)
        client = client_of(world.officer)
        said = {
            "unit": world.school.pk,
            "size": 1,
            "seed": SEED,
            "receiver": "督导组",
            "reason": "督导",
        }
        for kind in CheckKind.values:
            page = client.post(reverse("evidence:rehearsals"), said | {"kind": kind}).url
            assert SEED in client.get(page).content.decode()
            answer = client.get(f"{page}sheets.pdf")
            assert answer["Content-Type"] == "application/pdf"
            row = Rehearsal.objects.latest("pk").rows.first()
            assert row and row.pupil.name in pages[-1]
            assert client.post(page, {f"r{row.pk}": "agrees", f"n{row.pk}": ""}).status_code == 302
            row.refresh_from_db()
            assert row.result == Result.AGREES

    def test_only_who_calls_gets_the_phone(
        self, world: World, case: Case, at: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pages: list[str] = []
        monkeypatch.setattr(
            printed,
            "print_html",
            lambda html, *rest: pages.append(html) or Rendered(b"%PDF-", 1, {}),
        )
        phone = case.pupil.guardians.get(rank=1).phone
        client = client_of(world.officer)
        for kind in (CheckKind.PHONE, CheckKind.DOOR):
            client.get(reverse("evidence:rehearsal_sheets", args=[made(world, at, kind, 1).pk]))
        assert [phone in page for page in pages] == [True, False]
        assert Look.objects.filter(what="rehearsal_sheets", subjects=[case.pupil_id]).count() == 2

    def test_one_tap_enters_the_rest_as_recorded(self, world: World, at: Any) -> None:
        rehearsal = made(world, at)
        first, second = rehearsal.rows.order_by("pk")
        said = {f"r{first.pk}": "excused", f"n{first.pk}": "请假", f"r{second.pk}": "", "rest": "1"}
        page = reverse("evidence:rehearsal", args=[rehearsal.pk])
        client_of(world.officer).post(page, said)
        results = list(rehearsal.rows.order_by("pk").values_list("result", flat=True))
        assert results == ["excused", "agrees"]

    def test_without_the_right_to_reveal_a_phone_is_masked(
        self, world: World, case: Case, at: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pages: list[str] = []
        monkeypatch.setattr(
            printed,
            "print_html",
            lambda html, *rest: pages.append(html) or Rendered(b"%PDF-", 1, {}),
        )
        drawn = made(world, at, CheckKind.PHONE, 1)
        client = client_of(world.people["supervisor"])
        assert client.get(reverse("evidence:rehearsal_sheets", args=[drawn.pk])).status_code == 200
        assert case.pupil.guardians.get(rank=1).phone not in pages[0]
        look = Look.objects.get(what="rehearsal_sheets")
        assert (look.subjects, look.reason) == ([case.pupil_id], ": ".join(FOR))

    @pytest.mark.parametrize("row", ["r²", f"r{'9' * 30}", "rx"])
    def test_a_row_that_is_none_is_nothing(self, world: World, at: Any, row: str) -> None:
        page = reverse("evidence:rehearsal", args=[made(world, at).pk])
        assert client_of(world.officer).post(page, {row: "agrees"}).status_code == 302

    def test_a_mistake_keeps_what_was_typed(self, world: World, at: Any) -> None:
        rehearsal = made(world, at)
        first, second = rehearsal.rows.order_by("pk")
        page = reverse("evidence:rehearsal", args=[rehearsal.pk])
        said = {
            f"r{first.pk}": "agrees",
            f"n{first.pk}": "当面见到",
            f"r{second.pk}": "differs",
            f"n{second.pk}": "",
        }
        answer = client_of(world.officer).post(page, said)
        assert answer.status_code == 422
        assert "当面见到" in answer.content.decode()

    def test_the_full_list_has_each_with_its_serial_number(self, world: World, at: Any) -> None:
        rehearsal = made(world, at)
        for kind in CheckKind.values:
            rehearsal = made(world, at, kind, 1)
            answer = client_of(world.officer).get(
                reverse("evidence:rehearsal_index", args=[rehearsal.pk])
            )
            book = load_workbook(io.BytesIO(answer.content))
            rows = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
            assert [row[0] for row in rows] == list(range(1, rehearsal.population + 1))
            assert [row[3] for row in rows].count("drawn") == 1

    def test_of_another_unit_there_is_none(self, world: World, at: Any) -> None:
        foreign = rehearse(
            world.county, CheckKind.FACE, 1, SEED, *FOR, by=world.county_officer, at=at
        )
        client = client_of(world.officer)
        for name in ("rehearsal", "rehearsal_sheets", "rehearsal_index"):
            assert client.get(reverse(f"evidence:{name}", args=[foreign.pk])).status_code == 404
