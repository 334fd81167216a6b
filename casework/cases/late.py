"""A late step becomes a matter for a person: looked into, or set aside with the reason; nothing follows by itself (domain.md C4, 1.8)."""

from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.access import may_supervise
from casework.cases.models import LateDecision, RungFired, Step, StepDue
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import User

LOOK_BACK = timedelta(days=180)
LONGEST_REASON = 300


def late_steps(at: datetime) -> QuerySet[Step]:
    """Steps done late in the last half year, and open ones of which two reminders said that they are overdue.

    Restricted work is left out: whoever may see it speaks to its holder.
    """
    ended = StepDue.objects.filter(
        step=OuterRef("pk"), ended=True, late_days__gt=0, since__gte=at - LOOK_BACK
    )
    reminded = RungFired.objects.filter(
        step=OuterRef("pk"), due_version=OuterRef("due_version"), at__gt=OuterRef("due_at")
    ).exclude(rung="unclaimed")
    twice = reminded.values("step").annotate(n=Count("pk")).filter(n__gte=2)
    missed = Q(finished_at=None, due_at__lt=at) & Q(Exists(twice))
    done = Q(cancelled=False, finished_at__gte=at - LOOK_BACK, finished_at__gt=F("due_at"))
    rows: QuerySet[Step] = Step.objects.filter(missed | (done & Q(Exists(ended))))
    return rows.filter(shown_kind=F("kind"))


def may_decide_late(user: User, step: Step) -> bool:
    """An office above, never whoever did it late (nor, when it comes to it, whoever had it in hand)."""
    return step.finished_by_id != user.pk and may_supervise(user, step)


def decide_late(step: Step, *, taken_up: bool, reason: str, by: User, at: datetime) -> None:
    """Take a late step up to be looked into, or set it aside; once, with the reason. DomainError otherwise."""
    if not may_decide_late(by, step) or step.holders.filter(user=by).exists():
        raise DomainError(_("Late steps are looked into by an office above."))
    if not reason.strip() or len(reason.strip()) > LONGEST_REASON:
        raise DomainError(_("Say why, in a few words."), fields={"reason": _("required")})
    with one_act():
        Step.objects.select_for_update().get(pk=step.pk)
        if LateDecision.objects.filter(step=step).exists():
            raise DomainError(_("It is decided already."))
        if not late_steps(at).filter(pk=step.pk).exists():
            raise DomainError(_("This step is not late."))
        LateDecision(step=step, taken_up=taken_up, reason=reason.strip(), by=by, at=at).save()
        verb = "late.taken_up" if taken_up else "late.set_aside"
        trail.record(verb, by=by, at=at, case_id=step.case_id, subject=f"step:{step.pk}")
