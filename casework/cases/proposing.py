"""What the sweep proposes as the days of a case go by; a person decides. And what it takes from people who left."""

from datetime import datetime

from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce, Length, Substr

from casework.cases import side
from casework.cases.access import is_candidate
from casework.cases.aside import set_aside
from casework.cases.guards import days_open, is_due_for_report, limits
from casework.cases.kinds import Kind, Stage
from casework.cases.models import LEGAL, WORKING, Case, Step
from casework.cases.steps import move_unasked
from casework.core.clock import local_date
from casework.core.transaction import one_act
from casework.org.models import Post


def propose_reports(at: datetime, *, dry_run: bool = False) -> list[int]:
    """Propose the written report for every case whose days of persuasion have passed (domain.md C2)."""
    proposed: list[int] = []
    waiting = Case.objects.open().filter(
        stage__in=[Stage.HOME_VISIT, Stage.PERSUASION], reported_at=None
    )
    for case in list(waiting.select_related("school", "pupil")):
        with set_aside("case", case.pk):
            due = is_due_for_report(case, at=at) and side.may_propose(case, at=at)
            if due and (dry_run or side.propose_report(case, at=at)):
                proposed.append(case.pk)
    return proposed


def confirm_dropouts(at: datetime, *, dry_run: bool = False) -> list[int]:
    """Ask for the mark “dropout” for each child whose case has been open for as many days as the profile says (domain.md 2.2)."""
    away = Case.objects.open().filter(stage__in=[*WORKING, *LEGAL[1:]])
    begun = Coalesce(OuterRef("reopened_at"), OuterRef("opened_at"))
    told = Step.objects.filter(
        case=OuterRef("pk"), kind=Kind.PLATFORM_MARK, facts__mark_for="dropout", begun_at__gte=begun
    )
    found: list[int] = []
    for case in list(away.filter(~Exists(told)).select_related("school", "pupil")):
        with set_aside("case", case.pk):
            if days_open(case, at) >= limits(case, at)["days_to_dropout"]:
                found.append(case.pk)
                if not dry_run:
                    _ask_for_mark(case, at)
    return found


def _ask_for_mark(case: Case, at: datetime) -> None:
    with one_act():
        locked = Case.objects.select_for_update().get(pk=case.pk)  # two sweeps at once: one asks
        marks = locked.steps.filter(kind=Kind.PLATFORM_MARK, facts__mark_for="dropout")
        if not marks.filter(begun_at__gte=locked.begun_at).exists():
            side.ask_for_mark(locked, "dropout", at=at, by=None)


def give_back(at: datetime) -> int:
    """Steps of people who left (deactivated, or without the post) go back to the queue (domain.md 2.3). Returns how many."""
    posts = Post.objects.held_on(local_date(at)).filter(
        user=OuterRef("holder"),
        role=OuterRef("role"),
        user__is_active=True,
        unit__path=Substr(OuterRef("unit__path"), 1, Length("unit__path")),  # at it or above
    )
    left = Step.objects.open().exclude(holder=None).filter(~Exists(posts))
    held = left.select_related("holder", "unit")
    return sum(
        move_unasked(step, to=None, how="left", at=at, reason="post ended")
        for step in list(held)
        if not (step.holder.is_active and is_candidate(step.holder, step))  # stands in for somebody
    )
