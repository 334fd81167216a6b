"""The letters of the legal ladder and the proof that one was served: P11, P12, P14, P15, P13."""

from datetime import datetime

from django.utils.translation import gettext

from casework.cases import letters
from casework.cases.facts.common import Values, pupil_block, refusal
from casework.cases.facts.spelling import day_of, lines_of, sentence
from casework.cases.kinds import Kind
from casework.cases.models import Step
from casework.cases.together import names_of
from casework.deadlines.units import last_day
from casework.documents.papers.register import PAPERS
from casework.org.models import User


def letter(step: Step, by: User, at: datetime) -> Values:
    """The letter as it was drafted, with who wrote, checked and signed it off."""
    said, case = step.about.facts, step.case
    rule = letters.rules(case, at)[step.about.code]
    return {
        "pupil": pupil_block(case) | {"groups": []},  # the family's copy names no group
        "addressees": [said["addressee"]],
        "facts": sentence(said["facts"]),
        "legal_basis": said["legal_basis"],
        "demand": sentence(said["demand"]),
        "term": sentence(term_in_words(said["term"], rule["unit"])),
        "consequence": sentence(said["consequence"]),
        "contact": said["contact"],
        "contact_phone": said.get("contact_phone", ""),
        "co_issuer": said.get("co_issuer", ""),
        "children": "、".join(names_of(step.about)),
        "drafted_by": drafter(step),
        "reviewed_by": said.get("reviewed", ""),
        "signed_by": by.display_name,
        **_of_its_own(step),
    }


def _of_its_own(step: Step) -> Values:
    """What only some letters say: where the child reports, what proves the facts."""
    said, case = step.about.facts, step.case
    more = {
        "report_to": case.school.name,
        "evidence": said.get("evidence") or letters.evidence_of(case),
    }
    known = PAPERS[letters.of(step).paper].fields()
    return {key: value for key, value in more.items() if key in known}


def term_in_words(number: int, unit: str) -> str:
    """How long the guardian has, counted from the service."""
    words = {
        "calendar_days": gettext("within %(n)s days of service"),
        "working_days": gettext("within %(n)s working days of service"),
        "school_days": gettext("within %(n)s school days of service"),
        "working_hours": gettext("within %(n)s working hours of service"),
    }
    return words[unit] % {"n": number}


def drafter(step: Step) -> str:
    """Who drafted the letter last."""
    drafts = step.about.steps.filter(kind=Kind.DRAFT_LETTER).exclude(finished_by=None)
    last = drafts.select_related("finished_by").order_by("-number").first()
    return last.finished_by.display_name if last and last.finished_by else "—"


def _refused(facts: Values, outcome: str) -> Values:
    """A refusal to sign names its witnesses (domain.md 4.0)."""
    if (facts["method"], outcome) != ("refused", "yes"):
        return {}
    return {"sign_state": refusal(facts["witness"])}


def proof_of_service(step: Step, by: User, at: datetime) -> Values:
    """P13."""
    facts, served = step.facts, step.about.facts
    paper = letters.paper_of(step.about)
    kind = letters.of(step)
    ends = step.about.wakes_at if step.outcome == "yes" else None
    return {
        "letter_title": PAPERS[kind.paper].title.zh if paper is None else paper.title,
        "letter_number": paper.number if paper else "—",
        "signed_on": day_of(served["signed_on"]),
        "method": facts["method"],
        "outcome": step.outcome,
        "served_on": day_of(facts.get("served_on")) if step.outcome != "no" else None,
        "counts_from": day_of(served.get("counts_from")) if ends else None,
        "ends_on": last_day(ends) if ends else None,
        "servers": lines_of(facts["servers"]),
        "witness": lines_of(facts.get("witness", "")),
        "remarks": facts.get("note", ""),
        **_refused(facts, step.outcome),
        **{
            key: facts.get(key, "")
            for key in ("place", "recipient", "relation", "tracking", "posted_at", "entrusted_to")
        },
    }
