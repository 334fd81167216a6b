"""What completing each kind of step records: what was typed, on the case, its visits and its matters.

The way out, its guards, the stage after it and the side steps that it begins stand in `ways.py`; a recorder only keeps
what is peculiar to its kind. It runs inside one act with the case locked.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from casework.cases import letters, side
from casework.cases.guards import names_village
from casework.cases.kinds import Kind, Outcome, Stage
from casework.cases.models import Case, Step, VisitForm
from casework.cases.opening import close_case
from casework.cases.visits import plain, record_visit
from casework.cases.ways import Way, allowed, way_of
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.org.models import User

Data = dict[str, Any]
Recorder = Callable[[Step, Data, User, datetime], None]


EVENT_DAYS = (
    "last_day", "first_absent", "asked_1", "asked_2", "received_on", "seen_on", "checked_on", "marked_on", "proof_day",
    "served_on",
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


def record(step: Step, data: Data, *, by: User, at: datetime) -> Way:
    """Find the way that the answers take, ask its guards, keep what was typed, move the case. DomainError refuses all of it."""
    refuse_days_to_come(data, at)
    way, case = way_of(step, data, at), step.case
    allowed(way, step, data, at)
    before, stage = _kept(case), way.stage_of(case, at)
    if stage and stage != Stage.CLOSED:  # closing has more to it
        case.move(stage)
    if keep := RECORDERS.get(step.kind):
        keep(step, data, by, at)
    if _kept(case) != before:
        case.save(update_fields=KEPT)
    if stage == Stage.CLOSED:
        close_case(case, outcome=Outcome.RETURNED, by=by, at=at)
    for kind in way.opens:
        side.begin(case, kind, at=at, by=by, asked_by=by if kind in CHECKS else None)
    return way


KEPT = ("stage", "reason", "measures", "returned_at", "reported_at")


def _kept(case: Case) -> list[Any]:
    return [getattr(case, name) for name in KEPT]


CHECKS = frozenset({Kind.ACCEPT_TOWNSHIP, Kind.ACCEPT_COUNTY})  # not by whoever asked for it


def _register(step: Step, data: Data, by: User, at: datetime) -> None:
    step.case.reason = data["reason"]


def _home_visit(step: Step, data: Data, by: User, at: datetime) -> None:
    """A visit at home needs two visitors (domain.md 2.3)."""
    _visit(step, data, by, at, visitors=2 if data["form"] == VisitForm.DOOR else 1)
    step.case.reason = data["reason"] or step.case.reason


def _persuasion(step: Step, data: Data, by: User, at: datetime) -> None:
    _visit(step, data, by, at, visitors=1)
    _add_measures(step, data)


def _visit(step: Step, data: Data, by: User, at: datetime, *, visitors: int) -> None:
    case = step.case
    record_visit(
        pupil=case.pupil, data=data, by=by, at=at, case=case, step=step, visitors=visitors,
        joint=names_village(case, data, at),
    )  # fmt: skip


def _add_measures(step: Step, data: Data) -> None:
    step.case.measures = sorted(set(step.case.measures) | set(data["measures"]))


def _send_report(step: Step, data: Data, by: User, at: datetime) -> None:
    """P05 and P09. Sent back once, it goes again to those who sent it back."""
    case = step.case
    if data["decision"] != "send":
        return
    case.reason = data["reason"]
    _add_measures(step, data)
    if case.reported_at:
        side.ask_again(case, at=at, by=by)
    else:
        case.reported_at = at


def _draft_letter(step: Step, data: Data, by: User, at: datetime) -> None:
    if data["decision"] == "drafted":
        letters.drafted(step.letter, {key: plain(value) for key, value in data.items()})
    else:
        step.letter.settle("talk_first", at)


def _sign_letter(step: Step, data: Data, by: User, at: datetime) -> None:
    """The paper is frozen here, with its number (domain.md 4.0)."""
    if data["decision"] == "signed":
        letters.drafted(step.letter, {"signed_on": local_date(at).isoformat()})


def _serve_letter(step: Step, data: Data, by: User, at: datetime) -> None:
    if data["served"] == "yes":
        letters.served(step.letter, step.case, on=data["served_on"], method=data["method"], at=at)


def _answer_letter(step: Step, data: Data, by: User, at: datetime) -> None:
    if data["decision"] == "wait":
        letters.wait(step.letter, data["wait_until"])
    else:
        step.letter.settle("not_obeyed", at)


def _confirm_return(step: Step, data: Data, by: User, at: datetime) -> None:
    """P16: what the road had planned is over."""
    if data["decision"] != "confirmed":
        return
    step.case.returned_at = at
    side.drop(step.case, Kind.SEND_REPORT, at=at, by=by)
    for matter in step.case.matters.open():
        matter.settle("returned", at)


RECORDERS: dict[str, Recorder] = {
    Kind.REGISTER: _register,
    Kind.HOME_VISIT: _home_visit,
    Kind.PERSUASION: _persuasion,
    Kind.PERSUASION_LED: _persuasion,
    Kind.SEND_REPORT: _send_report,
    Kind.DRAFT_LETTER: _draft_letter,
    Kind.SIGN_LETTER: _sign_letter,
    Kind.SERVE_LETTER: _serve_letter,
    Kind.ANSWER_LETTER: _answer_letter,
    Kind.CONFIRM_RETURN: _confirm_return,
}
