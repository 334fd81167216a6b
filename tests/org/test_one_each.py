"""One case officer and one status officer a school: whose it is must be known (domain.md B16, E4)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from casework.core.clock import local_date, moved_to
from casework.core.errors import DomainError
from casework.org.models import Post
from casework.org.people import end_post, give_post, vacancies
from casework.org.roles import Role
from tests.world import OPENED, World, client_of, fresh

pytestmark = pytest.mark.django_db
TODAY = local_date(OPENED)


@pytest.mark.parametrize("role", [Role.SCHOOL_CASE_OFFICER, Role.STATUS_OFFICER])
def test_a_second_officer_of_a_school_waits_for_the_first_to_go(world: World, role: Role) -> None:
    new = {
        "user": fresh(world.teacher_two),
        "unit": world.school,
        "role": role,
        "by": world.admin,
        "at": OPENED,
    }
    with pytest.raises(DomainError, match="one “"):
        give_post(since=TODAY, **new)  # type: ignore[arg-type]
    held = Post.objects.get(unit=world.school, role=role)
    end_post(post=held, until=TODAY, by=world.admin, at=OPENED)
    give_post(since=TODAY, **new)  # type: ignore[arg-type]
    assert vacancies([world.school], TODAY + timedelta(days=1)) == {}


def test_the_tree_shows_the_school_without_one(world: World) -> None:
    Post.objects.filter(unit=world.school, role=Role.STATUS_OFFICER).delete()
    assert vacancies([world.school], TODAY) == {world.school.pk: [Role.STATUS_OFFICER.label]}
    with moved_to(OPENED):
        page = client_of(world.admin).get(reverse("org:unit", args=[world.town.pk]))
    assert page.content.decode().count("vacant:") == 1
