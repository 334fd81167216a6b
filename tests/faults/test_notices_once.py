"""A notice belongs to the act that it tells of: both are there or neither, and it is shown once."""

from datetime import timedelta
from typing import Any

import pytest

from casework.cases.steps import hand_over, nudge
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.notices.models import Notice
from casework.notices.outbox import read_all, tell
from tests import world as stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> stage.World:
    return stage.make_world()


def test_an_act_that_is_taken_back_tells_nobody(world: stage.World) -> None:
    """REL-13: the notice is written in the transaction of what it tells."""
    with pytest.raises(InterruptedError), one_act():
        tell([world.teacher], "nudge", key="a", at=stage.OPENED)
        raise InterruptedError
    assert not Notice.objects.exists()


def test_the_same_notice_is_written_once_a_person(world: stage.World) -> None:
    """REL-13: the key decides, whoever tells and however often."""
    for day in range(3):
        tell(
            [world.teacher, world.officer], "nudge", key="a", at=stage.OPENED + timedelta(days=day)
        )
    tell([world.teacher], "nudge", key="b", at=stage.OPENED)
    told = Notice.objects.values_list("user__display_name", "key", "at")
    assert sorted(told) == sorted(
        [
            (world.teacher.display_name, "a", stage.OPENED),
            (world.officer.display_name, "a", stage.OPENED),
            (world.teacher.display_name, "b", stage.OPENED),
        ]
    )


def test_a_refused_hand_over_tells_nobody_and_a_done_one_tells_once(world: stage.World) -> None:
    """REL-13"""
    case = stage.open_case(world, world.ming)
    stage.do(case, "register", stage.day(case, 0))
    step, at = stage.open_step(case, "verify"), stage.day(case, 1)
    holder = stage.holder_of(step, at)
    other = world.teacher_two if holder != world.teacher_two else world.teacher_three
    before = Notice.objects.count()
    with pytest.raises(DomainError):
        hand_over(step, to=world.far_teacher, reason="请假", by=holder, at=at)
    assert Notice.objects.count() == before
    hand_over(step, to=other, reason="请假", by=holder, at=at)
    with pytest.raises(DomainError):
        hand_over(step, to=other, reason="请假", by=holder, at=at)
    assert list(Notice.objects.filter(user=other).values_list("code", flat=True)) == ["yours"]
    assert Notice.objects.count() == before + 1


def test_a_reminder_is_shown_once_a_day_and_unread_until_read(world: stage.World) -> None:
    """REL-13: shown twice = 0, in the page too."""
    case = stage.open_case(world, world.ming)
    step, at = stage.open_step(case, "register"), stage.day(case, 1)
    for hours in (0, 24):
        nudge(step, by=world.supervisor, at=at + timedelta(hours=hours))
    with pytest.raises(DomainError, match="催办"):
        nudge(step, by=world.supervisor, at=at + timedelta(hours=25))
    reminders = Notice.objects.filter(user=world.officer, code="nudge")
    assert reminders.count() == 2
    page: Any = stage.client_of(world.officer).get("/notices/")
    assert [row.code for row in page.context["page"].rows].count("nudge") == 2
    read_all(world.officer, at=at)
    assert not reminders.filter(read_at=None).exists()
