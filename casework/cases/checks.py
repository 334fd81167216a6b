"""Invariants of the records: what must hold for every case, found and never repaired (relsec REL-14)."""

from collections.abc import Iterator
from typing import Any

from django.db.models import CharField, Count, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from casework.audit import trail
from casework.cases.kinds import Stage, Track
from casework.cases.models import Case, Step
from casework.cases.records import ENDED_WITH_IT
from casework.documents.models import Document

Problem = dict[str, Any]


def problems() -> Iterator[Problem]:
    """Open case without exactly one open main step, closed case with an open main step, finished step without paper, broken chains.

    To be read in a `snapshot`.
    """
    mains = Count("steps", filter=Q(steps__finished_at=None, steps__track=Track.MAIN))
    for case in Case.objects.open().annotate(mains=mains).exclude(mains=1).iterator():
        yield {"kind": "open_main_steps", "case": case.number, "found": case.mains}
    for step in (
        Step.objects.open()
        .filter(case__closed_at__isnull=False, track=Track.MAIN)
        .select_related("case")
        .iterator()
    ):
        yield {"kind": "open_step_of_closed_case", "case": step.case.number, "step": step.pk}
    left = Step.objects.open().filter(case__closed_at__isnull=False, kind__in=ENDED_WITH_IT)
    for step in left.select_related("case").iterator():
        yield {"kind": "open_step_of_closed_case", "case": step.case.number, "step": step.pk}
    for case in Case.objects.filter(
        Q(closed_at=None) & Q(stage__in=[Stage.CLOSED, Stage.CANCELLED])
    ).iterator():
        yield {"kind": "closed_without_moment", "case": case.number}
    yield from _without_paper()
    yield from trail.problems()


def _without_paper() -> Iterator[Problem]:
    """Finished steps that made no paper."""
    subject = Concat(Value("step:"), Cast(OuterRef("pk"), CharField()))
    made = Document.objects.filter(subject=subject)
    done = Step.objects.exclude(finished_at=None).filter(~Exists(made), cancelled=False)
    for step in done.select_related("case").iterator():
        yield {"kind": "step_without_paper", "case": step.case.number, "step": step.pk}
