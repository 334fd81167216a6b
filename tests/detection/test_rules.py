"""The rule of consecutive absence, without a database."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from casework.detection.rules import Run, runs
from casework.students.models import Mark

FIRST = date(2026, 9, 1)
SIGNS = {
    "√": Mark.PRESENT,
    "×": Mark.ABSENT,
    "○": Mark.SICK,
    "△": Mark.LEAVE,
    "迟": Mark.LATE,
    "退": Mark.LEFT_EARLY,
    ".": None,
}


def found(signs: str, days: int = 3) -> list[Run]:
    """The runs in a line of signs, one a school day."""
    school_days = [FIRST + timedelta(days=n) for n in range(len(signs))]
    marks = {day: SIGNS[sign] for day, sign in zip(school_days, signs, strict=True)}
    return runs(marks, school_days, days=days, unexcused={Mark.ABSENT})


def lengths(signs: str, days: int = 3) -> list[int]:
    return [len(run.days) for run in found(signs, days)]


def test_it_works() -> None:
    assert lengths("√×××√") == [3]


def test_two_days_are_not_enough_and_the_number_is_a_parameter() -> None:
    assert lengths("√××√") == []
    assert lengths("√××√", days=2) == [2]


def test_a_run_that_is_not_finished_counts() -> None:
    assert lengths("√××××") == [4]


def test_two_runs_are_two() -> None:
    assert lengths("×××√××××") == [3, 4]


def test_leave_and_lateness_break() -> None:
    for sign in "○△迟退√":
        assert lengths(f"××{sign}××") == []


def test_a_day_without_a_mark_neither_counts_nor_breaks_and_is_a_gap() -> None:
    (run,) = found("√×.××.√")
    assert [day.day for day in run.days] == [2, 4, 5]
    assert [day.day for day in run.gaps] == [3]
    assert lengths("×.×") == []


def test_days_that_are_no_school_days_do_not_exist() -> None:
    friday, saturday, monday, tuesday = (date(2026, 9, d) for d in (4, 5, 7, 8))
    marks: dict[date, str | None] = dict.fromkeys((friday, monday, tuesday), Mark.ABSENT)
    marks[saturday] = Mark.PRESENT
    (run,) = runs(marks, [friday, monday, tuesday], days=3, unexcused={Mark.ABSENT})
    assert (run.first_day, run.last_day) == (friday, tuesday)


LINES = st.text(alphabet="".join(SIGNS), max_size=40)


@given(LINES)
def test_runs_are_what_splitting_at_the_breaks_gives(signs: str) -> None:
    plain = signs.replace(".", "")
    for sign in "○△迟退":
        plain = plain.replace(sign, "√")
    assert lengths(signs) == [len(part) for part in plain.split("√") if len(part) >= 3]


@given(LINES, st.integers(1, 5))
def test_runs_are_ordered_apart_and_only_of_absent_days(signs: str, days: int) -> None:
    before = FIRST - timedelta(days=1)
    for run in found(signs, days):
        assert before < run.first_day and len(run.days) >= days
        assert all(signs[(day - FIRST).days] == "×" for day in run.days)
        assert all(run.first_day < day < run.last_day for day in run.gaps)
        before = run.last_day


@given(LINES)
def test_a_longer_line_never_loses_a_run(signs: str) -> None:
    shorter = [run.first_day for run in found(signs[:-1])]
    assert set(shorter) <= {run.first_day for run in found(signs)}
