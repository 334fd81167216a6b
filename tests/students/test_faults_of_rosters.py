"""Faults of the world that are no faults of a file: classes split in mid-term, twins, two numbers, terms that move, an import cut off (issue: bad input)."""

from datetime import date
from typing import Any
from unittest import mock

import pytest

from casework.core.errors import DomainError
from casework.deadlines.days import term_of
from casework.deadlines.terms import set_term
from casework.detection.models import Finding, FindingState
from casework.detection.scan import scan
from casework.org.models import Unit, User
from casework.students import roster_write, runs
from casework.students.models import Absence, Enrolment, ImportRun, Pupil, StatusMovement
from tests.students.books import (
    AT,
    TOWNSHIP,
    id_number,
    pupil,
    rollbook,
    roster,
    said,
    take_roll,
    take_roster,
)

pytestmark = pytest.mark.django_db
DAYS = [date(2026, 9, day) for day in (1, 2, 3)]
SPLIT = "岩头村小学 六年级2班 2026年9月学生考勤表"


def marks() -> dict[tuple[str, int], str]:
    rows = Absence.objects.exclude(mark="blank").values_list("pupil__name", "day", "mark")
    return {(name, day.day): mark for name, day, mark in rows}


def test_a_class_that_is_split_keeps_the_marks_of_before(county: Unit) -> None:
    """Who moves is ended in the old class and runs in the new one; the new class's book is read for its own pupils."""
    take_roster(*[roster(*[pupil(n) for n in (1, 2, 3, 4)])])
    numbers = [pupil(n)["学籍号"] for n in (1, 2, 3, 4)]
    take_roll(rollbook(dict.fromkeys(numbers, "×√√"), DAYS))
    half = [pupil(n, **{"班级★": "2班"}) for n in (3, 4)]
    report = take_roster(roster(pupil(1), pupil(2), *half, name="split.xlsx"))
    assert (report.applied, report.unchanged, report.refused) == (2, 2, 0)
    assert StatusMovement.objects.filter(kind="class_moved").count() == 2
    assert Enrolment.objects.filter(until=None).count() == 4
    assert len(marks()) == 4
    later = [date(2026, 10, 9), date(2026, 10, 10)]
    report = take_roll(
        rollbook(dict.fromkeys(numbers[2:], "√×"), later, title=SPLIT.replace("9月", "10月"))
    )
    assert report.errors == [] and marks()["文涛四", 10] == "absent"


def test_twins_are_two_pupils(county: Unit) -> None:
    """One birth date, one guardian, numbers that differ in their last digits."""
    one = pupil(1) | {"姓名★": "毛大双", "身份证件号★": id_number("20140305", 101), "学籍号": ""}
    two = pupil(1) | {"姓名★": "毛小双", "身份证件号★": id_number("20140305", 103), "学籍号": ""}
    report = take_roster(roster(one, two))
    assert (report.applied, report.refused) == (2, 0)
    assert {p.name for p in Pupil.objects.all()} == {"毛大双", "毛小双"}
    again = take_roster(roster(two, one))
    assert again.unchanged == 2


def test_numbers_of_two_pupils_in_one_row_are_refused(county: Unit) -> None:
    take_roster(roster(pupil(1), pupil(2)))
    mixed = pupil(1, **{"学籍号": pupil(2)["学籍号"]})
    before = sorted(Pupil.objects.values_list("name", "status_index"))
    report = take_roster(roster(mixed, name="mixed.xlsx"))
    assert report.refused == 1 and said(report)
    assert sorted(Pupil.objects.values_list("name", "status_index")) == before


def test_a_pupil_with_two_status_numbers_is_not_made_twice(county: Unit) -> None:
    take_roster(roster(pupil(1)))
    other = pupil(1, **{"学籍号": "L" + id_number("20140305", 101)})
    report = take_roster(roster(pupil(1), other, name="two.xlsx"))
    assert report.refused >= 1 and Pupil.objects.count() == 1


def test_a_school_that_is_renamed_stays_the_school_of_its_code(county: Unit) -> None:
    take_roster(roster(pupil(1)))
    report = take_roster(roster(pupil(1, **{"学校名称": "岩头村中心小学"}), name="renamed.xlsx"))
    assert any("another name" in each.message for each in report.warnings)
    assert Unit.objects.filter(kind="school").count() == 1 and Pupil.objects.count() == 1


def test_a_term_that_moves_keeps_marks_and_leaves_a_finding_to_a_person(county: Unit) -> None:
    """The roll was called and says so, whatever the calendar says of those days by now."""
    take_roster(roster(pupil(1), pupil(2)))
    numbers = [pupil(n)["学籍号"] for n in (1, 2)]
    days = [*DAYS, date(2026, 9, 4)]
    take_roll(rollbook({numbers[0]: "√×××", numbers[1]: "√√√√"}, days))
    scan(county, days[-1], at=AT)
    finding = Finding.objects.get(rule="consecutive_absence")
    assert finding.state == FindingState.WAITING
    term = term_of(county, DAYS[0])
    assert term is not None
    set_term(county, "2026-2027-1", date(2026, 9, 7), term.last, by=None, at=AT)
    assert scan(county, date(2026, 9, 8), at=AT) == []
    again = Finding.objects.get(pk=finding.pk)
    assert (again.state, again.days) == (FindingState.WAITING, finding.days)
    assert len(marks()) == 3


@pytest.mark.usefixtures("files_of_its_own")
def test_an_import_that_is_cut_off_leaves_nothing_and_is_applied_later(officer: User) -> None:
    files: Any = [roster(pupil(1), pupil(2))]
    run = runs.begin(kind="roster", files=files, township=TOWNSHIP, by=officer, at=AT)
    with (
        mock.patch.object(roster_write, "_enrolments", side_effect=MemoryError),
        pytest.raises(MemoryError),
    ):
        runs.apply(run=run, by=officer, at=AT)
    assert not Pupil.objects.exists() and ImportRun.objects.get().applied_at is None
    assert runs.apply(run=run, by=officer, at=AT).applied == 2
    with pytest.raises(DomainError, match="finished already"):
        runs.apply(run=run, by=officer, at=AT)
