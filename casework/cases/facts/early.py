"""The papers from suspicion to persuasion: P01, P35, P36, P04, P06."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext

from casework.cases.facts.common import Values, block, finding_of, own_visit, signed, with_post
from casework.cases.facts.spelling import (
    day_of,
    joined,
    lines_of,
    measures,
    month_of,
    when,
    written,
)
from casework.cases.kinds import CONTACT_RESULTS, Kind, Line
from casework.cases.models import SignState, Step, Visit, VisitForm
from casework.cases.photos import listed
from casework.core.clock import local_date, school_year
from casework.core.crypto import masked_phone, starred
from casework.detection.models import Finding
from casework.detection.words import rule_title, why
from casework.documents.freeze import MOST_ROWS
from casework.org.models import User
from casework.students.models import Absence, Mark


def registration(step: Step, by: User, at: datetime) -> Values:
    """P35."""
    facts, case = step.facts, step.case
    finding = finding_of(case)
    today = local_date(at).isoformat()
    days = [day["day"] for day in finding.days if day["day"] <= today] if finding else []
    return {
        "source": facts["source"],
        "last_day": day_of(facts.get("last_day")),
        "first_absent": day_of(facts.get("first_absent")),
        "days_absent": str(len(days)) if days else "",
        "rule": _rule(finding),
        "rule_days": "、".join(days[:12]),
        "reasons": [facts["reason"]] if facts.get("reason") else [],
        "known": facts.get("known", ""),
        "contacted_at": datetime.fromisoformat(facts["contacted_at"])
        if facts.get("contacted_at")
        else None,
        "contacted_by": by.display_name,
        "contacted_person": facts.get("contacted_person", ""),
        "contact_result": facts.get("contact_result", ""),
        "registered_by": by.display_name,
        "registered_on": local_date(at),
        "episode": str(case.episode),
    }


def _rule(finding: Finding | None) -> str:
    """What made the suspicion."""
    return (why(finding) or rule_title(finding.rule)) if finding else ""


def missed(step: Step) -> QuerySet[Absence]:
    """What the rolls of the school year say of the pupil up to the step's end, but for days of which they say nothing."""
    assert step.finished_at is not None
    last = local_date(step.finished_at)
    rows = Absence.objects.filter(pupil=step.case.pupil, day__gte=school_year(last), day__lte=last)
    return rows.exclude(mark__in=[Mark.BLANK, Mark.PRESENT]).order_by("day")


def absences(step: Step, by: User, at: datetime) -> Values:
    """P01: each absence with the call to the family of that day, if one was made; the last ones if they are many."""
    pupil = step.case.pupil
    rows = list(missed(step))[-MOST_ROWS:]
    calls = Visit.objects.filter(pupil=pupil, form=VisitForm.PHONE, case=None, struck=False)
    called = {
        local_date(each.began): each for each in calls.select_related("visitor").order_by("began")
    }
    return {"absences": [_absence(row, called.get(row.day)) for row in rows]}


def _absence(row: Absence, call: Visit | None) -> Values:
    said = call.answers if call else {}
    excused = row.mark in (Mark.SICK, Mark.LEAVE)
    return {
        "day": row.day,
        "lessons": gettext("whole day") if excused or row.mark == Mark.ABSENT else "",
        "kind": str(Mark(row.mark).label),
        "contacted": when(call.began) if call else [],
        "reason": said.get("content") or str(CONTACT_RESULTS.get(said.get("result", ""), "—")),
        "valid": gettext("yes") if excused else gettext("not known"),
        "handler": [call.visitor.display_name] if call else [],
    }


def whereabouts(step: Step, by: User, at: datetime) -> Values:
    """P36."""
    facts = step.facts
    asked = [
        {
            "source": facts[f"source_{n}"],
            "person": [facts.get(f"person_{n}", "")],
            "when": [written(day_of(facts.get(f"asked_{n}")))],
            "answer": facts.get(f"answer_{n}", ""),
        }
        for n in (1, 2)
        if facts.get(f"source_{n}")
    ]
    return {
        "inquiries": asked,
        "platform_status": facts.get("platform_status", ""),
        "platform_checked_on": local_date(at),
        "whereabouts": facts["found"],
        "place": facts.get("place", ""),
        "finding": facts["finding"],
        "next_branch": "home_visit" if step.outcome == "local" else "report",
        "verified_by": [each for each in (by.display_name, facts.get("second", "")) if each],
    }


def home_visit(step: Step, by: User, at: datetime) -> Values:
    """P04 of a step: its visit."""
    visit = own_visit(step)
    assert visit is not None
    return {**visit_values(visit), "visit_no": str(step.number)}


def visit_values(visit: Visit) -> Values:
    """P04 of any visit, general ones too."""
    said = visit.answers
    return {
        "period": [visit.began, visit.ended],
        "form": visit.form,
        "photos": str(visit.photos.count() or ""),
        "visitors": lines_of(said.get("visitors", "")),
        "present": lines_of(said.get("present", "")),
        "reasons": [said["reason"]] if said.get("reason") else [],
        "reason_text": said.get("why", ""),
        "measures": measures(said.get("measures", []), said.get("agreed", "")),
        "follow_up": said.get("follow_up_plan", ""),
        "result": said.get("result", "other"),
        "return_on": day_of(said.get("promised_day")),
        "signatures": signed(visit, "visitors"),
        **{
            key: said.get(key, "")
            for key in ("place", "purpose", "family", "at_school", "at_home", "home_education",
                        "guardian_opinion", "pupil_opinion", "findings", "remarks")
        },
    }  # fmt: skip


def general_visit(visit: Visit, by: User) -> Values:
    """P04 of a visit without a case."""
    return {
        "pupil": block(visit.pupil, visit.school),
        "recorded_by": with_post(by),
        "sign_state": str(SignState(visit.sign_state).label),
        "occurred_at": visit.began,
        "attachments": listed(visit.photos.order_by("pk")),
        **visit_values(visit),
    }


def contact(visit: Visit, by: User) -> Values:
    """P02 of a call to the family of a child that was absent."""
    said = visit.answers
    guardian = visit.pupil.guardians.order_by("rank").first()
    before = Visit.objects.filter(pupil=visit.pupil, form=VisitForm.PHONE, began__lte=visit.began)
    return {
        "pupil": block(visit.pupil, visit.school),
        "recorded_by": with_post(by),
        "sign_state": str(SignState(visit.sign_state).label),
        "occurred_at": visit.began,
        "when": visit.began,
        "number": starred(masked_phone(guardian.phone)) if guardian else "",
        "caller": by.display_name,
        "way": said["way"],
        "reached": said["reached"],
        "person": said.get("person", ""),
        "person_relation": guardian.relation if guardian else "",
        "contact_no": str(before.count()),
        "content": said.get("content", ""),
        "result": str(CONTACT_RESULTS[said["result"]]),
        "next_step": said.get("next_step", ""),
    }


def persuasion(step: Step, by: User, at: datetime) -> Values:
    """P06: this attempt and all before it on both lines."""
    case = step.case
    visits = list(case.contacts.select_related("visitor").order_by("began", "pk"))
    visit = own_visit(step)
    assert visit is not None
    led = step.kind == Kind.PERSUASION_LED
    township = case.lead
    return {
        "dropout_month": month_of(local_date(case.opened_at)),
        "persuasion_count": str(len(visits)),
        "lead": township.name if led and township else case.school.name,
        "reasons": [case.reason] if case.reason else ["OTHER"],
        "reason_text": visit.answers.get("why", ""),
        "helps": measures(case.measures, visit.answers.get("agreed", "")),
        "persuasions": [_attempt(each) for each in visits],
        "result": step.facts["result"],
        "return_on": day_of(step.facts.get("promised_day")),
        "next_step": step.facts.get("follow_up_plan", ""),
        "signatures": signed(visit, "persuaders"),
        "remarks": step.facts.get("remarks", ""),
    }


def _attempt(visit: Visit) -> Values:
    line = "" if visit.line == Line.EDUCATION else f"（{Line.VILLAGE.label}）"
    said = visit.answers
    record = joined(said.get("why"), said.get("guardian_opinion"), said.get("agreed"))
    return {
        "people": [*lines_of(said.get("visitors", "")), *([line] if line else [])],
        "phone": [visit.visitor.phone],
        "when": when(visit.began),
        "record": record or "—",
    }
