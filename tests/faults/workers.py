"""`python -m tests.faults.workers KILLS`: processes complete steps and seal papers, each is killed in the middle (REL-03)."""

import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import django

SEALERS = 6  # each sixth process seals papers instead
AIMS = [
    "audit_head",
    "audit_entry",
    "cases_sent",
    "documents_document",
    "cases_stepdue",
    "cases_stepholder",
    "notices_notice",
    "documents_chainhead",
    "cases_step",
    "cases_case",
]  # where each second process dies


class Log:
    """What one process says before and after each act."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def say(self, *words: object) -> None:
        """One write, so that a kill leaves a whole line or none; the page cache outlives the process."""
        with self.path.open("ab", buffering=0) as file:
            file.write((" ".join(map(str, words)) + "\n").encode())

    def lines(self) -> list[list[str]]:
        return [line.split(" ") for line in self.path.read_text().splitlines()]

    def answers(self) -> int:
        return sum(line[0] in ("done", "sealed") for line in self.lines())


def work(number: int, log: Log) -> None:
    """Complete one step after the other; each second process dies where it writes a table of `AIMS`."""
    from django.db import connection

    draw = random.Random(number)
    if is_aimed(number):
        complete_steps(log, draw, draw.randrange(3))
        with connection.execute_wrapper(death_at(AIMS[number // 2 % len(AIMS)])):
            complete_steps(log, draw)
    complete_steps(log, draw)


def death_at(table: str) -> Callable[..., object]:
    """SIGKILL to this very process when it has written a row of `table`."""

    def die(execute: Callable[..., object], sql: str, *rest: object) -> object:
        answer = execute(sql, *rest)
        if sql.startswith(("INSERT", "UPDATE")) and f'"{table}"' in sql.split("(")[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return die


def complete_steps(log: Log, draw: random.Random, most: int = 10**6) -> None:
    """Complete so many steps; say so before, and after the answer."""
    from casework.core.errors import DomainError
    from tests.faults import acts

    for _ in range(most):
        step = acts.some_step(draw)
        log.say("begin", step.pk)
        try:
            papers = acts.finish(step)
        except DomainError:  # the other process was faster
            log.say("refused", step.pk)
            continue
        log.say("done", step.pk, *papers)


def seal(number: int, log: Log) -> None:
    """Seal one paper after the other; the same is said."""
    from casework.documents.sealing import file_of, unsealed

    while document := unsealed().order_by("?").first():
        log.say("begin", document.pk)
        file_of(document)
        log.say("sealed", document.pk)


def spawn(number: int, log: Log) -> int:
    pid = os.fork()
    if pid == 0:
        _child(number, log)
    return pid


def _child(number: int, log: Log) -> NoReturn:
    try:
        (seal if is_sealer(number) else work)(number, log)
    except BaseException:
        log.say("error", json.dumps(traceback.format_exc()[-1500:]))
    os._exit(1)


def is_sealer(number: int) -> bool:
    return number % SEALERS == SEALERS - 1


def is_aimed(number: int) -> bool:
    return number % 2 == 0


def kill_all(kills: int, folder: Path) -> list[Log]:
    """Two processes at a time; the older one is killed at a random moment after some answers."""
    logs = [Log(folder / str(number)) for number in range(kills)]
    alive: deque[tuple[int, int]] = deque()
    draw = random.Random(kills)
    for number in range(kills):
        alive.append((number, spawn(number, logs[number])))
        if len(alive) == 2:
            _kill(*alive.popleft(), logs, draw)
    _kill(*alive.popleft(), logs, draw)
    return logs


def _kill(number: int, pid: int, logs: list[Log], draw: random.Random) -> None:
    enough = draw.randrange(1, 3) if is_sealer(number) else draw.randrange(5)
    enough = 10**6 if is_aimed(number) else enough
    while logs[number].answers() < enough and not os.waitpid(pid, os.WNOHANG)[0]:
        time.sleep(0.002)
    time.sleep(draw.uniform(0, 0.1))
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def figures(logs: list[Log]) -> dict[str, object]:
    from casework.documents.models import SealedFile
    from tests.faults import acts

    lines = [line for log in logs for line in log.lines()]
    done = [(int(line[1]), [int(each) for each in line[2:]]) for line in lines if line[0] == "done"]
    sealed = {int(line[1]) for line in lines if line[0] == "sealed"}
    files = set(SealedFile.objects.values_list("document", flat=True))
    return {
        "kills": len(logs),
        "kills_in_the_act": sum(
            log.lines()[-1:] != [] and log.lines()[-1][0] == "begin" for log in logs
        ),
        "answered": len(done),
        "sealed": len(sealed),
        "lost": acts.lost(done) + sorted(sealed - files),
        "errors": [line[1:] for line in lines if line[0] == "error"],
        **acts.found_broken(),
    }


def main() -> None:
    django.setup()
    from tests.faults import acts  # noqa: F401  loaded once, before the processes part

    with tempfile.TemporaryDirectory() as folder:
        found = figures(kill_all(int(sys.argv[1]), Path(folder)))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
