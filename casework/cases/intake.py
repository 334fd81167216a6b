"""The intake list: a person decides each finding; the system never opens a case by itself (design.md promise 8)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.kinds import Stage
from casework.cases.models import Case, IntakeDecision
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.detection.by_hand import known_by_number, sealed_value
from casework.detection.models import UNDECIDED, Finding, FindingState, to_decide
from casework.org.models import Unit, User
from casework.org.roles import Can
from casework.profiles.rules import section
from casework.students.models import Pupil


def findings_for(user: User) -> QuerySet[Finding]:
    """All findings of the units where the person decides."""
    return findings_below(user.units_with(Can.DECIDE_FINDINGS))


def findings_below(units: Iterable[Unit]) -> QuerySet[Finding]:
    """All findings of these units and those below them."""
    within = Q(pk=None)
    for unit in units:
        within |= Q(unit__path__startswith=unit.path)
    return Finding.objects.filter(within)


WAKING = (FindingState.LATER, FindingState.SET_ASIDE)  # come back by themselves on their day


def waiting_for(user: User, at: datetime) -> QuerySet[Finding]:
    """Those to be decided now: new ones, those put off whose day has come, those set aside that are due for a second look; each with `due`."""
    now = Q(state=FindingState.WAITING) | Q(state__in=WAKING, wake_at__lte=at)
    return findings_for(user).filter(now).annotate(due=Coalesce("due_at", "found_at"))


def put_off_for(user: User, at: datetime) -> QuerySet[Finding]:
    """Those whose day has not come yet; they can be decided before it."""
    return findings_for(user).filter(state=FindingState.LATER, wake_at__gt=at)


def decided_for(user: User, at: datetime) -> QuerySet[Finding]:
    """Those that are off the list: opened, linked, set aside, withdrawn; each with `decided_at`."""
    last = IntakeDecision.objects.filter(finding=OuterRef("pk")).order_by("-at").values("at")[:1]
    decided = findings_for(user).exclude(to_decide(at))
    return decided.annotate(decided_at=Coalesce(Subquery(last), "updated_at"))


def reported_by(user: User) -> QuerySet[Finding]:
    """What the person noted by hand, newest first: whoever reports a child may know what became of it."""
    rows = Finding.objects.filter(found_by=user).select_related("pupil", "unit")
    return rows.order_by("-found_at", "-pk")


def last_decisions(findings: Iterable[Finding]) -> dict[int, IntakeDecision]:
    """What was decided last about each, by its id."""
    rows = IntakeDecision.objects.filter(finding__in=findings).select_related("case", "finding")
    return {each.finding_id: each for each in rows.order_by("at", "pk")}


def link(finding: Finding, *, reason: str, by: User, at: datetime) -> Case:
    """Join a finding to the pupil's open case."""
    case: Case | None = Case.objects.open().filter(pupil=finding.pupil).first()
    if case is None:
        raise DomainError(_("This pupil has no open case to link to."))
    _decide(finding, FindingState.LINKED, reason=reason, case=case, by=by, at=at)
    return case


def with_open_case(user: User, at: datetime) -> QuerySet[Finding]:
    """Those to be decided now whose pupil has an open case that is not in follow-up: all that is left to do is to join them."""
    rows = Case.objects.open().exclude(stage=Stage.FOLLOW_UP)
    return waiting_for(user, at).filter(pupil__in=rows.values("pupil"))


def link_all(findings: Iterable[Finding], *, by: User, at: datetime) -> int:
    """Join each to its pupil's open case, all or none; how many."""
    linked = 0
    with one_act():
        for finding in findings:
            link(finding, reason="", by=by, at=at)
            linked += 1
    return linked


def set_aside(
    finding: Finding, *, until: datetime | None = None, reason: str, by: User, at: datetime
) -> None:
    """Set a finding aside, with a reason and the day of a second look, on which it comes back by itself; None: as late as the rules let it."""
    if not reason.strip():
        raise DomainError(_("Say why the finding is set aside."), fields={"reason": _("required")})
    _off_the_list(finding, FindingState.SET_ASIDE, until, reason, by, at)


def put_off(finding: Finding, *, until: datetime, reason: str, by: User, at: datetime) -> None:
    """Decide later: the finding comes back by itself on that day."""
    if not reason.strip():
        raise DomainError(_("Say why you decide later."), fields={"reason": _("required")})
    _off_the_list(finding, FindingState.LATER, until, reason, by, at)


def _off_the_list(
    finding: Finding, state: str, until: datetime | None, reason: str, by: User, at: datetime
) -> None:
    longest: int = section(finding.unit, "intake", at)["longest_wait_days"]
    until = until or at + timedelta(days=longest)
    if not at < until <= at + timedelta(days=longest):
        raise DomainError(
            _("Choose a day that lies ahead, at most %(days)s days."),
            fields={"until": _("check the day")},
            days=longest,
        )
    with one_act():
        _decide(finding, state, reason=reason, case=None, by=by, at=at)
        Finding.objects.filter(pk=finding.pk).update(wake_at=until)


def opened(finding: Finding, case: Case, *, by: User | None, at: datetime) -> None:
    """Note that a case was opened from a finding (called by the start of the flow, inside its act); what else waits about the child joins it."""
    _decide(finding, FindingState.OPENED, reason="", case=case, by=by, at=at)
    others = Finding.objects.filter(pupil=case.pupil, state__in=UNDECIDED).select_related("unit")
    for other in others.order_by("pk"):
        if by and by.can(Can.DECIDE_FINDINGS, other.unit):
            _decide(other, FindingState.LINKED, reason="", case=case, by=by, at=at)


def _decide(
    finding: Finding,
    state: str,
    *,
    reason: str,
    case: Case | None,
    by: User | None,
    at: datetime,
) -> None:
    """One conditional UPDATE, so that two people do not decide the same finding. `by` None: the command line."""
    if by is not None and not by.can(Can.DECIDE_FINDINGS, finding.unit):
        raise DomainError(_("This finding belongs to another unit."))
    with one_act():
        undecided = Finding.objects.filter(to_decide(at), pk=finding.pk)
        if not undecided.update(state=state, days_decided=len(finding.days)):
            raise DomainError(_("Someone has decided this finding already."))
        finding.state = state
        IntakeDecision(
            finding=finding,
            decision=state,
            reason=reason,
            case=case,
            by_name=by.display_name if by else trail.SYSTEM,
            at=at,
        ).save()
        trail.record(
            "finding.decided",
            by=by,
            at=at,
            case_id=case.pk if case else None,
            unit_id=finding.unit_id,
            subject=f"finding:{finding.pk}",
            decision=state,
        )


def pupil_for(finding: Finding, *, at: datetime) -> Pupil:
    """The pupil of a finding; a child on no roster becomes one, with what is known of it, unless its number is a known pupil's."""
    if finding.pupil:
        return finding.pupil
    child = finding.child
    if not {"name", "born"} <= set(child):
        raise DomainError(_("Say first which child it is: then a case can be opened."))
    number = sealed_value(finding, "id_number")
    pupil = known_by_number(number) or _new_pupil(child, number, finding, at)
    Finding.objects.filter(pk=finding.pk).update(pupil=pupil)
    finding.pupil = pupil
    return pupil


def _new_pupil(child: dict[str, str], number: str, finding: Finding, at: datetime) -> Pupil:
    pupil = Pupil(
        name=child["name"],
        sex=child.get("sex", "m"),
        born=child["born"],
        address=child.get("address", ""),
        created_at=at,
    )
    pupil.set_numbers(id_number=number, status_number="")
    pupil.save()
    if child.get("guardian"):
        pupil.guardians.create(name=child["guardian"], phone=sealed_value(finding, "phone"))
    return pupil
