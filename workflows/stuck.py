"""Cases with nothing to do on their main road: each opens a task for the county; only a person begins one again (REL-14)."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from viewflow.workflow.models import Task
from viewflow.workflow.status import STATUS

from casework.cases import side
from casework.cases.aside import set_aside
from casework.cases.kinds import Kind, Track
from casework.cases.models import Case, Step
from casework.cases.steps import finish_step
from casework.core.transaction import one_act
from workflows.models import hold
from workflows.nodes import moment


def stuck() -> QuerySet[Case]:
    """Open cases without an open main step whose turn the engine has; those that wait to be repaired are left out."""
    turn = Task.objects.filter(pk=OuterRef("turn_ref"), status=STATUS.NEW)
    running = Step.objects.open().filter(case=OuterRef("pk"), track=Track.MAIN)
    waiting = Step.objects.open().filter(case=OuterRef("pk"), kind=Kind.REPAIR)
    rows: QuerySet[Case] = Case.objects.open().filter(~Exists(running.filter(Exists(turn))))
    return rows.filter(~Exists(waiting))


def open_repairs(*, at: datetime) -> int:
    """One task a stuck case; a step that can never be finished, its turn being lost, ends. Returns how many were opened."""
    opened = 0
    for pk, process in list(stuck().values_list("pk", "process_ref")):
        with set_aside("case", pk), one_act(), moment(at, None):
            hold(process)
            case = Case.objects.select_for_update().get(pk=pk)
            if not stuck().filter(pk=pk).exists():  # mended while we came
                continue
            for step in Step.objects.open().filter(case=case, track=Track.MAIN):
                finish_step(step, outcome="overtaken", facts={}, by=None, at=at, cancelled=True)
            side.begin(case, Kind.REPAIR, at=at, by=None)
            opened += 1
    return opened
