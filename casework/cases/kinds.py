"""The kinds of steps: who does them where, which paper they make, which stage they belong to (domain.md 2.2)."""

from dataclasses import dataclass

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
    FOLLOW_UP = "follow_up", _("follow-up check")
    PROPOSE_CLOSURE = "propose_closure", _("propose closure")
    APPROVE_CLOSURE = "approve_closure", _("approve closure")
    PLATFORM_MARK = "platform_mark", _("mark on the national platform")
    SEND_REPORT = "send_report", _("send the dropout report")
    ACCEPT_TOWNSHIP = "accept_township", _("accept the report (township)")
    ACCEPT_COUNTY = "accept_county", _("accept the report (county)")
    CONFIRM_RETURN = "confirm_return", _("confirm the return")


@dataclass(frozen=True)
class StepKind:
    """One kind of step. `level` is the kind of unit whose holders of `role` are its candidates."""

    kind: Kind
    track: Track
    role: Role
    level: UnitKind
    papers: tuple[str, ...]
    line: Line = Line.EDUCATION
    stage: Stage | None = None

    @property
    def title(self) -> Promise:
        return self.kind.label


MAIN, SIDE = Track.MAIN, Track.SIDE
KINDS: dict[str, StepKind] = {
    each.kind: each
    for each in [
        StepKind(
            Kind.REGISTER,
            MAIN,
            Role.SCHOOL_CASE_OFFICER,
            UnitKind.SCHOOL,
            ("P35",),
            stage=Stage.SUSPECTED,
        ),
        StepKind(
            Kind.VERIFY, MAIN, Role.CLASS_TEACHER, UnitKind.CLASS, ("P36",), stage=Stage.VERIFY
        ),
        StepKind(
            Kind.HOME_VISIT,
            MAIN,
            Role.CLASS_TEACHER,
            UnitKind.CLASS,
            ("P04",),
            stage=Stage.HOME_VISIT,
        ),
        StepKind(
            Kind.PERSUASION, MAIN, Role.PRINCIPAL, UnitKind.SCHOOL, ("P06",), stage=Stage.PERSUASION
        ),
        StepKind(
            Kind.PERSUASION_LED,
            MAIN,
            Role.TOWNSHIP_CASE_OFFICER,
            UnitKind.TOWNSHIP,
            ("P06",),
            Line.VILLAGE,
            Stage.REPORTED,
        ),
        StepKind(
            Kind.FOLLOW_UP,
            MAIN,
            Role.CLASS_TEACHER,
            UnitKind.CLASS,
            ("P17",),
            stage=Stage.FOLLOW_UP,
        ),
        StepKind(
            Kind.PROPOSE_CLOSURE,
            MAIN,
            Role.SCHOOL_CASE_OFFICER,
            UnitKind.SCHOOL,
            ("SR",),
            stage=Stage.FOLLOW_UP,
        ),
        StepKind(
            Kind.APPROVE_CLOSURE,
            MAIN,
            Role.COUNTY_CASE_OFFICER,
            UnitKind.COUNTY,
            ("P32",),
            stage=Stage.FOLLOW_UP,
        ),
        StepKind(Kind.PLATFORM_MARK, SIDE, Role.STATUS_OFFICER, UnitKind.SCHOOL, ("SR",)),
        StepKind(Kind.SEND_REPORT, SIDE, Role.PRINCIPAL, UnitKind.SCHOOL, ("P05", "P09")),
        StepKind(
            Kind.ACCEPT_TOWNSHIP,
            SIDE,
            Role.TOWNSHIP_CASE_OFFICER,
            UnitKind.TOWNSHIP,
            ("AR",),
            Line.VILLAGE,
        ),
        StepKind(Kind.ACCEPT_COUNTY, SIDE, Role.COUNTY_CASE_OFFICER, UnitKind.COUNTY, ("AR",)),
        StepKind(Kind.CONFIRM_RETURN, SIDE, Role.PRINCIPAL, UnitKind.SCHOOL, ("P16",)),
    ]
}

# a check that can send work back: the kind of that work, the outcome, the field that says why
SENDS_BACK: dict[str, tuple[Kind, str, str]] = {
    Kind.ACCEPT_TOWNSHIP: (Kind.SEND_REPORT, "returned", "reason"),
    Kind.ACCEPT_COUNTY: (Kind.SEND_REPORT, "returned", "reason"),
    Kind.APPROVE_CLOSURE: (Kind.PROPOSE_CLOSURE, "sent_back", "opinion"),
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
    OTHER = "OTHER", _("other help")


class Outcome(models.TextChoices):
    """How a case ended."""

    RETURNED = "returned", _("back at school for good")
    RELAPSED = "relapsed", _("left again: see the next episode")
    CANCELLED = "cancelled", _("opened by mistake")
