"""The three ledgers and the seven ones: as of a day, from rolls, steps and papers; taken with reason and receiver."""

import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from casework.audit.models import Entry, Look
from casework.cases.kinds import Kind, Outcome, Reason
from casework.cases.models import Case, MatterKind
from casework.core.clock import local_date, moved_to
from casework.documents.anchors import make_anchor
from casework.documents.models import Document
from casework.documents.render import Rendered, RenderError
from casework.evidence import ledger_views, printed
from casework.evidence.extent import About
from casework.evidence.ledgers import L1, L2, L3
from casework.evidence.scope import cases_between
from casework.evidence.seven import SEVEN
from casework.students.models import Absence, Mark, Pupil, RollCall
from tests.evidence.conftest import add_papers, empty_page
from tests.registers.conftest import case, case_pk, own_media, world
from tests.world import World, client_of, day, open_step

__all__ = ["case", "case_pk", "own_media", "world"]
pytestmark = pytest.mark.django_db
EMPTY = empty_page()
SAID = {"ledger": "ledger-l2", "form": "xlsx", "receiver": "示范市督导组", "reason": "督导检查"}


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def about(world: World, at: Any, last: date | None = None) -> About:
    last = last or local_date(at)
    first = date(2026, 9, 1)
    cases = cases_between(Case.objects.select_related("pupil"), world.county, first, last)
    return About(cases, world.county, first, last, at, None)


def rows(table: Any, a: About) -> list[dict[str, str]]:
    heads = [str(head) for head in table.heads]
    found = [[str(cell) for cell in row] for row in table.rows(a)]
    assert all(len(row) == len(heads) for row in found)
    return [dict(zip(heads, row, strict=True)) for row in found]


def test_the_ledger_of_children_names_each_pupil_once_with_its_state(
    world: World, case: Case
) -> None:
    found = rows(L1, about(world, day(case, 5)))
    assert len(found) == Pupil.objects.count()
    mine = next(r for r in found if r["Name"] == case.pupil.name)
    assert (mine["State"], mine["School"]) == ("case open", "青石镇中学")
    assert {r["State"] for r in found} == {"case open", "at school"}
    assert all("****" in r["Phone"] or not r["Phone"] for r in found)
    assert case.pupil.id_number not in str(found)


def test_on_a_day_before_the_case_the_child_was_at_school(world: World, case: Case) -> None:
    before = local_date(case.opened_at) - timedelta(days=1)
    Pupil.objects.update(created_at=case.opened_at - timedelta(days=60))
    found = rows(L1, about(world, day(case, 5), before))
    assert {r["State"] for r in found} == {"at school"}
    assert rows(L2, about(world, day(case, 5), before)) == []


def test_a_suspected_dropout_has_its_line(world: World, case: Case) -> None:
    at = day(case, 5)
    (line,) = rows(L2, about(world, at))
    assert line["Case"] == case.number
    assert (line["Talks and visits"], line["Outcome"]) == ("1", "")
    assert line["Stage"] and line["Due"]
    assert line["Owner, school line"] == case.owner.display_name  # type: ignore[union-attr]
    assert rows(L3, about(world, at)) == []


def test_a_cause_of_the_restricted_compartment_is_not_told(world: World, case: Case) -> None:
    Case.objects.update(reason=Reason.MARRY)
    assert rows(L2, about(world, day(case, 5)))[0]["Cause"] == ""
    Case.objects.update(reason=Reason.WORK)
    assert rows(L2, about(world, day(case, 5)))[0]["Cause"] == "gone away to work"


def test_last_seen_is_the_last_roll_that_does_not_miss_the_child(world: World, case: Case) -> None:
    assert case.class_unit
    for number, mark in ((9, ""), (10, Mark.LATE), (12, Mark.ABSENT)):
        on = date(2026, 9, number)
        RollCall.objects.create(class_unit=case.class_unit, day=on, source=f"考勤表{number}")
        if mark:
            Absence.objects.update_or_create(
                pupil=case.pupil, day=on, defaults={"mark": mark, "source": "考勤表", "row": 4}
            )
    line = rows(L2, about(world, day(case, 5)))[0]
    assert line["Last seen at school"] == "2026-09-10", "late is there, absent is not"


@pytest.fixture
def reported(case: Case) -> Case:
    """Reported on the fifth day, a notice written on the sixth, served on the seventh; the report corrected on the ninth."""
    case.reported_at = day(case, 5)
    case.save(update_fields=["reported_at"])
    (first,) = add_papers(case, ["P09"], sealed=False, at=day(case, 5))
    add_papers(case, ["P11"], sealed=False, at=day(case, 6))
    add_papers(case, ["P09"], sealed=False, at=day(case, 9), supersedes=first)
    served = {"served": "yes", "served_on": str(local_date(day(case, 7)))}
    for number, facts in enumerate((served, {"served": "no", "served_on": "2026-01-01"})):
        step = open_step(case, Kind.PERSUASION)
        step.pk, step.kind, step.number, step.facts = None, Kind.SERVE_LETTER, number + 1, facts
        step.finished_at, step.turn_ref, step.track = day(case, 7), None, "side"
        step.save()
    return case


def test_a_reported_dropout_has_its_papers_by_number(world: World, reported: Case) -> None:
    """The day of service is when it was served, not when that was typed in; what was not served has none."""
    (line,) = rows(L3, about(world, day(reported, 8)))
    assert (line["Reported"], line["Episode"]) == (str(local_date(day(reported, 5))), "1")
    report, notice = Document.objects.filter(kind__in=["P09", "P11"]).order_by("pk")[:2]
    assert (line["Written report"], line["Notice"]) == (report.number, notice.number)
    assert line["Served on"] == str(local_date(day(reported, 7)))
    assert line["Closed"] == line["Order"] == ""


def test_a_report_corrected_later_is_that_of_the_day(world: World, reported: Case) -> None:
    first, later = Document.objects.filter(kind="P09").order_by("pk")
    for days, expected in ((8, first), (10, later)):
        (line,) = rows(L3, about(world, day(reported, days)))
        assert line["Written report"] == expected.number


def test_a_step_that_a_return_cancelled_later_was_open_then(world: World, case: Case) -> None:
    before = rows(L2, about(world, day(case, 5)))[0]
    case.steps.filter(finished_at=None).update(cancelled=True, finished_at=day(case, 8))
    after = rows(L2, about(world, day(case, 5)))[0]
    assert (after["Stage"], after["Due"]) == (before["Stage"], before["Due"]) != ("", "")


def test_nothing_of_a_restricted_matter_is_told(world: World, case: Case) -> None:
    matter = case.matters.create(
        code="HARM", kind=MatterKind.PROTECTION, unit=case.school, opened_at=case.opened_at
    )
    case.steps.filter(finished_at=None).update(matter=matter)
    assert "restricted" not in str(rows(L2, about(world, day(case, 5))))


def test_struck_out_cases_are_in_no_ledger(world: World, case: Case) -> None:
    Case.objects.update(stage="cancelled", closed_at=day(case, 4))
    assert rows(L2, about(world, day(case, 5))) == []
    assert len(rows(L2, about(world, day(case, 5), local_date(day(case, 3))))) == 1


class TestTheSevenOnes:
    def checked(self, world: World, at: Any) -> dict[str, dict[str, str]]:
        return {row["What is compared"]: row for row in rows(SEVEN, about(world, at))}

    def test_what_is_not_kept_here_says_so(self, world: World, case: Case) -> None:
        assert (
            self.checked(world, day(case, 5))["The exam lists have the same pupils"]["State"]
            == "not kept here"
        )

    def test_a_case_without_its_certificate_is_named(self, world: World, case: Case) -> None:
        title = "One certificate for each pupil who studies elsewhere"
        assert self.checked(world, day(case, 5))[title]["Checked"] == "0"
        Case.objects.update(outcome=Outcome.STUDYING_ELSEWHERE)
        row = self.checked(world, day(case, 5))[title]
        assert (row["Differ"], row["State"], row["Which"]) == ("1", "differs", case.number)

    def test_a_class_that_was_not_called_is_named(self, world: World, case: Case) -> None:
        at, title = (
            day(case, 5),
            "Each class of the rosters was called on one of the last five school days",
        )
        before = self.checked(world, at)[title]
        for back in range(4):
            called = local_date(at) - timedelta(days=back)
            RollCall.objects.create(class_unit=case.class_unit, day=called, source="考勤表")
        after = self.checked(world, at)[title]
        assert int(after["Differ"]) == int(before["Differ"]) - 1
        assert str(case.class_unit.name) not in after["Which"].split("; ")  # type: ignore[union-attr]

    def test_pupils_without_a_number_are_counted_and_their_classes_named(
        self, world: World, case: Case
    ) -> None:
        title = "Each pupil of the rosters has a status number"
        Pupil.objects.update(status_index="")
        row = self.checked(world, day(case, 5))[title]
        assert row["Differ"] == row["Checked"] and int(row["Differ"]) > len(
            row["Which"].split("; ")
        )

    def test_each_open_case_has_its_village(self, world: World, case: Case) -> None:
        title = "Township and village tables agree: each open case has its village"
        assert self.checked(world, day(case, 5))[title]["State"] == "agrees"
        Case.objects.update(village=None)
        assert self.checked(world, day(case, 5))[title]["Which"] == case.number


class TestThePage:
    def take(self, world: World, case: Case, **more: Any) -> Any:
        client: Client = client_of(world.officer)
        with moved_to(day(case, 5)):
            said = SAID | {"unit": world.school.pk, "as_of": "2026-10-13"} | more
            return client.post(reverse("evidence:ledgers"), said)

    def test_a_workbook_with_reason_and_receiver_and_a_trace(
        self, world: World, case: Case
    ) -> None:
        answer = self.take(world, case)
        book = load_workbook(io.BytesIO(answer.content))
        first, second = book.worksheets
        assert [cell.value for cell in next(first.iter_rows(min_row=2, max_row=2))][
            1
        ] == case.number
        assert "示范市督导组" in [cell.value for row in second.iter_rows() for cell in row]
        entry = Entry.objects.get(verb="ledger.taken")
        assert (entry.facts["what"], entry.facts["receiver"]) == ("ledger-l2", "示范市督导组")
        assert Look.objects.get(what="ledger").subjects == [case.pk]

    def test_it_is_printed(self, world: World, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
        pages: list[str] = []

        def kept(html: str, *rest: Any) -> Rendered:
            pages.append(html)
            return Rendered(EMPTY, 1, {})

        monkeypatch.setattr(printed, "print_html", kept)
        anchor = make_anchor(at=case.opened_at)
        answer = self.take(world, case, form="pdf")
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert anchor.root[:4] in pages[0] and anchor.root[-4:] in pages[0]
        assert case.number in pages[0] and "示范市督导组" in pages[0]

    def test_a_press_that_fails_is_said(
        self, world: World, case: Case, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def died(*rest: Any) -> Rendered:
            raise RenderError("died")

        monkeypatch.setattr(printed, "print_html", died)
        answer = self.take(world, case, form="pdf")
        assert answer.status_code == 422 and "Try again later" in answer.content.decode()

    def test_each_child_of_the_first_ledger_is_in_the_log(self, world: World, case: Case) -> None:
        self.take(world, case, ledger="ledger-l1", unit=world.school.pk)
        seen = set(Look.objects.get(what="ledger_pupils").subjects)
        assert case.pupil_id in seen and len(seen) > 1

    def test_a_list_too_long_to_print_is_refused(
        self, world: World, case: Case, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ledger_views, "PRINTED_AT_MOST", 0)
        answer = self.take(world, case, form="pdf")
        assert answer.status_code == 422
        assert "take the workbook" in answer.content.decode()
        assert not Entry.objects.filter(verb="ledger.taken").exists()

    @pytest.mark.parametrize("wrong", [{"reason": ""}, {"as_of": "2027-01-01"}, {"ledger": "x"}])
    def test_what_is_wrong_is_said(self, world: World, case: Case, wrong: Any) -> None:
        assert self.take(world, case, **wrong).status_code == 422

    def test_another_school_s_is_not_offered(self, world: World, case: Case) -> None:
        assert self.take(world, case, unit=world.county.pk).status_code == 422
