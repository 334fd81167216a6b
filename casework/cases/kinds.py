"""The kinds of steps: who does them where, which paper they make, which stage they belong to (domain.md 2.2)."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.org.models import UnitKind
from casework.org.roles import Role


class Stage(models.TextChoices):
    """What a case legally is."""

    SUSPECTED = "suspected", _("suspected dropout")
    VERIFY = "verify", _("whereabouts being verified")
    HOME_VISIT = "home_visit", _("home visit")
    PERSUASION = "persuasion", _("persuasion")
    REPORTED = "reported", _("reported in writing")
    RETURN_NOTICE = "return_notice", _("notice to return")
    ORDER = "order", _("order to send the child to school")
    PENALTY = "penalty", _("administrative penalty")
    COURT = "court", _("before the court")
    BRANCH = "branch", _("on a side branch")
    FOLLOW_UP = "follow_up", _("back at school, followed up")
    CLOSED = "closed", _("closed")
    CANCELLED = "cancelled", _("cancelled")


class Track(models.TextChoices):
    MAIN = "main", _("main")
    SIDE = "side", _("side")


class Line(models.TextChoices):
    EDUCATION = "education", _("education line")
    VILLAGE = "village", _("village and township line")


class Kind(models.TextChoices):
    """Names are stored in rows: never rename one without a data migration."""

    REGISTER = "register", _("register the suspected dropout")
    VERIFY = "verify", _("verify whereabouts")
    HOME_VISIT = "home_visit", _("home visit")
    PERSUASION = "persuasion", _("persuasion")
    PERSUASION_LED = "persuasion_led", _("persuasion led by the township")
    DRAFT_LETTER = "draft_letter", _("draft the letter")
    SIGN_LETTER = "sign_letter", _("check and sign off the letter")
    SERVE_LETTER = "serve_letter", _("serve the letter")
    ANSWER_LETTER = "answer_letter", _("see whether the letter is obeyed")
    BRANCH_REVIEW = "branch_review", _("see how the child is")
    FOLLOW_UP = "follow_up", _("follow-up check")
    PROPOSE_CLOSURE = "propose_closure", _("propose closure")
    APPROVE_CLOSURE = "approve_closure", _("approve closure")
    PLATFORM_MARK = "platform_mark", _("mark on the national platform")
    SEND_REPORT = "send_report", _("send the dropout report")
    ACCEPT_TOWNSHIP = "accept_township", _("accept the report (township)")
    ACCEPT_COUNTY = "accept_county", _("accept the report (county)")
    CONFIRM_RETURN = "confirm_return", _("confirm the return")
    DECIDE_REQUEST = "decide_request", _("decide the request")
    ANSWER_REFERRAL = "answer_referral", _("record the answer")
    TEACH_AT_HOME = "teach_at_home", _("teach at home")
    ANSWER_NOTICE = "answer_notice", _("answer the supervision notice")
    ACCEPT_APPEAL = "accept_appeal", _("accept the appeal")
    REPLY_REFERRAL = "reply_referral", _("answer the referral")
    CONFERENCE = "conference", _("write the minutes")
    HELP = "help", _("help for the child")
    PROTECT = "protect", _("restricted work")
    REPAIR = "repair", _("bring the stuck case back on its road")


@dataclass(frozen=True)
class StepKind:
    """One kind of step. `level` is the kind of unit whose holders of `role` are its candidates.

    `field` is the question of its form whose answer is the way out; a kind without one has a single way. `early`: it
    waits for its day, but may be done sooner (a branch is looked at the day its receipt or its child turns up).
    `extract`: a paper drawn from what stands in the house already, made only where there is something.
    """

    kind: Kind
    track: Track
    role: Role
    level: UnitKind
    papers: tuple[str, ...]
    field: str = ""
    line: Line = Line.EDUCATION
    early: bool = False
    extract: str = ""

    @property
    def title(self) -> Promise:
        return self.kind.label


MAIN, SIDE = Track.MAIN, Track.SIDE
CLASS, SCHOOL, TOWNSHIP, COUNTY = (
    UnitKind.CLASS,
    UnitKind.SCHOOL,
    UnitKind.TOWNSHIP,
    UnitKind.COUNTY,
)
_OFFICER, _TEACHER, _PRINCIPAL = Role.SCHOOL_CASE_OFFICER, Role.CLASS_TEACHER, Role.PRINCIPAL
_TOWN, _HEAD, _COUNTY = (
    Role.TOWNSHIP_CASE_OFFICER,
    Role.TOWNSHIP_LEADER,
    Role.COUNTY_CASE_OFFICER,
)
KINDS: dict[str, StepKind] = {
    each.kind: each
    for each in [
        StepKind(Kind.REGISTER, MAIN, _OFFICER, SCHOOL, ("P35",), extract="P01"),
        StepKind(Kind.VERIFY, MAIN, _TEACHER, CLASS, ("P36",), "found"),
        StepKind(Kind.HOME_VISIT, MAIN, _TEACHER, CLASS, ("P04",), "result"),
        StepKind(Kind.PERSUASION, MAIN, _PRINCIPAL, SCHOOL, ("P06",), "result"),
        StepKind(Kind.PERSUASION_LED, MAIN, _TOWN, TOWNSHIP, ("P06",), "result", line=Line.VILLAGE),
        StepKind(Kind.DRAFT_LETTER, MAIN, _TOWN, TOWNSHIP, ("SR",), "decision", line=Line.VILLAGE),
        StepKind(Kind.SIGN_LETTER, MAIN, _HEAD, TOWNSHIP, (), "decision", line=Line.VILLAGE),
        StepKind(Kind.SERVE_LETTER, MAIN, _TOWN, TOWNSHIP, ("P13",), "served", line=Line.VILLAGE),
        StepKind(Kind.ANSWER_LETTER, MAIN, _TOWN, TOWNSHIP, ("SR",), "decision", line=Line.VILLAGE),
        StepKind(Kind.BRANCH_REVIEW, MAIN, _OFFICER, SCHOOL, ("SR",), "result", early=True),
        StepKind(Kind.FOLLOW_UP, MAIN, _TEACHER, CLASS, ("P17",), "result"),
        StepKind(Kind.PROPOSE_CLOSURE, MAIN, _OFFICER, SCHOOL, ("SR",)),
        StepKind(Kind.APPROVE_CLOSURE, MAIN, _COUNTY, COUNTY, ("P32",), "decision"),
        StepKind(Kind.PLATFORM_MARK, SIDE, Role.STATUS_OFFICER, SCHOOL, ("SR",)),
        StepKind(Kind.SEND_REPORT, SIDE, _PRINCIPAL, SCHOOL, ("P05", "P09"), "decision"),
        StepKind(
            Kind.ACCEPT_TOWNSHIP, SIDE, _TOWN, TOWNSHIP, ("AR",), "decision", line=Line.VILLAGE
        ),
        StepKind(Kind.ACCEPT_COUNTY, SIDE, _COUNTY, COUNTY, ("AR",), "decision"),
        StepKind(Kind.CONFIRM_RETURN, SIDE, _PRINCIPAL, SCHOOL, ("P16",), "decision"),
        StepKind(Kind.DECIDE_REQUEST, SIDE, _PRINCIPAL, SCHOOL, (), "decision"),
        StepKind(Kind.ANSWER_REFERRAL, SIDE, _OFFICER, SCHOOL, ("SR",), "result"),
        StepKind(Kind.TEACH_AT_HOME, SIDE, _TEACHER, CLASS, ("P21",)),
        StepKind(Kind.ANSWER_NOTICE, SIDE, _OFFICER, SCHOOL, ("SR",)),
        StepKind(Kind.ACCEPT_APPEAL, SIDE, _PRINCIPAL, SCHOOL, ("SR",), "decision"),
        StepKind(Kind.REPLY_REFERRAL, SIDE, Role.LIAISON, UnitKind.DEPARTMENT, ("SR",)),
        StepKind(Kind.CONFERENCE, SIDE, _OFFICER, SCHOOL, ("P25",)),
        StepKind(Kind.HELP, SIDE, _TEACHER, CLASS, ("SR",), "result"),
        StepKind(Kind.PROTECT, SIDE, _PRINCIPAL, SCHOOL, ("SR",), "result"),
        StepKind(Kind.REPAIR, SIDE, _COUNTY, COUNTY, ("SR",), "decision"),
    ]
}

VISITING = frozenset({Kind.HOME_VISIT, Kind.PERSUASION, Kind.PERSUASION_LED})
ACCEPTING = frozenset({Kind.ACCEPT_TOWNSHIP, Kind.ACCEPT_COUNTY})
BOUND = frozenset(
    {Kind.SIGN_LETTER, Kind.SERVE_LETTER}
)  # a letter is signed and served as it was drafted
# a check that can send work back: the kind of that work, the outcome, the field that says why
SENDS_BACK: dict[str, tuple[Kind, str, str]] = {
    Kind.ACCEPT_TOWNSHIP: (Kind.SEND_REPORT, "returned", "reason"),
    Kind.ACCEPT_COUNTY: (Kind.SEND_REPORT, "returned", "reason"),
    Kind.APPROVE_CLOSURE: (Kind.PROPOSE_CLOSURE, "sent_back", "opinion"),
    Kind.SIGN_LETTER: (Kind.DRAFT_LETTER, "sent_back", "reason"),
}


CONTACT_RESULTS = {  # what a call about an absence brings (domain.md 2.2, stage 0)
    "leave": _("has leave: the slip follows"),
    "back": _("comes back at once or tomorrow"),
    "away": _("does not come, or cannot"),
    "nobody": _("nobody reached"),
}


class Reason(models.TextChoices):
    """Why a child is out of school (domain.md 7.3)."""

    LEARN = "LEARN", _("dislike of or difficulty in learning")
    WORK = "WORK", _("gone away to work")
    FOLLOW = "FOLLOW", _("gone away with the parents")
    MARRY = "MARRY", _("early marriage or childbearing")
    POOR = "POOR", _("economic hardship")
    FAR = "FAR", _("school is far")
    ILL = "ILL", _("serious illness")
    DISABLED = "DISABLED", _("severe disability")
    MENTAL = "MENTAL", _("mental illness")
    FAMILY = "FAMILY", _("change in the family")
    NET = "NET", _("absorbed by the internet")
    BULLY = "BULLY", _("bullied at school")
    SCHOOL = "SCHOOL", _("caused by the school")
    UNKNOWN = "UNKNOWN", _("cannot be reached")
    OTHER = "OTHER", _("other")


CAUSES_APART = frozenset(
    {Reason.MARRY}
)  # what touches the restricted compartment is told in no list (design.md §7)


class Measure(models.TextChoices):
    """What helps (domain.md G11, G14)."""

    TUTORING = "TUTORING", _("free tutoring")
    LAYERED = "LAYERED", _("teaching at the pupil's level")
    TALK = "TALK", _("one-to-one talks")
    PSYCHOLOGY = "PSYCHOLOGY", _("psychological support")
    AID = "AID", _("financial aid")
    BOARDING = "BOARDING", _("boarding place or transport")
    HELPER = "HELPER", _("a named helper")
    PARENTS = "PARENTS", _("regular contact with the parents")
    CLASS_CHANGE = "CLASS_CHANGE", _("another class or seat")
    LAW = "LAW", _("the law explained to the parents")
    OTHER = "OTHER", _("other help")


CONTROLS: dict[Any, tuple[Measure, ...]] = {  # four kinds of control, 四控 (domain.md F33)
    _("by law"): (Measure.LAW,),
    _("by management"): (Measure.TALK, Measure.HELPER, Measure.PARENTS, Measure.PSYCHOLOGY, Measure.OTHER),
    _("by better teaching"): (Measure.TUTORING, Measure.LAYERED, Measure.CLASS_CHANGE),
    _("by relief"): (Measure.AID, Measure.BOARDING),
}  # fmt: skip


class Outcome(models.TextChoices):
    """How a case ended (domain.md 2.4)."""

    RETURNED = "returned", _("back at school for good")
    RELAPSED = "relapsed", _("left again: see the next episode")
    SUSPENSION = "SUSPENSION", _("suspension of study")
    DEFERRAL = "DEFERRAL", _("entry deferred")
    HOME_TEACHING = "HOME_TEACHING", _("taught at home")
    SPECIAL_SCHOOL = "SPECIAL_SCHOOL", _("special school")
    SPECIALISED_SCHOOL = "SPECIALISED_SCHOOL", _("specialised school")
    TRANSFER_OUT = "TRANSFER_OUT", _("moved to another school")
    STUDYING_ELSEWHERE = "STUDYING_ELSEWHERE", _("studying elsewhere without transfer")
    MIGRANT_WITH_PARENTS = "MIGRANT_WITH_PARENTS", _("away with the parents, at school there")
    VOCATIONAL_PLACEMENT = "VOCATIONAL_PLACEMENT", _("vocational class, counted as returned")
    COMPLETED = "COMPLETED", _("nine years completed")
    AGED_OUT = "AGED_OUT", _("beyond the local age range")
    DECEASED = "DECEASED", _("died")
    EMIGRATED = "EMIGRATED", _("left the country")
    DUPLICATE = "DUPLICATE", _("opened twice")
    FALSE_ALARM = "FALSE_ALARM", _("opened by mistake")
