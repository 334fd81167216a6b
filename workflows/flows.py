"""The picture of a case: whose turn it is. Nodes only; where a step leads stands in `cases.ways`, names are pinned by a test."""

from viewflow import this
from viewflow.workflow import flow, lock
from viewflow.workflow.activation import Activation

from casework.cases.kinds import Kind
from casework.cases.models import Case
from workflows.models import CaseProcess
from workflows.nodes import CaseStep, cancel_turn, gate


class DropoutFlow(flow.Flow):
    """Suspected → verified → visited → persuaded → reported → letters → back → followed up → closed.

    Beside the turn waits the lane `turned`: a side step that turns the road (the report sent, the return confirmed)
    cancels the open turn through it and goes on elsewhere; the lane then waits again.
    """

    process_class = CaseProcess
    lock_impl = lock.SelectForUpdateLock(nowait=False)

    start = flow.StartHandle(this.begin).Next(this.lanes)
    lanes = flow.Split().Always(this.first).Always(this.turned)
    first = gate("register", otherwise="onward")

    register = CaseStep(Kind.REGISTER).Next(this.verify)
    verify = CaseStep(Kind.VERIFY).Next(this.found)
    found = gate("home_visit", "persuasion")
    home_visit = CaseStep(Kind.HOME_VISIT).Next(this.visited)
    visited = gate("home_visit", "persuasion")
    persuasion = CaseStep(Kind.PERSUASION).Next(this.persuasion)

    turned = flow.Handle(this.cancel_turn).Next(this.again)
    again = flow.Split().Always(this.turned).Always(this.onward)
    onward = gate(
        "verify", "home_visit", "persuasion", "persuasion_led", "draft_letter", "sign_letter",
        "serve_letter", "answer_letter", "branch_review", "follow_up", "propose_closure", "approve_closure", "end",
    )  # fmt: skip

    persuasion_led = CaseStep(Kind.PERSUASION_LED).Next(this.led)
    led = gate("persuasion_led", "draft_letter")
    draft_letter = CaseStep(Kind.DRAFT_LETTER).Next(this.drafted)
    drafted = gate("sign_letter", "persuasion_led")
    sign_letter = CaseStep(Kind.SIGN_LETTER).Next(this.signed)
    signed = gate("serve_letter", "draft_letter")
    serve_letter = CaseStep(Kind.SERVE_LETTER).Next(this.served)
    served = gate("answer_letter", "serve_letter")
    answer_letter = CaseStep(Kind.ANSWER_LETTER).Next(this.answered)
    answered = gate("answer_letter", "draft_letter")

    branch_review = CaseStep(Kind.BRANCH_REVIEW).Next(this.reviewed)
    reviewed = gate("branch_review", "propose_closure", "verify", "persuasion_led", "persuasion")

    follow_up = CaseStep(Kind.FOLLOW_UP).Next(this.checked)
    checked = gate("follow_up", "propose_closure")
    propose_closure = CaseStep(Kind.PROPOSE_CLOSURE).Next(this.approve_closure)
    approve_closure = CaseStep(Kind.APPROVE_CLOSURE).Next(this.approved)
    approved = gate("end", "propose_closure", "branch_review", "persuasion_led", "persuasion")
    end = flow.TerminateEnd()

    def begin(self, activation: Activation, *, case: Case) -> CaseProcess:
        process: CaseProcess = activation.process
        process.artifact = case
        return process

    def cancel_turn(self, activation: Activation) -> None:
        cancel_turn(activation)
