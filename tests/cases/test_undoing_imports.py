"""A whole roll-book is taken back while nothing depends on it; the marks are then what they were before."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from casework.core.clock import moved_to
from casework.core.errors import DomainError
from casework.detection.models import Finding, FindingState
from casework.detection.scan import scan
from casework.detection.undoing import undo_import
from casework.students.models import Absence, Enrolment, ImportRun, RollCall, RollTaking
from casework.students.runs import apply, begin
from casework.students.workbook import Upload
from tests.students.books import rollbook
from tests.world import OPENED, World, client_of, fresh

pytestmark = pytest.mark.django_db
DAYS = [8, 9, 10, 12]
TITLE = "青石镇中学 八年级1班 2026年10月学生考勤表"


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def book(world: World, lan: str, yun: str = "√√√√", name: str = "十月.xlsx") -> Upload:
    lines = {
        world.lan.status_number: lan,
        world.yun.status_number: yun,
        world.qi.status_number: "√√√√",
        world.an.status_number: "√√√√",
    }
    return rollbook(lines, DAYS, title=TITLE, name=name)


def bring(world: World, *signs: str, **more: Any) -> ImportRun:
    by = fresh(world.officer)
    run = begin(
        kind="attendance", files=[book(world, *signs, **more)], township="", by=by, at=OPENED
    )
    apply(run=run, by=by, at=OPENED)
    return ImportRun.objects.get(pk=run.pk)


def marks() -> list[tuple[Any, ...]]:
    rows = Absence.objects.order_by("pupil", "day")
    return list(rows.values_list("pupil__name", "day", "mark", "source", "file_sha256", "row"))


def test_taken_back_there_is_nothing_left_of_it(world: World) -> None:
    run = bring(world, "×××√")
    undo_import(run, by=fresh(world.officer), at=OPENED)
    assert marks() == [] and not RollCall.objects.exists()
    run.refresh_from_db()
    assert run.undone_at == OPENED


def test_the_marks_of_an_earlier_import_are_there_again(world: World) -> None:
    bring(world, "×○√√", "√√×√", name="a.xlsx")
    before, calls = marks(), RollCall.objects.count()
    run = bring(world, "√××√", "√√√√", name="b.xlsx")
    assert marks() != before
    undo_import(run, by=fresh(world.officer), at=OPENED)
    assert marks() == before and RollCall.objects.count() == calls


def test_findings_that_wait_are_withdrawn(world: World) -> None:
    run = bring(world, "×××√")
    scan(world.county, date(2026, 10, 12), at=OPENED)
    undo_import(run, by=fresh(world.officer), at=OPENED)
    assert Finding.objects.get().state == FindingState.WITHDRAWN


def test_what_people_decided_holds_it(world: World) -> None:
    run = bring(world, "×××√")
    scan(world.county, date(2026, 10, 12), at=OPENED)
    Finding.objects.update(state=FindingState.OPENED)
    before = marks()
    with pytest.raises(DomainError, match="1 findings that people decided"):
        undo_import(run, by=fresh(world.officer), at=OPENED)
    assert marks() == before


def test_what_was_changed_since_holds_it(world: World) -> None:
    run = bring(world, "×××√", name="a.xlsx")
    bring(world, "××√√", name="b.xlsx")
    with pytest.raises(DomainError, match="1 marks or rolls"):
        undo_import(run, by=fresh(world.officer), at=OPENED)


def test_a_roll_called_on_a_page_since_holds_it(world: World) -> None:
    run = bring(world, "×××√")
    RollTaking.objects.create(
        class_unit=world.units["class"],
        day=date(2026, 10, 12),
        part="morning",
        by=world.teacher,
        at=OPENED,
    )
    with pytest.raises(DomainError, match="1 marks or rolls"):
        undo_import(run, by=fresh(world.officer), at=OPENED)


def test_it_is_taken_back_once(world: World) -> None:
    run = bring(world, "×××√")
    undo_import(run, by=fresh(world.officer), at=OPENED)
    run.refresh_from_db()
    with pytest.raises(DomainError, match="Nothing is kept"):
        undo_import(run, by=fresh(world.officer), at=OPENED)


def test_the_button_stands_on_the_page_of_one_s_own_import(world: World) -> None:
    run = bring(world, "×××√")
    with moved_to(OPENED):
        client = client_of(world.officer)
        assert (
            "Take the whole import back"
            in client.get(reverse("students:import_run", args=[run.pk])).content.decode()
        )
        page = client.post(
            reverse("cases:undo_import", args=[run.pk]), follow=True
        ).content.decode()
        assert "taken back" in page and "Take the whole import back" not in page
        assert (
            client_of(world.far_officer)
            .post(reverse("cases:undo_import", args=[run.pk]))
            .status_code
            == 404
        )


def test_a_roll_called_on_a_page_is_not_changed_by_a_file(world: World) -> None:
    """The page's mark stays, and the import says so; nothing is lost silently."""
    Enrolment.objects.filter(class_unit=world.units["class"]).update(since=date(2026, 9, 1))
    RollTaking.objects.create(
        class_unit=world.units["class"],
        day=date(2026, 10, 12),
        part="morning",
        by=world.teacher,
        at=OPENED,
    )
    RollCall.objects.create(
        class_unit=world.units["class"], day=date(2026, 10, 12), source="林秀英"
    )
    run = bring(world, "√√√×")
    assert marks() == []
    (warning,) = [each for each in run.outcome["warnings"] if each["field"] == "2026-10-12"]
    assert "called on the page" in warning["message"]


def test_who_is_not_in_charge_any_more_takes_nothing_back(world: World) -> None:
    run = bring(world, "×××√")
    with pytest.raises(DomainError, match="do not import any more"):
        undo_import(run, by=fresh(world.far_officer), at=OPENED)
    assert len(marks()) == 3


def test_a_mark_beside_the_import_holds_it(world: World) -> None:
    run = bring(world, "×××√")
    Absence.objects.create(pupil=world.qi, day=date(2026, 10, 9), mark="sick", source="x", row=0)
    with pytest.raises(DomainError, match="1 marks or rolls"):
        undo_import(run, by=fresh(world.officer), at=OPENED)
    assert len(marks()) == 4
