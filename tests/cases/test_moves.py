"""A case follows its child to another class."""

from datetime import datetime, timedelta

import pytest

from casework.cases.models import Case
from casework.cases.moves import follow_moves
from casework.core.clock import local_date
from casework.org.models import Unit
from casework.students.models import Enrolment
from tests.world import World, open_case, walk

pytestmark = pytest.mark.django_db


def test_the_case_of_a_child_that_changed_class_is_seen_by_the_new_teacher(world: World) -> None:
    case = open_case(world, world.an)
    at = case.opened_at + timedelta(days=1)
    assert case not in Case.objects.visible_to(world.teacher_two)
    Enrolment.objects.filter(pupil=world.an, until=None).update(until=local_date(case.opened_at))
    Enrolment.objects.create(
        pupil=world.an, class_unit=world.class_two, school=world.school, since=local_date(at)
    )
    assert follow_moves(at=at) == 1
    assert follow_moves(at=at) == 0
    case.refresh_from_db()
    assert case.class_unit == world.class_two
    for teacher in (world.teacher, world.teacher_two):
        assert case in Case.objects.visible_to(teacher)


def test_a_child_that_goes_back_to_the_class_of_an_earlier_case(world: World) -> None:
    first = open_case(world, world.an)
    walk(world, first)
    first.refresh_from_db()
    assert first.closed_at
    at = first.closed_at + timedelta(days=2)
    _move(world, world.class_two, at)
    second = open_case(world, world.an, at=at + timedelta(hours=1))
    _move(world, world.units["class"], at + timedelta(days=3))
    assert follow_moves(at=at + timedelta(days=3)) == 1
    second.refresh_from_db()
    assert second.class_unit == world.units["class"]


def _move(world: World, to: Unit, at: datetime) -> None:
    now = Enrolment.objects.filter(pupil=world.an, until=None)
    now.update(until=local_date(at) - timedelta(days=1))
    Enrolment.objects.create(
        pupil=world.an, class_unit=to, school=world.school, since=local_date(at)
    )
