"""Start in mid-year: the cases of an older ledger are taken over with their days, and nothing of the past is late."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from casework.cases.kinds import Kind, Outcome, Stage
from casework.cases.ledger_words import outcome_of, stage_of
from casework.cases.models import Case, Step
from casework.core.clock import local_date, moved_to
from casework.documents.models import Document
from casework.org.models import User
from casework.students.models import Pupil
from casework.students.report import Report
from casework.students.runs import apply, begin
from casework.students.workbook import Upload
from tests.students.books import id_number, workbook
from tests.world import OPENED, World, client_of, do, fresh
from workflows.taking_over import import_cases

pytestmark = pytest.mark.django_db
TODAY = local_date(OPENED)
HEADER = ["编号", "姓名", "学籍号", "发现日期", "状态", "辍学原因", "家访次数", "复学日期", "销号日期", "结果", "性别", "出生日期", "学校"]  # fmt: skip


def line(pupil: Pupil | str, found: str, state: str = "", **more: str) -> list[str]:
    known = {"姓名": pupil, "发现日期": found, "状态": state}
    if isinstance(pupil, Pupil):
        known |= {"姓名": pupil.name, "学籍号": pupil.status_number}
    said = known | more
    return [str(said.get(title, "")) for title in HEADER]


def ledger(*lines: list[str], title: str = "控辍保学台账") -> Upload:
    return Upload("台账.xlsx", workbook({"Sheet1": [[title], HEADER, *lines]}))


def take(world: World, *lines: list[str], dry_run: bool = False, **more: Any) -> Report:
    by: User = fresh(more.pop("by", world.officer))
    return import_cases([ledger(*lines, **more)], by=by, at=OPENED, dry_run=dry_run)


def now(case: Case) -> Step:
    found: Step = case.steps.get(finished_at=None)
    return found


@pytest.mark.parametrize(
    ("words", "stage"),
    [
        ("已返校未销号", Stage.FOLLOW_UP), ("拟复学", Stage.PERSUASION), ("不愿返校", Stage.PERSUASION), ("劝返未果", Stage.PERSUASION),
        ("疑似辍学", Stage.VERIFY), ("已家访", Stage.HOME_VISIT), ("劝返中", Stage.PERSUASION), ("辍学", Stage.REPORTED),
        ("已复学", Stage.FOLLOW_UP), ("未复学", Stage.REPORTED), ("已销号", Stage.CLOSED), ("劝返成功", Stage.FOLLOW_UP), ("好", None),
    ],
)  # fmt: skip
def test_the_words_of_ledgers(words: str, stage: Stage | None) -> None:
    assert stage_of(words) == stage


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("劝返无效，超龄销号", Outcome.AGED_OUT), ("未复学，死亡", Outcome.DECEASED), ("未返校，超龄", Outcome.AGED_OUT),
        ("劝返未果，已毕业", Outcome.COMPLETED), ("不愿复学", None), ("已复学", Outcome.RETURNED), ("劝返成功", Outcome.RETURNED),
        ("转学至县一中", Outcome.TRANSFER_OUT), ("死亡或转学", None), ("拟返校", None), ("返校复学", Outcome.RETURNED),
    ],
)  # fmt: skip
def test_how_a_case_ended_is_what_is_said_and_not_what_is_denied(
    words: str, outcome: Outcome | None
) -> None:
    assert outcome_of(words) == outcome


def test_an_open_case_goes_on_where_it_stands_and_nothing_is_late(world: World) -> None:
    report = take(
        world,
        line(world.lan, "2026-06-01", "疑似辍学"),
        line(world.yun, "2026-06-02", "劝返", 辍学原因="外出务工", 家访次数="3"),
        line(world.qi, "2026-05-02", "辍学"),
    )
    assert (report.read, report.applied, report.refused) == (3, 3, 0)
    cases = {case.pupil.name: case for case in Case.objects.all()}
    kinds = {name: now(case).kind for name, case in cases.items()}
    assert kinds == {
        "罗小兰": Kind.VERIFY,
        "田小云": Kind.PERSUASION,
        "潘思琪": Kind.PERSUASION_LED,
    }
    assert all(now(case).due_at > OPENED for case in cases.values())
    yun = cases["田小云"]
    assert (local_date(yun.opened_at), yun.taken_over_at, yun.reason) == (
        date(2026, 6, 2), OPENED, "WORK",
    )  # fmt: skip
    assert yun.number.split("-")[2] == "2026S"


def test_what_the_ledger_says_is_the_first_paper(world: World) -> None:
    take(world, line(world.lan, "2026-06-01", "劝返", 编号="台-7", 家访次数="3"))
    case = Case.objects.get()
    paper = Document.objects.get(chain=f"case:{case.pk}")
    assert paper.kind == "SR" and "台-7" in paper.record and "台账.xlsx" in paper.record
    with moved_to(OPENED):
        page = client_of(world.officer).get(f"/cases/{case.pk}/").content.decode()
    assert "taken over, found on 1 Jun" in page


def test_who_is_back_is_followed_up_and_the_case_can_be_closed(world: World) -> None:
    take(world, line(world.lan, "2026-04-01", 复学日期="2026-05-06"))
    case = Case.objects.get()
    assert (case.stage, now(case).kind) == (Stage.FOLLOW_UP, Kind.FOLLOW_UP)
    for _number in range(4):
        step = now(case)
        assert step.kind == Kind.FOLLOW_UP and step.due_at > step.begun_at
        do(
            case,
            Kind.FOLLOW_UP,
            max(step.opens_at, step.begun_at) + timedelta(hours=1),
            result="stable",
        )
    assert now(case).kind == Kind.PROPOSE_CLOSURE


def test_a_closed_case_is_kept_as_it_ended(world: World) -> None:
    take(
        world,
        line(world.lan, "2026-03-01", 复学日期="2026-03-20", 销号日期="2026-05-01"),
        line(world.yun, "2026-03-01", "已销号", 销号日期="2026-05-01", 结果="转学外省"),
    )
    lan, yun = (Case.objects.get(pupil=pupil) for pupil in (world.lan, world.yun))
    assert (lan.stage, lan.outcome, lan.is_open) == (Stage.CLOSED, Outcome.RETURNED, False)
    assert (yun.outcome, local_date(yun.closed_at)) == (Outcome.TRANSFER_OUT, date(2026, 5, 1))
    assert not Step.objects.exists() and lan.process_ref is None


def test_two_episodes_of_a_child_are_linked(world: World) -> None:
    take(
        world,
        line(world.lan, "2026-06-01", "疑似"),
        line(world.lan, "2025-10-01", 复学日期="2025-11-01", 销号日期="2026-01-05"),
    )
    first, second = Case.objects.order_by("opened_at")
    assert (second.previous, second.episode, second.urgent) == (first, 2, True)


def test_taken_over_once(world: World) -> None:
    rows = [line(world.lan, "2026-06-01", "疑似")]
    take(world, *rows)
    report = take(world, *rows)
    assert (report.applied, report.unchanged, Case.objects.count()) == (0, 1, 1)
    report = take(world, line(world.lan, "2026-06-01", 销号日期="2026-07-01", 结果="复学"))
    assert report.refused == 1 and "goes on here" in report.errors[0].message
    report = take(world, line(world.lan, "2026-07-01", "疑似"))
    assert report.refused == 1 and "On these days" in report.errors[0].message


def test_a_child_on_no_roster_becomes_a_pupil(world: World) -> None:
    report = take(
        world,
        line("龚小军", "2026-06-01", "辍学", 性别="男", 出生日期="2013-05-06", 学校="青石镇中学"),
    )
    assert report.errors == []
    case = Case.objects.get()
    assert (case.pupil.name, case.school, case.class_unit) == ("龚小军", world.school, None)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"发现日期": ""}, "The cell is empty"),
        ({"发现日期": "2027-01-01"}, "in the future"),
        ({"状态": "其他"}, "Say the state"),
        ({"状态": "已复学"}, "no day of return"),
        ({"状态": "已销号"}, "no day of closing"),
        ({"销号日期": "2026-07-01"}, "how it ended"),
        ({"复学日期": "2026-05-01"}, "before the one that it follows"),
        ({"姓名": "罗小红"}, "another pupil's"),
    ],
)
def test_a_bad_row_is_handed_back(world: World, bad: dict[str, str], words: str) -> None:
    row = dict(zip(HEADER, line(world.lan, "2026-06-01", "疑似"), strict=True)) | bad
    report = take(world, list(row.values()), line(world.yun, "2026-06-01", "疑似"))
    assert (report.read, report.applied, report.refused) == (2, 1, 1)
    assert any(words in each.message for each in report.errors), report.errors


def test_without_a_state_the_title_says_it(world: World) -> None:
    take(world, line(world.lan, "2026-06-01"), title="青石镇中学疑似辍学学生台账")
    assert Case.objects.get().stage == Stage.VERIFY


def test_nobody_takes_over_the_pupils_of_another_school(world: World) -> None:
    report = take(world, line(world.far_hua, "2026-06-01", "疑似"))
    assert report.refused == 1 and "another school" in report.errors[0].message
    report = take(world, line(world.far_hua, "2026-06-01", "疑似"), by=world.county_officer)
    assert report.applied == 1


def test_a_dry_run_writes_nothing(world: World) -> None:
    report = take(world, line(world.lan, "2026-06-01", "疑似"), dry_run=True)
    assert report.applied == 1
    assert not Case.objects.exists() and not Document.objects.exists()


def test_on_the_page_of_imports(world: World, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    by = fresh(world.officer)
    upload = ledger(line(world.lan, "2026-06-01", "疑似"))
    run = begin(kind="cases", files=[upload], township="", by=by, at=OPENED)
    assert not Case.objects.exists()
    apply(run=run, by=by, at=OPENED)
    assert Case.objects.count() == 1
    with moved_to(OPENED):
        page = client_of(world.officer).get("/import/").content.decode()
    assert "ledgers of cases" in page


NEW = {"性别": "男", "出生日期": "2013-05-06", "学校": "青石镇中学"}


@pytest.mark.parametrize("number", ["", id_number("20130506", 101)])
def test_two_rows_of_a_child_on_no_roster_are_one_child(world: World, number: str) -> None:
    one, two = (
        line("龚小军", "2025-10-09", 销号日期="2025-11-20", 结果="复学", **NEW),
        line("龚小军", "2026-06-01", "辍学", **NEW),
    )
    header = [*HEADER, "身份证号", "监护人", "监护人电话"]
    more = [number, "龚军", "10099990001"]
    file = Upload("台账.xlsx", workbook({"Sheet1": [header, [*one, *more], [*two, *more]]}))
    report = import_cases([file], by=fresh(world.officer), at=OPENED, dry_run=False)
    assert (report.applied, report.refused) == (2, 0), report.errors
    pupil = Pupil.objects.get(name="龚小军")
    assert [case.episode for case in Case.objects.order_by("opened_at")] == [1, 2]
    assert (pupil.id_number, pupil.township) == (number, world.town)
    assert [(g.name, g.phone) for g in pupil.guardians.all()] == [("龚军", "10099990001")]


def test_a_row_that_is_refused_leaves_the_child_to_the_next(world: World) -> None:
    first = line("龚小军", "2026-05-01", "辍学", **NEW)
    report = take(world, first, line("龚小军", "2026-06-01", "辍学", **NEW))
    assert (report.applied, report.refused) == (1, 1) and Pupil.objects.filter(
        name="龚小军"
    ).count() == 1


def test_what_a_number_denies_is_refused(world: World) -> None:
    header = [*HEADER, "身份证号"]
    row = [
        *line("龚小军", "2026-06-01", "辍学", **NEW | {"出生日期": "2014-01-01"}),
        id_number("20130506", 101),
    ]
    file = Upload("台账.xlsx", workbook({"Sheet1": [header, row]}))
    report = import_cases([file], by=fresh(world.officer), at=OPENED, dry_run=False)
    assert report.refused == 1 and "contradicts" in report.errors[0].message
    long_name = take(world, line("长" * 80, "2026-06-01", "辍学", **NEW))
    assert "too long" in long_name.errors[0].message


def test_a_case_of_this_system_is_not_doubled_and_nothing_older_comes_later(world: World) -> None:
    take(world, line(world.lan, "2026-06-01", "辍学"))
    Case.objects.update(taken_over_at=None)
    report = take(world, line(world.lan, "2026-06-01", "辍学"))
    assert "On these days" in report.errors[0].message
    older = line(world.lan, "2025-10-09", 销号日期="2025-11-20", 结果="复学")
    report = take(world, older)
    assert "A later case" in report.errors[0].message and Case.objects.count() == 1


def test_a_child_of_another_township_is_not_taken_by_its_name(world: World) -> None:
    """Known here, in no class: only who is in charge of its home, or the county, takes a case over."""
    far = Pupil.objects.create(
        name="龙小飞", sex="m", born=date(2013, 5, 5), created_at=OPENED,
        village=world.units["far_village"], township=world.units["far_town"],
    )  # fmt: skip
    more = {"性别": "男", "出生日期": "2013-05-05", "学校": "青石镇中学"}
    report = take(world, line("龙小飞", "2026-06-01", "家访", **more))
    assert report.refused == 1 and "another township" in report.errors[0].message
    report = take(world, line("龙小飞", "2026-06-01", "家访", **more), by=world.county_officer)
    assert report.applied == 1 and Case.objects.get().pupil == far


def test_who_is_on_a_roll_is_not_closed_as_gone(world: World) -> None:
    report = take(world, line(world.lan, "2026-09-02", 销号日期="2026-09-20", 结果="死亡"))
    assert report.refused == 1 and "in a class by the roster" in report.errors[0].message
