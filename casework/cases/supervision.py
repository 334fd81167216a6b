"""The supervision notice (督办, domain.md F23, P27): raised on a late step, served to whoever has it, with a deadline and an answer."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from casework.cases.access import is_candidate, may_supervise
from casework.cases.facts import paper_language
from casework.cases.facts.common import pupil_block, with_post
from casework.cases.kinds import Kind
from casework.cases.matters import raised
from casework.cases.models import Case, MatterKind, Step
from casework.cases.side_roads import SUPERVISION
from casework.cases.steps import begin_step, move_unasked
from casework.core.clock import local_date, local_moment
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.deadlines.units import last_day
from casework.documents.issue import issue
from casework.org.models import User
from casework.org.roles import Role
from casework.profiles.rules import rules_for


def raise_notice(step: Step, data: dict[str, Any], *, by: User, at: datetime) -> Step:
    """Raise a notice on an overdue step: its paper is made, the answer is a step of whoever has the late one.

    DomainError: not one's unit, not late, answered no day ahead, or a notice on this step is open already.
    """
    if not may_supervise(by, step):
        raise DomainError(_("This step is outside your unit."))
    with one_act():
        case = Case.objects.select_for_update().get(pk=step.case_id)
        step = Step.objects.select_related(
            "unit", "holder", "case__school", "case__pupil", "matter"
        ).get(pk=step.pk)
        _refuse(step, data, at)
        matter = raised(
            case, SUPERVISION, {"step": step.pk, **data}, unit=step.unit, by=by, at=at, wakes_at=local_moment(data["reply_by"])
        )  # fmt: skip
        answer = begin_step(
            case, Kind.ANSWER_NOTICE, at=at, by=by, asked_by=by, role=Role(step.role), matter=matter
        )
        if step.holder and answer.holder != step.holder and is_candidate(step.holder, answer):
            move_unasked(answer, to=step.holder, how="notice", at=at)
        _issue(step, answer, by, at)
    return answer


def _refuse(step: Step, data: dict[str, Any], at: datetime) -> None:
    if step.restricted:
        raise DomainError(_("No notice is raised on restricted work: speak to whoever holds it."))
    if not step.is_open or step.due_at >= at:
        raise DomainError(_("A notice is raised on a step that is overdue: this one is not."))
    if data["reply_by"] <= local_date(at):
        raise DomainError(
            _("Give them a day that lies ahead."), fields={"reply_by": _("check the day")}
        )
    refuse_second(step)


def refuse_second(step: Step) -> None:
    """DomainError while a notice on the step is open."""
    running = step.case.matters.open().filter(kind=MatterKind.SUPERVISION, facts__step=step.pk)
    if running.exists():
        raise DomainError(_("A notice on this step is open already."))


def _issue(step: Step, answer: Step, by: User, at: datetime) -> None:
    language = paper_language(rules_for(step.case.school, at), step.case.school)
    with override(language):
        late = (local_date(at) - last_day(step.due_at)).days
        values = {
            "case_no": step.case.number,
            "pupil": pupil_block(step.case),
            "recorded_by": with_post(by),
            "addressee": step.holder.display_name if step.holder else step.unit.name,
            "post": str(Role(step.role).label),
            "work": step.title,
            "days_late": gettext("%(days)s days") % {"days": late},
            "begun_at": step.begun_at,
            "due_on": last_day(step.due_at),
            "demand": answer.about.facts["demand"],
            "raised_by": by.display_name,
            "raised_at": at,
            "reply_by": local_date(answer.about.wakes_at),  # type: ignore[arg-type]  # set above
        }
    issue(
        chain=f"case:{step.case_id}", kind="P27", values=values, unit=office_of(by, step), subject=f"matter:{answer.about.pk}",
        at=at, by=by, language=language,
    )  # fmt: skip


def office_of(by: User, step: Step) -> Any:
    """In whose name it is raised: the unit of the post that lets him."""
    return next((post.unit for post in by.current_posts if post.unit.holds(step.unit)), step.unit)
