"""The return, the follow-up and the end: P16, P17, P32; and the work record SR."""

from datetime import datetime

from django.utils.translation import gettext, gettext_lazy, ngettext

from casework.cases.facts.common import Values, block, days_in_class, with_post
from casework.cases.facts.spelling import day_of, joined, lines_of
from casework.cases.kinds import Kind
from casework.cases.models import HarmReport, SignState, Step
from casework.cases.side_roads import HARM
from casework.cases.step_clock import check_number, next_check
from casework.core.clock import local_date
from casework.org.models import User


def return_register(step: Step, by: User, at: datetime) -> Values:
    """P16."""
    facts = step.facts
    return {
        "returned_on": day_of(facts.get("back_since")) or day_of(facts["seen_on"]),
        "class_placed": facts["class_placed"],
        "brought_by": lines_of(facts.get("brought_by", "")),
        "condition": facts.get("condition", ""),
        "tutor": lines_of(facts.get("tutor", "")),
        "helper": lines_of(facts["helper"]),
        "support_plan": facts["support_plan"],
        "reported_by": facts["reported_by"],
        "reported_at": step.begun_at,
        "seen_on": day_of(facts["seen_on"]),
        "confirmed_by": by.display_name,
        "confirmed_at": at,
        "days_present": days_in_class(step.case, at),
        "remarks": facts.get("note", ""),
    }


def follow_up(step: Step, by: User, at: datetime) -> Values:
    """P17."""
    facts, case = step.facts, step.case
    assert case.returned_at is not None
    checked = day_of(facts["checked_on"]) or local_date(at)
    return {
        "check_no": str(check_number(step)),
        "returned_on": local_date(case.returned_at),
        "check_day": str((checked - local_date(case.returned_at)).days),
        "checked_at": checked,
        "people": [by.display_name],
        "way": facts["way"],
        "attendance": facts["attendance"],
        "result": facts["result"],
        **_what_follows(step, at),
        **{
            key: facts.get(key, "")
            for key in ("learning", "mood", "family", "problem", "action", "remarks")
        },
    }


def _what_follows(step: Step, at: datetime) -> Values:
    """What proves the check, whether there is another, and on which day by the profile."""
    photos, result = step.photos.count(), step.facts["result"]
    following = next_check(step, at)
    return {
        "proofs": [ngettext("%(n)s photo", "%(n)s photos", photos) % {"n": photos}] * bool(photos),
        "continues": "no" if result == "stable" and following is None else "yes",
        "next_date": following if result != "absent_again" else None,
    }


def closure(step: Step, by: User, at: datetime) -> Values:
    """P32: the proposal and the county's decision on it."""
    case, facts = step.case, step.facts
    proposal = (
        case.steps.filter(kind=Kind.PROPOSE_CLOSURE)
        .exclude(finished_at=None)
        .order_by("-number")[0]
    )
    said = proposal.facts
    checks = (
        case.steps.filter(kind=Kind.FOLLOW_UP, cancelled=False)
        .exclude(finished_at=None)
        .select_related("finished_by")
    )
    return {
        "closing_reason": step.matter.code if step.matter else "RETURNED",
        "opened_on": local_date(case.opened_at),
        "returned_on": local_date(case.returned_at) if case.returned_at else None,
        "days_present": days_in_class(case, at) if case.returned_at else "",
        "statement": said["statement"],
        "checks": [
            {
                "planned": local_date(each.counted_from).fromordinal(
                    local_date(each.counted_from).toordinal() + each.budget
                ),
                "done": local_date(each.finished_at),
                "by": [each.finished_by.display_name],
                "result": joined(str(OUTCOME_WORDS[each.outcome]), each.facts.get("attendance")),
            }
            for each in checks.order_by("number")
        ],
        "proofs": [
            {
                "name": said["proof"],
                "number": said.get("proof_number", ""),
                "day": day_of(said.get("proof_day")),
            }
        ],
        "proposed_by": proposal.finished_by.display_name if proposal.finished_by else "",
        "proposed_at": proposal.finished_at,
        "opinion_school": said.get("opinion_school", ""),
        "opinion_township": said.get("opinion_township", ""),
        "opinion_county": facts["opinion"],
        "approved_by": by.display_name,
        "approved_at": at,
        "remarks": {
            "sent_back": gettext("sent back, not approved"),
            "proof_fails": gettext("not approved: the proof does not hold"),
        }.get(step.outcome, ""),
    }


def work_record(step: Step, by: User, at: datetime) -> Values:
    """SR: a step without a form of its own."""
    return _record(step.title, step.facts, step.outcome, by, at)


def harm_record(report: HarmReport, by: User, at: datetime) -> Values:
    """SR: what was done about a report of harm without a case."""
    said = report.answer
    return {
        "pupil": block(report.pupil, report.unit),
        "recorded_by": with_post(by),
        "sign_state": str(SignState.UNSIGNED.label),
        **_record(str(HARM.title), said, said["result"], by, at),
    }


def _record(action: str, facts: Values, outcome: str, by: User, at: datetime) -> Values:
    return {
        "action": action,
        "done_on": next(filter(None, (day_of(facts.get(key)) for key in DONE)), local_date(at)),
        "operator": facts.get("operator") or by.display_name,
        "reference": facts.get("reference", ""),
        "content": joined(*(facts.get(key) for key in SAID)),
        "result": str(OUTCOME_WORDS[outcome]),
    }


DONE = ("marked_on", "reported_on", "done_on", "checked_on", "received_on", "served_on")
SAID = (
    "statement", "proof", "reason_to_wait", "note", "mark", "facts", "told", "found", "reason", "opinion",
)  # fmt: skip
OUTCOME_WORDS = {
    "stable": gettext_lazy("settled"),
    "wavering": gettext_lazy("wavering"),
    "absent_again": gettext_lazy("absent again"),
    "accepted": gettext_lazy("accepted"),
    "signed": gettext_lazy("signed off"),
    "done": gettext_lazy("done"),
    "dropped": gettext_lazy("not done, with the reason"),
    "reported": gettext_lazy("told to the police, the child looked after"),
    "known": gettext_lazy("the police knew already, the child looked after"),
    "restarted": gettext_lazy("begun again with the work of its stage"),
    "runs": gettext_lazy("looked at: it runs"),
    "marked": gettext_lazy("marked on the national platform"),
    "wait": gettext_lazy("waits until the day named"),
    "not_back": gettext_lazy("checked: not back"),
    "proposed": gettext_lazy("closure proposed"),
    "drafted": gettext_lazy("drafted, waits to be signed off"),
    "talk_first": gettext_lazy("no letter yet: the township talks first"),
    "sent_back": gettext_lazy("sent back"),
    "goes_on": gettext_lazy("goes on: it is looked at again"),
    "settled": gettext_lazy("proof complete: closure is proposed"),
    "failed": gettext_lazy("not so, or over: back to the main road"),
    "refused": gettext_lazy("refused"),
    "answered": gettext_lazy("answered"),
    "reminded": gettext_lazy("no answer yet: reminded"),
    "withdrawn": gettext_lazy("withdrawn"),
    "replied": gettext_lazy("replied"),
    "next": gettext_lazy("not obeyed: the next authority is asked"),
}
