"""The clock of a step put on hold by a supervisor: until a day, with reason and document; taken up again sooner if its cause is gone."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from casework.cases.access import may_change_time
from casework.cases.models import Case, PauseCause, Step, Suspension
from casework.cases.redating import current, redate
from casework.cases.step_clock import said_of
from casework.core.clock import end_of, local_date
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import User
from casework.profiles.rules import section

LONGEST_REASON = 200


def hold(
    step: Step, *, until: date, reason: str, document: str, by: User, at: datetime
) -> Suspension:
    """Stop the clock of a step until the end of that day.

    DomainError: not a supervisor of it, the rules know no hold for it or no more of them, a day in the past or too far
    ahead, no reason.
    """
    with one_act():
        step = locked_step(step)
        refuse_change(step, by, reason)
        refuse_hold(step, until, at)
        step.pauses += 1
        row = note_pause(
            step,
            PauseCause.HOLD,
            until=end_of(until),
            reason=reason,
            document=document,
            by=by,
            at=at,
        )
        redate(step, cause="held", by=by, at=at, pause=row.number, reason=reason.strip())
    return row


def resume(step: Step, *, by: User, at: datetime) -> None:
    """The cause is gone: the clock runs again from now on. DomainError when it does not stand."""
    with one_act():
        step = locked_step(step)
        if not may_change_time(by, step):
            raise DomainError(_("This step is outside your unit."))
        row = standing(step, at)
        if row is None:
            raise DomainError(_("The clock of this step runs already."))
        Suspension(
            step=step, number=row.number, cause=row.cause, since=row.since, until=at,
            reason=row.reason, document=row.document, at=at, by_name=by.display_name,
        ).save()  # fmt: skip
        redate(step, cause="resumed", by=by, at=at, pause=row.number)


def note_pause(
    step: Step,
    cause: str,
    *,
    until: datetime,
    reason: str = "",
    document: str = "",
    by: User | None,
    at: datetime,
) -> Suspension:
    """Note that the clock of a step stands still from now to `until` (inside one_act); `step.pauses` counts it already."""
    row = Suspension(
        step=step,
        number=step.pauses,
        cause=cause,
        since=at,
        until=until,
        reason=reason.strip(),
        document=document.strip()[:80],
        at=at,
        by_name=by.display_name if by else "",
    )
    row.save()
    return row


def standing(step: Step, at: datetime) -> Suspension | None:
    """The pause in which the clock of a step stands at `at`."""
    rows = current(step) if step.pauses else []
    return next((row for row in rows if row.since <= at < row.until), None)


def locked_step(step: Step) -> Step:
    """The step as it is now, its case locked first (the order of locks)."""
    Case.objects.select_for_update().get(pk=step.case_id)
    rows = Step.objects.select_for_update(of=("self",))
    found: Step = rows.select_related("case__school", "unit", "holder", "profile", "matter").get(
        pk=step.pk
    )
    return found


def refuse_change(step: Step, by: User, reason: str) -> None:
    """The clock of an open step is changed by a supervisor who does not hold it, with a reason."""
    if not step.is_open:
        raise DomainError(_("This step is finished already."))
    if not may_change_time(by, step):
        raise DomainError(
            _("Time is given by a supervisor of the unit who does not hold the step himself.")
        )
    refuse_reason(reason)


def refuse_reason(reason: str) -> None:
    """A reason is there and short enough."""
    if not reason.strip():
        raise DomainError(_("Say why, in a few words."), fields={"reason": _("required")})
    if len(reason.strip()) > LONGEST_REASON:
        raise DomainError(
            _("Say why in at most %(most)s characters."),
            fields={"reason": _("too long")},
            most=LONGEST_REASON,
        )


def may_be_held(step: Step) -> bool:
    """Whether the rules that a step was begun under let a supervisor put it on hold."""
    return PauseCause.HOLD in said_of(step).get("pauses", ())


def refuse_hold(step: Step, until: date, at: datetime) -> None:
    """DomainError for a hold that the rules or the day do not allow."""
    rules, today = section(step.case.school, "clock", at), local_date(at)
    if not may_be_held(step):
        raise DomainError(_("The rules know no hold for this step: its clock runs on."))
    if step.due_at <= at:
        raise DomainError(
            _("This step is overdue: a hold gives no time back. Give more time instead.")
        )
    if standing(step, at):
        raise DomainError(_("The clock of this step stands still already."))
    held = {row.number for row in current(step) if row.cause == PauseCause.HOLD}
    if len(held) >= rules["holds"]:
        raise DomainError(
            _("This step was on hold %(times)s times already, as often as the rules allow."),
            times=len(held),
        )
    if not today <= until <= today + timedelta(days=rules["hold_days"]):
        raise DomainError(
            _("A hold ends today or later, at most %(days)s days ahead."),
            fields={"until": _("check the day")},
            days=rules["hold_days"],
        )
