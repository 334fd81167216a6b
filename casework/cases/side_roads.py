"""The roads beside the main one: what may be asked for a case, who decides it, what proves it, what follows (domain.md 2.4).

Every road begins the same way: somebody asks with proof, a second person decides. Its code and numbers are data; what it
does is one of the effects below.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.cases.kinds import CONTROLS, Measure
from casework.cases.models import Case, Matter, MatterKind
from casework.org.roles import Role
from casework.profiles.rules import section


class Effect(StrEnum):
    """What the approval does to the main road."""

    PARK = "park"  # it waits, and is looked at again; the clock of the road stands still
    FINAL = "final"  # the proof ends the case: the closure is proposed
    CANCEL = "cancel"  # the case was a mistake: it is struck out with the reason
    REFER = "refer"  # another authority acts beside it; the road goes on
    REOPEN = "reopen"  # a closed case goes on
    UNDO = "undo"  # the last step counts no more, its work begins again
    HAND_OVER = "hand_over"  # another school or township goes on with it
    NOTE = "note"  # the decision itself is all


@dataclass(frozen=True)
class SideRoad:
    """One road. `fields` are asked for on its form; `closes`: its settled proof may close the case."""

    code: str
    title: Promise
    proof: Promise
    fields: tuple[str, ...]
    effect: Effect = Effect.PARK
    paper: str = "P37"
    decider: Role = Role.PRINCIPAL
    closes: bool = True
    restricted: bool = False
    kind: str = MatterKind.BRANCH
    department: str = ""


_COUNTY, _TOWN = Role.COUNTY_CASE_OFFICER, Role.TOWNSHIP_CASE_OFFICER
_PROOF = ("proof", "proof_number", "proof_day", "proof_by")
_TERM = ("starts", "ends")
_PLACE = ("place", "contact")
_THERE = (*_PLACE, "class_there", "transfer_number")
_GOALS = ("assessment", "long_goal", "short_goal", "plan")
_APPEAL = ("appellant", "received_on", "against", "reason", "demand")
REFERRAL_FIELDS = ("reason", "demand", "reply_by")

SIDE_ROADS: dict[str, SideRoad] = {
    each.code: each
    for each in (
        SideRoad(
            "ON_LEAVE", _("on leave"), _("leave slip with days and approver"),
            (*_TERM, "reason", *_PROOF), paper="P23", closes=False,
        ),
        SideRoad(
            "SUSPENSION", _("suspension of study"),
            _("application and proof of a hospital of county level or above"),
            (*_TERM, "reason", *_PROOF), paper="P19", decider=_COUNTY,
        ),
        SideRoad(
            "DEFERRAL", _("entry deferred"),
            _("county-level diagnosis or opinion of the disability expert committee"),
            ("due_on", *_TERM, "reason", *_PROOF), paper="P18", decider=_COUNTY,
        ),
        SideRoad(
            "HOME_TEACHING", _("taught at home"),
            _("disability certificate or assessment, and the plan"),
            (*_TERM, "reason", *_GOALS, *_PROOF), decider=_COUNTY,
        ),
        SideRoad(
            "SPECIAL_SCHOOL", _("special school"), _("proof of admission"),
            ("starts", *_PLACE, *_PROOF), decider=_COUNTY,
        ),
        SideRoad(
            "SPECIALISED_SCHOOL", _("specialised school"),
            _("decision of the education guidance committee"),
            ("starts", *_PLACE, *_PROOF), decider=_COUNTY, restricted=True,
        ),
        SideRoad(
            "WHEREABOUTS_UNKNOWN", _("whereabouts unknown"),
            _("three attempts in different ways, statement of the village, enquiry to the police"),
            ("attempts", *_PROOF), decider=_TOWN, closes=False,
        ),
        SideRoad(
            "TRANSFER_OUT", _("moved to another school"),
            _("receipt or proof of study, number of the status transfer"),
            ("starts", *_THERE, *_PROOF), paper="P22",
        ),
        SideRoad(
            "STUDYING_ELSEWHERE", _("studying elsewhere without transfer"),
            _("proof of study with the school's stamp"),
            ("starts", *_THERE, *_PROOF), paper="P22",
        ),
        SideRoad(
            "MIGRANT_WITH_PARENTS", _("away with the parents, at school there"),
            _("contact and proof of the school there"),
            ("starts", *_THERE, *_PROOF), paper="P22",
        ),
        SideRoad(
            "CHILD_LABOUR", _("works under the age of 16"), _("what is known of the employer"),
            REFERRAL_FIELDS, Effect.REFER, "P30", department="social_security",
        ),
        SideRoad(
            "EARLY_MARRIAGE", _("early marriage or childbearing"), _("what is known"),
            REFERRAL_FIELDS, Effect.REFER, "P30", restricted=True, department="civil_affairs",
        ),
        SideRoad(
            "RELIGIOUS_STUDY", _("left for religious study"), _("what is known"),
            REFERRAL_FIELDS, Effect.REFER, "P30", restricted=True, department="religious_affairs",
        ),
        SideRoad(
            "JUSTICE_CUSTODY", _("in custody or correction"),
            _("document of the authority, without details"),
            (*_TERM, *_PROOF), closes=False, restricted=True,
        ),
        SideRoad(
            "VOCATIONAL_PLACEMENT", _("vocational class, counted as returned"),
            _("admission list; junior-school status is kept"),
            ("starts", *_PLACE, *_PROOF), decider=_COUNTY,
        ),
        SideRoad(
            "COMPLETED", _("nine years completed"), _("proof of graduation"),
            _PROOF, Effect.FINAL, decider=_COUNTY,
        ),
        SideRoad(
            "AGED_OUT", _("beyond the local age range"),
            _("approval of the county: turning 16 alone closes nothing"),
            ("reason", *_PROOF), Effect.FINAL, decider=_COUNTY,
        ),
        SideRoad(
            "DECEASED", _("died"), _("death certificate or cancelled household entry"),
            _PROOF, Effect.FINAL, decider=_COUNTY,
        ),
        SideRoad(
            "EMIGRATED", _("left the country"), _("proof of exit or of a school abroad"),
            _PROOF, Effect.FINAL, decider=_COUNTY,
        ),
        SideRoad(
            "DUPLICATE", _("opened twice"), _("the number of the other case"),
            ("reason", "other_case"), Effect.CANCEL, decider=_COUNTY,
        ),
        SideRoad(
            "FALSE_ALARM", _("opened by mistake"), _("what was found"),
            ("reason",), Effect.CANCEL, decider=_COUNTY,
        ),
        SideRoad(
            "REFERRAL", _("referral to a department"), _("the least that it needs to know"),
            ("department", *REFERRAL_FIELDS), Effect.REFER, "P30", kind=MatterKind.REFERRAL,
        ),
        SideRoad(
            "APPEAL_SCHOOL", _("appeal against a measure of the school"), _("the appeal"),
            _APPEAL, Effect.NOTE, "P29",
            kind=MatterKind.APPEAL,
        ),
        SideRoad(
            "APPEAL_REVIEW", _("review of a decided appeal"), _("the decision, and what is wrong with it"),
            _APPEAL, Effect.NOTE, "P29", _COUNTY,
            kind=MatterKind.APPEAL,
        ),
        SideRoad(
            "APPEAL_OFFICE", _("reconsideration or action against an order"), _("the application"),
            _APPEAL, Effect.NOTE, "P29", _COUNTY,
            kind=MatterKind.APPEAL,
        ),
        SideRoad(
            "HAND_OVER", _("hand-over to another school or township"), _("why the case is theirs"),
            ("receiver", "reason"), Effect.HAND_OVER, decider=Role.SCHOOL_CASE_OFFICER,
            kind=MatterKind.HANDOVER,
        ),
        SideRoad(
            "REOPENING", _("reopening of a closed case"), _("what came out since"),
            ("reason",), Effect.REOPEN, decider=_COUNTY, kind=MatterKind.REOPENING,
        ),
        SideRoad(
            "UNDO", _("undoing of the last step"), _("what was wrong with it"),
            ("reason",), Effect.UNDO, "AD", kind=MatterKind.UNDOING,
        ),
        SideRoad(
            "CORRECTION", _("correction of a paper"), _("the number of the paper"),
            ("paper", "wrong", "right", "reason"), Effect.NOTE, "AD", kind=MatterKind.CORRECTION,
        ),
    )
}  # fmt: skip
SUPERVISION = SideRoad(
    "SUPERVISION", _("supervision notice"), _("what is late"), ("demand", "reply_by"),
    Effect.NOTE, "P27", kind=MatterKind.SUPERVISION,
)  # fmt: skip
HARM = SideRoad(
    "HARM", _("suspected harm to the child"), _("what was seen and heard"), ("signs", "danger", "seen", "told"),
    Effect.NOTE, "SR", restricted=True, kind=MatterKind.PROTECTION,
)  # fmt: skip
CONFERENCE = SideRoad(
    "CONFERENCE", _("case conference"), _("what is to be talked about"), ("held_on", "place", "invited", "reason"),
    Effect.NOTE, "P25", kind=MatterKind.CONFERENCE,
)  # fmt: skip
HELP = {  # the catalogue of measures: each given to an owner until a day
    code: SideRoad(
        code, Measure(code).label, control, ("measure", "owner", "until", "aim"),
        Effect.NOTE, "SR", kind=MatterKind.MEASURE,
    )
    for control, codes in CONTROLS.items() for code in codes
}  # fmt: skip
RAISED = {
    each.code: each for each in (SUPERVISION, HARM, CONFERENCE, *HELP.values())
}  # not asked for
ROADS = {**SIDE_ROADS, **RAISED}
RESTRICTED = frozenset(code for code, road in ROADS.items() if road.restricted)
FOLLOWS = {  # what an agreement brings about, for whoever decides
    Effect.PARK: _("the case leaves the main road and is looked at again"),
    Effect.FINAL: _("the school proposes the closure to the county"),
    Effect.CANCEL: _("the case is struck out as a mistake"),
    Effect.REFER: _("the letter goes to the department, the road goes on"),
    Effect.UNDO: _("the last step counts no more, its work begins again"),
    Effect.HAND_OVER: _("the case is yours from now on, with its open steps"),
    Effect.REOPEN: _("the case is open again, its whereabouts are verified anew"),
    Effect.NOTE: _("the decision is put on paper"),
}
WITH_TERM = frozenset(code for code, road in SIDE_ROADS.items() if "ends" in road.fields)
HALTING = frozenset(
    code for code, road in SIDE_ROADS.items() if road.effect in (Effect.PARK, Effect.FINAL)
)
PARKED = frozenset(code for code, road in SIDE_ROADS.items() if road.effect == Effect.PARK)


def department_of(matter: Matter) -> str:
    """The department that a referral goes to: a code of `org.departments.DEPARTMENTS`."""
    return str(matter.facts.get("department") or SIDE_ROADS[matter.code].department)


def open_to(case: Case) -> list[SideRoad]:
    """What may be asked for: of an open case all but its reopening; of a closed one that, an appeal, a correction."""
    if case.is_open:
        return [road for road in SIDE_ROADS.values() if road.effect != Effect.REOPEN]
    return [road for road in SIDE_ROADS.values() if road.effect in (Effect.REOPEN, Effect.NOTE)]


def limits(case: Case, code: str, at: datetime) -> dict[str, int]:
    """`longest_days` of a road with a term and `review_days` of one that is looked at again, by the profile."""
    found: dict[str, dict[str, int]] = section(case.school, "side_roads", at)
    return found.get(code, {})
