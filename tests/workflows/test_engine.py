"""The traps of the engine, each with its guard (engine.md 5)."""

import json
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db.models import ProtectedError
from viewflow.workflow.models import Process, Task
from viewflow.workflow.status import PROCESS, STATUS

from casework.audit.models import Entry
from casework.cases import side
from casework.cases.kinds import Kind
from casework.cases.models import Case, Step
from casework.cases.steps import take_step
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.fsm import ConcurrentTransition, TransitionNotAllowed
from casework.documents.models import Document
from casework.org.models import User
from tests.world import World, day, do, fresh, holder_of, open_case, open_step, prepared, walk
from workflows.complete import complete
from workflows.management.commands.check_cases import engine_problems
from workflows.models import CaseProcess
from workflows.picture import picture

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def case_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    yield from prepared(
        django_db_blocker, lambda: walk(world, open_case(world, world.ming), until=Kind.HOME_VISIT)
    )


@pytest.fixture
def case(case_pk: int) -> Case:
    return Case.objects.get(pk=case_pk)


def open_turns(case: Case) -> list[Task]:
    return list(
        Task.objects.filter(process=case.process_ref, flow_task_type="HUMAN", status=STATUS.NEW)
    )


def test_one_open_turn_and_its_step(case: Case) -> None:
    (turn,) = open_turns(case)
    step = Step.objects.open().get(case=case, track="main")
    assert step.turn_ref == turn.pk
    assert Process.objects.get(pk=case.process_ref).artifact_object_id == case.pk


def test_side_steps_have_no_turn(case: Case) -> None:
    assert not Step.objects.filter(case=case, track="side").exclude(turn_ref=None).exists()


def test_the_engine_is_not_told_of_a_claim(case: Case, world: World) -> None:
    """design.md §3: the turn stays NEW and without owner; `Task.owner` would cascade (engine.md 2.3-5)."""
    take_step(open_step(case, Kind.HOME_VISIT), by=fresh(world.teacher_two), at=day(case, 2))
    (turn,) = open_turns(case)
    assert (turn.status, turn.owner_id, turn.assigned) == (STATUS.NEW, None, None)
    do(case, Kind.HOME_VISIT, day(case, 2), result="not_yet")
    assert not Task.objects.exclude(owner=None).exists()


def test_the_process_is_done_with_the_closure(world: World) -> None:
    case = walk(world, open_case(world, world.lan))
    process = CaseProcess.objects.get(pk=case.process_ref)
    assert process.status == PROCESS.DONE and process.finished
    assert not process.task_set.exclude(status__in=[STATUS.DONE, STATUS.CANCELED]).exists()


def test_a_return_leaves_no_turn_of_the_lane_open(case: Case, world: World) -> None:
    at = day(case, 5)
    do_back(world, case, at)
    (turn,) = open_turns(case)
    assert turn.flow_task.name == "follow_up"


def do_back(world: World, case: Case, at: Any) -> None:
    side.report_return(case, day=local_date(at), note="", by=fresh(world.officer), at=at)
    do(case, Kind.CONFIRM_RETURN, at)


def test_cancelling_a_process_leaves_no_turn_and_no_step(case: Case, world: World) -> None:
    """engine.md 2.3-2: a relapse cancels the process of the old episode."""
    do_back(world, case, day(case, 5))
    second = open_case(world, world.ming, at=day(case, 9))
    assert open_turns(case) == [] and len(open_turns(second)) == 1
    last = Step.objects.get(case=case, kind=Kind.FOLLOW_UP)
    assert (last.cancelled, last.outcome) == (True, "overtaken")
    assert not Step.objects.open().filter(case=case, track="main").exists()
    assert not list(engine_problems())


def test_no_personal_data_in_the_engine(case: Case, world: World) -> None:
    """engine.md 2.3-7: neither turns nor processes carry more than ids."""
    do(case, Kind.HOME_VISIT, day(case, 2), result="not_yet")
    rows = [*Task.objects.values("data", "seed_object_id"), *Process.objects.values("data")]
    text = json.dumps(rows, ensure_ascii=False)
    assert world.ming.name not in text and "结伴" not in text
    assert {json.dumps(row["data"]) for row in rows} <= {"{}", "null"}


def test_an_error_while_the_engine_moves_takes_everything_back(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """engine.md 2.3-7: no ERROR turn with local variables in it; the act is whole or not at all (REL-03)."""
    holder_of(open_step(case, Kind.HOME_VISIT), day(case, 2))
    counts = [model.objects.count() for model in (Step, Document, Entry, Task)]
    monkeypatch.setattr("workflows.nodes._way_or_none", lambda: 1 / 0)
    step = open_step(case, Kind.HOME_VISIT)
    with pytest.raises(ZeroDivisionError):
        do(case, Kind.HOME_VISIT, day(case, 2), result="not_yet")
    assert [model.objects.count() for model in (Step, Document, Entry, Task)] == counts
    assert Step.objects.get(pk=step.pk).is_open and not case.visits.exists()
    assert not Task.objects.filter(status=STATUS.ERROR).exists()


@pytest.mark.parametrize("who", ["officer", "teacher_two", "principal"])
def test_people_who_did_something_are_never_deleted(world: World, case: Case, who: str) -> None:
    """engine.md 5: deactivate only; PROTECT stands before the engine's cascade."""
    take_step(open_step(case, Kind.HOME_VISIT), by=fresh(world.teacher_two), at=day(case, 2))
    with pytest.raises(ProtectedError):
        User.objects.get(pk=world.people[who].pk).delete()


def test_a_case_and_its_pupil_are_never_deleted(case: Case) -> None:
    for row in (case, case.pupil, case.school, Step.objects.filter(case=case)[0]):
        with pytest.raises(ProtectedError):
            row.delete()


def test_the_stage_is_not_set_by_hand(case: Case) -> None:
    with pytest.raises(AttributeError):
        case.stage = "closed"


def test_a_transition_from_another_stage_is_refused(case: Case) -> None:
    for act in ("register", "close", "located"):
        with pytest.raises(TransitionNotAllowed):
            getattr(case, act)()


def test_refreshing_a_protected_state_works(case: Case) -> None:
    """engine.md 5: stale or raising `refresh_from_db`."""
    case.refresh_from_db()
    assert case.stage == "home_visit"


def test_two_stale_copies_do_not_both_move(case: Case) -> None:
    first, second = Case.objects.get(pk=case.pk), Case.objects.get(pk=case.pk)
    first.persuade()
    first.save(update_fields=["stage"])
    second.persuade()
    with pytest.raises(ConcurrentTransition):
        second.save(update_fields=["stage"])


def test_completing_twice_is_refused(case: Case, world: World) -> None:
    step = open_step(case, Kind.HOME_VISIT)
    do(case, Kind.HOME_VISIT, day(case, 2), result="not_yet")
    done = Step.objects.get(pk=step.pk)
    with pytest.raises(DomainError, match="finished already"):
        complete(step.pk, {}, by=fresh(done.finished_by), at=day(case, 3))  # type: ignore[arg-type]


def test_damage_of_the_engine_is_found(case: Case) -> None:
    """REL-14: process, turn without step, turn in error."""
    (turn,) = open_turns(case)
    step = Step.objects.filter(turn_ref=turn.pk)
    step.update(turn_ref=None)
    assert [p["kind"] for p in engine_problems()] == ["turn_without_step"]
    Step.objects.open().filter(case=case, track="main").update(turn_ref=turn.pk)
    Task.objects.filter(pk=turn.pk).update(status=STATUS.ERROR)
    assert "turn_in_error" in [p["kind"] for p in engine_problems()]
    Task.objects.filter(pk=turn.pk).update(status=STATUS.NEW)
    Process.objects.filter(pk=case.process_ref).update(status=PROCESS.DONE)
    assert [p["kind"] for p in engine_problems()] == ["process"]


def test_the_picture_marks_the_open_turn(case: Case) -> None:
    tree = ElementTree.fromstring(picture(now={Kind.HOME_VISIT}, done={Kind.REGISTER, Kind.VERIFY}))
    groups = [g.get("class") for g in tree.iter("{http://www.w3.org/2000/svg}g")]
    assert (groups.count("now"), groups.count("done")) == (1, 2)
    boxes = list(tree.iter("{http://www.w3.org/2000/svg}rect"))
    assert len({(r.get("x"), r.get("y")) for r in boxes}) == len(boxes)
