"""A random legal walk of 10,000 completed steps over all roads: steps a second, queries a step, and the median of a completion
over one conditional UPDATE and one INSERT by Django's cursor. Reported; the limits stand with `bench.claims`.

All of it runs inside one transaction that is taken back, ours and the bound: no flush to disk is in the figures.
The county is that of the tests, begun anew after each half year; acts, actors and answers are drawn by a fixed seed.
"""

import os
import sys
from functools import partial
from random import Random
from statistics import median
from typing import Any
from unittest import mock

from bench import DATABASE, figure, on_both, seconds, with_database

STEPS, QUICK = 10_000, 300


def main() -> None:
    if DATABASE not in os.environ:
        on_both("bench.walk", sys.argv[1:])
        return
    with_database()
    from tests.world import make_world, rolled_back

    took: list[float] = []
    asked: list[int] = []
    wanted = QUICK if "--quick" in sys.argv else STEPS
    seed = 0
    with rolled_back():
        world = make_world()
        bound = _bound(world)
        while len(took) < wanted:
            seed += 1
            with rolled_back():
                _half_a_year(world, seed, took, asked)
    name = os.environ[DATABASE]
    figure(f"{name}_walk_steps", len(took))
    figure(f"{name}_walk_steps_a_second", len(took) / sum(took))
    figure(f"{name}_walk_queries_a_step", sum(asked) / len(asked))
    figure(f"{name}_walk_step_by_bound", median(took) / bound)


def _half_a_year(world: Any, seed: int, took: list[float], asked: list[int]) -> None:
    """Walk until the time that the calendar of the tests knows is nearly over; every completion is timed."""
    from datetime import timedelta

    from django.db import connection

    from tests import walker
    from tests.world import OPENED
    from workflows.complete import complete

    count = 0

    def counted(execute: Any, *args: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*args)

    def timed(*args: Any, **kwargs: Any) -> None:
        nonlocal count
        count = 0
        with connection.execute_wrapper(counted):
            spent = seconds(lambda: complete(*args, **kwargs))
        took.append(spent)
        asked.append(count)

    walk = walker.Walker(world, Random(seed).choice, OPENED)
    with mock.patch.object(walker, "complete", timed):
        while walk.at < OPENED + timedelta(days=180):
            walk.act()


def _bound(world: Any) -> float:
    """The least that finishing a step can be."""
    from django.db import connection, transaction

    from tests.world import OPENED, open_case, open_step

    step = open_step(open_case(world, world.lan), "register")

    def write(number: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE cases_step SET generation = generation + 1 WHERE id = %s AND finished_at IS NULL",
                [step.pk],
            )
            cursor.execute(
                "INSERT INTO cases_stepholder (step_id, generation, user_id, since, how, reason, by_name)"
                " VALUES (%s, %s, %s, %s, 'claim', '', '')",
                [step.pk, 1000 + number, world.officer.pk, OPENED],
            )

    return median(seconds(partial(write, n)) for n in range(200))


if __name__ == "__main__":
    main()
