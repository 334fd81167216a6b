"""`manage.py check_cases`: finds broken invariants and repairs nothing."""

from collections.abc import Iterator
from typing import Any

from viewflow.workflow.models import Task
from viewflow.workflow.status import PROCESS, STATUS

from casework.cases import checks
from casework.cases.models import Case, Step
from casework.core.commands import HouseCommand
from workflows.models import CaseProcess


class Command(HouseCommand):
    help = "Checks every case against the engine, its steps, papers and chains."

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        problems = [*checks.problems(), *engine_problems()]
        return {"checked": Case.objects.count(), "problems": problems}, not problems

    def say(self, answer: dict[str, Any]) -> None:
        super().say(answer)
        for problem in answer["problems"][:50]:
            self.stdout.write(str(problem))


def engine_problems() -> Iterator[dict[str, Any]]:
    """Closed case with an open process, open case without one, human turn without step, turns in error."""
    running = set(CaseProcess.objects.filter(status=PROCESS.NEW).values_list("pk", flat=True))
    for case in Case.objects.iterator():
        if case.is_open != (case.process_ref in running):
            yield {"kind": "process", "case": case.number, "open": case.is_open}
    open_turns = Task.objects.filter(flow_task_type="HUMAN", status=STATUS.NEW)
    steps = set(Step.objects.open().exclude(turn_ref=None).values_list("turn_ref", flat=True))
    for turn in open_turns.values_list("pk", flat=True):
        if turn not in steps:
            yield {"kind": "turn_without_step", "turn": turn}
    for turn in Task.objects.filter(status=STATUS.ERROR).values_list("pk", flat=True):
        yield {"kind": "turn_in_error", "turn": turn}
