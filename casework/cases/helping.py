"""What is done for a child beside the road: a case conference with minutes (domain.md D15), and help with an owner and a day (F33)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.cases.access import may_ask
from casework.cases.kinds import Kind
from casework.cases.matters import raised
from casework.cases.models import Case, Step
from casework.cases.side_roads import CONFERENCE, HELP
from casework.cases.steps import begin_step, move_unasked
from casework.cases.takers import place_of
from casework.core.clock import local_date, local_moment
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import Post, UnitKind, User
from casework.org.roles import CAPABILITIES, Can, Role

WORKERS = [role for role in Role if Can.WORK_STEPS in CAPABILITIES[role]]
OF_TOWNSHIPS = frozenset({Role.TOWNSHIP_CASE_OFFICER, Role.TOWNSHIP_LEADER, Role.TOWNSHIP_LEGAL})


def owners_for(case: Case, at: datetime) -> list[Post]:
    """Who may be given a measure: the people of the case's class and school, and of the township that leads it."""
    places = [unit for unit in (case.class_unit, case.school, case.lead) if unit]
    held = Post.objects.held_on(local_date(at)).filter(unit__in=places, role__in=WORKERS)
    rows = held.filter(user__is_active=True).select_related("user", "unit")
    return list(rows.order_by("-unit__depth", "role", "pk"))


def give_help(case: Case, data: dict[str, Any], *, by: User, at: datetime) -> Step:
    """Give a measure of the catalogue to an owner until a day. `data`: measure, owner (a post), until, aim. DomainError."""
    post: Post = data["owner"]
    _refuse_past(data, "until", at)
    with one_act():
        case = _open_case(case, by)
        if post not in owners_for(case, at):
            raise DomainError(
                _("Choose somebody of this case's places."), fields={"owner": _("check")}
            )
        said = {"measure": data["measure"], "owner": post.user.display_name, **_rest(data)}
        matter = raised(
            case, HELP[data["measure"]], said, unit=post.unit, by=by, at=at, wakes_at=local_moment(data["until"])
        )  # fmt: skip
        step = begin_step(case, Kind.HELP, at=at, by=by, role=Role(post.role), matter=matter)
        if step.holder != post.user:
            move_unasked(step, to=post.user, how="given", at=at)
    return step


def _rest(data: dict[str, Any]) -> dict[str, Any]:
    return {key: data[key] for key in ("until", "aim")}


def call_conference(case: Case, data: dict[str, Any], *, by: User, at: datetime) -> Step:
    """Call a conference on a case for a day; whoever called it has its minutes written. DomainError: a day that has passed."""
    _refuse_past(data, "held_on", at)
    with one_act():
        case = _open_case(case, by)
        of_township = any(post.role in OF_TOWNSHIPS for post in by.current_posts)
        role = Role.TOWNSHIP_CASE_OFFICER if of_township else Role.SCHOOL_CASE_OFFICER
        place = place_of(case, UnitKind.TOWNSHIP if of_township else UnitKind.SCHOOL)
        matter = raised(
            case, CONFERENCE, data, unit=place, by=by, at=at, wakes_at=local_moment(data["held_on"])
        )  # fmt: skip
        return begin_step(case, Kind.CONFERENCE, at=at, by=by, role=role, matter=matter)


def _open_case(case: Case, by: User) -> Case:
    """The case, locked. DomainError: closed, or not in the person's reach."""
    if not may_ask(by, case):
        raise DomainError(_("This case is not in your reach."))
    found: Case = Case.objects.select_for_update().get(pk=case.pk)
    if not found.is_open:
        raise DomainError(_("This case is closed."))
    return found


def _refuse_past(data: dict[str, Any], field: str, at: datetime) -> None:
    if data[field] < local_date(at):
        raise DomainError(_("That day has passed already."), fields={field: _("before today")})
