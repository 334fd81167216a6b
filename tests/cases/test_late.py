"""A late step is looked into or set aside by a person; nothing follows by itself (domain.md C4)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from casework.audit.models import Entry
from casework.cases import ladder
from casework.cases.kinds import Kind
from casework.cases.late import decide_late, late_steps
from casework.cases.models import Case, LateDecision, Step
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from tests.world import World, client_of, day, do, fresh, open_case, open_step, prepared, walk

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def case_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    yield from prepared(
        django_db_blocker, lambda: walk(world, open_case(world, world.lan), until=Kind.VERIFY)
    )


@pytest.fixture
def case(case_pk: int) -> Case:
    return Case.objects.get(pk=case_pk)


def done_late(case: Case) -> Step:
    step = open_step(case, Kind.VERIFY)
    do(case, Kind.VERIFY, day(case, 4), found="local")
    return Step.objects.select_related("unit", "holder", "case__school", "matter").get(pk=step.pk)


def late(case: Case, days: int) -> set[str]:
    return set(late_steps(day(case, days)).filter(case=case).values_list("kind", flat=True))


def test_a_step_done_late_is_one_and_one_in_time_is_not(case: Case) -> None:
    done_late(case)
    assert late(case, 5) == {Kind.VERIFY}


def test_an_open_step_is_one_after_two_reminders(case: Case) -> None:
    ladder.fire(day(case, 2))
    assert late(case, 2) == set()
    ladder.fire(day(case, 3))
    assert late(case, 3) == {Kind.VERIFY}


def test_what_is_older_than_half_a_year_rests(case: Case) -> None:
    done_late(case)
    assert late(case, 180) == {Kind.VERIFY} and late(case, 190) == set()


@pytest.mark.parametrize("taken", [True, False])
def test_a_person_decides_once_with_the_reason(case: Case, world: World, taken: bool) -> None:
    step = done_late(case)
    decide_late(
        step, taken_up=taken, reason="走访补证。", by=fresh(world.township), at=day(case, 5)
    )
    assert LateDecision.objects.get().taken_up == taken
    assert Entry.objects.filter(verb__startswith="late.").count() == 1
    with pytest.raises(DomainError, match="decided already"):
        decide_late(
            step, taken_up=taken, reason="x", by=fresh(world.county_officer), at=day(case, 5)
        )


def test_nobody_looks_into_his_own_and_no_stranger_does(case: Case, world: World) -> None:
    step = done_late(case)
    for who in ("teacher", "far_township", "cadre"):
        with pytest.raises(DomainError, match="an office above"):
            decide_late(
                step, taken_up=True, reason="x", by=fresh(world.people[who]), at=day(case, 5)
            )
    with pytest.raises(DomainError, match="Say why"):
        decide_late(step, taken_up=True, reason=" ", by=fresh(world.township), at=day(case, 5))


def test_what_is_in_time_is_not_decided_about(case: Case, world: World) -> None:
    step = Step.objects.select_related("unit", "case__school", "matter").get(
        case=case, kind=Kind.REGISTER
    )
    with pytest.raises(DomainError, match="not late"):
        decide_late(step, taken_up=True, reason="x", by=fresh(world.township), at=day(case, 5))


def test_the_page_lists_decides_and_keeps(case: Case, world: World) -> None:
    step, place = done_late(case), reverse("oversight:late")
    client = client_of(fresh(world.township))
    with moved_to(day(case, 5)):
        before = client.get(place)
        refused = client.post(place, {"step": step.pk, "act": "take", "reason": ""})
        client.post(place, {"step": step.pk, "act": "aside", "reason": "已核实。"})
        after, aside = client.get(place), client.get(place, {"show": "aside"})
        own = client_of(fresh(world.officer)).get(place)
    assert [row.pk for row, _may in before.context["rows"]] == [
        step.pk
    ] and refused.status_code == 409
    assert not after.context["rows"] and "已核实。" in aside.content.decode()
    assert not own.context["rows"]
