"""The small flows as one table: every step of a procedure, who does it, what its form asks, and where each answer leads (domain.md B7, B10, B18)."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.cases.models import ProcedureCode
from casework.org.roles import Role

END = ""


@dataclass(frozen=True)
class Answer:
    """A way out of a step. `leads`: the next step, or the end; `begins`: another procedure; `suspects`: the child becomes a finding."""

    code: str
    label: Promise
    leads: str = END
    begins: ProcedureCode | None = None
    suspects: bool = False


@dataclass(frozen=True)
class Stop:
    """A step: its key in the profile's section `procedures` is its code; `minutes`: its paper is P25, else a work record."""

    code: str
    title: Promise
    role: Role
    fields: tuple[str, ...]
    answers: tuple[Answer, ...]
    minutes: bool = False


_TEACHER, _OFFICER, _PRINCIPAL = Role.CLASS_TEACHER, Role.SCHOOL_CASE_OFFICER, Role.PRINCIPAL
_MEETING = ("held_on", "place", "present", "signs", "talk", "plan", "until")
STOPS: dict[str, Stop] = {
    stop.code: stop
    for stop in (
        # B7: the teacher's report opens it; the class teacher holds the meeting; the school invites the parents
        Stop(
            "meeting", _("warning meeting with a plan"), _TEACHER, _MEETING,
            (Answer("planned", _("a plan is made"), "parents"), Answer("no_risk", _("no risk was seen"))),
            minutes=True,
        ),
        Stop(
            "parents", _("parents invited by the school"), _OFFICER, ("held_on", "who_came", "talk", "agreed"),
            (
                Answer("watched", _("agreed: the class keeps an eye on it")),
                Answer("supported", _("a support plan begins"), begins=ProcedureCode.SUPPORT),
                Answer("suspected", _("the child may be dropping out: a finding"), suspects=True),
            ),
        ),
        # B10: five steps
        Stop(
            "investigate", _("investigation with evidence"), _OFFICER, ("held_on", "team", "found", "evidence"),
            (Answer("confirmed", _("serious truancy"), "inform"), Answer("unfounded", _("unfounded"))),
        ),
        Stop(
            "inform", _("leader told, parents asked in writing to come"), _PRINCIPAL, ("held_on", "told_how", "come_on"),
            (Answer("told", _("told"), "interview"),),
        ),
        Stop(
            "interview", _("interview with pupil and parents"), _TEACHER, ("held_on", "who_came", "talk", "why"),
            (
                Answer("good_reason", _("there is a good reason")),
                Answer("no_reason", _("there is none: measures follow"), "measures"),
                Answer("nobody_came", _("nobody came: reported to the authority"), "report"),
            ),
        ),
        Stop(
            "measures", _("tutoring and way back into class"), _TEACHER, ("held_on", "measures", "result"),
            (
                Answer("back", _("back in class")),
                Answer("supported", _("a support plan begins"), begins=ProcedureCode.SUPPORT),
                Answer("refused", _("refused, or failed again: reported to the authority"), "report"),
            ),
        ),
        Stop(
            "report", _("report to the education authority"), _PRINCIPAL, ("held_on", "facts", "asked"),
            (Answer("reported", _("reported; the child becomes a finding"), suspects=True),),
        ),
        # B18: a plan, looked at each term
        Stop(
            "plan", _("support plan"), _TEACHER, ("goals", "measures", "helper", "review_on"),
            (Answer("agreed", _("agreed"), "review"),),
        ),
        Stop(
            "review", _("review of the support plan"), _TEACHER, ("held_on", "reached", "measures_on", "review_next"),
            (
                Answer("reached", _("the goals are reached")),
                Answer("goes_on", _("it goes on to the next day of review"), "review"),
                Answer("ended", _("ended: another way was found")),
            ),
        ),
    )
}  # fmt: skip
FIRST = {
    ProcedureCode.WARNING: "meeting",
    ProcedureCode.TRUANCY: "investigate",
    ProcedureCode.SUPPORT: "plan",
}
LEFT = "left"  # no answer of a step: it ends by itself
LABELS = {answer.code: answer.label for stop in STOPS.values() for answer in stop.answers} | {
    LEFT: _("the pupil is in no class any more")
}
