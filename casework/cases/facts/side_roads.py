"""The papers of side roads, drawn from what was asked for and decided: P18, P19, P21, P22, P23, P29, P30, P37, AD."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.cases.facts.common import Values
from casework.cases.facts.spelling import day_of, sentence
from casework.cases.matters import road_of
from casework.cases.models import Step
from casework.cases.side_roads import SIDE_ROADS, department_of
from casework.documents.papers.register import PAPERS
from casework.org.departments import DEPARTMENTS
from casework.org.models import User

DECISIONS = (1, 2, 3)  # as many as the form has room for
APPEAL_RESULTS = {
    "approved": _("The appeal is upheld: the measure is changed or taken back."),
    "refused": _("The appeal is not upheld: the measure stands."),
}
GOALS = ("assessment", "long_goal", "short_goal", "plan")
DAYS = ("starts", "ends", "proof_day", "received_on", "reply_by", "due_on")


def request(step: Step, by: User, at: datetime) -> Values:
    """Any application: the keys of its paper, as far as they were asked for, and the decision."""
    matter, road = step.about, road_of(step)
    said: Values = {
        key: day_of(value) if key in DAYS else value for key, value in matter.facts.items()
    }
    said |= {
        "case_road": str(road.title),
        "asked_by": matter.opened_by.display_name if matter.opened_by else "—",
        "asked_at": matter.opened_at,
        "opinion": step.facts["opinion"],
        "heard": step.facts.get("heard", ""),
        "remedy": step.facts.get("remedy", ""),
        "hospital": matter.facts.get("proof_by", ""),
        "result": str(APPEAL_RESULTS.get(step.outcome, "")),
        "decided_by": by.display_name,
        "decided_at": at,
    }
    if "starts" in said and "ends" in said:
        said["term_days"] = str((said["ends"] - said["starts"]).days + 1)
        said["return_on"] = said["ends"] + timedelta(days=1)
    if "assessment" in said:
        said["plan"] = _whole_plan(said)
    return _known(road.paper, said)


def _whole_plan(said: Values) -> str:
    """Assessment, goals and plan of teaching at home as one text: the approval has one place for them."""
    named = (
        (_("Assessment"), "assessment"),
        (_("Long goal"), "long_goal"),
        (_("Short goal"), "short_goal"),
        (_("Plan"), "plan"),
    )
    spoken = [_("%(what)s: %(text)s") % {"what": name, "text": said[key]} for name, key in named]
    return "；".join(each.rstrip("。；") for each in spoken)


def _known(paper: str, said: dict[str, Any]) -> Values:
    """What the paper has a place for; what it asks for and nobody said stays empty."""
    keys = [key for key in PAPERS[paper].fields() if not key.startswith("pupil.")]
    return {key: said.get(key, "") for key in keys}


def referral(step: Step, by: User, at: datetime) -> Values:
    """P30: the least that the department needs: name, school and age, not the whole block (PIPL; domain.md 7.4)."""
    matter, case, road = step.about, step.case, road_of(step)
    facts = matter.facts
    asker = matter.opened_by
    return {
        "addressees": [str(dict(DEPARTMENTS)[department_of(matter)])],
        "child": f"{case.school.name}{case.class_unit.name if case.class_unit else ''}{case.pupil.name}",
        "facts": sentence(facts["reason"]),
        "demand": sentence(facts["demand"]),
        "reply_by": day_of(facts["reply_by"]),
        "contact": asker.display_name if asker else by.display_name,
        "contact_phone": asker.phone if asker else by.phone,
        "drafted_by": asker.display_name if asker else "—",
        "signed_by": by.display_name,
        "case_road": str(road.title),
    }


def home_teaching(step: Step, by: User, at: datetime) -> Values:
    """P21."""
    facts = step.facts
    return {
        "visit_no": str(step.number),
        "taught_on": day_of(facts["taught_on"]),
        "lessons": str(facts["lessons"]),
        **{key: step.about.facts.get(key, "") for key in GOALS},
        "content": facts["content"],
        "reaction": facts["reaction"],
        "teacher": by.display_name,
        "present": facts.get("present", ""),
        "next_day": day_of(facts.get("next_day")),
    }


def minutes(step: Step, by: User, at: datetime) -> Values:
    """P25."""
    facts = step.facts
    rows = [
        {"what": facts[f"decision_{n}"], "who": facts.get(f"owner_{n}", ""), "until": day_of(facts.get(f"until_{n}"))}
        for n in DECISIONS
        if facts.get(f"decision_{n}")
    ]  # fmt: skip
    return {
        "type": str(step.about.full_title),
        "held_on": day_of(facts["held_on"]),
        "place": facts["place"],
        "chair": facts["chair"],
        "present": facts["present"],
        "absent": facts.get("absent", ""),
        "agenda": step.about.facts["reason"],
        "talk": facts["talk"],
        "decisions": rows,
        "recorder": by.display_name,
    }


VALUES = {
    **{road.paper: request for road in SIDE_ROADS.values()},
    "P30": referral,
    "P21": home_teaching,
    "P25": minutes,
}
