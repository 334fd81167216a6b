"""One entry for several children of a household: a visit recorded once, a letter that names them all (domain.md 2.2, P11).

Each child keeps its own case, steps and records; what is typed once is written to each of them.
"""

from datetime import datetime

from django.utils.translation import gettext, gettext_lazy

from casework.cases import letters
from casework.cases.access import is_candidate
from casework.cases.kinds import BOUND, VISITING, Kind
from casework.cases.models import Matter, MatterKind, Step
from casework.core.errors import DomainError
from casework.org.models import User
from casework.students.households import siblings_of

CHOSEN = frozenset({*VISITING, Kind.DRAFT_LETTER})  # a person ticks who is meant


def beside(step: Step, user: User, at: datetime) -> list[Step]:
    """Open steps of brothers and sisters that the person may do with this one: the same work, and of a letter the same rung."""
    if step.kind not in CHOSEN:
        return []
    rows = Step.objects.open().filter(
        kind=step.kind, case__pupil__in=siblings_of(step.case.pupil), opens_at__lte=at
    )
    found = rows.select_related("case__pupil", "case__class_unit", "unit", "matter", "holder")
    return [each for each in found.order_by("pk") if _fits(step, each, user)]


def _fits(step: Step, other: Step, user: User) -> bool:
    free = other.holder_id in (None, user.pk) and is_candidate(user, other)
    if not free or step.kind != Kind.DRAFT_LETTER:
        return free
    return (step.about.code, step.about.unit_id) == (other.about.code, other.about.unit_id)


def bound(step: Step) -> list[Step]:
    """The steps of the children whom a letter names too: signed off and served with it."""
    if step.kind not in BOUND:
        return []
    rows = Step.objects.open().filter(kind=step.kind, matter__lead=step.matter_id)
    return list(rows.select_related("case__pupil", "case__class_unit", "matter").order_by("pk"))


def bind(lead: Matter, others: list[Step]) -> None:
    """The letter of `lead` names the children of these drafts too, and no others; none is carried twice (inside one_act, before they are done)."""
    theirs = Matter.objects.filter(pk__in=[step.matter_id for step in others])
    Matter.objects.filter(settled_at=None, lead__in=[lead, *theirs]).update(lead=None)
    Matter.objects.filter(pk=lead.pk).update(lead=None)
    lead.lead = None
    theirs.update(lead=lead)


def refuse_bound(step: Step) -> None:
    """A letter that another one carries is signed off and served with that one. DomainError naming its case."""
    if step.kind in BOUND and step.about.carried:
        assert step.about.lead is not None  # carried by it
        raise DomainError(
            gettext_lazy(
                "This child is named in the letter of %(case)s: do it there, for both at once."
            ),
            case=step.about.lead.case.number,
        )


def note_on(step: Step) -> str:
    """What the record of a companion says: where the paper is."""
    paper = letters.paper_of(step.about)
    return gettext("Named in %(number)s.") % {"number": paper.number} if paper else ""


def names_of(matter: Matter) -> list[str]:
    """The other children that a letter names, with their classes."""
    rows = matter.companions.filter(kind=MatterKind.LETTER, settled_at=None)
    found = rows.select_related("case__pupil", "case__class_unit", "case__school").order_by("pk")
    return [
        f"{each.case.pupil.name}（{each.case.class_unit.name if each.case.class_unit else each.case.school.name}）"
        for each in found
    ]
