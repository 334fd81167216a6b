"""A sweep may be cut off at any write and the clock may jump: each rung fires once and none is missing (issue 4, REL-16)."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from casework.cases import ladder
from casework.cases.kinds import Kind
from casework.cases.models import Case, RungFired, Step
from casework.notices.models import Notice
from tests.world import World, day, open_case, prepared, rolled_back, walk
from workflows.sweeping import sweep

pytestmark = pytest.mark.django_db
EVERY = 1 if os.environ.get("FAULTS") == "full" else 3
State = tuple[set[Any], set[Any], set[Any]]


class Killed(BaseException):
    """The process is gone."""


class Kill:
    """Dies before the n-th write."""

    def __init__(self, after: int) -> None:
        self.after, self.writes = after, 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE")):
            self.writes += 1
            if self.writes == self.after:
                raise Killed
        return execute(sql, params, many, context)


@pytest.fixture(scope="module")
def case_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    def begin() -> Case:
        walk(world, open_case(world, world.ming), until=Kind.HOME_VISIT)
        return walk(world, open_case(world, world.lan), until=Kind.PERSUASION)

    yield from prepared(django_db_blocker, begin)


@pytest.fixture
def at(case_pk: int) -> datetime:
    return day(Case.objects.get(pk=case_pk), 12)


def state() -> State:
    return (
        set(RungFired.objects.values_list("step", "rung", "due_version")),
        set(Notice.objects.exclude(code="yours").values_list("user", "code", "key")),
        set(Step.objects.open().values_list("case", "kind", "holder")),
    )


def writes_of(after: int, at: datetime) -> int:
    """Sweep, killed before that write; how many writes there were."""
    kill = Kill(after)
    try:
        with connection.execute_wrapper(kill):
            sweep(at)
    except Killed:
        pass
    return kill.writes


def test_a_sweep_killed_at_any_write_is_made_good_by_the_next(at: datetime) -> None:
    with rolled_back():
        whole = writes_of(0, at)
        once = state()
    assert whole > 15 and once[0]
    for after in range(1, whole + 1, EVERY):
        with rolled_back():
            writes_of(after, at)
            writes_of(0, at)
            assert state() == once, f"killed before write {after} of {whole}"
            writes_of(0, at)
            assert state() == once


def test_a_clock_that_jumps_fires_nothing_twice_and_misses_nothing(at: datetime) -> None:
    """An hour ahead, back, ahead again: as if it had gone straight on."""
    last = at + timedelta(days=5)
    with rolled_back():
        for moment in (at, last):
            ladder.fire(moment)
        straight = set(RungFired.objects.values_list("step", "rung", "due_version"))
    for moment in (
        at + timedelta(days=3),
        at,
        at + timedelta(days=4),
        at + timedelta(hours=1),
        last,
        at,
        last,
    ):
        ladder.fire(moment)
    rows = list(RungFired.objects.values_list("step", "rung", "due_version"))
    assert len(rows) == len(set(rows)) and set(rows) == straight


def test_minute_by_minute_is_as_one_look_a_day(at: datetime) -> None:
    """The moment kept on a step never hides a rung: frequent sweeps find what rare ones find."""
    with rolled_back():
        for hours in range(0, 24 * 9, 24):
            ladder.fire(at - timedelta(days=9) + timedelta(hours=hours))
        rare = {
            (step, rung)
            for step, rung, _v in RungFired.objects.values_list("step", "rung", "due_version")
            if rung != "soon"
        }
    for hours in range(0, 24 * 8 + 1, 3):
        ladder.fire(at - timedelta(days=9) + timedelta(hours=hours))
    often = {
        (step, rung)
        for step, rung in RungFired.objects.values_list("step", "rung")
        if rung != "soon"
    }
    assert often == rare
