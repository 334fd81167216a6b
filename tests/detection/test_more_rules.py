"""The other rules: n in m days, shares, lateness, leave that is over, never there; whom no school has (domain.md A5, B2, B5, B6, E5, E9)."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.core.clock import local_moment
from casework.detection.models import Finding, FindingState
from casework.detection.rules import (
    Run,
    after_leave,
    never_there,
    share,
    share_of_month,
    within,
)
from casework.detection.scan import scan
from casework.detection.tally import tallies
from casework.detection.trial import trial
from casework.detection.words import why
from casework.org.models import Unit
from casework.profiles import rules
from casework.students.models import Enrolment, Pupil, StatusMovement
from tests.students.books import AT, id_number, pupil, rollbook, roster, take_roll, take_roster

MONDAY = date(2026, 9, 7)
WEEKS = [MONDAY + timedelta(days=n) for n in range(40) if n % 7 < 5]
SIGNS = {"√": "present", "×": "absent", "½": "half", "○": "sick", "△": "leave", "L": "late", "E": "left_early", ".": None}  # fmt: skip


def said(row: str) -> dict[date, str | None]:
    return {day: SIGNS[sign] for day, sign in zip(WEEKS, row, strict=False)}


def places(found: list[Run], row: str) -> list[list[int]]:
    days = WEEKS[: len(row)]
    return [[days.index(day) for day in run.days] for run in found]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("×√×√×√", [[0, 2, 4]]),
        ("×√√×√√√×", []),
        ("×√×√×√√√√√××√×", [[0, 2, 4], [10, 11, 13]]),
        ("×××××", [[0, 1, 2, 3, 4]]),
        ("½√×.½", [[0, 2, 4]]),
        ("○○○△△", []),
    ],
)
def test_n_in_m_school_days(row: str, expected: list[list[int]]) -> None:
    found = within(said(row), WEEKS[: len(row)], days=3, span=5, counted={"absent", "half"})
    assert places(found, row) == expected


@given(st.text("√×", max_size=30), st.integers(1, 5), st.integers(1, 8))
def test_every_day_found_lies_in_a_window_that_is_full(row: str, days: int, span: int) -> None:
    """A day is found exactly where some window of `span` days around it has `days` absences."""
    taught = WEEKS[: len(row)] if len(row) <= len(WEEKS) else WEEKS
    row = row[: len(taught)]
    full = {
        at
        for start in range(len(row))
        for at in range(start, min(start + span, len(row)))
        if row[at] == "×" and row[start : start + span].count("×") >= days
    }
    found = within(said(row), taught, days=days, span=span, counted={"absent"})
    assert {at for run in places(found, row) for at in run} == full


def test_the_share_of_a_month_counts_its_own_school_days() -> None:
    taught = [day for day in WEEKS if day <= date(2026, 10, 9)]
    marks = dict.fromkeys((*taught[:4], *taught[-1:]), "absent")
    found = share_of_month(marks, taught, days=4, percent=20, counted={"absent"})
    assert [run.days for run in found] == [tuple(taught[:4])]
    assert share_of_month(marks, taught, days=5, percent=20, counted={"absent"}) == []
    assert share_of_month(marks, taught, days=4, percent=30, counted={"absent"}) == []


def test_a_share_of_nothing_is_nothing() -> None:
    assert share({}, [], days=0, percent=0, counted={"absent"}) == []


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("√○○××√", [[3, 4]]),
        ("√△.××", [[3, 4]]),
        ("√××√", []),
        ("○√××", []),
        ("○×√××", []),
        ("○××√△×××", [[1, 2], [5, 6, 7]]),
    ],
)
def test_absent_right_after_a_leave(row: str, expected: list[list[int]]) -> None:
    found = after_leave(said(row), WEEKS[: len(row)], days=2, unexcused={"absent"})
    assert places(found, row) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("×○△××", [[0, 1, 2, 3, 4]]),
        ("×○△×L", []),
        ("×.×.×", []),
        ("×.××.×", [[0, 2, 3, 5]]),
        ("½×××", []),
    ],
)
def test_never_there(row: str, expected: list[list[int]]) -> None:
    assert places(never_there(said(row), WEEKS[: len(row)], days=4), row) == expected


# ---- through the database ----

ONE, TWO = (f"G{id_number(sequence=100 + n)}" for n in (1, 2))
DAY = date(2026, 11, 20)


@pytest.fixture
def classroom(county: Unit) -> Unit:
    take_roster(roster(pupil(1), pupil(2)))
    return county


def use(county: Unit, **changed: dict[str, Any]) -> dict[str, Any]:
    """Publish rules of detection in which only these are in use."""
    sections = rules.baseline()
    for code, own in sections["detection"].items():
        own.update({"on": 0} | changed.get(code, {}))
    rules.publish(county, sections, name="x", valid_from=date(2026, 1, 2), by=None, at=AT)
    return dict(sections["detection"])


def found(county: Unit, day: date = DAY) -> list[tuple[str, str]]:
    rows = scan(county, day, at=AT)
    return [(each.rule, each.pupil.name if each.pupil else "") for each in rows]


@pytest.mark.django_db
def test_a_finding_says_rule_version_parameters_and_days(classroom: Unit) -> None:
    use(classroom, absence_in_days={"on": 1, "days": 3, "within": 6})
    take_roll(rollbook({ONE: "×√×√×", TWO: "√√√√√"}, [1, 2, 3, 4, 7]))
    (finding,) = scan(classroom, DAY, at=AT)
    assert (finding.rule, finding.rule_version) == ("absence_in_days", 1)
    assert finding.parameters == {"on": 1, "days": 3, "within": 6, "unexcused": ["absent", "half"]}
    assert [each["day"] for each in finding.days] == ["2026-09-01", "2026-09-03", "2026-09-07"]
    assert why(finding) == (
        "3 school days missed without leave, 1 Sep to 7 Sep; the rule: 3 within 6."
    )


@pytest.mark.django_db
def test_a_rule_that_is_off_finds_nothing(classroom: Unit) -> None:
    use(classroom)
    take_roll(rollbook({ONE: "×××××", TWO: "√√√√√"}, [1, 2, 3, 4, 7]))
    assert found(classroom) == []


@pytest.mark.django_db
def test_two_rules_find_one_pupil_twice_and_again_nothing(classroom: Unit) -> None:
    use(classroom, consecutive_absence={"on": 1}, leave_over={"on": 1})
    take_roll(rollbook({ONE: "○×××√", TWO: "√√√√√"}, [1, 2, 3, 4, 7]))
    assert {rule for rule, _who in found(classroom)} == {"consecutive_absence", "leave_over"}
    assert found(classroom) == []


@pytest.mark.django_db
def test_repeated_lateness(classroom: Unit) -> None:
    use(classroom, repeated_lateness={"on": 1, "days": 3, "within": 5})
    take_roll(rollbook({ONE: ["迟", "√", "退", "迟", "√"], TWO: "√√√√√"}, [1, 2, 3, 4, 7]))  # type: ignore[dict-item]
    assert found(classroom) == [("repeated_lateness", "文涛二")]


@pytest.mark.django_db
def test_on_the_roll_and_never_there(classroom: Unit) -> None:
    use(classroom, never_present={"on": 1, "days": 4})
    take_roll(rollbook({ONE: "×○×××", TWO: "×√×××"}, [1, 2, 3, 4, 7]))
    assert found(classroom) == [("never_present", "文涛二")]


@pytest.mark.django_db
def test_the_share_of_a_year_reaches_back_beyond_the_term(classroom: Unit) -> None:
    use(classroom, absence_share_year={"on": 1, "days": 4, "percent": 5})
    take_roll(rollbook({ONE: "××××√", TWO: "√√√√√"}, [1, 2, 3, 4, 7]))
    (finding,) = scan(classroom, DAY, at=AT)
    assert finding.rule == "absence_share_year" and len(finding.days) == 4


@pytest.mark.django_db
def test_what_a_share_found_stays_while_its_days_stand(classroom: Unit) -> None:
    use(classroom, absence_share_month={"on": 1, "days": 3, "percent": 50})
    take_roll(rollbook({ONE: "××××", TWO: "√√√√"}, [1, 2, 3, 4]))
    assert found(classroom, date(2026, 9, 4)) == [("absence_share_month", "文涛二")]
    assert found(classroom, date(2026, 9, 21)) == []
    assert Finding.objects.get().state == FindingState.WAITING
    take_roll(rollbook({ONE: "×√××", TWO: "√√√√"}, [1, 2, 3, 4], name="c.xlsx"))
    scan(classroom, date(2026, 9, 21), at=AT)
    assert Finding.objects.get().state == FindingState.WITHDRAWN


def leave_class(name: str, until: date, kind: str = "") -> None:
    one = Pupil.objects.get(name=name)
    Enrolment.objects.filter(pupil=one).update(until=until)
    if kind:
        StatusMovement.objects.create(pupil=one, kind=kind, day=until, recorded_at=AT)


@pytest.mark.django_db
def test_in_no_class_when_the_term_has_begun(classroom: Unit) -> None:
    use(classroom, not_registered={"on": 1, "days": 7})
    Enrolment.objects.update(since=date(2026, 3, 1))
    leave_class("文涛二", date(2026, 7, 10))
    leave_class("文涛三", date(2026, 7, 10), "transfer_out")
    assert found(classroom, date(2026, 9, 7)) == []
    assert found(classroom) == [("not_registered", "文涛二")]
    finding = Finding.objects.get()
    assert finding.unit.name == "岩头村小学" and finding.first_day == date(2026, 7, 10)
    assert [each["mark"] for each in finding.days] == ["enrolled", "left"]
    assert why(finding).startswith("In no class since 10 Jul")


@pytest.mark.django_db
def test_back_in_a_class_the_finding_is_withdrawn(classroom: Unit) -> None:
    use(classroom, not_registered={"on": 1, "days": 7})
    leave_class("文涛二", date(2026, 9, 2))
    assert len(found(classroom)) == 1
    Enrolment.objects.filter(pupil__name="文涛二").update(until=None)
    assert found(classroom) == []
    assert Finding.objects.get().state == FindingState.WITHDRAWN


@pytest.mark.django_db
def test_out_of_primary_school_and_in_no_junior_school(classroom: Unit) -> None:
    """A5."""
    use(classroom, not_in_junior={"on": 1, "days": 7})
    Enrolment.objects.update(since=date(2025, 9, 1))
    two = Enrolment.objects.get(pupil__name="文涛三")
    Enrolment.objects.filter(pk=two.pk).update(until=date(2026, 8, 30))
    Enrolment.objects.create(
        pupil=two.pupil, class_unit=two.class_unit, school=two.school, since=date(2026, 9, 1)
    )
    assert found(classroom) == [("not_in_junior", "文涛二")]


@pytest.mark.django_db
def test_numbers_that_are_missing_or_left_over(classroom: Unit) -> None:
    use(classroom, no_status={"on": 1, "days": 10}, left_over_status={"on": 1, "days": 10})
    Enrolment.objects.update(since=date(2026, 9, 1))
    Pupil.objects.filter(name="文涛二").update(status_index="")
    leave_class("文涛三", date(2026, 9, 20))
    assert sorted(found(classroom)) == [("left_over_status", "文涛三"), ("no_status", "文涛二")]


@pytest.mark.django_db
def test_a_class_whose_roll_was_called_is_looked_at_alone(classroom: Unit) -> None:
    take_roster(roster(pupil(3, **{"班级★": "2班"})))
    take_roll(rollbook({ONE: "×××", TWO: "√√√"}, [1, 2, 3]))
    title = "岩头村小学 六年级2班 2026年9月学生考勤表"
    take_roll(
        rollbook({f"G{id_number(sequence=103)}": "×××"}, [1, 2, 3], title=title, name="b.xlsx")
    )
    two = Unit.objects.get(kind="class", name="六年级2班")
    assert found(two) == [("consecutive_absence", "文涛四")]
    assert found(classroom) == [("consecutive_absence", "文涛二")]


# ---- trying rules ----


@pytest.mark.django_db
def test_a_trial_tells_who_would_be_added_and_dropped_and_writes_nothing(classroom: Unit) -> None:
    tried = use(classroom, consecutive_absence={"on": 1})
    take_roll(rollbook({ONE: "×××√√", TWO: "×√×√×"}, [1, 2, 3, 4, 7]))
    tried["consecutive_absence"] |= {"days": 4}
    tried["absence_in_days"] |= {"on": 1, "days": 3, "within": 9}
    tried["absence_share_month"] |= {"on": 1, "days": 3, "percent": 1}
    one, two = Pupil.objects.order_by("pk")
    result = trial(classroom, tried, day=DAY, at=AT)
    assert result.rows() == [
        ("consecutive_absence", 1, 0),
        ("absence_in_days", 0, 2),
        ("absence_share_month", 0, 2),
    ]
    assert (result.added, result.dropped) == ({two.pk}, set())
    assert result.overlaps() == [("absence_in_days", "absence_share_month", 2)]
    assert not Finding.objects.exists()
    tried["absence_in_days"] |= {"on": 0}
    tried["absence_share_month"] |= {"on": 0}
    assert trial(classroom, tried, day=DAY, at=AT).dropped == {one.pk}


@pytest.mark.django_db
def test_between_terms_the_last_term_is_tried(classroom: Unit) -> None:
    tried = use(classroom, consecutive_absence={"on": 1})
    take_roll(rollbook({ONE: "×××√√", TWO: "√√√√√"}, [1, 2, 3, 4, 7]))
    at = local_moment(date(2027, 2, 3), 9)
    result = trial(classroom, tried, day=date(2027, 2, 3), at=at)
    assert (result.day, result.rows()) == (date(2027, 1, 22), [("consecutive_absence", 1, 1)])


@pytest.mark.django_db
def test_the_share_of_false_alarms_is_told_by_rule(classroom: Unit) -> None:
    school = Unit.objects.get(kind="school")
    states = ["opened", "set_aside", "set_aside", "waiting", "withdrawn"]
    for number, state in enumerate(states):
        Finding.objects.create(
            pupil=Pupil.objects.first(), unit=school, rule="leave_over", first_day=DAY - timedelta(days=number),
            last_day=DAY, found_at=AT, updated_at=AT, state=state,
        )  # fmt: skip
    (tally,) = tallies(Finding.objects.all())
    assert (tally.found, tally.taken, tally.aside, tally.waiting, tally.withdrawn) == (
        5,
        1,
        2,
        1,
        1,
    )
    assert tally.false_percent == 67
    Finding.objects.exclude(state="waiting").delete()
    assert tallies(Finding.objects.all())[0].false_percent is None
