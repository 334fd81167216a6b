"""The keys of a policy profile in words, for the page on which people change them."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.cases.kinds import Kind, Reason
from casework.cases.letters import LETTERS
from casework.cases.notice_words import rung_words
from casework.cases.side_roads import SIDE_ROADS
from casework.cases.stops import STOPS
from casework.core.errors import DomainError
from casework.detection.registry import RULES
from casework.documents.papers.register import PAPERS
from casework.org.departments import DEPARTMENTS
from casework.org.roles import Role
from casework.profiles.shelf import SLOTS

_KEYS: dict[str, Any] = {
    "term": _("term"),
    "attendance": _("calling the roll"),
    "morning_hour": _("roll of the morning called by: hour"),
    "morning_minute": _("roll of the morning called by: minute"),
    "afternoon": _("a roll in the afternoon, too (1 yes, 0 no)"),
    "afternoon_hour": _("roll of the afternoon called by: hour"),
    "afternoon_minute": _("roll of the afternoon called by: minute"),
    "half_day_counts": _("a missed part of a day counts as a day (1 yes, 0 no)"),
    "teacher_leave_days": _("longest leave that the class teacher grants, in days"),
    "procedures": _("warnings and plans, in school days"),
    "status": _("movements of status"),
    "receipt_days": _("working days for the receipt of the other school"),
    "platform_days": _("working days for the entry on the national platform"),
    "detection": _("when a suspicion arises"),
    "steps": _("time limits of steps"),
    "case": _("clock of the whole case"),
    "clock": _("more time and pauses"),
    "guards": _("what must be so before a step is done"),
    "letters": _("letters"),
    "side_roads": _("side branches"),
    "ladder": _("reminders"),
    "load": _("load"),
    "cause": _("cause"),
    "stricter": _("may only be stricter below"),
    "intake": _("intake"),
    "papers": _("papers"),
    "exports": _("evidence files"),
    "retention": _("years that papers are kept, 0 for ever"),
    "basis": _("legal reason"),
    "approve_above": _("a second person agrees above so many cases"),
    "shelf": _("shelf: days on which papers are due, month-day"),
    "notices": _("messages"),
    "goals": _("goals"),
    "zero_rolls_percent": _("a zero needs so many percent of the rolls"),
    "digest_hour": _("morning message from: hour"),
    "digest_minute": _("morning message from: minute"),
    "at_once": _("sent at once"),
    "attention_days": _("days between two checks of a child on the attention list"),
    "visit_quota": _("home visits a term"),
    **{code: rule.title for code, rule in RULES.items()},
    **{code: stop.title for code, stop in STOPS.items()},
    "on": _("in use (1 yes, 0 no)"),
    "within": _("within so many school days"),
    "percent": _("percent at least"),
    "grade": _("last grade of primary school"),
    "days": _("days"),
    "unexcused": _("counts as unexcused"),
    "budget": _("number"),
    "unit": _("counted in"),
    "from": _("counted from"),
    "to": _("ends with"),
    "target": _("number to aim at"),
    "pauses": _("stands still during"),
    "roll_forward": _("ends on a working day (1 yes, 0 no)"),
    "hold_days": _("longest hold in days"),
    "holds": _("holds a step"),
    "extensions": _("extensions a step"),
    "extension_percent": _("longest extension, percent of the limit"),
    "mail_days": _("days for a letter on its way"),
    "unclaimed_days": _("working days unclaimed"),
    "share": _("percent of the time"),
    "working_days": _("working days late"),
    "tell": _("who is told"),
    "code": _("rung"),
    "visits_before_report": _("visits before the report"),
    "visits_before_report_repeat": _("visits before the report of a repeat case"),
    "days_before_report": _("days before the report"),
    "return_times_a_report_may_be_sent_back": _("times a report may be sent back"),
    "days_present_before_closure": _("days without absence before the closure"),
    "longest_wait_days": _("longest wait in days"),
    "days_to_dropout": _("days until it is a dropout"),
    "contact_on_both_lines": _("contact on both lines (1 yes, 0 no)"),
    "joint_visit_repeat": _("repeat case: joint visits (1 yes, 0 no)"),
    "issuer": _("which township writes"),
    "public_notice_days": _("days of a public notice"),
    "legal_basis": _("legal basis"),
    "longest_days": _("longest time in days"),
    "review_days": _("looked at again after days"),
    "remind_days": _("days before its end"),
    "limit": _("most open steps in hand, 0 without limit"),
    "warn_days": _("idle: warned after working days"),
    "idle_days": _("idle: taken back after working days"),
    "urgent": _("number in urgent cases"),
    "group": _("responsible group"),
    "language": _("language"),
    "follow_up_3": _("first check"),
    "follow_up_7": _("second check"),
    "follow_up_14": _("third check"),
    "follow_up_30": _("fourth check"),
    **{code: slot.title for code, slot in SLOTS.items()},
}
UNIT_WORDS: dict[str, Any] = {
    "school_days": _("school days"),
    "working_days": _("working days"),
    "calendar_days": _("calendar days"),
    "working_hours": _("working hours"),
}
_VALUES: dict[str, Any] = {
    **UNIT_WORDS,
    "opened": _("the opening of the case"),
    "begun": _("its beginning"),
    "returned": _("the return"),
    "promised": _("the promised day of return, at most a week after the talk"),
    "wakes": _("the day on which it is looked at"),
    "finished": _("the end of the step"),
    "closed": _("the closure"),
    "hold": _("a hold by a supervisor"),
    "mail": _("a letter on its way"),
    "branch": _("a side branch"),
    "court": _("the time before the court"),
    "harm_now": _("a child in danger"),
    "harm": _("a restricted report"),
    "harm_late": _("a restricted report not answered"),
    "harm_above": _("a restricted report not answered, to those above"),
    "glass": _("an emergency access"),
    "nudge": _("a reminder by a supervisor"),
    "yours": _("a step that came to hand"),
    "time_asked": _("a request for more time"),
    "idle": _("a claim that lies still"),
    "owner": _("whoever holds it"),
    "supervisor": _("the supervisors"),
    "upper": _("the level above"),
    "school": _("that of the school"),
    "household": _("that of the household"),
    "zh-hans": _("Chinese"),
    "en": _("English"),
    "absent": _("unexcused absence"),
    "half": _("unexcused part of the day"),
    "sick": _("sick leave"),
    "leave": _("leave"),
    "late": _("late"),
    "at_least": _("at least this"),
    "at_most": _("at most this"),
    "": _("none"),
    **dict(DEPARTMENTS),
}
_CODES: dict[str, Any] = {
    **{str(kind): kind.label for kind in Kind},
    **{code: letter.title for code, letter in LETTERS.items()},
    **{code: road.title for code, road in SIDE_ROADS.items()},
    **{str(role): role.label for role in Role},
    **{str(reason): reason.label for reason in Reason},
}


BETWEEN = " › "
LADDER = f"ladder{BETWEEN}"
ALIKE = {  # keys that say something else elsewhere
    "letters › ladder": _("order of the letters"),
    "cause › urgent": _("makes a case urgent"),
}


def key_words(path: str) -> str:
    """A path of keys in words; `draft_letter:order` is a step and its letter."""
    if path.startswith(LADDER):  # the value says which rung
        path = LADDER.removesuffix(BETWEEN)
    parts = [_part(part) for part in path.split(BETWEEN)]
    if path in ALIKE:
        parts[-1] = str(ALIKE[path])
    return BETWEEN.join(parts)


def _part(part: str) -> str:
    return " · ".join(_word(each) for each in part.split(":"))


def _word(key: str) -> str:
    if "." in key:
        return key_words(key.replace(".", " › "))
    return str(_KEYS.get(key) or _CODES.get(key) or _paper(key) or key)


def _paper(code: str) -> str:
    """A paper by its code and title; empty for any other key."""
    return f"{code} {PAPERS[code].title}" if code in PAPERS else ""


def value_words(value: Any) -> str:
    """A value in words; a list in a row; nothing as a dash."""
    if value is None or value == "":
        return "—"
    if isinstance(value, list):
        return "、".join(value_words(each) for each in value) or "—"
    if isinstance(value, dict) and "tell" in value:
        told = value_words(value["tell"])
        return gettext("%(rung)s: %(told)s") % {"rung": rung_words(value), "told": told}
    if isinstance(value, dict):
        return "，".join(f"{key_words(key)} {value_words(each)}" for key, each in value.items())
    return (
        str(_VALUES.get(value) or _CODES.get(value) or value)
        if isinstance(value, str)
        else str(value)
    )


def in_words(error: DomainError) -> DomainError:
    """A refusal of rules for the page: keys and codes as people read them there."""
    facts = {name: _fact(name, said) for name, said in error.facts.items()}
    return DomainError(error.message, fields=error.fields, **facts)


def _fact(name: str, said: object) -> object:
    if name in ("where", "path", "letter"):
        return key_words(str(said))
    if name in ("said", "allowed", "mine", "theirs") and isinstance(said, str):
        return value_words(said.split(", "))
    return said
