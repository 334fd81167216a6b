"""Completing a step: one function, one transaction, one lock order (design.md §3)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from viewflow.workflow.models import Task

from casework.cases import letters
from casework.cases.access import is_candidate
from casework.cases.drafts import note_sent
from casework.cases.facts import paper_language, papers_of
from casework.cases.facts.common import own_visit
from casework.cases.hands import PREFIX, hands_in, signed_by
from casework.cases.matters import paper_in
from casework.cases.models import Case, Step
from casework.cases.photos import Taken, attach
from casework.cases.records import open_beside, record
from casework.cases.steps import finish_step, refuse_other_hands, refuse_unopened
from casework.cases.visits import SIGNATURES, plain
from casework.cases.ways import Way
from casework.core.errors import DomainError
from casework.core.rows import fetched, locked
from casework.core.transaction import one_act
from casework.documents.addenda import amend
from casework.documents.attachments import give_waiting
from casework.documents.form_codes import for_step
from casework.documents.issue import issue
from casework.documents.models import Document
from casework.org.models import Unit, User
from casework.profiles.rules import rules_for
from casework.students.models import Pupil
from workflows import start
from workflows.models import hold
from workflows.nodes import CaseStepActivation, moment, moving

ADDENDUM = "AD"


def complete(
    step_id: int,
    data: dict[str, Any],
    *,
    by: User,
    at: datetime,
    generation: int | None = None,
    photos: Sequence[Taken] = (),
    form_key: str = "",
    answer: str = "",
) -> list[Document]:
    """Record a step, make its papers, move the case on. All or nothing.

    `generation` is the fence the form was opened with: a step that changed hands meanwhile is refused (REL-02).
    Errors: DomainError when a guard is not met, the step is finished, or not in the person's hands.
    """
    case_id, process = Step.objects.values_list("case_id", "case__process_ref").get(pk=step_id)
    with one_act(), moment(at, by):
        hold(process)
        step = _locked(case_id, step_id, by, generation, at)
        way = record(step, data, by=by, at=at)
        hands = [key for key in data if key in SIGNATURES or key.startswith(PREFIX)]
        said = {key: plain(value) for key, value in data.items() if key not in hands}
        facts = {**step.facts, **said}
        finish_step(step, outcome=way.outcome, facts=facts, by=by, at=at)
        open_beside(step, way, by=by, at=at)
        if photos:
            visit = own_visit(step)
            attach(photos, visit=visit, step=None if visit else step, by=by, at=at)
        papers = _issue(step, hands_in(data), by, at)
        note_sent(key=form_key, user=by, answer=answer, at=at)
        _move_on(step, way)
    return papers


def _locked(case_id: int, step_id: int, by: User, generation: int | None, at: datetime) -> Step:
    """Case, then step, locked; the step still open, in these hands, and as the form saw it."""
    (case,), (step,) = locked(Case, [case_id]), locked(Step, [step_id])
    step.case, case.pupil = case, fetched(Pupil, case.pupil_id)[case.pupil_id]
    units = fetched(Unit, *filter(None, [case.school_id, case.class_unit_id, step.unit_id]))
    case.school, step.unit = units[case.school_id], units[step.unit_id]
    case.class_unit = units[case.class_unit_id] if case.class_unit_id else None
    refuse_other_hands(step, by)
    if not is_candidate(by, step):  # the post ended, and the sweep has not come by yet
        raise DomainError(_("This step belongs to another post."))
    refuse_unopened(step, at)
    if generation is not None and generation != step.generation:
        raise DomainError(
            _("This step changed hands since you opened it. Please look at it again.")
        )
    return step


def _issue(step: Step, hands: dict[str, Any], by: User, at: datetime) -> list[Document]:
    """The papers in the language of the policy profile that the step was begun under."""
    language = paper_language(rules_for(step.case.school, step.begun_at), step.case.school)
    with override(language):
        said = [
            (kind, unit, signed_by(hands, kind, values))
            for kind, unit, values in papers_of(step, by, at)
        ]
    made = [
        issue(
            chain=step.chain,
            kind=kind,
            values=values,
            unit=unit,
            subject=f"step:{step.pk}",
            at=at,
            by=by,
            language=language,
        )
        for kind, unit, values in said
    ]
    for paper in made:
        give_waiting(paper, for_step(paper.kind, step.pk), by=by, at=at)
    for later in made:
        for old in _corrected(step, later):
            amend(old, later, by=by, at=at)
    return made


def _corrected(step: Step, later: Document) -> list[Document]:
    """The papers that a later one corrects: an addendum the one that it names, an appeal upheld those that it made void."""
    if later.kind == ADDENDUM:
        named = paper_in(step.case, step.about.facts["paper"])
        return [named] if named else []
    upheld = later.kind == "P29" and step.outcome == "approved"
    return letters.annulled_by(step.about) if upheld else []


def _move_on(step: Step, way: Way) -> None:
    """A main step hands its turn to the engine; a side step turns the road if its way leads somewhere."""
    with moving(step, way):
        if step.turn_ref:
            turn = Task.objects.select_related("process").get(pk=step.turn_ref)
            activation = CaseStepActivation(turn)
            activation.start()
            activation.execute()
        elif way.anew:
            start.begin_flow(step.case)
        elif way.turns:
            start.turn(step.case)
