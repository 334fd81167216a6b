"""What each paper of a step says, drawn from what was typed once: one function a paper (domain.md 4.1, 1.9).

The keys are those that the papers declare (`documents.papers.register.describe`); a test holds both together.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from casework.cases import letters
from casework.cases.facts import side_roads
from casework.cases.facts.common import Values, frame
from casework.cases.facts.early import (
    absences,
    home_visit,
    missed,
    persuasion,
    registration,
    whereabouts,
)
from casework.cases.facts.legal import letter, proof_of_service
from casework.cases.facts.reporting import answer, dropout_report, written_report
from casework.cases.facts.returning import closure, follow_up, return_register, work_record
from casework.cases.kinds import KINDS, Kind
from casework.cases.matters import road_of
from casework.cases.models import MatterKind, Step
from casework.cases.takers import place_of
from casework.documents.papers.register import PAPERS
from casework.org.models import Unit, UnitKind, User
from casework.profiles.rules import Rules, section_of

WITHOUT_FORM = frozenset({"wait", "not_back"})


def papers_of(step: Step, by: User, at: datetime) -> Iterator[tuple[str, Unit, Values]]:
    """Kind, issuing unit and values of every paper that a finished step makes."""
    for kind in (*kinds_of(step), *_extracts(step)):
        said = {**frame(step, by), **VALUES[kind](step, by, at)}
        if (
            "pupil.name" not in PAPERS[kind].fields()
        ):  # a letter to others names no more than it must
            del said["pupil"]
        yield kind, issuer(step), said


def kinds_of(step: Step) -> tuple[str, ...]:
    """The kinds of papers that a step makes: one that only waited or failed makes a work record."""
    if step.kind == Kind.SIGN_LETTER:
        own = step.outcome == "signed" and "named_in" not in step.facts
        return (letters.of(step).paper,) if own else ("SR",)
    if step.kind == Kind.DECIDE_REQUEST:
        plain = step.outcome == "refused" and step.about.kind != MatterKind.APPEAL
        return ("SR",) if plain else (road_of(step).paper,)
    return ("SR",) if step.outcome in WITHOUT_FORM else KINDS[step.kind].papers


def _extracts(step: Step) -> tuple[str, ...]:
    """The absences of the rolls beside the registration; none where somebody reported the child and no roll says anything."""
    extract = KINDS[step.kind].extract
    return (extract,) if extract and missed(step).exists() else ()


def issuer(step: Step) -> Unit:
    """Whose number the paper carries: the school's, or the township's or county's for their own steps."""
    if step.kind == Kind.REPLY_REFERRAL:
        return step.unit
    if step.matter and step.kind not in (Kind.PROPOSE_CLOSURE, Kind.APPROVE_CLOSURE):
        return step.matter.unit.above(UnitKind.SCHOOL) or step.matter.unit
    spec = KINDS[step.kind]
    if spec.level in (UnitKind.TOWNSHIP, UnitKind.COUNTY):
        return place_of(step.case, spec.level)
    return step.case.school


def paper_language(rules: Rules, school: Unit) -> str:
    """The language of papers by a policy profile, whatever a person's page speaks."""
    return str(section_of(rules, "papers", school)["language"])


VALUES: dict[str, Callable[[Step, User, datetime], Values]] = {
    "P01": absences,
    "P35": registration,
    "P36": whereabouts,
    "P04": home_visit,
    "P06": persuasion,
    "P05": dropout_report,
    "P09": written_report,
    "AR": answer,
    "P16": return_register,
    "P17": follow_up,
    "P32": closure,
    "SR": work_record,
    "P13": proof_of_service,
    **side_roads.VALUES,
    **{kind.paper: letter for kind in letters.LETTERS.values()},
}
