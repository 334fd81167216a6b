"""Away and back: substitutes in chains, never in a circle, steps that go over and come back (issue 3)."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from casework.cases.kinds import Kind
from casework.cases.models import Case
from casework.core.clock import local_date, local_moment, moved_to
from casework.core.errors import DomainError
from casework.org.absence import arrange, come_back, deputies
from casework.org.models import Post, StandIn, User
from casework.org.people import candidates
from casework.org.roles import Role
from tests.world import World, client_of, day, do, fresh, open_case, open_step, walk
from workflows.sweeping import sweep

pytestmark = pytest.mark.django_db
MONDAY = local_moment(date(2026, 10, 12), 9)


def away(
    world: World, who: str, substitute: str, days: tuple[int, int] = (1, 3), by: str = ""
) -> StandIn:
    """Somebody is away from one day to another, counted from the Monday on which the cases open."""
    first = local_date(MONDAY)
    with moved_to(MONDAY):
        return arrange(
            user=fresh(world.people[who]), substitute=fresh(world.people[substitute]),
            since=first + timedelta(days=days[0]), until=first + timedelta(days=days[1]), reason="培训",
            by=fresh(world.people[by or who]), at=MONDAY,
        )  # fmt: skip


def sweep_at(at: datetime) -> None:
    with moved_to(at):
        sweep(at)


def registered(world: World) -> Case:
    """The class teacher holds the verification."""
    case = walk(world, open_case(world, world.lan), until=Kind.VERIFY)
    assert open_step(case, Kind.VERIFY).holder == world.teacher
    return case


def test_steps_go_over_and_come_back(world: World) -> None:
    case = registered(world)
    away(world, "teacher", "teacher_two")
    sweep_at(day(case, 0, 22))
    assert open_step(case, Kind.VERIFY).holder == world.teacher
    sweep_at(day(case, 1, 1))
    step = open_step(case, Kind.VERIFY)
    assert step.holder == world.teacher_two
    sweep_at(day(case, 4, 1))
    assert open_step(case, Kind.VERIFY).holder == world.teacher
    assert [row.how for row in step.holders.order_by("generation")] == [
        "only",
        "stand_in",
        "given_back",
    ]


def test_new_steps_go_to_the_substitute_at_once(world: World) -> None:
    case = registered(world)
    away(world, "teacher", "teacher_two")
    sweep_at(day(case, 1, 1))
    do(case, Kind.VERIFY, day(case, 1), found="local")
    visit = open_step(case, Kind.HOME_VISIT)
    assert visit.holder == world.teacher_two
    sweep_at(day(case, 4, 1))
    assert (
        open_step(case, Kind.HOME_VISIT).holder is None
    )  # his post ended, and it never was the teacher's


def test_a_chain_ends_with_who_is_there(world: World) -> None:
    case = registered(world)
    away(world, "teacher_two", "teacher_three")
    away(world, "teacher", "teacher_two")
    assert deputies(local_date(day(case, 1)))[world.teacher.pk] == world.teacher_three.pk
    sweep_at(day(case, 1, 1))
    assert open_step(case, Kind.VERIFY).holder == world.teacher_three
    with moved_to(day(case, 1)):
        assert candidates(Role.CLASS_TEACHER, world.units["class"], day(case, 1))[1] == [
            world.teacher_three
        ]


def test_a_circle_is_refused_and_named(world: World) -> None:
    away(world, "teacher_two", "teacher_three")
    away(world, "teacher", "teacher_two")
    with pytest.raises(DomainError, match="林秀英") as refused:
        away(world, "teacher_three", "teacher")
    assert "circle" in str(refused.value)
    assert not StandIn.objects.filter(user=world.teacher_three).exists()


def test_a_circle_on_other_days_is_none(world: World) -> None:
    away(world, "teacher", "teacher_two", (1, 3))
    away(world, "teacher_two", "teacher", (4, 6))
    assert StandIn.objects.count() == 2


def test_back_before_the_day(world: World) -> None:
    case = registered(world)
    stand_in = away(world, "teacher", "teacher_two", (1, 9))
    sweep_at(day(case, 1, 1))
    with moved_to(day(case, 2, 8)):
        come_back(stand_in, by=fresh(world.teacher), at=day(case, 2, 8))
    sweep_at(day(case, 2, 9))
    assert open_step(case, Kind.VERIFY).holder == world.teacher
    with moved_to(day(case, 2)):
        assert all(
            post.unit != world.units["class"] for post in fresh(world.teacher_two).current_posts
        )


def test_nobody_checks_his_own_request_as_a_substitute(world: World) -> None:
    """The return was reported by the class teacher, who now stands in for the principal."""
    from casework.cases import side

    case = walk(world, open_case(world, world.lan), until=Kind.HOME_VISIT)
    at = day(case, 2, 9)
    side.report_return(case, day=local_date(at), note="", by=fresh(world.teacher), at=at)
    away(world, "principal", "teacher", (3, 5))
    sweep_at(day(case, 3, 1))
    assert open_step(case, Kind.CONFIRM_RETURN).holder is None


WRONG = [
    ({"by": "teacher_two"}, "not yours to arrange"),
    (
        {"by": "teacher_two", "who": "principal", "substitute": "teacher_two"},
        "not yours to arrange",
    ),
    ({"by": "officer", "substitute": "officer"}, "makes himself a substitute"),
    ({"by": "officer", "who": "principal", "substitute": "status"}, "not yours to arrange"),
    ({"by": "township", "who": "leader", "substitute": "township"}, "not yours to arrange"),
    ({"days": (3, 1)}, "before the first"),
    ({"days": (-9, -5)}, "has passed"),
    ({"days": (1, 900)}, "at most a year"),
]


@pytest.mark.parametrize(("said", "words"), WRONG)
def test_what_cannot_be_arranged(world: World, said: dict[str, object], words: str) -> None:
    """ACC-04: nobody gives himself the rights of another."""
    usual: dict[str, object] = {"who": "teacher", "substitute": "teacher_two"}
    with pytest.raises(DomainError, match=words):
        away(world, **(usual | said))  # type: ignore[arg-type]
    assert not StandIn.objects.exists()


def test_rights_over_people_are_not_lent(world: World) -> None:
    Post.objects.create(
        user=world.officer, unit=world.county, role=Role.DATA_ADMIN, since=date(2026, 9, 1)
    )
    away(world, "officer", "status")
    with moved_to(MONDAY + timedelta(days=1)):
        roles = [post.role for post in fresh(world.status).current_posts]
    assert roles == [Role.STATUS_OFFICER, Role.SCHOOL_CASE_OFFICER]


def test_the_page_shows_what_would_go_where_and_then_arranges_it(world: World) -> None:
    case = registered(world)
    said = {
        "since": "2026-10-13",
        "until": "2026-10-15",
        "substitute": world.teacher_two.pk,
        "reason": "",
    }
    with moved_to(day(case, 0, 20)):
        client, place = client_of(world.teacher), reverse("cases:away")
        shown = client.post(place, {**said, "act": "preview"})
        assert shown.context["total"] == 1 and "郑海" in shown.content.decode()
        assert not StandIn.objects.exists()
        assert client.post(place, {**said, "act": "arrange"}).status_code == 302
        again = client.post(place, {**said, "act": "arrange"})
        assert again.status_code == 409 and "arranged already" in again.content.decode()
        stand_in = StandIn.objects.get(user=world.teacher)
        assert client.post(place, {"act": "back", "absence": stand_in.pk}).status_code == 302
    assert StandIn.objects.get(user=world.teacher).back_on == local_date(day(case, 0))


def test_strangers_are_not_offered(world: World) -> None:
    with moved_to(MONDAY):
        form = client_of(world.teacher).get(reverse("cases:away")).context["form"]
        offered = set(form.fields["substitute"].queryset)
        assert world.officer in offered and world.far_teacher not in offered
        assert (
            client_of(world.teacher)
            .get(reverse("cases:away_of", args=[world.principal.pk]))
            .status_code
            == 404
        )
        assert (
            client_of(world.officer)
            .get(reverse("cases:away_of", args=[world.teacher.pk]))
            .status_code
            == 200
        )
    assert User.objects.filter(pk=world.teacher.pk).exists()


def test_nobody_gets_rights_by_a_detour(world: World) -> None:
    """ACC-04: the officer stands in for the colleague whom he would make a substitute."""
    away(world, "teacher_two", "officer", (0, 5))
    with pytest.raises(DomainError, match="makes himself a substitute"):
        away(world, "teacher", "teacher_two", (1, 3), by="officer")


def test_rights_end_with_the_absence_whatever_the_chain(world: World) -> None:
    first = away(world, "principal", "officer", (0, 30))
    away(world, "officer", "teacher_two", (1, 300))
    roles = lambda days: {p.role for p in fresh(world.teacher_two).current_posts}  # noqa: E731
    with moved_to(MONDAY + timedelta(days=1)):
        assert Role.PRINCIPAL in roles(1)
    with moved_to(MONDAY + timedelta(days=2)):
        come_back(first, by=fresh(world.principal), at=MONDAY + timedelta(days=2))
        assert roles(2) == {Role.CLASS_TEACHER, Role.SCHOOL_CASE_OFFICER}


def test_overlapping_absences_make_no_hidden_circle(world: World) -> None:
    """The circle lies on the days of the second absence."""
    away(world, "teacher", "officer", (1, 2))
    away(world, "teacher", "teacher_two", (8, 10))
    with pytest.raises(DomainError, match="circle"):
        away(world, "teacher_two", "teacher", (1, 10))


def test_a_row_has_an_end(world: World) -> None:
    for who, substitute in (
        ("teacher", "teacher_two"),
        ("teacher_two", "teacher_three"),
        ("teacher_three", "status"),
    ):
        away(world, who, substitute)
    with pytest.raises(DomainError, match="in a row"):
        away(world, "status", "officer")
    with pytest.raises(DomainError, match="in a row"):
        away(world, "principal", "teacher")
    case = registered(world)
    sweep_at(day(case, 1, 1))
    assert open_step(case, Kind.VERIFY).holder == world.status
    sweep_at(day(case, 1, 2))  # his lent post keeps it with him
    assert open_step(case, Kind.VERIFY).holder == world.status


def test_county_officers_are_not_replaced_by_teachers(world: World) -> None:
    with moved_to(MONDAY):
        form = client_of(world.county_officer).get(reverse("cases:away")).context["form"]
    assert set(form.fields["substitute"].queryset) == {world.supervisor, world.admin}
