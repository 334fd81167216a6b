"""Side steps: a superior's step, an acknowledgement, an approval. They have no turn in the engine (design.md §3)."""

from datetime import date, datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.access import may_report_return
from casework.cases.event_days import first_absence
from casework.cases.kinds import Kind, Stage
from casework.cases.models import Case, Matter, Step
from casework.cases.side_roads import RESTRICTED, SIDE_ROADS
from casework.cases.steps import begin_step, finish_step
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import User


def begin(
    case: Case,
    kind: Kind,
    *,
    at: datetime,
    by: User | None,
    asked_by: User | None = None,
    matter: Matter | None = None,
) -> Step:
    """Open a side step of a kind (of one matter), unless one is open already."""
    running = Step.objects.open().filter(case=case, kind=kind)
    if matter:
        running = running.filter(matter=matter)
    return running.first() or begin_step(case, kind, at=at, by=by, asked_by=asked_by, matter=matter)


MARKS = {
    "suspected": _("suspected dropout"),
    "dropout": _("dropout"),
    "returned": _("persuaded back"),
}


def ask_for_mark(
    case: Case, mark: str, *, at: datetime, by: User | None, matter: Matter | None = None
) -> Step:
    """Something has to be marked on the national platform: one step for each mark, with what it says (domain.md E8)."""
    apart = matter if matter and matter.restricted else None  # its paper and screenshot stand apart
    step = begin_step(case, Kind.PLATFORM_MARK, at=at, by=by, matter=apart)
    step.facts = {"mark_for": mark}
    Step.objects.filter(pk=step.pk).update(facts=step.facts)
    return step


def mark_words(step: Step) -> str:
    """The mark in the words of the form."""
    mark = step.facts.get("mark_for", "suspected")
    if mark in RESTRICTED:
        return gettext("a restricted change: ask the principal")
    return str(MARKS[mark] if mark in MARKS else SIDE_ROADS[mark].title)


def drop(case: Case, kind: Kind, *, at: datetime, by: User | None) -> None:
    """End an open side step that events have made needless."""
    for step in Step.objects.open().select_for_update().filter(case=case, kind=kind):
        finish_step(step, outcome="needless", facts={}, by=by, at=at, cancelled=True)


def propose_report(case: Case, *, at: datetime) -> bool:
    """The system proposes the written report to the school leader; a person decides. True if it is new."""
    with one_act():
        case = Case.objects.select_for_update().get(pk=case.pk)  # two sweeps at once: one proposes
        if not may_propose(case, at=at):
            return False
        begin(case, Kind.SEND_REPORT, at=at, by=None)
        trail.record("report.proposed", by=None, at=at, case_id=case.pk, subject=f"case:{case.pk}")
    return True


def may_propose(case: Case, *, at: datetime) -> bool:
    """Whether a report may be proposed now: not sent, not proposed, not put off to a later day; what a branch or a reopening made needless does not count."""
    if case.stage not in (Stage.HOME_VISIT, Stage.PERSUASION) or case.reported_at:
        return False
    proposals = case.steps.filter(kind=Kind.SEND_REPORT, cancelled=False)
    last = proposals.filter(begun_at__gte=case.begun_at).order_by("-number").first()
    return not (last and (last.is_open or not _waited_out(last, at)))


def _waited_out(step: Step, at: datetime) -> bool:
    """Whether the day until which the school leader wanted to wait has passed."""
    until = step.facts.get("wait_until")
    return bool(until) and date.fromisoformat(until) < local_date(at)


def ask_again(case: Case, *, at: datetime, by: User) -> None:
    """A report that was sent back goes again to those who sent it back."""
    for kind in (Kind.ACCEPT_TOWNSHIP, Kind.ACCEPT_COUNTY):
        last = case.steps.filter(kind=kind).order_by("-number").first()
        if last and last.outcome == "returned":
            begin(case, kind, at=at, by=by, asked_by=by)


def report_return(case: Case, *, day: date, note: str, by: User, at: datetime) -> Step:
    """Someone says that the child is back: a fact that a second person has to confirm (domain.md 2.3)."""
    if not may_report_return(by, case):
        raise DomainError(_("This case is not in your reach."))
    if day > local_date(at):
        raise DomainError(
            _("The day of the return lies in the future."), fields={"day": _("later than today")}
        )
    _refuse_before_absence(case, day)
    with one_act():
        case = Case.objects.select_for_update().get(pk=case.pk)
        if not case.is_open:
            raise DomainError(_("This case is closed."))
        if case.stage == Stage.FOLLOW_UP:
            raise DomainError(_("The return is confirmed already."))
        if Step.objects.open().filter(case=case, kind=Kind.CONFIRM_RETURN).exists():
            raise DomainError(_("The return is reported already and waits to be confirmed."))
        step = begin_step(case, Kind.CONFIRM_RETURN, at=at, by=by, asked_by=by)
        Step.objects.filter(pk=step.pk).update(
            facts={"back_since": day.isoformat(), "note": note, "reported_by": by.display_name}
        )
        trail.record(
            "return.reported",
            by=by,
            at=at,
            case_id=case.pk,
            subject=f"case:{case.pk}",
            day=day.isoformat(),
        )
    return step


def _refuse_before_absence(case: Case, day: date) -> None:
    """A child is not back before it was away."""
    first_absent = first_absence(case, local_date(case.opened_at))
    if day < first_absent:
        raise DomainError(
            _("The child was absent from %(day)s on: it cannot have been back before."),
            fields={"day": _("before the absence")},
            day=first_absent.isoformat(),
        )
