"""The written report and its answer: P05, P09, AR."""

from datetime import datetime

from django.utils.translation import gettext, ngettext

from casework.cases.facts.common import (
    Values,
    class_teacher_of,
    days_absent,
    first_absent,
    leave_taken,
    work_done,
)
from casework.cases.facts.spelling import day_of, measures, sentence, spoken_reason, written
from casework.cases.kinds import Kind
from casework.cases.models import Step
from casework.core.clock import local_date
from casework.documents.models import Document
from casework.org.models import UnitKind, User


def dropout_report(step: Step, by: User, at: datetime) -> Values:
    """P05."""
    facts, case = step.facts, step.case
    township, county = case.lead, case.school.above(UnitKind.COUNTY)
    return {
        "addressees": [
            {
                "role": gettext("township"),
                "unit": township.formal_name if township else "—",
                "sent": written(local_date(at)),
                "receipt": [],
            },
            {
                "role": gettext("county"),
                "unit": county.formal_name if county else "—",
                "sent": written(local_date(at)),
                "receipt": [],
            },
        ],
        "last_day": day_of(facts["last_day"]),
        "first_absent": first_absent(case),
        "days_absent": days_absent(case, facts, at),
        "reasons": [facts["reason"]],
        "whereabouts": facts["whereabouts"],
        "leave": leave_taken(case.pupil, at),
        "guardian_attitude": facts.get("guardian_attitude", ""),
        "work_done": work_done(case),
        "school_measures": measures(case.measures, ""),
        "help_plan": [
            {
                "measure": facts["plan"],
                "who": [facts["plan_by"]],
                "until": day_of(facts.get("plan_until")),
            }
        ],
        "request_township": facts["request"],
        "request_county": facts.get("request_county", ""),
    }


def _visits_in_the_annex(count: int) -> str:
    words = ngettext(
        "%(visits)s visit or contact, listed in the annex",
        "%(visits)s visits and contacts, listed in the annex",
        count,
    )
    return words % {"visits": count}


def written_report(step: Step, by: User, at: datetime) -> Values:
    """P09: the same facts as a letter to township and county."""
    facts, case = step.facts, step.case
    units = [case.school.above(kind) for kind in (UnitKind.TOWNSHIP, UnitKind.COUNTY)]
    return {
        "recipients": [unit.formal_name for unit in units if unit],
        "first_absent": first_absent(case) or day_of(facts["last_day"]),
        "days_absent": days_absent(case, facts, at),
        "reason": sentence(spoken_reason(facts["reason"])),
        "whereabouts": sentence(facts["whereabouts"]),
        "persuasion": sentence(_visits_in_the_annex(case.contacts.count())),
        "guardian_attitude": sentence(facts.get("guardian_attitude") or "—"),
        "measures": sentence(facts["plan"]),
        "request": sentence(facts["request"]),
        "contact": by.display_name,
        "contact_phone": by.phone,
        **class_teacher_of(case, at),
        "work_done": work_done(case),
    }


def answer(step: Step, by: User, at: datetime) -> Values:
    """AR: the receiver's acceptance, or the report sent back."""
    facts, case = step.facts, step.case
    sent = (
        case.steps.filter(kind=Kind.SEND_REPORT, outcome__in=["sent", "resent"])
        .order_by("-number")
        .first()
    )
    report = (
        Document.objects.filter(subject=f"step:{sent.pk}", kind="P05").first() if sent else None
    )
    return {
        "report_number": report.number if report else facts["number"],
        "report_date": local_date(report.frozen_at) if report else day_of(facts["received_on"]),
        "sender": case.school.name,
        "received_at": day_of(facts["received_on"]) or local_date(at),
        "decision": facts["decision"],
        "decided_on": local_date(at),
        "reason": step.sent_back,
        "next_step": facts.get("next_step", ""),
        "officer": by.display_name,
        "officer_phone": by.phone,
        "remarks": facts.get("number", ""),
    }
