"""The official calendar: a notice from a file, a provisional date restated, what is not whole refused (issue 4)."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from casework.cases.kinds import Kind
from casework.cases.models import Step, StepDue
from casework.core.clock import end_of, local_date, moved_to
from casework.deadlines import calendar
from casework.deadlines.calendar import from_package
from casework.deadlines.models import CalendarVersion
from tests.cases.test_ladder import whole_database
from tests.world import OPENED, World, day, open_case, open_step

pytestmark = pytest.mark.django_db


def again(step: Step) -> Step:
    return Step.objects.get(pk=step.pk)


def notice(folder: Path, *lines: str, head: str = "day,kind,name") -> Path:
    path = folder / "notice-2027.csv"
    path.write_text("\n".join(["# 2027", head, *lines]), "utf-8")
    return path


WHOLE = (
    "2027-01-01,off,new_year", "2027-02-06,off,spring_festival", "2027-04-05,off,tomb_sweeping",
    "2027-05-01,off,labour_day", "2027-06-09,off,dragon_boat", "2027-09-15,off,mid_autumn",
    "2027-10-01,off,national_day", "2027-01-04,off,new_year", "2027-01-09,work,make_up",
)  # fmt: skip


def load(path: Path, year: int = 2027, **more: Any) -> None:
    call_command("load_calendar", notice=path, year=year, **more)


@pytest.fixture
def over_new_year(world: World) -> Step:
    """Two working days begun on New Year's Eve: 2027 is not certain yet."""
    case = open_case(world, world.yun)
    step = open_step(case, Kind.REGISTER)
    Step.objects.filter(pk=step.pk).update(
        budget=2, budget_unit="working_days", counted_from=day(case, 80), due_at=end_of(date(2027, 1, 4)),
        provisional=True, rule="register",
    )  # fmt: skip
    return again(step)


def test_a_provisional_date_is_restated_when_the_notice_comes(
    over_new_year: Step, world: World, tmp_path: Path, capsys: Any
) -> None:
    at = day(over_new_year.case, 81)
    assert local_date(day(over_new_year.case, 80)) == date(2026, 12, 31)
    with moved_to(at):
        load(notice(tmp_path, *WHOLE))
    found = again(over_new_year)
    assert (found.due_at, found.provisional, found.calendar_version) == (
        end_of(date(2027, 1, 6)),
        False,
        2,
    )
    assert StepDue.objects.get(step=found, version=2).cause == "calendar"
    assert "moved: 1" in capsys.readouterr().out
    assert CalendarVersion.objects.get(number=2).source.endswith("; notice-2027.csv")


def test_a_dry_run_of_loading_changes_not_one_row(
    over_new_year: Step, tmp_path: Path, capsys: Any
) -> None:
    before = whole_database()
    with moved_to(OPENED):
        load(notice(tmp_path, *WHOLE), dry_run=True, json=True)
    assert whole_database() == before
    assert json.loads(capsys.readouterr().out) == {"would_move": 1, "would_be_overdue": 0}


def test_a_year_loaded_from_a_file_outlives_the_next_package(
    over_new_year: Step, world: World, tmp_path: Path
) -> None:
    with moved_to(OPENED):
        load(notice(tmp_path, *WHOLE))
        call_command("load_calendar")
    assert CalendarVersion.objects.count() == 2
    assert 2027 in from_package(OPENED).known


@pytest.mark.parametrize(
    ("lines", "head", "words"),
    [
        (("2027-01-01,off",), "day,kind,name", "row 3, field day: write three fields"),
        (("1 Jan,off,new_year",), "day,kind,name", "row 3, field day: write it like"),
        (("2027-01-01,free,new_year",), "day,kind,name", "row 3, field kind: write off or work"),
        (("2027-01-01,off,feast",), "day,kind,name", "row 3, field name: write one of"),
        (("2027-01-02,work,new_year",), "day,kind,name", "a workday is make_up"),
        (("2026-05-01,off,labour_day",), "day,kind,name", "it is not a day of 2027"),
        ((WHOLE[0], WHOLE[0]), "day,kind,name", "row 4, field day: it stands here twice"),
        (WHOLE[:4], "day,kind,name", "names no day of: Dragon Boat Festival"),
        (WHOLE, "date;kind;name", "the first line must say day,kind,name"),
    ],
)
def test_a_notice_that_is_not_whole_is_refused_with_its_place(
    world: World, tmp_path: Path, lines: tuple[str, ...], head: str, words: str
) -> None:
    with moved_to(OPENED), pytest.raises(CommandError, match=words):
        load(notice(tmp_path, *lines, head=head))
    assert CalendarVersion.objects.count() == 1


def test_a_gap_in_the_calendar_and_a_missing_file_are_refused(world: World, tmp_path: Path) -> None:
    with moved_to(OPENED), pytest.raises(CommandError, match=r"gap: load the notice of 2027"):
        load(notice(tmp_path, *WHOLE), year=2029)
    with moved_to(OPENED), pytest.raises(CommandError, match="cannot be read"):
        load(tmp_path / "none.csv")
    with moved_to(OPENED), pytest.raises(CommandError, match="belong together"):
        call_command("load_calendar", notice=tmp_path / "none.csv")


def test_new_year_s_eve_belongs_to_the_notice_of_the_new_year() -> None:
    assert [calendar.notice_year(each) for each in (date(2026, 12, 30), date(2026, 12, 31))] == [
        2026,
        2027,
    ]
