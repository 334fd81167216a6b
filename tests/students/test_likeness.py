"""Whether two records are one child: by number, else by name, birth date and guardian, with the errors that people make."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.students.likeness import ASK, Who, is_certain, likeness, match

BORN = date(2013, 3, 8)
LAN = Who(1, "罗小兰", "f", BORN, "罗建国", "7", "id-lan", "st-lan")


@dataclass
class Case:
    """A row that differs from 罗小兰 in some way, and how it is matched."""

    changed: dict[str, Any]
    how: str
    reason: str = ""


CASES = [
    Case({}, "number"),
    Case({"id_index": "", "status_index": ""}, "same"),
    Case({"id_index": "", "status_index": "", "place": ""}, "same"),
    Case({"id_index": "", "status_index": "", "name": "罗晓兰"}, "ask", "name_sounds_alike"),
    Case({"id_index": "", "status_index": "", "name": "罗小芳"}, "ask", "name_nearly"),
    Case({"id_index": "", "status_index": "", "born": date(2013, 8, 3)}, "ask", "birth_swapped"),
    Case({"id_index": "", "status_index": "", "born": date(2012, 3, 8)}, "ask", "birth_one_digit"),
    Case({"id_index": "", "status_index": "", "born": None}, "ask", "birth_unknown"),
    Case(
        {"id_index": "", "status_index": "", "guardian": "罗建过"}, "ask", "guardian_sounds_alike"
    ),
    Case({"id_index": "", "status_index": "", "guardian": ""}, "ask", "guardian_unknown"),
    Case({"id_index": "", "status_index": "", "sex": "m"}, "ask", "other_sex"),
    Case({"id_index": "other", "status_index": ""}, "ask", "other_number"),
    Case({"id_index": "", "status_index": "", "name": "王大力"}, "none"),
    Case({"id_index": "", "status_index": "", "born": date(2010, 1, 1), "guardian": "李"}, "none"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.how + "-" + case.reason)
def test_how_a_row_is_matched(case: Case) -> None:
    row = LAN._replace(ref=9, **case.changed)
    (found,) = match([row], [LAN], {})
    assert found.how == case.how
    assert found.pupil == (1 if case.how in ("number", "same") else None)
    assert not case.reason or case.reason in likeness(row, LAN).reasons


def test_twins_are_two_children() -> None:
    """Same birth date, same guardian, numbers that nearly agree: each row finds its own."""
    twin = LAN._replace(ref=2, name="罗小梅", id_index="id-mei", status_index="st-mei")
    rows = [LAN._replace(ref=11), twin._replace(ref=12)]
    assert [(m.row, m.pupil) for m in match(rows, [LAN, twin], {})] == [(11, 1), (12, 2)]
    bare = [row._replace(id_index="", status_index="") for row in rows]
    assert [(m.row, m.pupil) for m in match(bare, [LAN, twin], {})] == [(11, 1), (12, 2)]


def test_a_pupil_who_is_somebody_s_by_number_is_nobody_else_s() -> None:
    rows = [LAN._replace(ref=11), LAN._replace(ref=12, id_index="", status_index="")]
    found = match(rows, [LAN], {})
    assert [(m.how, m.pupil) for m in found] == [("number", 1), ("none", None)]


def test_two_rows_that_surely_are_one_pupil_are_put_to_a_person() -> None:
    bare = LAN._replace(id_index="", status_index="")
    found = match([bare._replace(ref=11), bare._replace(ref=12)], [LAN], {})
    assert [(m.how, m.possible) for m in found] == [("ask", (1,)), ("ask", (1,))]


def test_two_pupils_of_one_name_birth_and_guardian_are_put_to_a_person() -> None:
    two = LAN._replace(ref=2, id_index="x", status_index="y")
    (found,) = match([LAN._replace(ref=11, id_index="", status_index="")], [LAN, two], {})
    assert (found.how, found.possible) == ("ask", (1, 2))


def test_the_word_of_a_person_is_heard_first() -> None:
    row = LAN._replace(ref=9, name="罗晓兰", id_index="", status_index="")
    assert match([row], [LAN], {(9, 1): True})[0].how == "person"
    assert match([row], [LAN], {(9, 1): False})[0].how == "none"


@st.composite
def people(draw: st.DrawFn) -> Who:
    names = st.text("罗王小晓兰芳国建 x", max_size=4)
    return Who(
        draw(st.integers(1, 9)), draw(names), draw(st.sampled_from(["", "m", "f"])),
        draw(st.none() | st.dates(date(2012, 1, 1), date(2013, 12, 31))), draw(names),
        draw(st.sampled_from(["", "1", "2"])), draw(st.sampled_from(["", "a", "b"])), draw(st.sampled_from(["", "s", "t"])),
    )  # fmt: skip


@given(people(), people())
def test_likeness_is_the_same_both_ways_and_within_bounds(one: Who, two: Who) -> None:
    assert likeness(one, two) == likeness(two, one)
    assert 0 <= likeness(one, two).points <= 100
    assert not is_certain(likeness(one, two)) or likeness(one, two).points >= ASK


@given(
    st.lists(people(), unique_by=lambda who: who.ref, max_size=6),
    st.lists(people(), unique_by=lambda who: who.ref, max_size=6),
)
def test_every_row_is_matched_once_and_no_pupil_twice(rows: list[Who], pupils: list[Who]) -> None:
    found = match(rows, pupils, {})
    assert [each.row for each in found] == [row.ref for row in rows]
    taken = [each.pupil for each in found if each.pupil is not None]
    assert len(taken) == len(set(taken)) and set(taken) <= {who.ref for who in pupils}
    assert all((each.how == "ask") == bool(each.possible) for each in found)
