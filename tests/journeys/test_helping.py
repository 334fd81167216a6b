"""Case conferences with minutes, and help with an owner, a day and an end (domain.md D15, F33)."""

from datetime import timedelta
from typing import Any

import pytest

from casework.cases import matters
from casework.cases.helping import call_conference, give_help, owners_for
from casework.cases.kinds import CONTROLS, Kind, Measure
from casework.cases.models import Case, Matter, Step
from casework.core.clock import end_of, local_date, moved_to
from casework.core.errors import DomainError
from tests.journeys.test_side_roads import branch, sound
from tests.world import World, client_of, day, do, fresh, open_step, walk
from workflows.demo import typed

pytestmark = pytest.mark.django_db


def help_for(
    case: Case, world: World, owner: str = "teacher", days: int = 10, by: str = "officer"
) -> Step:
    at = day(case, 4)
    until = local_date(at) + timedelta(days=days)
    post = world.people[owner].posts.get()
    said = {"measure": "TUTORING", "owner": post, "until": until, "aim": "跟上数学。"}
    with moved_to(at):
        return give_help(case, said, by=fresh(world.people[by]), at=at)


def call(case: Case, world: World, by: str = "teacher", days: int = 1) -> Step:
    at = day(case, 4)
    said = {**typed.CONFERENCE, "held_on": local_date(at) + timedelta(days=days)}
    with moved_to(at):
        return call_conference(case, said, by=fresh(world.people[by]), at=at)


@pytest.mark.parametrize("owner", ["teacher", "principal", "township"])
def test_help_stands_in_its_owner_s_inbox_until_the_day(
    case: Case, world: World, owner: str
) -> None:
    """Issue point: each with owner, date due and done."""
    step = help_for(case, world, owner)
    assert step.holder == world.people[owner]
    assert step.due_at == end_of(local_date(day(case, 14)))
    with moved_to(day(case, 4, 16)):
        inbox = client_of(world.people[owner]).get("/").content.decode()
        shown = client_of(world.officer).get(f"/cases/{case.pk}/").content.decode()
    assert f"/steps/{step.pk}/" in inbox and world.people[owner].display_name in shown
    (paper,) = do(case, Kind.HELP, day(case, 6))
    step.about.refresh_from_db()
    assert (step.about.outcome, paper.kind) == ("done", "SR") and "补课八次" in paper.record
    sound()


def test_a_measure_of_somebody_else_s_post_is_his_too(case: Case, world: World) -> None:
    """Two people hold the class's post: the one who was named gets it."""
    other = Case.objects.exclude(pk=case.pk)[0]
    other.class_unit = world.class_two
    other.save(update_fields=["class_unit", "stage"])
    assert help_for(other, world, "teacher_three").holder == world.teacher_three


def test_owners_are_the_people_of_the_case_s_places(case: Case, world: World) -> None:
    names = {post.user.display_name for post in owners_for(case, day(case, 4))}
    assert names == {"林秀英", "赵敏", "周建民", "冯晓", "吴玉兰", "钱国栋"}


def test_the_form_offers_them_and_nobody_else(case: Case, world: World) -> None:
    with moved_to(day(case, 4)):
        page = client_of(world.officer).get(f"/cases/{case.pk}/help/").content.decode()
        stranger = world.far_teacher.posts.get().pk
        typed_ = {"measure": "TALK", "owner": stranger, "until": "2026-12-01", "aim": "x"}
        refused = client_of(world.officer).post(f"/cases/{case.pk}/help/", typed_)
    assert "林秀英" in page and "蒋丽" not in page and refused.status_code == 422


def test_several_measures_run_beside_each_other_and_end_with_the_case(
    case: Case, world: World
) -> None:
    first, second = help_for(case, world), help_for(case, world, "principal")
    assert matters.blocking(case) is None
    branch(case, "FALSE_ALARM", world, days=5)
    for step in (first, second):
        step.refresh_from_db()
        assert (step.cancelled, step.outcome) == (True, "needless")
    sound()


@pytest.mark.parametrize("by", ["teacher", "township"])
def test_the_minutes_are_written_by_the_office_that_called(
    case: Case, world: World, by: str
) -> None:
    step = call(case, world, by)
    unit, holder = (
        (world.town, world.township) if by == "township" else (world.school, world.officer)
    )
    assert (step.unit, step.holder) == (unit, holder)
    (paper,) = do(case, Kind.CONFERENCE, day(case, 5))
    assert paper.kind == "P25" and "每周补课两次" in paper.record
    step.about.refresh_from_db()
    assert step.about.outcome == "held"
    sound()


@pytest.mark.parametrize("act", [call, help_for])
def test_a_day_that_has_passed_is_refused(case: Case, world: World, act: Any) -> None:
    with pytest.raises(DomainError, match="has passed already"):
        act(case, world, days=-1)


@pytest.mark.parametrize("act", [call, help_for])
def test_a_closed_case_takes_neither(case: Case, world: World, act: Any) -> None:
    closed = walk(world, Case.objects.exclude(pk=case.pk)[0])
    with pytest.raises(DomainError, match="is closed"):
        act(closed, world, days=90)
    assert not Matter.objects.filter(case=closed).exists()


def test_every_measure_belongs_to_one_kind_of_control() -> None:
    """domain.md F33: by law, management, teaching, relief."""
    listed = [measure for measures in CONTROLS.values() for measure in measures]
    assert sorted(listed) == sorted(Measure) and len(CONTROLS) == 4


def test_a_help_measure_is_overdue_like_any_step(case: Case, world: World) -> None:
    step = help_for(case, world, days=1)
    assert open_step(case, Kind.HELP) in Step.objects.overdue(day(case, 6))
    assert step not in Step.objects.overdue(day(case, 5))
