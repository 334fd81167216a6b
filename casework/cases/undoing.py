"""The last step is undone while nothing depends on it: asked with the reason, agreed to by a second person (issue; design.md §3).

Nothing is deleted: the step, its paper and its visit stay, marked as undone, and the work begins again.
"""

from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.drafts import key_of_step
from casework.cases.kinds import Kind, Stage, Track
from casework.cases.models import Case, Draft, Matter, Step, Visit
from casework.core.errors import DomainError
from casework.documents.models import Document
from casework.org.models import User

BACK_TO: dict[
    Kind, Stage | None
] = {  # the work that begins again, and the stage for it; None: that of the case
    Kind.VERIFY: Stage.VERIFY,
    Kind.HOME_VISIT: Stage.HOME_VISIT,
    Kind.PERSUASION: Stage.PERSUASION,
    Kind.PERSUASION_LED: None,
    Kind.FOLLOW_UP: None,
}


def undoable(case: Case) -> Step | None:
    """The last finished step of the main road, if it may be undone: nobody has begun what came of it."""
    done = case.steps.filter(track=Track.MAIN, cancelled=False).exclude(finished_at=None)
    last: Step | None = done.order_by("-finished_at", "-pk").first()
    following = Step.objects.open().filter(case=case, track=Track.MAIN).first()
    if last is None or following is None or last.kind not in BACK_TO:
        return None
    if following.begun_at != last.finished_at or case.matters.open().filter(parks=True).exists():
        return None  # it came of something else
    if last.kind == Kind.PERSUASION_LED and following.kind != last.kind:  # a letter hangs on it
        return None
    beside = case.steps.filter(track=Track.SIDE, begun_at__gte=last.finished_at, matter=None)
    if beside.exists() or _begun(following):
        return None
    return last


def _begun(step: Step) -> bool:
    draft = Draft.objects.filter(key=key_of_step(step.pk), user=step.holder_id)
    return draft.exists() or step.visits.exists()


def refuse_begun(case: Case, step_pk: int | None = None) -> Step:
    """The step to be undone (the one with that id, if it is named); DomainError when something depends on it."""
    last = undoable(case)
    if last is None or step_pk not in (None, last.pk):
        raise DomainError(
            _(
                "The last step cannot be undone: the work has gone on. Ask for a correction of its paper."
            )
        )
    return last


def facts_of(step: Step) -> dict[str, object]:
    """What the addendum says of an undone step."""
    paper = Document.objects.filter(subject=f"step:{step.pk}").order_by("pk").first()
    return {
        "step": step.pk,
        "paper": paper.number if paper else "—",
        "wrong": step.title,
        "right": gettext("The step is undone and done again."),
    }


def undo(matter: Matter, *, by: User, at: datetime) -> None:
    """The step counts no more, nor does its own visit; what the village added to it still does (inside one_act, the case locked)."""
    step = refuse_begun(matter.case, matter.facts["step"])
    Step.objects.filter(pk=step.pk).update(cancelled=True)
    own = Visit.objects.filter(
        step=step, visitor=step.finished_by, recorded_at=step.finished_at or at
    )
    own.update(struck=True)
    trail.record(
        "step.undone",
        by=by,
        at=at,
        case_id=step.case_id,
        subject=f"step:{step.pk}",
        reason=matter.facts["reason"],
    )
