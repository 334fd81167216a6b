"""Warnings and plans go where their pupil goes; of a child in no class they end; a vacant post leaves nobody untold."""

import pytest

from casework.cases.following import follow_pupils
from casework.cases.models import Procedure
from casework.cases.procedures import begin, duties_of, finish, procedures_of, remind_of_duties
from casework.core.clock import local_date, moved_to
from casework.core.errors import DomainError
from casework.detection.by_hand import add_suspicion
from casework.detection.models import Finding
from casework.notices.models import Notice
from casework.org.models import Post
from casework.org.roles import Role
from casework.students.models import Enrolment
from tests.cases.test_procedures import LATER, begun, do, now, said
from tests.world import OPENED, World, fresh

pytestmark = pytest.mark.django_db
TODAY = local_date(OPENED)


def moved(world: World, unit: str, school: str) -> None:
    Enrolment.objects.filter(pupil=world.lan).update(until=TODAY)
    Enrolment.objects.create(
        pupil=world.lan, class_unit=world.units[unit], school=world.units[school], since=TODAY
    )


def test_a_plan_goes_to_the_new_school(world: World) -> None:
    made = begun(world, "support")
    moved(world, "far_class", "far_school")
    assert follow_pupils(LATER) == 1 and follow_pupils(LATER) == 0
    made.refresh_from_db()
    assert (made.class_unit, made.school) == (world.units["far_class"], world.units["far_school"])
    assert now(made).unit == world.units["far_class"]
    assert made not in procedures_of(fresh(world.teacher))
    assert made in procedures_of(fresh(world.far_teacher))
    assert Notice.objects.filter(code="duty", user=world.far_teacher).exists()
    assert not Notice.objects.filter(code="duty", user=world.teacher, read_at=None).exists()
    assert do(made, "agreed", world.far_teacher).unit == world.units["far_school"]


def test_the_new_teacher_meets_what_runs_already(world: World) -> None:
    made = begun(world, "support")
    moved(world, "far_class", "far_school")
    with pytest.raises(DomainError, match="runs already"):
        begin("support", world.lan, "x", by=fresh(world.far_teacher), at=LATER)
    assert follow_pupils(LATER, pupil=world.lan) == 1
    assert made in procedures_of(fresh(world.far_teacher))


def test_of_a_child_in_no_class_it_ends(world: World) -> None:
    made = begun(world)
    Enrolment.objects.filter(pupil=world.lan).update(until=TODAY)
    follow_pupils(LATER)
    made.refresh_from_db()
    assert (made.closed_at, made.outcome) == (LATER, "left")
    assert not duties_of(fresh(world.teacher), mine=False).exists()
    assert remind_of_duties(LATER.replace(year=2027)) == 0
    assert not Notice.objects.filter(code="duty", read_at=None).exists()


def test_a_late_reminder_is_over_when_the_step_is_done(world: World) -> None:
    made = begun(world)
    duty = now(made)
    remind_of_duties(duty.due_at.replace(year=2027))
    assert Notice.objects.filter(code="duty_late", read_at=None).exists()
    do(made, "no_risk", world.teacher)
    assert not Notice.objects.filter(code="duty_late", read_at=None).exists()


def test_what_a_vacant_post_should_do_is_the_officer_s(world: World) -> None:
    Post.objects.filter(user=world.teacher, role=Role.CLASS_TEACHER).update(until=TODAY)
    with moved_to(OPENED.replace(day=28)):
        made = begin("warning", world.lan, "x", by=fresh(world.officer), at=OPENED.replace(day=28))
        assert [each.procedure for each in duties_of(fresh(world.officer), mine=True)] == [made]
    assert Notice.objects.filter(code="duty", user=world.officer).exists()


def test_what_is_known_makes_no_second_finding(world: World) -> None:
    add_suspicion(
        pupil=world.lan, child={}, unit=world.school, reason_text="前天起没来", by=fresh(world.teacher), at=OPENED
    )  # fmt: skip
    made = begun(world)
    do(made, "planned", world.teacher)
    duty, later = now(made), LATER.replace(day=LATER.day + 1)
    finish(duty, said(duty.stop, "suspected"), by=fresh(world.officer), at=later)
    assert Finding.objects.filter(pupil=world.lan).count() == 1
    assert Procedure.objects.get().outcome == "suspected"
