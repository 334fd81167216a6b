"""The picture of a case: whose turn it is. Nodes only; names are stored in rows and pinned by a test."""

from viewflow import this
from viewflow.workflow import flow, lock
from viewflow.workflow.activation import Activation

from casework.cases.kinds import Kind
from casework.cases.models import Case
from casework.cases.records import VISIT_AGAIN
from casework.cases.steps import FOLLOW_UP_DAYS
from workflows.models import CaseProcess
from workflows.nodes import CaseStep, cancel_turn, finished_step


class DropoutFlow(flow.Flow):
    """Suspected → verified → visited → persuaded → reported → back → followed up → closed."""

    process_class = CaseProcess
    lock_impl = lock.SelectForUpdateLock(nowait=False)

    start = flow.StartHandle(this.begin).Next(this.lanes)
    lanes = flow.Split().Always(this.register).Always(this.report_sent).Always(this.pupil_back)

    register = CaseStep(Kind.REGISTER).Next(this.verify)
    verify = CaseStep(Kind.VERIFY).Next(this.found)
    found = flow.If(this.is_local).Then(this.home_visit).Else(this.persuasion)
    home_visit = CaseStep(Kind.HOME_VISIT).Next(this.visited)
    visited = flow.If(this.visit_again).Then(this.home_visit).Else(this.persuasion)
    persuasion = CaseStep(Kind.PERSUASION).Next(this.persuasion)

    report_sent = flow.Handle(this.cancel_turn).Next(this.persuasion_led)
    persuasion_led = CaseStep(Kind.PERSUASION_LED).Next(this.persuasion_led)

    pupil_back = flow.Handle(this.cancel_turn).Next(this.follow_up)
    follow_up = CaseStep(Kind.FOLLOW_UP).Next(this.checked)
    checked = flow.If(this.checks_left).Then(this.follow_up).Else(this.propose_closure)
    propose_closure = CaseStep(Kind.PROPOSE_CLOSURE).Next(this.approve_closure)
    approve_closure = CaseStep(Kind.APPROVE_CLOSURE).Next(this.approved)
    approved = flow.If(this.is_closed).Then(this.end).Else(this.propose_closure)
    end = flow.TerminateEnd()

    def begin(self, activation: Activation, *, case: Case) -> CaseProcess:
        process: CaseProcess = activation.process
        process.artifact = case
        return process

    def cancel_turn(self, activation: Activation) -> None:
        cancel_turn(activation)

    def is_local(self, activation: Activation) -> bool:
        return finished_step().outcome == "local"

    def visit_again(self, activation: Activation) -> bool:
        return finished_step().outcome in VISIT_AGAIN

    def checks_left(self, activation: Activation) -> bool:
        return finished_step().number < len(FOLLOW_UP_DAYS)

    def is_closed(self, activation: Activation) -> bool:
        return not finished_step().case.is_open
