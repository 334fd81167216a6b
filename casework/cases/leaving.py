"""Nobody is deactivated, and no post ends today, while work would be left without a home (issue 3)."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.models import Case, Step
from casework.cases.opening import owners_of
from casework.cases.steps import move_unasked
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.org.models import Post, User
from casework.org.people import candidates

NAMED = 5


def find_homes(user: User, at: datetime) -> None:
    """Open steps of somebody who leaves go to the only other one who can take them, else to the queue; cases get another owner. DomainError naming those that nobody could."""
    held = list(Step.objects.open().filter(holder=user).select_related("unit", "holder", "case"))
    others = {step.pk: _others(step, user, at) for step in held}
    _refuse_homeless([step for step in held if not others[step.pk]], user)
    _pass_on_cases(user, at)
    for step in held:
        only = others[step.pk][0] if len(others[step.pk]) == 1 else None
        move_unasked(step, to=only, how="left", at=at, reason="deactivated")


def keep_homes(post: Post, at: datetime) -> None:
    """A post does not end today while the work done for it would have no home. DomainError naming that work."""
    held = Step.objects.open().filter(
        holder=post.user, role=post.role, unit__path__startswith=post.unit.path
    )
    steps = held.select_related("unit", "holder", "case")
    kept = post.user.posts.filter(role=post.role).exclude(pk=post.pk).select_related("unit")
    covering = [
        each.unit.path for each in kept if each.until is None or each.until > local_date(at)
    ]
    homeless = [
        step
        for step in steps
        if not any(step.unit.path.startswith(path) for path in covering)
        and not _others(step, post.user, at)
    ]
    _refuse_homeless(homeless, post.user)


def _refuse_homeless(homeless: list[Step], user: User) -> None:
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


def _pass_on_cases(user: User, at: datetime) -> None:
    """Another owner on the line on which he was one; the other line stays as it is."""
    owned = Case.objects.open().select_for_update(of=("self",))
    for case in owned.filter(Q(owner=user) | Q(village_owner=user)).order_by("pk"):
        education, village = owners_of(case, at, without=user)
        case.owner = education if case.owner_id == user.pk else case.owner
        case.village_owner = village if case.village_owner_id == user.pk else case.village_owner
        case.save(update_fields=["owner", "village_owner", "stage"])
        trail.record("case.owners", by=None, at=at, case_id=case.pk, subject=f"case:{case.pk}")


def _others(step: Step, user: User, at: datetime) -> list[User]:
    people = candidates(step.role, step.unit, at)[1]
    return [each for each in people if each.pk not in (user.pk, step.asked_by_id)]
