"""What the processes of the fault tests do with steps, and what must hold afterwards."""

import io
import json
import random
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.core.management import call_command
from django.db.models import Count, Max

from casework.audit.models import Entry
from casework.cases.kinds import Kind, Track
from casework.cases.models import Sent, Step, StepDue, StepHolder
from casework.documents.models import Document, SealedFile
from casework.notices.models import Notice
from tests import world as stage
from workflows.complete import complete

CHOSEN = {
    Kind.VERIFY: {"found": "local"},
    Kind.HOME_VISIT: {"result": "not_yet"},
    Kind.PERSUASION: {"result": "not_yet"},
}


def open_steps() -> Any:
    """The open main steps: persuasion follows persuasion, so there is always one a case."""
    rows = Step.objects.open().filter(track=Track.MAIN)
    return rows.select_related("unit", "holder", "case__school", "case__pupil", "asked_by")


def some_step(draw: random.Random) -> Step:
    rows = open_steps().order_by("pk")
    step: Step = rows[draw.randrange(rows.count())]
    return step


def moment_of(step: Step) -> datetime:
    """A day after the step was begun, at the same hour."""
    return step.begun_at + timedelta(days=1)


def finish(step: Step, at: datetime | None = None, **more: Any) -> list[int]:
    """Claim the step if need be and complete it through its real form; the ids of its papers."""
    at = at or moment_of(step)
    with stage.moved_to(at):
        person = stage.holder_of(step, at)
        data = stage.cleaned(step, person, at, **CHOSEN.get(Kind(step.kind), {}), **more)
        papers = complete(step.pk, data, by=person, at=at, form_key=f"key-{step.pk}")
    return [paper.pk for paper in papers]


def checked(command: str) -> list[Any]:
    """The problems that a checking command finds."""
    out = io.StringIO()
    with suppress(SystemExit):
        call_command(command, "--json", stdout=out)
    problems: list[Any] = json.loads(out.getvalue())["problems"]
    return problems


def found_broken() -> dict[str, Any]:
    """Figures that must all be 0 or empty, whoever was killed when."""
    return {
        "check_cases": checked("check_cases"),
        "verify_documents": checked("verify_documents"),
        "torn": torn(),
        "duplicates": duplicates(),
    }


def torn() -> list[str]:
    """Pairs that were to be written together and were not: a step with all that hangs on it."""
    done = set(Step.objects.exclude(finished_at=None).values_list("pk", flat=True))
    kept = Step.objects.filter(pk__in=done, cancelled=False).values_list("pk", flat=True)
    steps = {f"step:{pk}" for pk in done}
    papers = {f"document:{pk}" for pk in Document.objects.values_list("pk", flat=True)}
    sealed = {f"document:{pk}" for pk in SealedFile.objects.values_list("document", flat=True)}
    pairs: list[tuple[str, set[Any], set[Any]]] = [
        ("step, entry", steps, subjects("step.finished") | subjects("step.cancelled")),
        ("step, paper", {f"step:{pk}" for pk in kept}, set(Document.objects.values_list("subject", flat=True))),
        ("step, end of its term", done, set(StepDue.objects.filter(ended=True).values_list("step", flat=True))),
        ("paper, entry", papers, subjects("document.issued")),
        ("file, entry", sealed, subjects("document.sealed")),
        ("holder, row", *holders()),
        ("holder, notice", *notices()),
    ]  # fmt: skip
    notes = abs(len(set(kept)) - Sent.objects.count())
    return [f"{name}: {each}" for name, one, other in pairs for each in sorted(one ^ other)] + [
        "step, note of its form"
    ] * notes


def subjects(verb: str) -> set[str]:
    return set(Entry.objects.filter(verb=verb).values_list("subject", flat=True))


def holders() -> tuple[set[Any], set[Any]]:
    """(step, generation) as the step says it and as its last holder row says it."""
    rows = StepHolder.objects.values("step").annotate(last=Max("generation"))
    said = Step.objects.filter(generation__gt=0).values_list("pk", "generation")
    return set(said), set(rows.values_list("step", "last"))


def notices() -> tuple[set[str], set[str]]:
    """Keys of the notices that holder rows ask for, and those that are there."""
    asked = StepHolder.objects.filter(how="only").values_list("step", "generation")
    there = Notice.objects.filter(code="yours").values_list("key", flat=True)
    return {f"yours:{step}:{generation}" for step, generation in asked}, set(there)


def duplicates() -> list[str]:
    """Steps finished twice, claimed twice in one generation, papers made twice of one step."""
    finished = Counter(Entry.objects.filter(verb="step.finished").values_list("subject", flat=True))
    papers = Document.objects.values("subject", "kind").annotate(n=Count("pk")).filter(n__gt=1)
    return [s for s, n in finished.items() if n > 1] + [str(row) for row in papers]


def lost(acknowledged: Iterable[tuple[int, list[int]]]) -> list[int]:
    """Steps whose completion was answered and whose step, form key or papers are not there."""
    done = set(Step.objects.exclude(finished_at=None).values_list("pk", flat=True))
    sent = set(Sent.objects.values_list("key", flat=True))
    papers = set(Document.objects.values_list("pk", flat=True))
    return [
        step
        for step, made in acknowledged
        if step not in done or f"key-{step}" not in sent or not papers.issuperset(made)
    ]
