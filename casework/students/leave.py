"""Leave slips: asked for by the family, granted by the class teacher for a few days, above her for more (domain.md 2.4 ON_LEAVE, P23)."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.errors import DomainError
from casework.org.models import User
from casework.org.roles import Can
from casework.profiles.rules import section
from casework.students.attendance import policy
from casework.students.models import Enrolment, LeaveSlip, LeaveState, Pupil
from casework.students.roll_call import excuse

NEXT = timedelta(days=4)  # a weekend between two slips does not part them


def ask_leave(pupil: Pupil, said: dict[str, Any], *, by: User, at: datetime) -> LeaveSlip:
    """Note a leave slip (inside one_act); granted at once where `by` may grant its days, else it waits for the principal.

    `said`: mark, first, last, reason, proof, asked_by. DomainError: days in the wrong order, too many, or covered already.
    """
    Pupil.objects.select_for_update(no_key=True).get(pk=pupil.pk)
    enrolled = Enrolment.objects.select_related("class_unit", "school").get(pupil=pupil, until=None)
    _refuse_days(enrolled, said, at)
    slip: LeaveSlip = LeaveSlip.objects.create(
        pupil=pupil,
        class_unit=enrolled.class_unit,
        state=LeaveState.ASKED,
        recorded_by=by,
        recorded_at=at,
        **said,
    )
    _note("leave.asked", slip, by, at)
    days = _days_running(slip)
    short = days <= policy(enrolled.class_unit, at).teacher_leave_days
    if short or by.can(Can.GRANT_LEAVE, enrolled.class_unit):
        _decide(slip, LeaveState.GRANTED, by, at)
    return slip


def _days_running(slip: LeaveSlip) -> int:
    """The days of a slip with those that stand next to it: a long leave is no shorter in pieces."""
    others = LeaveSlip.objects.filter(pupil=slip.pupil_id).exclude(state=LeaveState.REFUSED)
    first, last = slip.first, slip.last
    for each in others.filter(last__lt=slip.first).order_by("-last"):
        if first - each.last <= NEXT:
            first = each.first
    for each in others.filter(first__gt=slip.last).order_by("first"):
        if each.first - last <= NEXT:
            last = each.last
    return (last - first).days + 1


def decide_leave(slip: LeaveSlip, *, granted: bool, by: User, at: datetime) -> LeaveSlip:
    """Grant or refuse a slip that waits (inside one_act). DomainError: decided already, or not this person's to decide."""
    slip = LeaveSlip.objects.select_for_update().get(pk=slip.pk)
    if not by.can_apart_from(slip.recorded_by_id, Can.GRANT_LEAVE, slip.class_unit):
        raise DomainError(
            _("A leave of so many days is granted by the principal, not by who noted it.")
        )
    if slip.state != LeaveState.ASKED:
        raise DomainError(_("This leave slip was decided already."))
    _decide(slip, LeaveState.GRANTED if granted else LeaveState.REFUSED, by, at)
    return slip


def _decide(slip: LeaveSlip, state: str, by: User, at: datetime) -> None:
    slip.state, slip.decided_by, slip.decided_at = state, by, at
    slip.save(update_fields=["state", "decided_by", "decided_at"])
    _note(f"leave.{state}", slip, by, at)
    if state == LeaveState.GRANTED:
        excuse(slip.pupil, slip.first, slip.last, slip.mark, by=by, at=at)


def _refuse_days(enrolled: Enrolment, said: dict[str, Any], at: datetime) -> None:
    first, last = said["first"], said["last"]
    if last < first:
        raise DomainError(
            _("It ends before it begins."), fields={"last": _("before the beginning")}
        )
    longest = section(enrolled.class_unit, "side_roads", at)["ON_LEAVE"]["longest_days"]
    if (last - first).days >= longest:
        raise DomainError(
            _("A leave has at most %(days)s days; for more the study is suspended."),
            fields={"last": _("too far ahead")},
            days=longest,
        )
    running = LeaveSlip.objects.exclude(state=LeaveState.REFUSED)
    if running.filter(pupil=enrolled.pupil_id, first__lte=last, last__gte=first).exists():
        raise DomainError(
            _("There is a leave slip for some of these days already."),
            fields={"first": _("check the day")},
        )


def _note(verb: str, slip: LeaveSlip, by: User, at: datetime) -> None:
    trail.record(verb, by=by, at=at, unit_id=slip.class_unit_id, subject=f"leave:{slip.pk}")
