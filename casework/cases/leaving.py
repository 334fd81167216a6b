"""Nobody is deactivated while work would be left without a home (issue 3)."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casework.cases.models import Case, Step
from casework.cases.opening import owners_of
from casework.cases.steps import move_unasked
from casework.core.errors import DomainError
from casework.org.models import User
from casework.org.people import candidates

NAMED = 5


def find_homes(user: User, at: datetime) -> None:
    """Open steps of somebody who leaves go to the only other one who can take them, else to the queue; cases get another owner. DomainError naming those that nobody could."""
    held = list(Step.objects.open().filter(holder=user).select_related("unit", "holder", "case"))
    others = {step.pk: _others(step, user, at) for step in held}
    homeless = [step for step in held if not others[step.pk]]
    if homeless:
        raise DomainError(
            _(
                "%(count)s open steps are in the hands of %(name)s, and nobody else has the post: %(cases)s. "
                "Give the post to somebody first, or arrange a substitute."
            ),
            count=len(homeless),
            name=user.display_name,
            cases=", ".join(sorted({step.case.number for step in homeless})[:NAMED]),
        )
    for case in Case.objects.open().filter(Q(owner=user) | Q(village_owner=user)):
        case.owner, case.village_owner = owners_of(case, at, without=user)
        case.save(update_fields=["owner", "village_owner", "stage"])
    for step in held:
        only = others[step.pk][0] if len(others[step.pk]) == 1 else None
        move_unasked(step, to=only, how="left", at=at, reason="deactivated")


def _others(step: Step, user: User, at: datetime) -> list[User]:
    people = candidates(step.role, step.unit, at)[1]
    return [each for each in people if each.pk not in (user.pk, step.asked_by_id)]
