"""Steps of people who are away go to whoever stands in, and come back with them (domain.md 2.3: any → reassigned)."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.db.models import F, Prefetch

from casework.cases.access import is_candidate
from casework.cases.kinds import Kind
from casework.cases.models import Step, StepHolder
from casework.cases.steps import move_unasked
from casework.core.clock import local_date
from casework.core.transaction import one_act
from casework.org.absence import deputies
from casework.org.models import User

STAND_IN, BACK = "stand_in", "given_back"


def preview(user: User, substitute: User) -> tuple[Counter[str], int]:
    """What would go to the substitute: how many open steps of each kind; and how many he asked for himself: those wait in the queue."""
    held = Step.objects.open().filter(holder=user).values_list("kind", "asked_by")
    moves = Counter(str(Kind(kind).label) for kind, asked_by in held if asked_by != substitute.pk)
    return moves, sum(asked_by == substitute.pk for _kind, asked_by in held)


def hand_over_absent(at: datetime) -> int:
    """Give the steps of everybody away today to who is there in the end; what he may not check goes to the queue."""
    there = deputies(local_date(at))
    held = Step.objects.open().filter(holder__in=there).select_related("unit", "holder")
    moved = 0
    for step in list(held):
        deputy = User.objects.get(pk=there[step.holder_id])
        with one_act():
            moved += move_unasked(
                step, to=deputy if is_candidate(deputy, step) else None, how=STAND_IN, at=at
            )
    return moved


def give_back_to_returned(at: datetime) -> int:
    """Absences whose last day has passed: each step that was lent goes back to its owner, or to whoever is there for him today."""
    today = local_date(at)
    there = deputies(today)
    moved = 0
    for step, owner in _lent():
        to = User.objects.get(pk=there.get(owner, owner))
        if step.holder_id != to.pk and is_candidate(to, step):
            with one_act():
                how = STAND_IN if owner in there else BACK
                moved += move_unasked(step, to=to, how=how, at=at)
    return moved


def _lent() -> Iterator[tuple[Step, int]]:
    """Open steps that stand where an absence put them, with their owner: who held them before that row of absences."""
    rows = Step.objects.open().filter(holders__how=STAND_IN, holders__generation=F("generation"))
    moves = StepHolder.objects.order_by("-generation")
    for step in rows.select_related("unit").prefetch_related(Prefetch("holders", moves)):
        owner = next((m.user_id for m in step.holders.all() if m.how not in (STAND_IN, BACK)), None)
        if owner:
            yield step, owner
