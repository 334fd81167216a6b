"""Steps of people who are away go to whoever stands in, and come back with them (domain.md 2.3: any → reassigned)."""

from collections import Counter
from datetime import date, datetime

from django.db.models import F, Q

from casework.cases.access import is_candidate
from casework.cases.kinds import Kind
from casework.cases.models import Step
from casework.cases.steps import move_unasked
from casework.core.clock import local_date
from casework.core.transaction import one_act
from casework.org.absence import deputies
from casework.org.models import StandIn, User, away_on

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
    """Absences whose last day has passed: what the substitute still holds because of them goes back."""
    today = local_date(at)
    ended = Q(until__lt=today) | Q(back_on__lte=today)
    over = StandIn.objects.filter(ended, given_back_at=None)
    moved = 0
    for stand_in in list(over.select_related("user")):
        with one_act():
            moved += sum(
                move_unasked(step, to=stand_in.user, how=BACK, at=at)
                for step in _lent(stand_in, today)
            )
            StandIn.objects.filter(pk=stand_in.pk).update(given_back_at=at)
    return moved


def _lent(stand_in: StandIn, today: date) -> list[Step]:
    """Open steps that still stand where the absence put them, and were his before."""
    if away_on(today).filter(user=stand_in.user).exists():  # away again already
        return []
    rows = Step.objects.open().filter(
        holders__how=STAND_IN,
        holders__generation=F("generation"),
        holders__since__gte=stand_in.arranged_at,
    )
    held = rows.select_related("unit", "holder")
    return [step for step in held if _holder_before(step) == stand_in.user_id]


def _holder_before(step: Step) -> int | None:
    before = step.holders.filter(generation=step.generation - 1).first()
    return before.user_id if before else None
