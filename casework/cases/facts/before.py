"""What the empty form of a step says before anybody has filled it in."""

from casework.cases import letters
from casework.cases.facts.common import Values, pupil_block
from casework.cases.kinds import KINDS, Kind
from casework.cases.models import Step
from casework.cases.step_clock import check_number
from casework.core.clock import local_date
from casework.documents.papers.register import PAPERS

WITHOUT_HAND = frozenset({"AR", "SR"})  # nothing of them is written away from a desk


def forms_of(step: Step) -> tuple[str, ...]:
    """The papers of a step that can be filled in by hand; none of a restricted one, whose papers nobody carries about."""
    if step.restricted:
        return ()
    return tuple(kind for kind in KINDS[step.kind].papers if kind not in WITHOUT_HAND)


def known_before(step: Step, kind: str) -> Values:
    """The case, the pupil, and of a proof of service the letter."""
    known: Values = {"case_no": step.case.number}
    if "pupil.name" in PAPERS[kind].fields():
        known["pupil"] = pupil_block(step.case)
    if "visit_no" in PAPERS[kind].fields():
        known["visit_no"] = str(step.number)
    if step.kind == Kind.FOLLOW_UP and step.case.returned_at:
        back = local_date(step.case.returned_at)
        known |= {"check_no": str(check_number(step)), "returned_on": back}
    return known | (_letter(step) if step.kind == Kind.SERVE_LETTER else {})


def _letter(step: Step) -> Values:
    paper = letters.paper_of(step.about)
    assert paper is not None  # a letter is served once it is signed off
    return {
        "letter_title": paper.title,
        "letter_number": paper.number,
        "signed_on": local_date(paper.frozen_at),
    }
