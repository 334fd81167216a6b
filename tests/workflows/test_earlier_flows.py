"""Running cases of every released version of the flow can finish (issue point; engine.md 2.3-1)."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from viewflow.workflow.models import Process, Task
from viewflow.workflow.status import PROCESS, STATUS

from casework.cases import side
from casework.cases.kinds import Kind, Outcome, Stage
from casework.cases.models import Case, Step
from casework.core.clock import local_date, moved_to
from casework.org.models import User
from casework.profiles.models import Profile
from casework.profiles.rules import baseline, forget, publish
from tests.architecture.test_imports import ROOT
from tests.world import day, do, fresh, open_step, rolled_back
from workflows.invariants import engine_problems

pytestmark = pytest.mark.django_db
FIRST = ROOT / "tests" / "data" / "flow_1" / "cases.json"
STOPS = [
    "register", "verify", "home_visit", "persuasion", "confirm_return", "follow_up", "propose_closure",
    "approve_closure", "persuasion_led",
]  # fmt: skip


@pytest.fixture(scope="module")
def upgraded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The first version's rows, brought up by the migrations that came after it."""
    with django_db_blocker.unblock(), rolled_back():
        call_command("loaddata", FIRST, verbosity=0)
        for name in (
            "0002_roads",
            "0004_more_steps",
            "0005_limits",
            "0008_shelf",
            "0009_exports",
            "0010_retention",
            "0011_attendance",
            "0012_detection_rules",
            "0013_status",
            "0014_procedures",
        ):
            import_module(f"casework.profiles.migrations.{name}").upgrade(apps, None)
        import_module("workflows.migrations.0002_one_lane").arm(Process, Task)
        forget()
        yield


def case_at(stop: str) -> Case:
    return Case.objects.order_by("pk")[STOPS.index(stop)]


def back(case: Case, days: int) -> None:
    """Reported by the class teacher unless it was, and confirmed."""
    at = day(case, days, 9)
    if not Step.objects.open().filter(case=case, kind=Kind.CONFIRM_RETURN).exists():
        teacher = fresh(User.objects.get(display_name="林秀英"))
        with moved_to(at):
            side.report_return(case, day=local_date(at), note="", by=teacher, at=at)
    do(case, Kind.CONFIRM_RETURN, day(case, days))


@pytest.mark.parametrize("stop", STOPS)
def test_a_case_of_the_first_flow_comes_to_its_end(upgraded: None, stop: str) -> None:
    case = case_at(stop)
    days = 10
    if case.stage != Stage.FOLLOW_UP:
        back(case, days)
    case.refresh_from_db()
    assert case.returned_at
    since = (local_date(case.returned_at) - local_date(case.opened_at)).days
    ways = {
        Kind.FOLLOW_UP: since,
        Kind.PROPOSE_CLOSURE: since + 31,
        Kind.APPROVE_CLOSURE: since + 32,
    }
    while Case.objects.get(pk=case.pk).is_open:
        step = Step.objects.open().get(case=case, track="main")
        later = (
            step.number and (3, 7, 14, 30)[step.number - 1] if step.kind == Kind.FOLLOW_UP else 0
        )
        do(case, step.kind, day(case, ways[Kind(step.kind)] + later))
    assert Case.objects.get(pk=case.pk).outcome == Outcome.RETURNED
    process = Process.objects.get(pk=case.process_ref)
    assert process.status == PROCESS.DONE
    assert not process.task_set.exclude(status__in=[STATUS.DONE, STATUS.CANCELED]).exists()


def test_the_engine_is_sound_after_the_upgrade(upgraded: None) -> None:
    assert list(engine_problems()) == []


def test_a_report_of_the_first_flow_goes_on_to_the_letters(upgraded: None) -> None:
    case = case_at("persuasion_led")
    do(case, Kind.ACCEPT_TOWNSHIP, day(case, 10), decision="accepted")
    assert open_step(case, Kind.DRAFT_LETTER).about.code == "return_notice"


def test_older_rules_are_completed_and_nothing_becomes_stricter(upgraded: None) -> None:
    first, *_between, second = Profile.objects.order_by("version")
    rules = second.rules
    assert (second.version, second.valid_from) == (11, first.valid_from)
    assert {key: rules["guards"][key] for key in first.rules["guards"]} == first.rules["guards"]
    assert (
        not rules["guards"]["contact_on_both_lines"] and not rules["guards"]["joint_visit_repeat"]
    )
    published = publish(
        second.unit,
        rules,
        name="again",
        valid_from=second.valid_from,
        by=None,
        at=second.created_at,
    )
    assert set(published.rules) == set(baseline())
