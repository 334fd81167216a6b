"""`python -m tests.faults.races WHICH COUNT`: acts that meet in the database, each from a process of its own."""

import json
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

TOGETHER = multiprocessing.get_context("fork")
Answer = list[Any]


def at_once(*works: Callable[[], object]) -> Answer:
    """Run each in a process with a connection of its own, begun at the same moment; what each answered."""
    gate, answers = TOGETHER.Barrier(len(works)), TOGETHER.Queue()
    processes = [
        TOGETHER.Process(target=_begin, args=(number, work, gate, answers))
        for number, work in enumerate(works)
    ]
    for process in processes:
        process.start()
    found = dict(answers.get(timeout=120) for _ in processes)
    for process in processes:
        process.join()
    return [found[number] for number in range(len(works))]


def _begin(number: int, work: Callable[[], object], gate: Any, answers: Any) -> None:
    from django.db import connection

    connection.ensure_connection()
    gate.wait()
    try:
        answers.put((number, work()))
    except Exception as error:
        answers.put((number, repr(error)))


def claims_against_returns(rounds: int) -> dict[str, Any]:
    """A teacher claims the open turn while the confirmed return cancels it: one lock order, no deadlock."""
    won: Counter[str] = Counter()
    odd: Answer = []
    for number in range(rounds):
        claim, confirm = _one_round(number)
        won[claim] += claim in ("claimed", "refused")
        odd += [each for each in (claim, confirm) if each not in ("claimed", "refused", "done")]
    return {"rounds": rounds, "claimed_first": won["claimed"], "odd": odd}


def _one_round(number: int) -> Answer:
    from casework.cases import side
    from tests import world as stage
    from tests.faults import acts
    from tests.faults.prepare import add_pupil

    county = loaded()
    case = stage.open_case(county, add_pupil(county, 3001 + 2 * number, stage.BEGIN))
    acts.finish(stage.open_step(case, "register"))
    at = stage.day(case, 3)
    with stage.moved_to(at):
        step = side.report_return(
            case, day=at.date(), note="早读时已在教室。", by=stage.fresh(county.teacher_two), at=at
        )
    turn, confirm = acts.open_steps().get(case=case), stage.open_step(case, step.kind)
    _close()
    return at_once(
        lambda: _claim(turn, county.teacher_three, at, wait=number % 5 / 25),
        lambda: bool(acts.finish(confirm, at, seen_on=at.date().isoformat())) and "done",
    )


def _claim(step: Any, user: Any, at: Any, wait: float) -> str:
    from casework.cases.steps import take_step
    from casework.core.errors import DomainError

    time.sleep(wait)  # so that each of the two comes first in some rounds
    try:
        take_step(step, by=user, at=at)
    except DomainError:
        return "refused"
    return "claimed"


def two_sweeps(rounds: int) -> dict[str, Any]:
    """Two schedulers sweep the same moments at once: each rung fires once, each person is told once."""
    from casework.cases.models import RungFired
    from casework.notices.models import Notice
    from tests import world as stage

    fired = 0
    told: Answer = []
    for number in range(rounds):
        _close()
        counts = at_once(*[lambda at=stage.OPENED + timedelta(days=1 + number): _sweep(at)] * 2)  # type: ignore[misc]
        fired += sum(each for each in counts if isinstance(each, int))
        told += [each for each in counts if not isinstance(each, int)]
    told_of = list(Notice.objects.filter(key__startswith="rung:").values_list("user", "link", "at"))
    return {
        "fired": fired,
        "rows": RungFired.objects.count(),
        "told_twice": len(told_of) - len(set(told_of)),
        "odd": told,
    }


def _sweep(at: Any) -> int:
    from casework.cases import ladder

    return len(ladder.fire(at))


def four_writers(rounds: int) -> dict[str, Any]:
    """Four processes claim and give back at the same time: how many met a locked database."""
    from tests.faults import acts

    county, steps = loaded(), list(acts.open_steps().filter(holder=None)[:4])
    _close()
    works = [lambda step=step: _claim_and_undo(step, county.teacher_two, rounds) for step in steps]  # type: ignore[misc]
    return {"answers": at_once(*works), "writers": len(works)}


def _claim_and_undo(step: Any, user: Any, rounds: int) -> int:
    """How many acts were committed."""
    from casework.cases.steps import take_step, undo_take

    for _ in range(rounds):
        at = step.begun_at + timedelta(hours=1)
        take_step(step, by=user, at=at)
        undo_take(step, by=user, at=at)
    return 2 * rounds


def commits(rounds: int) -> dict[str, Any]:
    """So many acts, one after the other, in this process: for counting what reaches the disk."""
    from tests.faults import acts

    step = acts.open_steps().filter(holder=None).first()
    return {"commits": _claim_and_undo(step, loaded().teacher_two, rounds)}


def loaded() -> Any:
    """The county of the tests by its names, from the database."""
    from casework.org.models import Unit, User
    from tests.world import STAFF, World

    county = World(Unit.objects.get(kind="county"))
    for key, unit, _role, name in STAFF:
        county.people[key] = person = User.objects.get(display_name=name)
        county.units[unit] = person.posts.get().unit
    return county


def _close() -> None:
    """A connection must not be shared with a process that parts from this one."""
    from django.db import connections

    connections.close_all()


RACES = {f.__name__: f for f in (claims_against_returns, two_sweeps, four_writers, commits)}

if __name__ == "__main__":
    django.setup()
    found = RACES[sys.argv[1]](int(sys.argv[2]))
    from tests.faults import acts

    print(json.dumps(found | acts.found_broken()))
