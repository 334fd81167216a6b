"""Invariants between the records and the engine: found, never repaired (relsec REL-14)."""

from collections.abc import Iterator
from typing import Any

from viewflow.workflow.models import Task
from viewflow.workflow.status import PROCESS, STATUS

from casework.cases.models import Case, Step
from workflows.flows import DropoutFlow
from workflows.models import CaseProcess


def engine_problems() -> Iterator[dict[str, Any]]:
    """Closed case with an open process, open case without one or without its waiting lane, human turn without step, turns in error.

    To be read in a `snapshot`.
    """
    running = set(CaseProcess.objects.filter(status=PROCESS.NEW).values_list("pk", flat=True))
    lanes = Task.objects.filter(flow_task=DropoutFlow.turned, finished=None)
    waiting = set(lanes.values_list("process", flat=True))
    for case in Case.objects.iterator():
        if case.is_open != (case.process_ref in running):
            yield {"kind": "process", "case": case.number, "open": case.is_open}
        elif case.is_open and case.process_ref not in waiting:
            yield {"kind": "lane_lost", "case": case.number}
    open_turns = Task.objects.filter(flow_task_type="HUMAN", status=STATUS.NEW)
    steps = set(Step.objects.open().exclude(turn_ref=None).values_list("turn_ref", flat=True))
    for turn in open_turns.values_list("pk", flat=True):
        if turn not in steps:
            yield {"kind": "turn_without_step", "turn": turn}
    for turn in Task.objects.filter(status=STATUS.ERROR).values_list("pk", flat=True):
        yield {"kind": "turn_in_error", "turn": turn}
