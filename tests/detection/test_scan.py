"""Looking over the term: one finding a pupil and run, with its evidence; again: none; a growing run updates its own."""

import json
from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from casework.audit.models import Entry
from casework.core.errors import DomainError
from casework.deadlines.models import LocalDay
from casework.detection.models import Finding, FindingState
from casework.detection.scan import as_json, scan
from casework.org.models import Unit
from casework.profiles import rules
from casework.students.models import Enrolment, ImportRun, Pupil
from tests.students.books import (
    AT,
    DATA,
    data_files,
    id_number,
    pupil,
    rollbook,
    roster,
    take_roll,
    take_roster,
)

ONE, TWO = (f"G{id_number(sequence=100 + n)}" for n in (1, 2))
DAY = date(2026, 11, 20)
WEEK = [1, 2, 3, 4, 7, 8, 9, 10, 11]
TRUTH = json.loads((DATA / "truth.json").read_text("utf-8"))["suspected"]


@pytest.fixture
def classroom(county: Unit) -> Unit:
    take_roster(roster(pupil(1), pupil(2)))
    return county


def roll(one: str, two: str = "", days: list[int] | None = None) -> None:
    """The roll of the class; the second pupil is present where nothing is said."""
    take_roll(rollbook({ONE: one, TWO: two or "√" * len(one)}, days or WEEK[: len(one)]))


def found(county: Unit, day: date = DAY) -> list[list[int]]:
    return [[int(said["day"][-2:]) for said in f.days] for f in scan(county, day, at=AT)]


def longest(findings: list[Finding]) -> dict[str, int]:
    best: dict[str, int] = {}
    for each in findings:
        assert each.pupil is not None
        number = each.pupil.status_number
        best[number] = max(best.get(number, 0), len(each.days))
    return best


def test_it_works(classroom: Unit) -> None:
    roll("√××××√")
    (finding,) = scan(classroom, DAY, at=AT)
    assert finding.pk and finding.state == FindingState.WAITING
    assert (finding.first_day, finding.last_day) == (date(2026, 9, 2), date(2026, 9, 7))
    assert finding.days[0] == {
        "day": "2026-09-02",
        "mark": "absent",
        "source": "roll.xlsx / 六年级1班",
        "sha256": ImportRun.objects.get(kind="attendance").files[0]["sha256"],
        "row": 4,
    }
    assert finding.unit.name == "岩头村小学"
    assert finding.due_at is not None and finding.due_at > AT
    assert as_json([finding]) == [
        {
            "status_number": ONE,
            "rule": "consecutive_absence",
            "days": ["2026-09-02", "2026-09-03", "2026-09-04", "2026-09-07"],
        }
    ]


def test_again_there_is_none(classroom: Unit) -> None:
    roll("×××√×××")
    assert found(classroom) == [[1, 2, 3], [7, 8, 9]]
    assert found(classroom) == []
    assert Finding.objects.count() == 2


def test_a_dry_run_writes_nothing(classroom: Unit) -> None:
    roll("×××")
    assert len(scan(classroom, DAY, at=AT, dry_run=True)) == 1
    assert Finding.objects.count() == 0
    assert not Entry.objects.filter(verb="detection.run").exists()


def test_a_growing_run_updates_its_finding_even_when_decided(classroom: Unit) -> None:
    roll("×××")
    scan(classroom, DAY, at=AT)
    Finding.objects.update(state=FindingState.SET_ASIDE, days_decided=3)
    roll("×××××√")
    assert found(classroom) == [[1, 2, 3, 4, 7]]
    finding = Finding.objects.get()
    assert (finding.state, finding.last_day) == (FindingState.SET_ASIDE, date(2026, 9, 7))


def test_a_child_set_aside_that_stays_away_comes_back_to_the_list(classroom: Unit) -> None:
    roll("×××")
    scan(classroom, DAY, at=AT)
    Finding.objects.update(state=FindingState.SET_ASIDE, days_decided=3, due_at=None)
    roll("××××××√")
    assert found(classroom) == [[1, 2, 3, 4, 7, 8]]
    finding = Finding.objects.get()
    assert finding.state == FindingState.WAITING and finding.due_at is not None
    assert found(classroom) == []


@pytest.mark.parametrize("state", [FindingState.WAITING, FindingState.LATER])
def test_a_finding_whose_days_were_corrected_is_withdrawn(classroom: Unit, state: str) -> None:
    roll("×××√")
    scan(classroom, DAY, at=AT)
    Finding.objects.update(state=state)
    roll("×○×√")
    assert found(classroom) == []
    assert Finding.objects.get().state == FindingState.WITHDRAWN
    assert Entry.objects.filter(verb="detection.run").latest("number").facts["withdrawn"] == 1


def test_a_withdrawn_finding_comes_back_with_its_days(classroom: Unit) -> None:
    roll("×××√")
    scan(classroom, DAY, at=AT)
    roll("×√×√")
    scan(classroom, DAY, at=AT)
    roll("×××√")
    assert found(classroom) == [[1, 2, 3]]
    assert Finding.objects.get().state == FindingState.WAITING


def test_a_decided_finding_is_not_withdrawn(classroom: Unit) -> None:
    roll("×××√")
    scan(classroom, DAY, at=AT)
    Finding.objects.update(state=FindingState.OPENED)
    roll("×√×√")
    assert found(classroom) == []
    assert Finding.objects.get().state == FindingState.OPENED


def test_a_look_at_an_earlier_day_changes_nothing_found_later(classroom: Unit) -> None:
    roll("××××√×××")
    scan(classroom, DAY, at=AT)
    assert found(classroom, date(2026, 9, 3)) == []
    assert [(f.last_day.day, f.state) for f in Finding.objects.order_by("pk")] == [
        (4, FindingState.WAITING),
        (10, FindingState.WAITING),
    ]


def test_a_run_that_grows_at_its_beginning_stays_one_finding(classroom: Unit) -> None:
    roll("×××", days=[8, 9, 10])
    scan(classroom, DAY, at=AT)
    roll("××", days=[4, 7])
    assert found(classroom) == [[4, 7, 8, 9, 10]]
    assert Finding.objects.count() == 1


def test_only_days_up_to_the_day_asked_are_looked_at(classroom: Unit) -> None:
    roll("××××")
    assert found(classroom, date(2026, 9, 2)) == []
    assert found(classroom, date(2026, 9, 3)) == [[1, 2, 3]]


def test_weekends_and_holidays_neither_count_nor_break(classroom: Unit) -> None:
    roll("×××", days=[23, 24, 28])
    assert found(classroom) == [[23, 24, 28]]


def test_a_make_up_sunday_counts(classroom: Unit) -> None:
    roll("×××", days=[18, 20, 21])
    assert found(classroom) == [[18, 20, 21]]


def test_a_day_without_a_roll_call_is_a_gap(classroom: Unit) -> None:
    roll("×××", days=[1, 2, 4])
    (finding,) = scan(classroom, DAY, at=AT)
    assert (len(finding.days), finding.gaps) == (3, ["2026-09-03"])


def test_a_day_without_a_mark_of_the_pupil_is_a_gap(classroom: Unit) -> None:
    roll("××.×")
    (finding,) = scan(classroom, DAY, at=AT)
    assert finding.gaps == ["2026-09-03"]


def test_a_local_day_off_does_not_break(classroom: Unit) -> None:
    roll("××√×")
    assert found(classroom) == []
    LocalDay.objects.create(
        unit=Unit.objects.get(kind="school"),
        day=date(2026, 9, 3),
        school=False,
        reason="snow",
        entered_at=AT,
    )
    assert found(classroom) == [[1, 2, 4]]


def test_the_parameters_are_the_profiles(classroom: Unit) -> None:
    roll("××√○○")
    sections = rules.baseline()
    sections["detection"]["consecutive_absence"] = {
        "on": 1,
        "days": 2,
        "unexcused": ["absent", "sick"],
    }
    rules.publish(
        Unit.objects.get(kind="school"),
        sections,
        name="strict",
        valid_from=date(2026, 9, 1),
        by=None,
        at=AT,
    )
    assert found(classroom) == [[1, 2], [4, 7]]


def test_a_missing_section_is_a_refusal_with_the_remedy(classroom: Unit) -> None:
    roll("×××")
    sections = {"intake": rules.baseline()["intake"]}
    rules.publish(classroom, sections, name="x", valid_from=date(2026, 9, 1), by=None, at=AT)
    with pytest.raises(DomainError, match="section"):
        scan(classroom, DAY, at=AT)


def test_outside_a_term_nothing_is_found(classroom: Unit) -> None:
    roll("×××")
    assert found(classroom, date(2026, 8, 1)) == []


def test_only_the_schools_of_the_unit_are_looked_at(classroom: Unit) -> None:
    roll("×××")
    assert found(Unit.objects.get(kind="village")) == []


def test_the_small_school_gives_exactly_its_suspects(county: Unit) -> None:
    take_roster(*data_files("岩头村小学_学生*"))
    take_roll(*data_files("岩头村小学_考勤*"))
    mine = {pupil.status_number for pupil in Pupil.objects.all()}
    here = {number: said["longest_run"] for number, said in TRUTH.items() if number in mine}
    assert here and longest(scan(county, DAY, at=AT)) == here


def test_the_township_gives_exactly_the_truth(
    county: Unit, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    take_roster(*data_files("*学生基本信息*"))
    take_roll(*data_files("*考勤*"))
    with django_assert_max_num_queries(42):
        findings = scan(county, DAY, at=AT)
    assert longest(findings) == {number: said["longest_run"] for number, said in TRUTH.items()}
    assert scan(county, DAY, at=AT) == []


def test_corrections_back_and_forth_leave_one_finding_a_run(classroom: Unit) -> None:
    """Two runs grow together, then the first half is corrected away: no two findings begin on one day."""
    roll("×××√×××")
    assert found(classroom) == [[1, 2, 3], [7, 8, 9]]
    roll("×××××××")
    assert found(classroom) == [[1, 2, 3, 4, 7, 8, 9]]
    roll("√√√√×××")
    assert found(classroom) == [[7, 8, 9]]
    states = list(Finding.objects.order_by("first_day").values_list("first_day", "state"))
    assert [state for _day, state in states] == [FindingState.WITHDRAWN, FindingState.WAITING]


def test_a_pupil_who_changed_school_is_looked_at_once(county: Unit) -> None:
    """Two schools with local days of their own, the finding at the old one: no second finding of the same run."""
    take_roster(*data_files("*学生基本信息*"))
    take_roll(*data_files("*考勤*"))
    first = scan(county, DAY, at=AT)[0]
    assert first.pupil is not None
    enrolment = first.pupil.enrolments.get(until=None)
    other = Unit.objects.filter(kind="school").exclude(pk=enrolment.school_id).first()
    LocalDay.objects.create(
        unit=enrolment.school, day=date(2026, 9, 1), school=False, reason="x", entered_at=AT
    )
    Enrolment.objects.filter(pk=enrolment.pk).update(school=other)
    first.pupil.findings.update(days=[])
    assert [f.pk for f in scan(county, DAY, at=AT) if f.pupil_id == first.pupil_id] == [first.pk]
