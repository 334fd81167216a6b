"""Rights that are lent by the day go where their owner sends them, and nowhere else (ACC-04)."""

from datetime import date, datetime, timedelta

import pytest

from casework.core.clock import local_date, local_moment, moved_to
from casework.core.errors import DomainError
from casework.org.absence import arrange, may_arrange
from casework.org.models import Post
from casework.org.roles import Role
from tests.world import World, fresh

pytestmark = pytest.mark.django_db
AT = local_moment(date(2026, 10, 12), 9)


def away(world: World, who: str, substitute: str, by: str, at: datetime = AT) -> None:
    day = local_date(at)
    with moved_to(at):
        arrange(
            user=fresh(world.people[who]), substitute=fresh(world.people[substitute]), since=day, reason="",
            until=day + timedelta(days=4), by=fresh(world.people[by]), at=at,
        )  # fmt: skip


def test_an_officer_does_not_pass_on_the_principal_s_rights(world: World) -> None:
    """The teacher stands in for the principal; only he, or the principal's superiors, choose who comes after him."""
    away(world, "principal", "teacher", by="principal")
    with pytest.raises(DomainError, match="stands in for others"):
        away(world, "teacher", "teacher_two", by="officer")
    away(world, "teacher", "teacher_two", by="teacher")
    with moved_to(AT):
        assert Role.PRINCIPAL in {post.role for post in fresh(world.teacher_two).current_posts}


def test_a_superior_post_that_begins_later_or_ends_is_one_too(world: World) -> None:
    """A class teacher who is principal for a week in January is not declared away by his officer."""
    with moved_to(AT):
        assert may_arrange(fresh(world.officer), fresh(world.teacher_two))
        Post.objects.create(
            user=world.teacher_two, unit=world.school, role=Role.PRINCIPAL,
            since=date(2027, 1, 4), until=date(2027, 1, 8),
        )  # fmt: skip
        assert not may_arrange(fresh(world.officer), fresh(world.teacher_two))


def test_nobody_outside_the_office_stands_in(world: World) -> None:
    with pytest.raises(DomainError, match="same school or office"):
        away(world, "principal", "far_teacher", by="principal")
