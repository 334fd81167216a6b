"""Steps of people who left their post go back to the queue (domain.md 2.3)."""

from datetime import date

import pytest

from casework.cases.kinds import Kind
from casework.cases.models import Step
from casework.cases.proposing import give_back
from casework.cases.steps import take_step
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.org.models import Post, User
from casework.org.people import candidates
from casework.org.roles import Role
from tests.world import OPENED, World, do, fresh, open_case, open_step, walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def step(world: World) -> Step:
    """A step in the hands of a teacher of the class."""
    step = open_step(walk(world, open_case(world, world.lan), until=Kind.VERIFY), Kind.VERIFY)
    if step.holder is None:
        take_step(step, by=fresh(world.teacher), at=OPENED)
    return step


def test_whoever_holds_the_post_keeps_the_step(step: Step) -> None:
    assert give_back(OPENED) == 0


def test_a_deactivated_person_loses_it(step: Step) -> None:
    User.objects.filter(pk=step.holder_id).update(is_active=False)
    assert give_back(OPENED) == 1
    step.refresh_from_db()
    assert step.holder is None and step.holders.latest("generation").how == "left"


def test_an_ended_post_loses_it(step: Step) -> None:
    Post.objects.filter(user=step.holder).update(until=date(2026, 9, 30))
    assert give_back(OPENED) == 1


def test_the_same_post_elsewhere_is_not_enough(step: Step, world: World) -> None:
    Post.objects.filter(user=step.holder).update(unit=world.far_class)
    assert give_back(OPENED) == 1


def test_the_same_post_above_is(step: Step, world: World) -> None:
    Post.objects.filter(user=step.holder).update(unit=world.school)
    assert give_back(OPENED) == 0


def test_it_cannot_be_finished_before_the_sweep_comes_by(step: Step, world: World) -> None:
    Post.objects.filter(user=step.holder, role=step.role).update(until=date(2026, 10, 1))
    with pytest.raises(DomainError, match="another post"):
        do(step.case, step.kind, step.begun_at)


def test_a_post_ended_and_given_again_counts_its_holder_once(world: World) -> None:
    Post.objects.filter(user=world.officer).update(until=local_date(OPENED))
    Post.objects.create(
        user=world.officer,
        unit=world.school,
        role=Role.SCHOOL_CASE_OFFICER,
        since=local_date(OPENED),
    )
    assert candidates(Role.SCHOOL_CASE_OFFICER, world.school, OPENED)[1] == [world.officer]
