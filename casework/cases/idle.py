"""Claimed and left lying: a warning, then back to the pool (domain.md 2.3: claimed and idle 3 WD)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import F

from casework.cases.aside import set_aside
from casework.cases.drafts import key_of_step
from casework.cases.models import Draft, Step
from casework.cases.steps import move_unasked
from casework.core.transaction import one_act
from casework.deadlines.engine import elapsed
from casework.deadlines.units import WORKING_DAYS
from casework.notices.models import Notice
from casework.notices.outbox import tell
from casework.profiles.rules import section

SOONEST = timedelta(days=1)


def idle_claims(at: datetime) -> Iterator[tuple[Step, int]]:
    """Claimed steps on which nothing was typed or visited since, with the working days since they were claimed and open."""
    rows = Step.objects.open().filter(
        holders__how__in=("claim", "undo"), holders__generation=F("generation"), holder__isnull=False, held_since__lte=at - SOONEST, opens_at__lte=at,
    )  # fmt: skip
    for step in rows.select_related("case__school", "holder", "unit"):
        since = step.held_since
        assert since is not None
        typed = Draft.objects.filter(
            user=step.holder, key=key_of_step(step.pk), saved_at__gte=since
        )
        if not typed.exists() and not step.visits.filter(recorded_at__gte=since).exists():
            lay = max(since, step.opens_at)
            yield step, elapsed(lay, at, WORKING_DAYS, step.case.school)


def take_back_idle(at: datetime) -> int:
    """Warn the holder after the profile's days; after more of them a step whose holder was warned goes back to the queue. Returns how many."""
    back = 0
    for step, days in list(idle_claims(at)):
        with set_aside("step", step.pk):
            rules = section(step.case.school, "load", at)
            if days >= rules["idle_days"] and _warned(step, at):
                back += move_unasked(step, to=None, how="idle", at=at, reason="idle")
            elif days >= rules["warn_days"]:
                _warn(step, at)
    return back


def _warn(step: Step, at: datetime) -> None:
    assert step.holder is not None
    with one_act():
        tell(
            [step.holder],
            "idle",
            key=_key(step),
            at=at,
            link=f"/steps/{step.pk}/",
            step=step.shown_kind,
        )


def _key(step: Step) -> str:
    return f"idle:{step.pk}:{step.generation}"


def _warned(step: Step, at: datetime) -> bool:
    return Notice.objects.filter(key=_key(step), at__lte=at - SOONEST).exists()
