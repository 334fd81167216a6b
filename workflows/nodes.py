"""The one bridge between a turn of the engine and a step of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import partial
from typing import Any

from viewflow import this
from viewflow.workflow import flow
from viewflow.workflow.activation import Activation
from viewflow.workflow.nodes.view import ViewActivation
from viewflow.workflow.status import STATUS

from casework.cases.kinds import KINDS, Kind
from casework.cases.models import Step
from casework.cases.steps import begin_step, finish_step
from casework.cases.ways import Way
from casework.org.models import User

_moment: ContextVar[tuple[datetime, User | None]] = ContextVar("moment")
_finished: ContextVar[tuple[Step, Way] | None] = ContextVar("finished", default=None)


@contextmanager
def moment(at: datetime, by: User | None) -> Iterator[None]:
    """While the engine moves, the nodes know when it is and whose act it is: the engine itself passes no arguments."""
    token = _moment.set((at, by))
    try:
        yield
    finally:
        _moment.reset(token)


@contextmanager
def moving(step: Step, way: Way) -> Iterator[None]:
    """While the engine moves on from a finished step: gates ask its way, the next step is begun on its locked case."""
    token = _finished.set((step, way))
    try:
        yield
    finally:
        _finished.reset(token)


def _way_or_none() -> Way | None:
    """The way out of the step that the engine moves on from; None at the very beginning."""
    finished = _finished.get()
    return finished[1] if finished else None


class CaseStepActivation(ViewActivation):
    """A turn that makes its step when it is made. It never learns who holds the step (design.md §3)."""

    @classmethod
    def create(cls, *args: Any, **kwargs: Any) -> "CaseStepActivation":
        activation: CaseStepActivation = super().create(*args, **kwargs)
        at, by = _moment.get()
        finished = _finished.get()
        case = finished[0].case if finished else activation.process.artifact
        begin_step(case, activation.flow_task.kind, at=at, by=by, turn_ref=activation.task.pk)
        return activation

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.STARTED)
    def start(self) -> None:
        """From NEW: a claim is not the engine's business."""

    @Activation.status.transition(source=STATUS.STARTED, target=STATUS.DONE)
    def complete(self) -> None:
        super().complete.original()

    @Activation.status.transition(source=STATUS.STARTED)
    def execute(self) -> None:
        self.complete()
        self.activate_next()

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.CANCELED)
    def cancel(self) -> None:
        """The turn is over without being done: its step ends with it."""
        at, by = _moment.get()
        step = Step.objects.select_for_update().get(
            turn_ref=self.task.pk
        )  # a claim may be under way
        if step.is_open:
            finish_step(step, outcome="overtaken", facts={}, by=by, at=at, cancelled=True)
        super().cancel.original()


class CaseStep(flow.View):
    """A node of the flow: one kind of step, done by a person."""

    activation_class = CaseStepActivation

    def __init__(self, kind: Kind) -> None:
        super().__init__(view=None)
        self.kind = kind
        self.task_title = KINDS[kind].title

    def _get_urls(self) -> list[Any]:
        """No pages of the engine: ours ask `cases.access`."""
        return []


def cancel_turn(activation: Activation) -> None:
    """Cancel the open human turn of a process: a Handle lane takes over."""
    turns = activation.process.task_set.filter(
        flow_task_type="HUMAN", status__in=[STATUS.NEW, STATUS.STARTED]
    )
    for task in turns:
        CaseStepActivation(task).cancel()


def gate(*names: str, otherwise: str = "") -> flow.Switch:
    """A gate to the nodes of these names: it opens the one whose kind of step the way leads to, `end` without any, else `otherwise`."""
    switch = flow.Switch()
    for name in names:
        switch.Case(getattr(this, name), partial(_leads_to, name))
    if otherwise:
        switch.Default(getattr(this, otherwise))
    return switch


def _leads_to(name: str, activation: Activation) -> bool:
    way = _way_or_none()
    if way is None:  # a case that begins
        return name == Kind.REGISTER
    return ("end" if way.ends else way.leads) == name
