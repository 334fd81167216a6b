"""Many steps given out at once (features 39 to 41): proposed with reasons, all or none, only within one's unit."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from casework.cases.handing_out import hand_out, loads, proposals
from casework.cases.kinds import Kind
from casework.cases.models import Case, Step, StepHolder
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from casework.org.models import Post, User
from casework.org.roles import Role
from tests.world import BEGIN, World, client_of, day, fresh, open_case, open_step

pytestmark = pytest.mark.django_db
HOW = "reassign"


@pytest.fixture
def deputy(world: World) -> User:
    """A second case officer at the school."""
    user = User.objects.create(username="99000777", display_name="韩冬", created_at=BEGIN)
    Post.objects.create(
        user=user, unit=world.school, role=Role.SCHOOL_CASE_OFFICER, since=BEGIN.date()
    )
    return user


@pytest.fixture
def cases(world: World, deputy: User) -> list[Case]:
    """Four new cases whose first step nobody holds."""
    return [open_case(world, world.pupils[name]) for name in ("lan", "yun", "qi", "an")]


def steps_of(cases: list[Case]) -> list[Step]:
    return [open_step(case, Kind.REGISTER) for case in cases]


def at_of(cases: list[Case]) -> datetime:
    return day(cases[0], 1)


def test_proposals_share_the_work_evenly(cases: list[Case], world: World, deputy: User) -> None:
    found = proposals(steps_of(cases), at_of(cases))
    first = [each.people[0].user for each in found]
    assert {first.count(world.officer), first.count(deputy)} == {2}
    assert [each.people[0].load for each in found] == [0, 0, 1, 1]


def test_all_are_given_with_the_reason(cases: list[Case], world: World, deputy: User) -> None:
    pairs = [(step, deputy) for step in steps_of(cases)]
    assert hand_out(pairs, reason="赵敏外出培训", by=fresh(world.principal), at=at_of(cases)) == 4
    assert {step.holder for step in steps_of(cases)} == {deputy}
    kept = StepHolder.objects.filter(how=HOW, reason="赵敏外出培训", by_name="周建民")
    assert kept.count() == 4


@pytest.mark.parametrize("wrong", ["reason", "finished", "person"])
def test_one_that_cannot_be_given_leaves_all_where_they_are(
    cases: list[Case], world: World, deputy: User, wrong: str
) -> None:
    """Nothing half-applied."""
    pairs: list[tuple[Step, Any]] = [(step, deputy) for step in steps_of(cases)]
    if wrong == "finished":
        Step.objects.filter(pk=pairs[2][0].pk).update(finished_at=at_of(cases))
    if wrong == "person":
        pairs[2] = (pairs[2][0], world.teacher)
    reason = " " if wrong == "reason" else "外出"
    with pytest.raises(DomainError, match="Nothing was given out"):
        hand_out(pairs, reason=reason, by=fresh(world.principal), at=at_of(cases))
    assert not Step.objects.filter(pk__in=[s.pk for s, _p in pairs]).exclude(holder=None).exists()


def test_nobody_gives_out_the_work_of_another_unit(
    cases: list[Case], world: World, deputy: User
) -> None:
    pairs = [(step, deputy) for step in steps_of(cases)]
    with pytest.raises(DomainError, match="outside your unit"):
        hand_out(pairs, reason="x", by=fresh(world.far_principal), at=at_of(cases))


def test_the_load_counts_what_is_late_and_soon(
    cases: list[Case], world: World, deputy: User
) -> None:
    hand_out(
        [(step, deputy) for step in steps_of(cases[:3])], reason="x", by=fresh(world.principal), at=at_of(cases)
    )  # fmt: skip
    Step.objects.filter(pk=steps_of(cases)[0].pk).update(due_at=day(cases[0], 9))
    Step.objects.filter(pk=steps_of(cases)[1].pk).update(due_at=day(cases[0], 4))
    at = day(cases[0], 3)
    row = loads(Step.objects.open(), at).get(pk=deputy.pk)
    assert (row.held, row.late, row.soon) == (3, 1, 1)


def test_the_pages_lead_from_the_load_to_the_giving(
    cases: list[Case], world: World, deputy: User
) -> None:
    at, steps = at_of(cases), steps_of(cases)
    with moved_to(at):
        client = client_of(world.principal)
        assert "4 steps are in nobody" in client.get("/board/load/").content.decode()
        listed = client.get("/board/hand-out/").content.decode()
        assert all(f'value="{step.pk}"' in listed for step in steps)
        ticked = {"step": [step.pk for step in steps[:2]]}
        shown = client.post("/board/hand-out/", ticked).content.decode()
        assert f"to-{steps[0].pk}" in shown and f"to-{steps[2].pk}" not in shown
        chosen = {f"to-{steps[0].pk}": deputy.pk, f"to-{steps[1].pk}": ""}
        answer = client.post(
            "/board/hand-out/", {**ticked, **chosen, "act": "give", "reason": "分工"}
        )
    assert answer.status_code == 302
    assert [step.holder for step in steps_of(cases)] == [deputy, None, None, None]
    _queries(client, at)


def _queries(client: Client, at: datetime) -> None:
    """A page of the load costs the same however many people it shows."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for place, most in (("/board/load/", 10), ("/board/hand-out/", 10)):
        with (
            moved_to(at),
            CaptureQueriesContext(
                connection,
            ) as asked,
        ):
            assert client.get(place).status_code == 200
        assert len(asked) <= most, [each["sql"] for each in asked]
