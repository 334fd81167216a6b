"""Whatever people do, in whatever order, the house stays sound (issue proof)."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from casework.audit import trail
from casework.cases import access, checks
from casework.cases.models import Case, Step
from tests.faults.databases import FULL
from tests.walker import Walker
from tests.world import OPENED, World
from workflows.invariants import engine_problems

pytestmark = [pytest.mark.django_db, pytest.mark.faults]
SEQUENCES = 1000 if FULL else 4
ACTS = 60


class County(RuleBasedStateMachine):
    """One county, several pupils, everybody in it; each example begins anew."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.chance = Random(0)
        self.walk = Walker(self.world, self.choose, OPENED)
        self.cases = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def choose(self, choices: Sequence[Any]) -> Any:
        return self.chance.choice(choices)

    @rule(seed=st.integers(0, 2**32))
    def something_happens(self, seed: int) -> None:
        self.chance = Random(seed)
        self.walk.act()

    @invariant()
    def records_engine_and_chains_agree(self) -> None:
        """One open main step an open case, none of a closed one, every finished step with its paper, chains whole."""
        assert [*checks.problems(), *engine_problems()] == [], self.walk.log

    @invariant()
    def no_case_is_lost(self) -> None:
        found = Case.objects.count()
        assert found >= self.cases
        self.cases = found

    @invariant()
    def nobody_acted_outside_his_reach(self) -> None:
        done = (
            Step.objects.exclude(finished_at=None)
            .filter(cancelled=False)
            .select_related("finished_by", "unit")
        )
        for step in done:
            assert step.finished_by is not None
            assert step.finished_by_id != step.asked_by_id, (step.kind, self.walk.log)
            assert access.is_candidate(step.finished_by, step), (step.kind, self.walk.log)


def test_any_order_of_acts_leaves_the_house_sound(
    world: World, record_property: Callable[[str, object], None]
) -> None:
    machine = type("County", (County,), {"world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=ACTS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert not list(trail.problems())
    record_property("sequences", SEQUENCES)
    record_property("acts_each", ACTS)
