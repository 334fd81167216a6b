"""Roll-books: legends, days, lines; only exceptions are rows, and silence is never read as present."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.org.models import Unit
from casework.students.models import Absence, Enrolment, Mark, RollCall
from casework.students.report import Report
from casework.students.workbook import Upload
from tests.students.books import (
    SCHOOL,
    data_files,
    id_number,
    pupil,
    rollbook,
    roster,
    said,
    take_roll,
    take_roster,
    workbook,
)

ONE, TWO, THREE = (f"G{id_number(sequence=100 + n)}" for n in (1, 2, 3))
DAYS = [1, 2, 3, 4, 7]


@pytest.fixture
def classroom(county: Unit) -> Unit:
    """Three pupils of a class."""
    take_roster(roster(pupil(1), pupil(2), pupil(3)))
    return county


def marks() -> dict[tuple[str, int], str]:
    rows = Absence.objects.select_related("pupil")
    return {(row.pupil.status_number, row.day.day): row.mark for row in rows}


def counts(report: Report) -> tuple[int, int, int, int]:
    assert report.read == report.applied + report.unchanged + report.refused
    return report.read, report.applied, report.unchanged, report.refused


def test_it_works(classroom: Unit) -> None:
    report = take_roll(rollbook({ONE: "√×○△√", TWO: "√√√√√", THREE: "迟退√√√"}, DAYS))
    assert (counts(report), report.errors, report.warnings) == ((3, 3, 0, 0), [], [])
    assert RollCall.objects.count() == 5
    assert marks() == {
        (ONE, 2): Mark.ABSENT,
        (ONE, 3): Mark.SICK,
        (ONE, 4): Mark.LEAVE,
        (THREE, 1): Mark.LATE,
        (THREE, 2): Mark.LEFT_EARLY,
    }
    absence = Absence.objects.get(mark=Mark.ABSENT)
    assert (absence.source, absence.row) == ("roll.xlsx / 六年级1班", 4)


def test_again_changes_nothing(classroom: Unit) -> None:
    book = rollbook({ONE: "√×○.√", TWO: "√√√√√", THREE: "迟退√√√"}, DAYS)
    take_roll(book)
    before = list(Absence.objects.values())
    assert counts(take_roll(book)) == (3, 0, 3, 0)
    assert list(Absence.objects.values()) == before


def test_a_newer_roll_changes_only_what_differs(classroom: Unit) -> None:
    take_roll(rollbook({ONE: "××√√√", TWO: "√√√√√", THREE: "√√√√√"}, DAYS))
    report = take_roll(rollbook({ONE: "×√○√√", TWO: "√√√√√", THREE: "√√√√√"}, DAYS, name="b.xlsx"))
    assert counts(report) == (3, 1, 2, 0)
    assert marks() == {(ONE, 1): Mark.ABSENT, (ONE, 3): Mark.SICK}
    assert Absence.objects.get(day=date(2026, 9, 1)).source.startswith("roll.xlsx")


def test_a_dry_run_writes_nothing(classroom: Unit) -> None:
    report = take_roll(rollbook({ONE: "×"}, [1]), dry_run=True)
    assert report.applied == 1
    assert (Absence.objects.count(), RollCall.objects.count()) == (0, 0)


def test_an_empty_cell_is_a_day_without_a_mark(classroom: Unit) -> None:
    take_roll(rollbook({ONE: "√.", TWO: "√√", THREE: "√√"}, [1, 2]))
    assert marks() == {(ONE, 2): Mark.BLANK}


def test_a_day_on_which_nobody_has_a_mark_was_not_called(classroom: Unit) -> None:
    take_roll(rollbook({ONE: "√.", TWO: "√.", THREE: "√."}, [1, 2]))
    assert [call.day.day for call in RollCall.objects.all()] == [1]
    assert marks() == {}


def test_a_pupil_whom_the_roll_leaves_out_is_not_present(classroom: Unit) -> None:
    report = take_roll(rollbook({ONE: "√", TWO: "√"}, [1]))
    assert marks() == {(THREE, 1): Mark.BLANK}
    assert "says nothing" in report.warnings[0].message


def test_a_sign_that_is_not_in_the_legend_refuses_its_row(classroom: Unit) -> None:
    report = take_roll(rollbook({ONE: "√?", TWO: "√√", THREE: "×√"}, [1, 2]))
    assert said(report) == [
        (4, "2026-09-02", "This sign is not in the legend. Mend the sign or the legend.")
    ]
    assert counts(report) == (3, 2, 0, 1)
    assert marks() == {(ONE, 1): Mark.BLANK, (ONE, 2): Mark.BLANK, (THREE, 1): Mark.ABSENT}


def test_the_mended_row_takes_the_place_of_the_silence(classroom: Unit) -> None:
    take_roll(rollbook({ONE: "√?", TWO: "√√", THREE: "√√"}, [1, 2]))
    take_roll(rollbook({ONE: "√×", TWO: "√√", THREE: "√√"}, [1, 2]))
    assert marks() == {(ONE, 2): Mark.ABSENT}


def test_an_unknown_pupil_is_an_error(classroom: Unit) -> None:
    stranger = f"G{id_number(sequence=999)}"
    report = take_roll(rollbook({ONE: "√", TWO: "√", THREE: "√", stranger: "×"}, [1]))
    ((row, _field, message),) = said(report)
    assert row == 7 and "no roster" in message
    assert counts(report) == (4, 3, 0, 1)


def test_a_pupil_twice_in_a_roll_is_an_error(classroom: Unit) -> None:
    first = rollbook({ONE: "√", TWO: "√", THREE: "√"}, [1])
    report = take_roll(first, first._replace(name="copy.xlsx"))
    assert counts(report) == (6, 3, 0, 3)
    assert {error.place.file for error in report.errors} == {"copy.xlsx"}


@pytest.mark.parametrize("day", [5, 6, 25])
def test_a_column_that_is_no_school_day_is_left_out(classroom: Unit, day: int) -> None:
    report = take_roll(rollbook({ONE: "√×", TWO: "√√", THREE: "√√"}, [1, day]))
    ((row, field, message),) = said(report)
    assert (row, field) == (3, f"2026-09-{day:02}")
    assert "no school day" in message
    assert counts(report) == (3, 3, 0, 0) and marks() == {}


def test_a_make_up_sunday_is_a_school_day(classroom: Unit) -> None:
    report = take_roll(rollbook({ONE: "×", TWO: "√", THREE: "√"}, [20]))
    assert report.errors == [] and marks() == {(ONE, 20): Mark.ABSENT}


def test_an_empty_column_of_a_free_day_is_no_error(classroom: Unit) -> None:
    report = take_roll(rollbook({ONE: "√.", TWO: "√.", THREE: "√."}, [1, 5]))
    assert report.errors == []


@pytest.mark.parametrize(
    "header",
    [
        1,
        "1",
        "1日",
        "9月1日",
        "9/1",
        "2026年9月1日",
        "2026/9/1",
        "2026-09-01",
        "20260901",
        46266,
        datetime(2026, 9, 1),
        "1(二)",
    ],
)
def test_days_are_read_however_the_header_writes_them(classroom: Unit, header: Any) -> None:
    take_roll(rollbook({ONE: "×", TWO: "√", THREE: "√"}, [header]))
    assert [row.day for row in Absence.objects.all()] == [date(2026, 9, 1)]


def test_a_day_twice_and_a_day_that_cannot_be_are_errors_of_their_columns(classroom: Unit) -> None:
    report = take_roll(rollbook({ONE: "√×√", TWO: "√√√", THREE: "√√√"}, [1, "1日", 31]))
    assert [(field, row) for row, field, _message in said(report)] == [("1日", 3), ("31", 3)]
    assert marks() == {}


@pytest.mark.parametrize(
    ("other", "part"),
    [
        ({"title": "大湾小学 六年级1班 2026年9月考勤表"}, "no known school"),
        ({"title": f"{SCHOOL} 五年级8班 2026年9月考勤表"}, "no known class"),
        ({"title": f"{SCHOOL} 六年级1班 考勤表", "name": "x.xlsx"}, "year and month"),
        ({"legend": "符号：√出勤 ×旷课 ☆休学"}, "not known: 休学"),
    ],
)
def test_a_sheet_that_cannot_be_placed_is_refused_whole(
    classroom: Unit, other: dict[str, Any], part: str
) -> None:
    report = take_roll(rollbook({ONE: "×", TWO: "√"}, [1], **other))
    assert part in " ".join(error.message for error in report.errors)
    assert counts(report) == (2, 0, 0, 2)
    assert RollCall.objects.count() == 0


def test_another_legend_is_obeyed(classroom: Unit) -> None:
    legend = "图例：到=出勤，旷=旷课，假=事假"
    take_roll(rollbook({ONE: "旷假到", TWO: "到到到", THREE: "到到到"}, [1, 2, 3], legend=legend))
    assert marks() == {(ONE, 1): Mark.ABSENT, (ONE, 2): Mark.LEAVE}


def test_without_a_legend_the_usual_signs_are_taken_with_a_warning(classroom: Unit) -> None:
    report = take_roll(rollbook({ONE: "×", TWO: "√", THREE: "✓"}, [1], legend=None))
    assert "no legend" in report.warnings[0].message
    assert marks() == {(ONE, 1): Mark.ABSENT}


def test_pupils_are_found_by_name_where_a_roll_has_no_numbers(classroom: Unit) -> None:
    book = rollbook({"": "×"}, [1])
    assert counts(take_roll(book))[3] == 1
    rows: list[list[Any]] = [["岩头村小学 六年级1班 2026年9月"], ["姓名", 1], ["文涛二", "×"]]
    report = take_roll(Upload("n.xlsx", workbook({"六年级1班": rows})))
    assert marks()[(ONE, 1)] == Mark.ABSENT, said(report)


def test_a_mark_from_the_roll_of_another_class_is_kept_as_it_is(county: Unit) -> None:
    take_roster(roster(pupil(1), pupil(2, **{"班级★": "2班"})))
    report = take_roll(rollbook({ONE: "√", TWO: "√"}, [1]))
    assert "another class" in report.warnings[0].message
    assert marks() == {(TWO, 1): Mark.PRESENT}
    assert take_roll(rollbook({ONE: "√", TWO: "√"}, [1])).applied == 0


def test_a_pupil_who_joins_a_called_class_later_counts_from_then(classroom: Unit) -> None:
    take_roll(rollbook({ONE: "√", TWO: "√", THREE: "√"}, [1]))
    take_roster(roster(pupil(1), pupil(2), pupil(3), pupil(4)))
    late = Enrolment.objects.get(pupil__name="文涛五")
    assert late.since == date(2026, 11, 20)


def test_the_books_of_a_school_go_in_whole(county: Unit) -> None:
    take_roster(*data_files("岩头村小学_学生*"))
    files = data_files("岩头村小学_考勤*")
    report = take_roll(*files)
    assert (counts(report), report.errors, report.warnings) == ((378, 378, 0, 0), [], [])
    assert RollCall.objects.count() == 6 * 55
    assert counts(take_roll(*files)) == (378, 0, 378, 0)


SIGNS = st.text(alphabet="√×○△迟退.?", min_size=4, max_size=4)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(st.sampled_from([ONE, TWO, THREE, "G1"]), SIGNS, min_size=1),
    st.permutations([1, 2, 5, 20]),
)
def test_every_line_is_counted_once_and_a_second_time_changes_nothing(
    classroom: Unit, lines: dict[str, str], days: list[int]
) -> None:
    Absence.objects.all().delete()
    RollCall.objects.all().delete()
    book = rollbook(lines, days)
    first, again = take_roll(book), take_roll(book)
    assert counts(first)[0] == counts(again)[0] == len(lines)
    assert (again.applied, again.refused) == (0, first.refused)
