"""Suspected harm to a child: whoever works on a case reports it at once; it is told by role and kept apart (design.md §7).

The law binds everybody who sees it to tell the police; the step that follows says that it was done (domain.md 2.4).
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.cases.access import in_reach
from casework.cases.kinds import Kind
from casework.cases.matters import raised
from casework.cases.models import Case, Step
from casework.cases.side_roads import HARM
from casework.cases.steps import begin_step
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.notices.outbox import tell
from casework.org.models import User
from casework.org.people import candidates
from casework.org.roles import Role

TOLD = (Role.PRINCIPAL, Role.COUNTY_CASE_OFFICER)
SIGNS = [
    ("injury", _("injuries that nobody can explain, or that do not fit what is said")),
    ("violence", _("beaten or abused at home or elsewhere")),
    ("sexual", _("touched or used sexually, pregnant, or married under age")),
    ("neglect", _("left alone, without food, care or a doctor")),
    ("work", _("made to work, beg or steal")),
    ("taken", _("sold, taken away, or missing")),
    ("self", _("harms itself, or speaks of dying")),
    ("other", _("something else")),
]


def report_harm(case: Case, data: dict[str, Any], *, by: User, at: datetime) -> Step:
    """Take the report in: a restricted matter, its step due today, the people told whose work it is.

    DomainError: outside the person's reach. A closed case takes a report like an open one.
    """
    if not in_reach(Case.objects.filter(pk=case.pk), by).exists():
        raise DomainError(_("This case is not in your reach."))
    with one_act():
        case = Case.objects.select_for_update().get(pk=case.pk)
        matter = raised(case, HARM, data, unit=case.school, by=by, at=at)
        step = begin_step(case, Kind.PROTECT, at=at, by=by, asked_by=by, matter=matter)
        tell(_people(case, at), "harm", key=f"harm:{step.pk}", at=at, link=f"/steps/{step.pk}/")
    return step


def _people(case: Case, at: datetime) -> set[User]:
    return {person for role in TOLD for person in candidates(role, case.school, at)[1]}
