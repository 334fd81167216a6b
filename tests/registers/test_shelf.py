"""The shelf: what is due, filed and late; versions; and the ledger of problems."""

import io
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from casework.cases.models import Case
from casework.core.clock import local_date, local_moment, moved_to
from casework.core.errors import DomainError
from casework.profiles.rules import baseline, check
from casework.profiles.shelf import due_days
from casework.registers.models import Filing, Problem
from casework.registers.problems import raise_problem, report_done, send_back, sign_off
from casework.registers.shelf import (
    AHEAD,
    FILED,
    LATE,
    MISSING,
    Filed,
    _dues,
    checklist,
    file_on_shelf,
)
from tests.cases.test_photos import picture
from tests.registers.test_writing import place_of, sheet_of, written
from tests.world import World, client_of, day

pytestmark = pytest.mark.django_db
AT = local_moment(date(2026, 10, 20), 10)
DAYS = st.lists(st.dates(date(2026, 9, 1), date(2027, 8, 31)), max_size=6)


def filing(world: World, **more: object) -> Filing:
    said = {
        "year": 2026, "slot": "plan", "title": "工作计划", "day": date(2026, 9, 1), "approver": "周建民",
        "file": io.BytesIO(picture()), "by": world.officer, "at": AT,
    }  # fmt: skip
    return file_on_shelf(world.school, **(said | more))  # type: ignore[arg-type]


@given(due=DAYS, came=DAYS, today=st.dates(date(2026, 9, 1), date(2027, 8, 31)))
def test_every_due_day_has_one_state_and_no_document_answers_twice(
    due: list[date], came: list[date], today: date
) -> None:
    due = sorted(set(due))
    filed = [Filed(each, str(n)) for n, each in enumerate(sorted(came))]
    found = list(_dues(due, filed, today))
    assert [each.day for each in found] == due
    answers = [each.filed.title for each in found if each.filed]
    assert len(answers) == len(set(answers))
    for each in found:
        if each.filed:
            assert each.state == (FILED if each.filed.day <= each.day else LATE)
        else:
            assert each.state == (MISSING if each.day < today else AHEAD)


def test_days_of_a_school_year_are_read_in_their_order() -> None:
    assert due_days("01-31 09-15 07-15", 2026) == [
        date(2026, 9, 15),
        date(2027, 1, 31),
        date(2027, 7, 15),
    ]
    assert due_days("", 2026) == []


@pytest.mark.parametrize("text", ["9-15", "02-30", "13-01", "每月", "09-15,10-15"])
def test_rules_with_a_day_that_no_year_has_are_refused(text: str, world: World) -> None:
    rules = {"shelf": {**baseline()["shelf"], "plan": text}}
    with pytest.raises(DomainError, match="09-15 01-31"):
        check(world.county, rules, AT)


def test_a_document_filed_late_answers_its_day_and_says_so(world: World) -> None:
    before = {line.slot.code: line.state for line in checklist(world.school, 2026, at=AT)}
    assert before["plan"] == MISSING and before["summary"] == AHEAD
    filing(world)
    after = {line.slot.code: line for line in checklist(world.school, 2026, at=AT)}
    assert [due.state for due in after["plan"].dues] == [LATE, AHEAD]
    assert after["plan"].filed[0].title == "工作计划"


def test_the_same_title_again_is_the_next_version(world: World) -> None:
    assert [
        filing(world).version,
        filing(world).version,
        filing(world, title="另一份").version,
    ] == [1, 2, 1]


def test_a_paper_made_here_fills_its_part(world: World, case: Case) -> None:
    sheet = sheet_of("P25B")
    at = day(case, 1)
    written(sheet, place_of(sheet, world, case), world.officer, at)
    (line,) = [x for x in checklist(world.school, 2026, at=at) if x.slot.code == "meetings"]
    assert line.dues[0].state == FILED and line.dues[0].filed
    assert line.dues[0].filed.paper is not None


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"slot": "quarterly_review"}, "slot"),
        ({"day": date(2026, 10, 21)}, "day"),
        ({"file": None}, "file"),
    ],
)
def test_what_cannot_be_filed_is_refused(more: dict[str, object], field: str, world: World) -> None:
    with pytest.raises(DomainError) as refusal:
        filing(world, **more)
    assert set(refusal.value.fields) == {field}
    assert not Filing.objects.exists()


class TestProblems:
    @pytest.fixture
    def problem(self, world: World) -> Problem:
        return raise_problem(
            world.school, source="self_check", what="家访记录不全", measure="补访", owner="林秀英",
            due=local_date(AT) + timedelta(days=7), by=world.officer, at=AT,
        )  # fmt: skip

    def test_a_second_person_signs_it_off(self, problem: Problem, world: World) -> None:
        with pytest.raises(DomainError, match="Nothing waits"):
            sign_off(problem, by=world.principal, at=AT)
        report_done(problem, "已补访三户，见家访表。", by=world.officer, at=AT)
        with pytest.raises(DomainError, match="second person"):
            sign_off(problem, by=world.officer, at=AT)
        sign_off(problem, by=world.principal, at=AT)
        problem.refresh_from_db()
        assert (problem.signed_by, problem.done_by) == ("周建民", world.officer)
        with pytest.raises(DomainError, match="Nothing waits"):
            sign_off(problem, by=world.principal, at=AT)

    def test_sent_back_it_is_open_again_with_the_reason(
        self, problem: Problem, world: World
    ) -> None:
        report_done(problem, "好了。", by=world.officer, at=AT)
        send_back(problem, "没有佐证。", by=world.principal, at=AT)
        problem.refresh_from_db()
        assert problem.done_at is None and problem.sent_back == "没有佐证。"
        report_done(problem, "已附照片。", by=world.officer, at=AT)
        problem.refresh_from_db()
        assert problem.proof == "好了。\n已附照片。", "what was reported before stays"

    def test_a_day_that_has_passed_and_empty_words_are_refused(
        self, problem: Problem, world: World
    ) -> None:
        with pytest.raises(DomainError, match="passed"):
            raise_problem(
                world.school, source="other", what="x", measure="y", owner="z",
                due=local_date(AT) - timedelta(days=1), by=world.officer, at=AT,
            )  # fmt: skip
        with pytest.raises(DomainError, match="proves"):
            report_done(problem, " ", by=world.officer, at=AT)


class TestPages:
    def test_a_document_is_filed_on_the_page(self, world: World) -> None:
        with moved_to(AT):
            client = client_of(world.officer)
            address = reverse("registers:shelf", args=[world.school.pk])
            said = {"slot": "plan", "title": "计划", "day": "2026-09-01"}
            refused = client.post(address, said)
            assert refused.status_code == 409 and "计划" in refused.content.decode()
            file = SimpleUploadedFile("plan.jpg", picture())
            assert client.post(address, {**said, "file": file}).status_code == 302
            shown = client.get(address).content.decode()
        row = Filing.objects.get()
        assert reverse("registers:file", args=[row.attachment_id]) in shown

    def test_whoever_only_oversees_reads_and_does_not_write(self, world: World) -> None:
        client = client_of(world.supervisor)
        address = reverse("registers:problems", args=[world.school.pk])
        assert client.get(address).status_code == 200
        assert client.post(address, {}).status_code == 403

    def test_an_office_elsewhere_is_not_found(self, world: World) -> None:
        for name in ("shelf", "problems", "of_unit"):
            address = reverse(f"registers:{name}", args=[world.far_school.pk])
            assert client_of(world.officer).get(address).status_code == 404
