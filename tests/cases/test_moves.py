"""A case follows its child to another class."""

from datetime import timedelta

import pytest

from casework.cases.models import Case
from casework.cases.moves import follow_moves
from casework.core.clock import local_date
from casework.students.models import Enrolment
from tests.world import World, open_case

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
