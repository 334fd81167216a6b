"""What must be so before a way is open: one small function a guard, its numbers from the policy profile (domain.md 2.3)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.cases import letters, matters, undoing
from casework.cases.kinds import Kind, Line, Track
from casework.cases.models import LEGAL, Case, HarmReport, MatterKind, Step
from casework.cases.opening import refuse_second_case
from casework.cases.side_roads import SIDE_ROADS, Effect
from casework.core.clock import local_date, local_moment
from casework.core.errors import DomainError
from casework.profiles.rules import section
from casework.students.models import UNEXCUSED, Absence, Mark, RollCall

Data = dict[str, Any]
Check = Callable[[Step, Data, datetime], None]


@dataclass(frozen=True)
class Guard:
    """A condition of a way: its name in tests and in the table of roads, its words, its check (DomainError refuses)."""

    code: str
    words: Promise
    check: Check


def limits(case: Case, at: datetime) -> dict[str, int]:
    """The numbers of the guards in force for a case."""
    found: dict[str, int] = section(case.school, "guards", at)
    return found


def wait_not_too_long(step: Step, data: Data, at: datetime) -> None:
    longest = limits(step.case, at)["longest_wait_days"]
    if not local_date(at) < data["wait_until"] <= local_date(at) + timedelta(days=longest):
        raise DomainError(
            _("Choose a day that lies ahead, at most %(days)s days."),
            fields={"wait_until": _("check the day")},
            days=longest,
        )


def not_reported(step: Step, data: Data, at: datetime) -> None:
    if step.case.reported_at:
        raise DomainError(_("The report was sent back: it can only be sent again."))


def whereabouts_unknown(case: Case) -> bool:
    """Whether nobody knew where the child was when it was last asked."""
    last = case.steps.filter(kind=Kind.VERIFY, cancelled=False).exclude(outcome="").last()
    return bool(last and last.outcome == "unknown")


def days_open(case: Case, at: datetime) -> int:
    """Calendar days since the case was opened, or opened again."""
    return (local_date(at) - local_date(case.begun_at)).days


def is_due_for_report(case: Case, *, at: datetime) -> bool:
    """Whether the days after which a report is due have passed since the suspicion (domain.md C2)."""
    return days_open(case, at) >= limits(case, at)["days_before_report"]


def report_due(step: Step, data: Data, at: datetime) -> None:
    """Seven days of the baseline, unknown whereabouts, or a repeat case with its visits made (domain.md 2.3)."""
    case = step.case
    if case.repeat or whereabouts_unknown(case) or is_due_for_report(case, at=at):
        return
    raise DomainError(
        _("The report is due %(days)s days after the suspicion; today is day %(today)s."),
        days=limits(case, at)["days_before_report"],
        today=days_open(case, at),
    )


def visits_needed(case: Case, at: datetime) -> int:
    """How many visits a report takes, more for a repeat case (domain.md D3)."""
    return limits(case, at)[
        "visits_before_report_repeat" if case.repeat else "visits_before_report"
    ]


def visits_enough(step: Step, data: Data, at: datetime) -> None:
    case = step.case
    needed, done = visits_needed(case, at), case.visits_made.count()
    if done < needed and not whereabouts_unknown(case):
        raise DomainError(
            _("The report needs %(needed)s visits; %(done)s are recorded (a call is none)."),
            needed=needed,
            done=done,
        )


def repeat_visits_left(step: Step, at: datetime) -> int:
    """Visits that a repeat case still lacks after the one being recorded; 0 for a first-time case."""
    case = step.case
    return visits_needed(case, at) - case.visits_made.count() - 1 if case.repeat else 0


def both_lines(step: Step, data: Data, at: datetime) -> None:
    """School and village have both been in contact (domain.md D9); nobody to be met frees both."""
    case = step.case
    if not limits(case, at)["contact_on_both_lines"] or whereabouts_unknown(case):
        return
    lines = set(case.contacts.values_list("line", flat=True))
    joint = case.contacts.filter(joint=True).exists()
    if not joint and len(lines) < 2:
        missing = Line.VILLAGE if Line.VILLAGE not in lines else Line.EDUCATION
        raise DomainError(
            _("Both lines must have been in contact before the report; missing: %(line)s."),
            line=missing.label,
        )


def joint_visit(step: Step, data: Data, at: datetime) -> None:
    """A repeat case is visited by school and village together from the first day on (domain.md 2.3)."""
    case = step.case
    if case.repeat and limits(case, at)["joint_visit_repeat"] and not names_village(case, data, at):
        raise DomainError(
            _(
                "A repeat case is visited together with the village or township: name who came along."
            ),
            fields={"visitors": _("name the cadre or the township's officer")},
        )


def names_village(case: Case, data: Data, at: datetime) -> bool:
    """Whether the visitors named include somebody of the village and township line of this case."""
    said = "".join(data.get("visitors", "").split())
    return any(name in said for name in letters.village_names(case, at))


def sent_back_once(step: Step, data: Data, at: datetime) -> None:
    allowed = limits(step.case, at)["return_times_a_report_may_be_sent_back"]
    returned = step.case.steps.filter(kind=step.kind, outcome="returned")
    before = returned.filter(finished_at__gte=step.case.begun_at).count()
    if before >= allowed:
        raise DomainError(_("The report was sent back once already. It can only be accepted now."))


def still_away(step: Step, data: Data, at: datetime) -> None:
    """A report is sent back to be completed while it leads somewhere (domain.md 2.3)."""
    if step.case.stage not in LEGAL:
        raise DomainError(_("The road has turned meanwhile: accept the report as it is."))


def seen_after_reported(step: Step, data: Data, at: datetime) -> None:
    if data["seen_on"] < date.fromisoformat(step.facts["back_since"]):
        raise DomainError(
            _("The child is reported back since %(day)s: confirm that day or a later one."),
            fields={"seen_on": _("before the reported return")},
            day=step.facts["back_since"],
        )


def roll_says_present(step: Step, data: Data, at: datetime) -> None:
    day = data["seen_on"]
    if Absence.objects.filter(pupil=step.case.pupil, day=day, mark=Mark.ABSENT).exists():
        raise DomainError(
            _(
                "The roll of %(day)s says absent without leave. Confirm a day on which the pupil was in class."
            ),
            fields={"seen_on": _("absent by the roll")},
            day=day.isoformat(),
        )


def no_absence_lately(step: Step, data: Data, at: datetime) -> None:
    case = step.case
    assert case.returned_at is not None
    days = limits(case, at)["days_present_before_closure"]
    since = max(local_date(case.returned_at), local_date(at) - timedelta(days=days))
    absent = Absence.objects.filter(pupil=case.pupil, mark__in=UNEXCUSED, day__gte=since)
    last = absent.order_by("-day").first()
    if last:
        raise DomainError(
            _("Unexcused absence on %(day)s: closure may be proposed %(days)s days after it."),
            day=last.day.isoformat(),
            days=days,
        )


def days_since_return(step: Step, data: Data, at: datetime) -> None:
    case = step.case
    assert case.returned_at is not None
    days = limits(case, at)["days_present_before_closure"]
    if at < local_moment(local_date(case.returned_at) + timedelta(days=days)):
        raise DomainError(_("Closure may be proposed %(days)s days after the return."), days=days)


def legal_review(step: Step, data: Data, at: datetime) -> None:
    """An order and all above it have been looked at by somebody who knows the law (domain.md 2.3)."""
    checker = data.get("reviewed", "").strip()
    words = {*re.split(r"[\s、，,（）()]+", checker), checker}
    if step.holder and step.holder.display_name in words:
        raise DomainError(
            _("Whoever drafts a letter does not check it himself: name somebody else."),
            fields={"reviewed": _("somebody else")},
        )
    if letters.of(step).needs_review and not checker:
        raise DomainError(
            _(
                "From the order on, the justice office looks at the letter first: tick it with the name."
            ),
            fields={"reviewed": _("needed for this letter")},
        )


def legal_basis(step: Step, data: Data, at: datetime) -> None:
    """No paper of stages 7 to 9 without the words of the law in force here (design.md §7)."""
    if not step.about.facts.get("legal_basis"):
        raise DomainError(_("The letter names no legal basis: send it back to be written."))


def served_after_signed(step: Step, data: Data, at: datetime) -> None:
    signed, sent = letters.signed_on(step), step.about.facts.get("sent_on", "")
    if data["served_on"] < signed:
        raise DomainError(
            _("The letter was signed off on %(day)s: it cannot have been served before."),
            fields={"served_on": _("before the letter was signed off")},
            day=signed.isoformat(),
        )
    if data["served_on"].isoformat() < sent:
        raise DomainError(
            _("The letter was sent on %(day)s: it cannot have arrived before."),
            fields={"served_on": _("before the letter was sent")},
            day=sent,
        )


def by_others(step: Step, data: Data, at: datetime) -> None:
    """Only what others carry has a receipt to wait for: the mail, another township, a public notice."""
    if data["method"] not in letters.CARRIED:
        raise DomainError(
            _("A letter handed over in person is served at once: say yes or no."),
            fields={"method": _("no receipt is awaited")},
        )


def term_over(step: Step, data: Data, at: datetime) -> None:
    ends = step.about.wakes_at
    if ends is None or at < ends:
        raise DomainError(_("The time that the letter gives is not over yet."))


def still_absent(step: Step, data: Data, at: datetime) -> None:
    """The newest roll since the service says whether the child is still away (domain.md 2.3)."""
    case = step.case
    served = step.about.facts["served_on"]
    rolls = RollCall.objects.filter(class_unit=case.class_unit, day__gte=served)
    last = rolls.order_by("-day").values_list("day", flat=True).first()
    if last and not Absence.objects.filter(pupil=case.pupil, day=last).exists():
        raise DomainError(
            _("The roll of %(day)s says that the child was in class: report the return instead."),
            day=last.isoformat(),
        )


def rung_ahead(step: Step, data: Data, at: datetime) -> None:
    if letters.next_code(step.case, at, above=step.about.code) is None:
        raise DomainError(_("The policy profile knows no further letter. Keep the case in view."))


def branch_proved(step: Step, data: Data, at: datetime) -> None:
    """Going away is not closing: the branch must be one that can close, and its proof complete (domain.md 2.4)."""
    matter = matters.parked(step.case)
    if matter is None or not SIDE_ROADS[matter.code].closes:
        raise DomainError(_("This branch never closes a case: the child stays in the count."))


def nothing_open(step: Step, data: Data, at: datetime) -> None:
    """No referral without answer, no appeal without decision (domain.md 2.5), nobody who fears for the child unheard."""
    harm_acted(step, data, at)
    matter = matters.blocking(step.case)
    if matter:
        raise DomainError(
            _("Not yet: “%(what)s” is open. It is answered, decided or withdrawn first."),
            what=matter.title,
        )


def is_reviewed(case: Case) -> bool:
    """Whether the case is on a branch that is looked at again: one whose proof ends the case is not."""
    matter = matters.parked(case)
    return bool(matter and SIDE_ROADS[matter.code].effect == Effect.PARK)


def on_branch(step: Step, data: Data, at: datetime) -> None:
    if matters.parked(step.case) is None:
        raise DomainError(_("The case is on no side branch whose proof could fail."))


def stuck(step: Step, data: Data, at: datetime) -> None:
    """Only a case that has nothing to do on its road is begun again: nobody's work is thrown away."""
    if Step.objects.open().filter(case=step.case, track=Track.MAIN).exists():
        raise DomainError(_("The case has its next step already: there is nothing to repair."))


def harm_acted(step: Step, data: Data, at: datetime) -> None:
    """A case is not struck out over a child for whom somebody fears."""
    case = step.case
    waits = HarmReport.objects.filter(pupil=case.pupil_id, answered_at=None)
    if waits.exists() or case.matters.open().filter(kind=MatterKind.PROTECTION).exists():
        raise DomainError(_("A restricted report is open in this case: it is acted on first."))


def other_runs(step: Step, data: Data, at: datetime) -> None:
    """What was opened twice goes on as the other case: that one is open still."""
    number = step.about.facts.get("other_case", "").strip()
    if number and not Case.objects.open().filter(number=number).exists():
        raise DomainError(_("The other case is not open any more: nothing would go on."))


def untouched(step: Step, data: Data, at: datetime) -> None:
    undoing.refuse_begun(step.case, step.about.facts["step"])


def no_newer_case(step: Step, data: Data, at: datetime) -> None:
    refuse_second_case(step.case.pupil_id)


def not_parked(step: Step, data: Data, at: datetime) -> None:
    if matters.parked(step.case):
        raise DomainError(_("The case is on a side branch: the road waits until that one ends."))


def term_not_over(step: Step, data: Data, at: datetime) -> None:
    ends = step.matter.ends_on if step.matter else None
    if ends and local_date(at) > ends:
        raise DomainError(_("Its term is over: the child is back, or the road goes on."))


ENFORCING = ("demand", "court")


def no_appeal_pending(step: Step, data: Data, at: datetime) -> None:
    """While an order is under review, nothing is enforced (domain.md 2.5)."""
    pending = step.case.matters.open().filter(code="APPEAL_OFFICE").exists()
    if pending and letters.of(step).code in ENFORCING:
        raise DomainError(
            _("An appeal against the order is pending: nothing is enforced until then.")
        )


ON_BRANCH = Guard("on_branch", _("on a side branch"), on_branch)
UNTOUCHED = Guard("untouched", _("nothing depends on the step yet"), untouched)
HARM_ACTED = Guard("harm_acted", _("no restricted report is open"), harm_acted)
OTHER_RUNS = Guard("other_runs", _("the other case is open"), other_runs)
STUCK = Guard("stuck", _("no step of the main road is open"), stuck)
NO_NEWER = Guard("no_newer", _("the pupil has no open case"), no_newer_case)
NOT_PARKED = Guard("not_parked", _("on no side branch"), not_parked)
BRANCH_PROVED = Guard(
    "branch_proved", _("a branch that can close, its proof complete"), branch_proved
)
NOTHING_OPEN = Guard("nothing_open", _("no referral or appeal is open"), nothing_open)
TERM_NOT_OVER = Guard("term_not_over", _("its term is not over"), term_not_over)
NO_APPEAL = Guard("no_appeal", _("no appeal against the order is pending"), no_appeal_pending)
NOT_REPORTED = Guard("not_reported", _("not reported yet"), not_reported)
WAIT_NOT_TOO_LONG = Guard("wait", _("no longer than the profile allows"), wait_not_too_long)
STILL_AWAY = Guard("still_away", _("the report still leads somewhere"), still_away)
SENT_BACK_ONCE = Guard("sent_back_once", _("not sent back too often"), sent_back_once)
LEGAL_REVIEW = Guard("legal_review", _("looked at by the justice office"), legal_review)
LEGAL_BASIS = Guard("legal_basis", _("the legal basis is written"), legal_basis)
BY_OTHERS = Guard("by_others", _("carried by others: mail, another township, notice"), by_others)
TERM_OVER = Guard("term_over", _("served, and its time is over"), term_over)
STILL_ABSENT = Guard("still_absent", _("the last roll does not say present"), still_absent)
RUNG_AHEAD = Guard("rung_ahead", _("the profile has a next letter"), rung_ahead)
JOINT_VISIT = Guard("joint_visit", _("repeat case: together with the village"), joint_visit)
SERVED_AFTER_SIGNED = Guard(
    "served_after", _("served after it was signed off"), served_after_signed
)
SEEN_AFTER = Guard("seen_after", _("seen on or after the reported day"), seen_after_reported)
ROLL_PRESENT = Guard("roll_present", _("the roll does not say absent"), roll_says_present)
NO_ABSENCE = Guard("no_absence", _("no absence without leave lately"), no_absence_lately)
DAYS_BACK = Guard("days_back", _("back for as many days as the profile asks"), days_since_return)
REPORT_DUE = Guard("report_due", _("the days have passed, or nobody knows where"), report_due)
VISITS = Guard("visits", _("enough visits"), visits_enough)
BOTH_LINES = Guard("both_lines", _("contact on both lines"), both_lines)

VISIT = (JOINT_VISIT,)
REPORT = (REPORT_DUE, VISITS, BOTH_LINES)
SENDING_BACK = (STILL_AWAY, SENT_BACK_ONCE)
SERVICE = (SERVED_AFTER_SIGNED,)
NEXT_RUNG = (TERM_OVER, STILL_ABSENT, RUNG_AHEAD)
RETURN = (SEEN_AFTER, ROLL_PRESENT)
TERM = (TERM_NOT_OVER,)
CANCELLING = (HARM_ACTED, OTHER_RUNS)
CLOSURE = (NO_ABSENCE, DAYS_BACK, NOTHING_OPEN)
