"""Breaking the glass: a case out of reach, or what is restricted in it, opens for some hours to whoever says why (design.md §7).

Nobody is asked first: in an emergency nobody may be there. The supervisors are told at once, and the trail keeps it.
"""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.models import Case, Glass
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.notices.outbox import tell
from casework.org.models import User
from casework.org.people import candidates
from casework.org.roles import Can, Role

OPEN_FOR = timedelta(hours=4)
SHORTEST = 4  # a reason of fewer characters says nothing
TOLD = (Role.COUNTY_SUPERVISOR, Role.COUNTY_CASE_OFFICER, Role.PRINCIPAL)


def break_glass(number: str, reason: str, *, by: User, at: datetime) -> Case:
    """Open the case with that number to the person for `OPEN_FOR`, to be read. DomainError: no reason, no such case."""
    if not by.can(Can.SEE_CASES):
        raise DomainError(_("Your post opens no cases."))
    if len(reason.strip()) < SHORTEST:
        raise DomainError(_("Say why you need it now."), fields={"reason": _("required")})
    case: Case | None = Case.objects.filter(number=number.strip().upper()).first()
    if case is None:
        raise DomainError(_("There is no case with this number."), fields={"number": _("check")})
    with one_act():
        glass = Glass(user=by, case=case, reason=reason.strip()[:200], at=at, until=at + OPEN_FOR)
        glass.save()
        trail.record(
            "glass.broken",
            by=by,
            at=at,
            case_id=case.pk,
            subject=f"glass:{glass.pk}",
        )
        told = {person for role in TOLD for person in candidates(role, case.school, at)[1]}
        tell(
            told - {by},
            "glass",
            key=f"glass:{glass.pk}",
            at=at,
            link="/glass/",
            by=by.display_name,
        )
    return case


def told_to(user: User) -> QuerySet[Glass]:
    """The emergency accesses that a person is told of, the newest first: those of the units whose work he supervises."""
    within = Q(pk=None)
    for post in user.current_posts:
        if post.role in TOLD:
            within |= Q(case__school__path__startswith=post.unit.path)
    rows = Glass.objects.filter(within).select_related("case", "user")
    return rows.order_by("-at", "-pk")


def is_broken(case_pk: int, user: User, at: datetime) -> bool:
    """Whether the person broke the glass of that case lately."""
    return Glass.objects.filter(user=user, case=case_pk, until__gt=at).exists()
