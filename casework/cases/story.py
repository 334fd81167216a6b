"""A case told in order: the road with what is done and what comes, and what happened in plain sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casework.audit.models import Entry
from casework.cases.kinds import KINDS, Kind, Stage
from casework.cases.models import LEGAL, Case, Step
from casework.core.templatetags.look import full_day
from casework.deadlines.units import last_day
from casework.documents.models import Document

_BACK = [Kind.CONFIRM_RETURN, Kind.FOLLOW_UP, Kind.APPROVE_CLOSURE]
AHEAD: dict[str, list[Kind]] = {
    Stage.SUSPECTED: [Kind.VERIFY, Kind.HOME_VISIT, Kind.PERSUASION, *_BACK],
    Stage.VERIFY: [Kind.HOME_VISIT, Kind.PERSUASION, *_BACK],
    Stage.HOME_VISIT: [Kind.PERSUASION, *_BACK],
    **dict.fromkeys((Stage.PERSUASION, *LEGAL), _BACK),
    Stage.BRANCH: [Kind.PROPOSE_CLOSURE, Kind.APPROVE_CLOSURE],
    Stage.FOLLOW_UP: [Kind.APPROVE_CLOSURE],
}


@dataclass(frozen=True)
class Stop:
    """One stop of the road: `state` is done, now or then."""

    state: str
    title: str
    who: str
    step: Step | None
    papers: list[Document]


def road_of(case: Case, steps: list[Step], papers: list[Document]) -> list[Stop]:
    """Done steps with their papers, the open ones, then what lies ahead on the straight road."""
    made: dict[str, list[Document]] = {}
    for paper in papers:
        made.setdefault(paper.subject, []).append(paper)
    shown = [step for step in steps if step.undone or not step.cancelled]
    stops = [
        _stop(step, made.get(f"step:{step.pk}", []))
        for step in sorted(shown, key=lambda s: (s.is_open, s.begun_at))
    ]
    running = {step.kind for step in shown if step.is_open}
    ahead = [kind for kind in AHEAD.get(case.stage, []) if kind not in running]
    return stops + [Stop("then", str(kind.label), str(_role(kind)), None, []) for kind in ahead]


AFTERWARDS: dict[
    tuple[str, str], Any
] = {  # outcomes that a reader of the road must not take for done and well
    (Kind.DECIDE_REQUEST, "refused"): gettext_lazy("refused"),
    (Kind.ACCEPT_APPEAL, "refused"): gettext_lazy("not accepted"),
    (Kind.SERVE_LETTER, "no"): gettext_lazy("not served"),
    (Kind.SERVE_LETTER, "sent"): gettext_lazy("sent off: the receipt is awaited"),
    (Kind.CONFIRM_RETURN, "not_back"): gettext_lazy("not back"),
    (Kind.APPROVE_CLOSURE, "proof_fails"): gettext_lazy("the proof does not hold"),
    (Kind.ANSWER_REFERRAL, "reminded"): gettext_lazy("no answer yet: reminded"),
}


def _stop(step: Step, papers: list[Document]) -> Stop:
    if step.is_open:
        return Stop(
            "now",
            step.title,
            _holder_words(step),
            step,
            papers,
        )
    how = "" if step.restricted else str(AFTERWARDS.get((step.kind, step.outcome), ""))
    how = _("sent back") if step.sent_back else how
    how = _("undone") if step.undone else how
    title = _("%(step)s: %(what)s") % {"step": "%(step)s", "what": how} if how else "%(step)s"
    return Stop(
        "done",
        title % {"step": step.title},
        step.finished_by.display_name if step.finished_by and not step.restricted else "",
        step,
        papers,
    )


def _holder_words(step: Step) -> str:
    if step.restricted:
        return ""
    return step.holder.display_name if step.holder else _("nobody yet")


def _role(kind: Kind) -> Any:
    return KINDS[kind].role.label


@dataclass(frozen=True)
class Moment:
    """What happened in one act, in plain sentences."""

    at: datetime
    words: str


def story_of(
    case: Case, steps: list[Step], papers: list[Document], most: int = 200
) -> list[Moment]:
    """The last `most` entries of a case's audit trail, told newest first."""
    entries = Entry.objects.filter(chain=f"case:{case.pk}").order_by("-number")[:most]
    return told(list(entries)[::-1], steps, papers)[::-1]


class Said(NamedTuple):
    """What a sentence needs of an entry of the trail."""

    verb: str
    subject: str
    facts: dict[str, Any]
    at: datetime
    actor_id: int | None
    actor_name: str


def told(
    entries: Sequence[Entry | Said], steps: list[Step], papers: list[Document]
) -> list[Moment]:
    """Entries of the audit trail in their order as plain sentences, one moment an act."""
    names = {f"step:{step.pk}": step.title for step in steps}
    names |= {f"matter:{step.matter.pk}": step.matter.title for step in steps if step.matter}
    names |= {f"document:{paper.pk}": paper.number for paper in papers}
    refused = {f"step:{step.pk}": step.sent_back or step.refused for step in steps}
    refused = {subject: why for subject, why in refused.items() if why}
    apart = {
        subject
        for step in steps
        if step.restricted
        for subject in (f"matter:{step.matter_id}", f"step:{step.pk}")
    }
    acts: dict[datetime, list[str]] = {}
    for entry in entries:
        acts.setdefault(entry.at, []).append(_sentence(entry, names, refused, apart))
    moments = (Moment(at, "".join(dict.fromkeys(words))) for at, words in acts.items())
    return [moment for moment in moments if moment.words]


def _sentence(
    entry: Entry | Said, names: dict[str, str], refused: dict[str, str], apart: set[str]
) -> str:
    """The sentence of an entry; those that only repeat another one stay untold. `refused`: why a step was sent back;
    `apart`: what is restricted, where nobody is named."""
    verb = entry.verb
    if verb == "step.finished" and entry.subject in refused:
        verb = "step.refused" if entry.facts.get("outcome") == "refused" else "step.sent_back"
    elif entry.subject in apart:
        verb = f"{verb}.apart"
    elif verb == "finding.decided":
        verb = f"finding.{entry.facts.get('decision')}"
    pattern = SENTENCES.get(verb)
    if pattern is None:
        return ""
    words = {
        "who": entry.actor_name if entry.actor_id else _("The system"),
        "what": names.get(entry.subject, ""),
        "to": entry.facts.get("to_name") or "—",
        "reason": str(refused.get(entry.subject) or entry.facts.get("reason", "")).rstrip("。."),
    }
    sentence = str(pattern())
    told = sentence % words if words["what"] or "%(what)s" not in sentence else ""
    return told + _moved_date(entry) if told else ""


def _moved_date(entry: Entry | Said) -> str:
    """From which day to which an act moved the date of a step; the last days, as everywhere."""
    old, new = (str(entry.facts.get(name) or "") for name in ("old", "new"))
    if entry.verb not in MOVES_DATES or old == new:
        return ""
    days = [full_day(last_day(datetime.fromisoformat(each))) for each in (old, new)]
    return str(
        _("The last day was %(old)s, now it is %(new)s. ") % {"old": days[0], "new": days[1]}
    )


MOVES_DATES = frozenset({"step.held", "step.resumed", "step.extended", "step.elsewhere"})
SENTENCES = {
    "case.opened": lambda: _("%(who)s opened the case. "),
    "step.undone": lambda: _("Undone: %(what)s. Reason: %(reason)s. "),
    "case.taken_over": lambda: _("%(who)s took the case over. "),
    "case.moved": lambda: _("The child changed class: the case went along. "),
    "attachment.added": lambda: _("%(who)s added a file. "),
    "case.closed": lambda: _("%(who)s closed the case. "),
    "step.begun": lambda: _("Next: %(what)s. "),
    "step.claim": lambda: _("%(who)s took: %(what)s. "),
    "step.release": lambda: _("%(who)s gave back: %(what)s. Reason: %(reason)s. "),
    "step.undo": lambda: _("%(who)s undid a wrong tap. "),
    "step.hand_over": lambda: _("%(who)s handed over to %(to)s: %(what)s. Reason: %(reason)s. "),
    "step.reassign": lambda: _("%(who)s reassigned to %(to)s: %(what)s. Reason: %(reason)s. "),
    "step.held": lambda: _("%(who)s put the clock on hold: %(what)s. Reason: %(reason)s. "),
    "step.resumed": lambda: _("%(who)s let the clock run again: %(what)s. "),
    "step.time_asked": lambda: _("%(who)s asked for more time: %(what)s. "),
    "step.time_refused": lambda: _("%(who)s refused more time: %(what)s. "),
    "late.taken_up": lambda: _("%(who)s looks into why it was late: %(what)s. "),
    "late.set_aside": lambda: _("%(who)s set aside that it was late: %(what)s. "),
    "step.extended": lambda: _("%(who)s gave more time: %(what)s. Reason: %(reason)s. "),
    "step.elsewhere": lambda: _("Counted by the days of the new school: %(what)s. "),
    "step.moved": lambda: _("The case went to another place, and with it: %(what)s. "),
    "step.stand_in": lambda: _("The holder is away; %(to)s goes on: %(what)s. "),
    "step.given_back": lambda: _("The holder is back: %(what)s. "),
    "step.idle": lambda: _("Nothing was done; back to the queue: %(what)s. "),
    "step.left": lambda: _("The post ended; back to the queue: %(what)s. "),
    "step.nudged": lambda: _("%(who)s sent a reminder. "),
    "step.finished": lambda: _("%(who)s finished: %(what)s. "),
    "step.refused": lambda: _("%(who)s refused: %(what)s. Reason: %(reason)s. "),
    "matter.asked": lambda: _("%(who)s asked: %(what)s. "),
    "matter.withdrawn": lambda: _("%(who)s took back: %(what)s. Reason: %(reason)s. "),
    "notice.raised": lambda: _(
        "%(who)s raised a supervision notice: %(what)s. "
    ),  # entries of earlier versions
    "matter.raised.apart": lambda: _("A restricted matter began. "),  # nobody is named in them
    "matter.asked.apart": lambda: _("A restricted matter began. "),
    "step.finished.apart": lambda: _("A step of a restricted matter was done. "),
    "matter.raised": lambda: _("%(who)s raised: %(what)s. "),
    "glass.broken": lambda: _("%(who)s broke the glass: the supervisors know why. "),
    "letter.printed": lambda: _("%(who)s printed the letter. "),
    "step.sent_back": lambda: _("%(who)s sent it back: %(what)s. Reason: %(reason)s. "),
    "step.cancelled": lambda: _("No longer needed: %(what)s. "),
    "finding.linked": lambda: _("%(who)s joined a further finding to the case. "),
    "visit.recorded": lambda: _("%(who)s recorded a visit or contact. "),
    "document.issued": lambda: _("Paper: %(what)s. "),
    "guardian.called": lambda: _("%(who)s called a guardian. "),
    "report.proposed": lambda: _("The system proposed the written report to the principal. "),
    "return.reported": lambda: _("%(who)s reported that the child is back. "),
    "rung.fired": lambda: _("The system reminded of the deadline: %(what)s. "),
    "numbers.revealed": lambda: _("%(who)s looked at the full numbers. Reason: %(reason)s. "),
    "inspection.case_chosen": lambda: _("%(who)s opened the case to an inspection. "),
    "evidence.made": lambda: _("%(who)s took an evidence file. Reason: %(reason)s. "),
}
