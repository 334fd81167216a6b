"""What completing each kind of step records: its guards, what it changes on the case, its outcome.

Every recorder takes the step, the form's data, the person and the moment, runs inside one act with the case locked,
and returns the outcome that the flow routes by. Guards: domain.md 2.3.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.cases import side
from casework.cases.kinds import Kind, Outcome
from casework.cases.models import Case, Step, Visit, VisitForm
from casework.cases.opening import close_case
from casework.cases.visits import record_visit
from casework.core.clock import local_date, local_moment
from casework.core.errors import DomainError
from casework.org.models import User
from casework.profiles.rules import section
from casework.students.models import Absence, Mark

Data = dict[str, Any]
VISIT_AGAIN = frozenset({"agreed", "nobody"})  # the next turn is another visit
Recorder = Callable[[Step, Data, User, datetime], str]


EVENT_DAYS = (
    "last_day", "first_absent", "asked_1", "asked_2", "received_on", "seen_on", "checked_on", "marked_on", "proof_day",
)  # fmt: skip


def refuse_days_to_come(data: Data, at: datetime) -> None:
    """What is recorded as having happened did not happen later than today."""
    today = local_date(at)
    wrong = {
        name: _("later than today") for name in EVENT_DAYS if (data.get(name) or today) > today
    }
    if (data.get("contacted_at") or at) > at:
        wrong["contacted_at"] = _("later than now")
    if wrong:
        raise DomainError(_("A day lies in the future."), fields=wrong)


def register(step: Step, data: Data, by: User, at: datetime) -> str:
    """P35: the suspicion with its reason and first contact; the platform mark becomes a side step."""
    case = step.case
    case.register()
    case.reason = data["reason"]
    _save(case, "reason")
    side.begin(case, Kind.PLATFORM_MARK, at=at, by=by)
    return "registered"


def verify(step: Step, data: Data, by: User, at: datetime) -> str:
    """P36: where the child is. Unknown whereabouts let the system propose the report at once (domain.md 2.3)."""
    case, found = step.case, str(data["found"])
    case.located() if found == "local" else case.persuade()
    _save(case)
    if found == "unknown":
        side.propose_report(case, at=at)
    return found


def home_visit(step: Step, data: Data, by: User, at: datetime) -> str:
    """P04: a visit at home needs two visitors (domain.md 2.3); its result says who acts next."""
    visitors = 2 if data["form"] == VisitForm.DOOR else 1
    case = step.case
    record_visit(pupil=case.pupil, data=data, by=by, at=at, case=case, step=step, visitors=visitors)
    if data["result"] not in VISIT_AGAIN:
        case.persuade()
    case.reason = data["reason"] or case.reason
    _save(case, "reason")
    return str(data["result"])


def persuasion(step: Step, data: Data, by: User, at: datetime) -> str:
    """P06: one more attempt of persuasion, with the help offered."""
    case = step.case
    record_visit(pupil=case.pupil, data=data, by=by, at=at, case=case, step=step)
    case.measures = sorted(set(case.measures) | set(data["measures"]))
    _save(case, "measures")
    return str(data["result"])


def send_report(step: Step, data: Data, by: User, at: datetime) -> str:
    """P05 and P09: the school leader reports in writing, or says why not yet. Sent back once, it is sent again."""
    case = step.case
    longest: int = section(case.school, "guards", at)["longest_wait_days"]
    if data["decision"] == "wait" and data["wait_until"] > local_date(at) + timedelta(days=longest):
        raise DomainError(
            _("Wait at most %(days)s days."),
            fields={"wait_until": _("too far ahead")},
            days=longest,
        )
    if data["decision"] == "wait":
        if case.reported_at:
            raise DomainError(_("The report was sent back: it can only be sent again."))
        return "wait"
    _guard_report(case, at)
    case.reason = data["reason"]
    case.measures = sorted(set(case.measures) | set(data["measures"]))
    if case.reported_at:
        _save(case, "reason", "measures")
        side.ask_again(case, at=at, by=by)
        return "resent"
    case.report()
    case.reported_at = at
    _save(case, "reason", "measures", "reported_at")
    for kind in (Kind.ACCEPT_TOWNSHIP, Kind.ACCEPT_COUNTY):
        side.begin(case, kind, at=at, by=by, asked_by=by)
    return "sent"


def _guard_report(case: Case, at: datetime) -> None:
    """Seven days or unknown whereabouts; enough visits, more for a repeat case."""
    guards = section(case.school, "guards", at)
    unknown = case.steps.filter(kind=Kind.VERIFY, outcome="unknown").exists()
    if not unknown and not side.is_due_for_report(case, at=at):
        raise DomainError(
            _("The report is due %(days)s days after the suspicion; today is day %(today)s."),
            days=guards["days_before_report"],
            today=side.days_open(case, at),
        )
    needed = guards["visits_before_report_repeat" if case.repeat else "visits_before_report"]
    done = Visit.objects.filter(case=case).count()
    if not unknown and done < needed:
        raise DomainError(
            _("The report needs %(needed)s visits; %(done)s are recorded."),
            needed=needed,
            done=done,
        )


def accept(step: Step, data: Data, by: User, at: datetime) -> str:
    """The receiver takes the report over with date and number, or sends it back once with a reason."""
    if data["decision"] == "accepted":
        return "accepted"
    allowed = section(step.case.school, "guards", at)["return_times_a_report_may_be_sent_back"]
    before = step.case.steps.filter(kind=step.kind, outcome="returned").count()
    if before >= allowed:
        raise DomainError(_("The report was sent back once already. It can only be accepted now."))
    side.begin(step.case, Kind.SEND_REPORT, at=at, by=by)
    return "returned"


def confirm_return(step: Step, data: Data, by: User, at: datetime) -> str:
    """P16: a second person saw the child in class; a roll that says absent on that day refuses it."""
    if data["decision"] == "not_back":
        return "not_back"
    case, day = step.case, data["seen_on"]
    if day < date.fromisoformat(step.facts["back_since"]):
        raise DomainError(
            _("The child is reported back since %(day)s: confirm that day or a later one."),
            fields={"seen_on": _("before the reported return")},
            day=step.facts["back_since"],
        )
    if Absence.objects.filter(pupil=case.pupil, day=day, mark=Mark.ABSENT).exists():
        raise DomainError(
            _(
                "The roll of %(day)s says absent without leave. Confirm a day on which the pupil was in class."
            ),
            fields={"seen_on": _("absent by the roll")},
            day=day.isoformat(),
        )
    case.returned()
    case.returned_at = at
    _save(case, "returned_at")
    side.drop(case, Kind.SEND_REPORT, at=at, by=by)
    return "confirmed"


def follow_up(step: Step, data: Data, by: User, at: datetime) -> str:
    """P17: one of the four checks after the return."""
    return str(data["result"])


def propose_closure(step: Step, data: Data, by: User, at: datetime) -> str:
    """The school asks to strike the case off: all checks done and thirty days without unexcused absence."""
    case = step.case
    assert case.returned_at is not None
    days = section(case.school, "guards", at)["days_present_before_closure"]
    since = max(local_date(case.returned_at), local_date(at) - timedelta(days=days))
    last = (
        Absence.objects.filter(pupil=case.pupil, mark=Mark.ABSENT, day__gte=since)
        .order_by("-day")
        .first()
    )
    if last:
        raise DomainError(
            _("Unexcused absence on %(day)s: closure may be proposed %(days)s days after it."),
            day=last.day.isoformat(),
            days=days,
        )
    if at < local_moment(local_date(case.returned_at) + timedelta(days=days)):
        raise DomainError(_("Closure may be proposed %(days)s days after the return."), days=days)
    return "proposed"


def approve_closure(step: Step, data: Data, by: User, at: datetime) -> str:
    """P32: the county strikes the case off, or sends the proposal back with a reason."""
    if data["decision"] == "sent_back":
        return "sent_back"
    close_case(step.case, outcome=Outcome.RETURNED, by=by, at=at)
    return "approved"


def platform_mark(step: Step, data: Data, by: User, at: datetime) -> str:
    """The mark on the national platform, with date and operator (domain.md E8)."""
    return "marked"


def _save(case: Case, *fields: str) -> None:
    case.save(update_fields=["stage", *fields])


RECORDERS: dict[str, Recorder] = {
    Kind.REGISTER: register,
    Kind.VERIFY: verify,
    Kind.HOME_VISIT: home_visit,
    Kind.PERSUASION: persuasion,
    Kind.PERSUASION_LED: persuasion,
    Kind.FOLLOW_UP: follow_up,
    Kind.PROPOSE_CLOSURE: propose_closure,
    Kind.APPROVE_CLOSURE: approve_closure,
    Kind.PLATFORM_MARK: platform_mark,
    Kind.SEND_REPORT: send_report,
    Kind.ACCEPT_TOWNSHIP: accept,
    Kind.ACCEPT_COUNTY: accept,
    Kind.CONFIRM_RETURN: confirm_return,
}
