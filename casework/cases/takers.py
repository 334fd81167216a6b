"""Who does a new step, and where: the roles of its kind or matter, the unit, the people; nobody checks what he asked for (domain.md 2.3)."""

from datetime import datetime

from casework.cases import letters
from casework.cases.kinds import Kind, StepKind
from casework.cases.models import Case, Matter, MatterKind, Step
from casework.cases.side_roads import SIDE_ROADS, department_of
from casework.core.clock import local_date
from casework.org import departments
from casework.org.absence import deputies
from casework.org.models import Unit, UnitKind, User
from casework.org.people import LEVEL_OF, candidates
from casework.org.roles import Role

PLACED = (MatterKind.LETTER, MatterKind.HANDOVER, MatterKind.SUPERVISION, MatterKind.CORRECTION)
CORRECTORS: dict[str, Role] = {  # a paper is corrected by the office that issued it
    UnitKind.SCHOOL: Role.PRINCIPAL,
    UnitKind.TOWNSHIP: Role.TOWNSHIP_LEADER,
    UnitKind.COUNTY: Role.COUNTY_CASE_OFFICER,
}
CONFIRMERS = (
    Role.PRINCIPAL, Role.CLASS_TEACHER, Role.SCHOOL_CASE_OFFICER, Role.COUNTY_CASE_OFFICER,
)  # fmt: skip
DECIDES = (Kind.ACCEPT_APPEAL, Kind.DECIDE_REQUEST)  # by the role that the table of roads names
MADE_BY: dict[str, Kind] = {
    Kind.APPROVE_CLOSURE: Kind.PROPOSE_CLOSURE,
    Kind.SIGN_LETTER: Kind.DRAFT_LETTER,
}


def place_of(case: Case, level: str) -> Unit:
    """The unit of a case at a level: its class, school, the school's township, or the county."""
    if level == UnitKind.CLASS:
        return case.class_unit or case.school
    if level == UnitKind.VILLAGE and case.village:
        return case.village
    if level == UnitKind.TOWNSHIP:
        return case.lead or case.school
    return case.school.above(level) or case.school


def takers(
    case: Case,
    spec: StepKind,
    matter: Matter | None,
    role: Role | None,
    asked_by: User | None,
    at: datetime,
) -> tuple[Role, Unit, list[User]]:
    """Role, unit and people of a new step: of the roles that may do it the first that somebody else than the asker holds."""
    roles = (role,) if role else _roles_of(spec, matter)
    if case.class_unit is None:  # on no roster: no class teacher either
        roles = tuple(
            Role.SCHOOL_CASE_OFFICER if LEVEL_OF[each] == UnitKind.CLASS else each for each in roles
        )
    found = [(r, *candidates(r, _place(case, LEVEL_OF[r], matter, at), at)) for r in roles]
    barred = not_checking(asked_by, at)
    return next((each for each in found if {p.pk for p in each[2]} - barred), found[0])


def not_checking(asked_by: User | None, at: datetime) -> set[int]:
    """Who does not check what somebody asked for: he himself, and whoever he chose to stand in for him."""
    if asked_by is None:
        return set()
    return {asked_by.pk, deputies(local_date(at)).get(asked_by.pk, asked_by.pk)}


def _roles_of(spec: StepKind, matter: Matter | None) -> tuple[Role, ...]:
    """Who does a kind of step, the first choice first: what a matter is decided by stands in its table."""
    if spec.kind == Kind.CONFIRM_RETURN:
        return CONFIRMERS
    if spec.kind == Kind.PROTECT:
        return (Role.PRINCIPAL, Role.COUNTY_CASE_OFFICER)
    if matter and matter.kind == MatterKind.UNDOING and undoes(matter) == Kind.PERSUASION_LED:
        return (Role.TOWNSHIP_LEADER, Role.COUNTY_CASE_OFFICER)
    if matter and matter.kind == MatterKind.HANDOVER and matter.unit.kind == UnitKind.TOWNSHIP:
        return (Role.TOWNSHIP_CASE_OFFICER, Role.COUNTY_CASE_OFFICER)
    if matter and matter.kind == MatterKind.CORRECTION and matter.unit.kind in CORRECTORS:
        return (CORRECTORS[matter.unit.kind], Role.COUNTY_CASE_OFFICER)
    if matter and spec.kind in DECIDES:
        return (SIDE_ROADS[matter.code].decider, Role.COUNTY_CASE_OFFICER)
    return letters.doers(spec, matter)


def undoes(matter: Matter) -> str:
    """The kind of step that a request would undo; empty for any other request."""
    pk = matter.facts.get("step") if matter.kind == MatterKind.UNDOING else None
    return str(Step.objects.get(pk=pk).kind) if pk else ""


def _place(case: Case, level: str, matter: Matter | None, at: datetime) -> Unit:
    """Where a step is done: a letter is its issuing township's, a hand-over its receiver's, a referral its department's."""
    if matter and matter.kind in PLACED and level == matter.unit.kind:
        return matter.unit
    if matter and level == UnitKind.DEPARTMENT:
        return departments.unit_of(department_of(matter), at) or case.school
    return place_of(case, level)


def maker(case: Case, kind: str, matter: Matter | None) -> User | None:
    """Whose work the step checks: the maker is never the checker (domain.md 2.3)."""
    if matter and kind in DECIDES:
        return matter.opened_by
    made = MADE_BY.get(kind)
    last = made and case.steps.filter(kind=made).order_by("-number").first()
    return last.finished_by if last else None
