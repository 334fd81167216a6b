"""Cells as people and spreadsheets write them, and what ID and status numbers say."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.students import cells, roster
from casework.students.cells import CellError
from casework.students.idnumber import check_digit, check_status, read_id
from tests.students.books import id_number


@pytest.mark.parametrize(
    "written",
    [
        "20260901",
        20260901.0,
        "2026年9月1日",
        "2026年09月01日",
        "2026/9/1",
        "2026-09-01",
        "2026.9.1",
        "２０２６年９月１日",
        46266,
        "46266",
        date(2026, 9, 1),
        datetime(2026, 9, 1, 0, 0),
    ],
)
def test_a_date_is_read_however_it_is_written(written: Any) -> None:
    assert cells.day(written) == date(2026, 9, 1)


@pytest.mark.parametrize("written", ["2026-02-30", "soon", "20261301", "99", "=TODAY()"])
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(CellError):
        cells.day(written)


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_every_day_is_read_in_every_spelling(day: date) -> None:
    spellings = [day.strftime("%Y%m%d"), day.isoformat(), f"{day.year}年{day.month}月{day.day}日"]
    assert {cells.day(each) for each in spellings} == {day}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("　文　涛　", "文涛"),
        ("文 涛", "文涛"),
        ("吉克 · 阿依", "吉克·阿依"),
        ("吉克•阿依", "吉克·阿依"),
        ("𠀀 涛", "𠀀涛"),
        ("Anna Lee", "Anna Lee"),
    ],
)
def test_blanks_go_and_the_dot_of_a_name_stays(written: str, meant: str) -> None:
    assert cells.name(written) == meant


@pytest.mark.parametrize(
    "written",
    ["９９００２６２０１４０３０５１０１Ｘ", " 990026 2014 0305 101x ", "'99002620140305101X"],
)
def test_full_width_digits_and_blanks_in_numbers_are_made_plain(written: str) -> None:
    assert cells.number(written) == "99002620140305101X"


@pytest.mark.parametrize("written", ["5.2E+17", "9.90026E17", 5.2e17, 990026201403051010])
def test_a_number_eaten_by_a_spreadsheet_is_refused(written: Any) -> None:
    with pytest.raises(CellError, match="text") as caught:
        cells.number(written)
    assert "9900" not in str(caught.value)


@pytest.mark.parametrize(("written", "meant"), [("202609", "202609"), ("2026年9月", "202609"), ("2026-09", "202609"), ("", ""), (date(2026, 9, 1), "202609")])  # fmt: skip
def test_months_are_read(written: Any, meant: str) -> None:
    assert cells.month(written) == meant


@pytest.mark.parametrize(("written", "meant"), [("七年级", "七年级"), ("7年级", "七年级"), (7.0, "七年级"), ("初一", "七年级")])  # fmt: skip
def test_grades_are_read(written: Any, meant: str) -> None:
    assert roster.grade(written) == meant


@pytest.mark.parametrize(
    "written", ["1班", "（1）班", "(1)班", "一班", "1", 1.0, "七年级1班", "01班"]
)
def test_classes_are_read(written: Any) -> None:
    assert roster.class_name(written) == "1班"


def test_an_id_number_says_birth_and_sex() -> None:
    facts = read_id(id_number("20140305", 101))
    assert (facts.born, facts.sex, facts.known_place) == (date(2014, 3, 5), "m", True)


def test_a_place_that_is_not_in_use_is_only_a_warning() -> None:
    assert not read_id(id_number(area="990026".replace("99", "18"))).known_place


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(place: int, by: int) -> None:
    good = id_number()
    wrong = good[:place] + str((int(good[place]) + by) % 10) + good[place + 1 :]
    with pytest.raises(CellError):
        read_id(wrong)


@pytest.mark.parametrize("number", ["", "123", "99002620140305101", "A" * 18])
def test_another_form_is_refused(number: str) -> None:
    with pytest.raises(CellError):
        read_id(number)


def test_a_birth_date_that_does_not_exist_is_refused() -> None:
    first = "99002620140230101"
    with pytest.raises(CellError, match="does not exist"):
        read_id(first + check_digit(first))


def test_a_status_number_must_agree_with_the_id_number() -> None:
    check_status(f"G{id_number()}", id_number())
    check_status(f"J{id_number(sequence=7)}", id_number())
    for wrong in (f"G{id_number(sequence=7)}", "X123", id_number()):
        with pytest.raises(CellError):
            check_status(wrong, id_number())
