"""Several children of a household in one act: the same answers, one record each, all or none."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from casework.cases import together
from casework.cases.kinds import BOUND, Kind
from casework.cases.models import Case, Step
from casework.cases.steps import move_unasked, take_step
from casework.core.rows import locked
from casework.core.transaction import one_act
from casework.documents.models import Document
from casework.org.models import User
from workflows.complete import complete
from workflows.models import hold


def complete_together(
    step: Step, others: Sequence[Step], data: dict[str, Any], *, by: User, at: datetime, **form: Any
) -> list[Document]:
    """Do a step and those of the siblings with the same answers. `form`: what `complete` takes for the step itself.

    Processes, cases and steps are locked in the order of their ids, so that two at once wait for each other in turn. DomainError of any
    of them refuses all; so does a letter that another one carries.
    """
    together.refuse_bound(step)
    every = [step, *others]
    with one_act():
        hold(*(each.case.process_ref for each in every))
        locked(Case, sorted({each.case_id for each in every}))
        locked(Step, sorted(each.pk for each in every))
        if step.kind == Kind.DRAFT_LETTER:
            together.bind(step.about, list(others))
        papers = complete(step.pk, dict(data), by=by, at=at, **form)
        for other in others:
            papers += _with(other, step, data, by, at)
    return papers


def _with(other: Step, first: Step, data: dict[str, Any], by: User, at: datetime) -> list[Document]:
    """The same answers for one of the others; a bound one goes with the letter, whoever had it."""
    if other.holder_id is None:
        take_step(other, by=by, at=at)
    elif other.holder_id != by.pk and other.kind in BOUND:
        move_unasked(other, to=by, how="together", at=at)
    said = dict(data)
    if first.kind == Kind.SIGN_LETTER:
        said |= {"note": together.note_on(first), "named_in": first.case.number}
    return complete(other.pk, said, by=by, at=at)
