"""How a case enters the flow, and how events beside the open turn move it. Lock order: process, case, step, task."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from viewflow.workflow.status import PROCESS

from casework.cases import intake, matters
from casework.cases.kinds import Kind, Outcome, Stage
from casework.cases.models import Case, Matter, Step
from casework.cases.opening import close_case, open_case
from casework.cases.records import end_work, outlives
from casework.cases.ways import way_of
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.detection.models import Finding
from casework.org.models import User
from casework.students.models import Pupil
from workflows.flows import DropoutFlow
from workflows.models import CaseProcess, hold
from workflows.nodes import moment, moving


def start_case(finding: Finding, *, by: User | None, at: datetime) -> Case:
    """Open the case of a finding and make its first turn, in one transaction. A case in follow-up gives way to the next episode.
    `by` None: an operator at the command line."""
    with one_act(), moment(at, by):
        pupil = intake.pupil_for(finding, at=at)
        before = _hold_earlier(pupil)
        if before:
            _relapse(before, by=by, at=at)
        case = open_case(pupil=pupil, school=finding.unit, by=by, at=at)
        intake.opened(finding, case, by=by, at=at)
        begin_flow(case)
    return case


def _hold_earlier(pupil: Pupil) -> Case | None:
    """Lock the pupil's cases with their process, then the pupil, so that two open at once make one case; the open one."""
    earlier = Case.objects.filter(pupil=pupil).order_by("pk")
    hold(*earlier.open().values_list("process_ref", flat=True))
    locked = list(earlier.select_for_update())
    Pupil.objects.select_for_update().get(pk=pupil.pk)
    return next((case for case in locked if case.is_open), None)


def begin_flow(case: Case) -> None:
    """A process for a case that is opened, opened again or repaired: where it begins says the way taken, if there is one."""
    for old in CaseProcess.objects.filter(pk=case.process_ref, status=PROCESS.NEW):
        DropoutFlow.instance.cancel(old)
    process = DropoutFlow.start.run(case=case)
    case.process_ref = process.pk
    case.save(update_fields=["process_ref"])


def _relapse(case: Case, *, by: User | None, at: datetime) -> None:
    """A pupil in follow-up left again: the old episode (locked) closes with that outcome (domain.md D11)."""
    if case.stage != Stage.FOLLOW_UP:
        raise DomainError(
            _("This pupil has an open case already: %(number)s. Link the finding to it."),
            number=case.number,
        )
    close_case(case, outcome=Outcome.RELAPSED, by=by, at=at)
    over = [matter for matter in case.matters.open() if not outlives(matter)]
    end_work(case, over, "relapsed", by=by, at=at)
    DropoutFlow.instance.cancel(CaseProcess.objects.get(pk=case.process_ref))


def return_from(matter: Matter, *, at: datetime) -> bool:
    """The term of a branch is over and nobody has said how the child is: the case goes back to the main road by itself.

    True if it did; a closure that is under way is left to the people (domain.md 2.4).
    """
    process = CaseProcess.objects.get(pk=matter.case.process_ref)
    with one_act(), moment(at, None):
        hold(process.pk)
        case = Case.objects.select_for_update().get(pk=matter.case_id)
        step = Step.objects.open().filter(matter=matter, kind=Kind.BRANCH_REVIEW).first()
        if step is None:
            return False
        step.case = case
        way = way_of(step, {"result": "failed"}, at)
        case.move(way.stage_of(case, at))
        case.save(update_fields=["stage"])
        matters.settle(matter, "ended", by=None, at=at)
        with moving(step, way):
            turn(case)
    return True


def turn(case: Case) -> None:
    """A side step turns the road: its way says where to (inside `complete`, the process locked)."""
    process = CaseProcess.objects.get(pk=case.process_ref)
    lane = process.task_set.get(flow_task=DropoutFlow.turned, finished=None)
    DropoutFlow.turned.run(lane)
