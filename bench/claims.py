"""Claiming and completing a step, all writes, over one conditional UPDATE and one INSERT by Django's cursor.

Claim: <= 4 on PostgreSQL, <= 6 on SQLite. Complete, engine included: <= 30, <= 60. Fifty clients claim one
step (PostgreSQL): one winner in every round, the wall at most 1.5 of fifty that do not meet.
"""

import os
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from statistics import median
from typing import Any

from bench import DATABASE, figure, on_both, seconds, with_database

CLIENTS = 50
REGISTERED = {
    "source": "attendance",
    "last_day": date(2026, 11, 13),
    "first_absent": date(2026, 11, 16),
    "reason": "LEARN",
    "contacted_at": None,
    "contacted_person": "母亲",
    "contact_result": "不愿上学。",
    "known": "",
}
VERIFIED = {
    "source_1": "家长",
    "person_1": "周大山",
    "asked_1": date(2026, 11, 20),
    "answer_1": "在家。",
    "platform_status": "在校",
    "found": "local",
    "place": "",
    "finding": "在家，未外出。",
    "second": "李文娟",
}


def main() -> None:
    if DATABASE not in os.environ:
        on_both("bench.claims", sys.argv[1:])
        return
    quick = "--quick" in sys.argv
    with_database()
    from bench import _world

    world = _world.county()
    _world.grow(world, 1_000 if quick else 20_000)
    name, rounds = os.environ[DATABASE], 20 if quick else 150
    bound = _bound(_open_steps(world, rounds))
    figure(f"{name}_bound_ms", bound * 1000)
    figure(f"{name}_claim_by_bound", _claim(world, _open_steps(world, rounds)) / bound)
    figure(f"{name}_complete_by_bound", _complete(world, rounds // 2) / bound)
    if name == "postgresql":
        _race(world, 5 if quick else 20)


def _officer(world: Any) -> tuple[Any, Any]:
    """A case officer who is not the only one of the school, and the school's first class."""
    from casework.org.models import Unit
    from casework.org.roles import Role

    class_unit = world.classes[0]
    school = world.units[class_unit.path[: Unit.steplen * 3]]
    return world.someone(Role.SCHOOL_CASE_OFFICER, school), class_unit


def _open_steps(world: Any, count: int) -> list[Any]:
    """So many new cases at their first step, which waits in the school's queue."""
    return [_start(world).steps.select_related("unit").get(finished_at=None) for _i in range(count)]


def _start(world: Any) -> Any:
    from bench._world import AT, BEGIN
    from casework.detection.models import Finding
    from casework.students.models import Enrolment, Pupil
    from workflows.start import start_case

    officer, class_unit = _officer(world)
    school = world.units[class_unit.path[:12]]
    pupil = Pupil.objects.create(name="周小兰", sex="f", born=date(2013, 5, 5), created_at=BEGIN)
    Enrolment.objects.create(
        pupil=pupil, class_unit=class_unit, school=school, since=date(2026, 9, 1)
    )
    finding = Finding.objects.create(
        pupil=pupil,
        unit=school,
        rule="consecutive_absence",
        first_day=date(2026, 11, 16),
        last_day=date(2026, 11, 18),
        found_at=AT,
        updated_at=AT,
    )
    return start_case(finding, by=officer, at=AT)


def _bound(steps: list[Any]) -> float:
    """One conditional UPDATE and one INSERT in a transaction: the least that a claim can be."""
    from django.db import connection, transaction

    from bench._world import AT

    def write(pk: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE cases_step SET holder_id = 1, held_since = %s, generation = generation + 1"
                " WHERE id = %s AND holder_id IS NULL AND finished_at IS NULL",
                [AT, pk],
            )
            assert cursor.rowcount == 1
            cursor.execute(
                "INSERT INTO cases_stepholder (step_id, generation, user_id, since, how, reason, by_name)"
                " VALUES (%s, 1, 1, %s, 'claim', '', '')",
                [pk, AT],
            )

    return _middle([partial(write, step.pk) for step in steps])


def _middle(acts: Sequence[Callable[[], object]]) -> float:
    """The median of their times, the first tenth not counted."""
    return median([seconds(act) for act in acts][len(acts) // 10 :])


def _claim(world: Any, steps: list[Any]) -> float:
    from bench._world import AT
    from casework.cases.steps import take_step

    officer, _class_unit = _officer(world)
    return _middle([partial(take_step, step, by=officer, at=AT) for step in steps])


def _complete(world: Any, rounds: int) -> float:
    """Whereabouts verified: the record, its paper with number and chain, the transition, the engine, the next step."""
    from bench._world import AT
    from casework.cases.steps import take_step
    from workflows.complete import complete

    officer, _class_unit = _officer(world)
    acts: list[Callable[[], object]] = []
    for step in _open_steps(world, rounds):
        take_step(step, by=officer, at=AT)
        complete(step.pk, dict(REGISTERED), by=officer, at=AT)
        turn = step.case.steps.select_related("holder").get(kind="verify")
        acts.append(partial(complete, turn.pk, dict(VERIFIED), by=turn.holder, at=AT))
    return _middle(acts)


def _race(world: Any, rounds: int) -> None:
    """Fifty clients, each with its own connection: all for one step, then each for its own."""
    winners, ratios = [], []
    for _i in range(rounds):
        one = _open_steps(world, 1)
        met, won = _together(world, one * CLIENTS)
        alone, all_won = _together(world, _open_steps(world, CLIENTS))
        assert all_won == CLIENTS
        winners.append(won)
        ratios.append(met / alone)
    figure("postgresql_race_fewest_winners", min(winners))
    figure("postgresql_race_most_winners", max(winners))
    figure("postgresql_race_wall_by_uncontended", median(ratios))


def _together(world: Any, steps: list[Any]) -> tuple[float, int]:
    """The wall of one claim a thread at once, and how many won; an error that is no refusal is not caught."""
    from django.db import connection

    from bench._world import AT
    from casework.cases.models import Step
    from casework.cases.steps import take_step
    from casework.core.errors import DomainError

    officer, _class_unit = _officer(world)
    ready, won = threading.Barrier(len(steps) + 1), []

    def client(pk: int) -> None:
        step = Step.objects.select_related("unit").get(pk=pk)
        ready.wait()
        try:
            take_step(step, by=officer, at=AT)
            won.append(pk)
        except DomainError:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=client, args=(step.pk,)) for step in steps]
    for thread in threads:
        thread.start()
    ready.wait()
    wall = seconds(partial(_join, threads))
    return wall, len(won)


def _join(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
