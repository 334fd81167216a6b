"""What completing each kind of step records: what was typed, on the case, its visits and its matters.

The way out, its guards, the stage after it and the side steps that it begins stand in `ways.py`; a recorder only keeps
what is peculiar to its kind. It runs inside one act with the case locked.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from casework.cases import letters, matters, side
from casework.cases.event_days import refuse_days_before, refuse_days_to_come
from casework.cases.guards import names_village
from casework.cases.kinds import ACCEPTING, Kind, Outcome, Stage
from casework.cases.models import Case, Matter, MatterKind, Step, VisitForm
from casework.cases.opening import close_case
from casework.cases.side_roads import HALTING, ROADS, Effect
from casework.cases.visits import plain, record_visit
from casework.cases.ways import Way, allowed, way_of
from casework.core.clock import local_date, local_moment
from casework.notices.outbox import tell
from casework.org.models import User
from casework.profiles.rules import section

Data = dict[str, Any]
Recorder = Callable[[Step, Data, User, datetime], None]


def record(step: Step, data: Data, *, by: User, at: datetime) -> Way:
    """Find the way that the answers take, ask its guards, keep what was typed, move the case. DomainError refuses all of it."""
    refuse_days_to_come(data, at)
    refuse_days_before(step, data)
    way, case = way_of(step, data, at), step.case
    allowed(way, step, data, at)
    before, stage = _kept(case), way.stage_of(case, at)
    if stage and not way.ends:  # the end has more to it
        case.move(stage)
    if keep := RECORDERS.get(step.kind):
        keep(step, data, by, at)
    if _kept(case) != before:
        case.save(update_fields=KEPT)
    if way.ends:
        _end(step, stage, by, at)
    return way


def _end(step: Step, stage: Stage | None, by: User, at: datetime) -> None:
    """The case is closed with its reason, or struck out as opened by mistake."""
    case, matter = step.case, step.matter or matters.parked(step.case)
    close_case(
        case, outcome=matter.code if matter else Outcome.RETURNED, by=by, at=at, cancelled=stage == Stage.CANCELLED
    )  # fmt: skip
    end_work(case, list(case.matters.open()), "closed", by=by, at=at, doing=step)


def end_work(
    case: Case, over: Iterable[Matter], outcome: str, *, by: User | None, at: datetime, doing: Step | None = None
) -> None:  # fmt: skip
    """What was under way for a case that has ended ends with it (inside one_act, the case locked)."""
    for running in over:
        matters.settle(running, outcome, by=by, at=at, doing=doing)
    for kind in ENDED_WITH_IT:
        side.drop(case, kind, at=at, by=by)


def outlives(matter: Matter) -> bool:
    """Whether a matter goes on after a case that another episode followed: others act on it, or somebody fears for the child."""
    return matter.kind in OUTLIVING or ROADS[matter.code].effect == Effect.REFER


def open_beside(step: Step, way: Way, *, by: User, at: datetime) -> None:
    """Begin the side steps of a way, the step itself finished."""
    for kind in way.opens:
        if kind == Kind.PLATFORM_MARK:
            side.ask_for_mark(step.case, mark_of(step), at=at, by=by, matter=step.matter)
            continue
        side.begin(
            step.case,
            kind,
            at=at,
            by=by,
            asked_by=by if kind in ACCEPTING else None,  # not by whoever asked
            matter=step.matter,
        )


KEPT = (
    "stage",
    "closed_at",
    "outcome",
    "reopened",
    "reopened_at",
    "urgent",
    "reason",
    "group",
    "measures",
    "returned_at",
    "reported_at",
)


def _kept(case: Case) -> list[Any]:
    return [getattr(case, name) for name in KEPT]


def mark_of(step: Step) -> str:
    """What the national platform is told after a step (domain.md E7, E8): a code of `side.MARKS`, or that of a branch."""
    return {Kind.REGISTER: "suspected", Kind.CONFIRM_RETURN: "returned"}.get(
        Kind(step.kind)
    ) or step.about.code


ENDED_WITH_IT = (
    Kind.SEND_REPORT, Kind.CONFIRM_RETURN, Kind.ACCEPT_TOWNSHIP, Kind.ACCEPT_COUNTY,
)  # fmt: skip
OUTLIVING = (MatterKind.APPEAL, MatterKind.CORRECTION, MatterKind.PROTECTION)


def _register(step: Step, data: Data, by: User, at: datetime) -> None:
    _set_cause(step.case, data["reason"], at)


def _set_cause(case: Case, reason: str, at: datetime) -> None:
    """The cause makes a case urgent and names the responsible group where the profile says so (features 10)."""
    rules = section(case.school, "cause", at)
    case.reason, case.group = reason, rules["group"][reason]
    case.urgent = case.urgent or reason in rules["urgent"]


def _home_visit(step: Step, data: Data, by: User, at: datetime) -> None:
    """A visit at home needs two visitors (domain.md 2.3)."""
    _visit(step, data, by, at, visitors=2 if data["form"] == VisitForm.DOOR else 1)
    if data["reason"]:
        _set_cause(step.case, data["reason"], at)


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
    _set_cause(case, data["reason"], at)
    _add_measures(step, data)
    if case.reported_at:
        side.ask_again(case, at=at, by=by)
    else:
        case.reported_at = at


def _draft_letter(step: Step, data: Data, by: User, at: datetime) -> None:
    if data["decision"] == "drafted":
        said = {key: plain(value) for key, value in data.items()}  # what was struck out too
        letters.drafted(
            step.about, {key: said[key] for key in said.keys() - {"decision", "reason"}}
        )
    else:
        step.about.settle("talk_first", at)


def _sign_letter(step: Step, data: Data, by: User, at: datetime) -> None:
    """The paper is frozen here, with its number (domain.md 4.0)."""
    if data["decision"] == "signed":
        letters.drafted(step.about, {"signed_on": local_date(at).isoformat()})


def _serve_letter(step: Step, data: Data, by: User, at: datetime) -> None:
    on, method = data["served_on"], data["method"]
    sent = {"sent_on": "", "awaited_until": ""}  # what came back is to be served anew
    if data["served"] == "sent":
        until = letters.under_way(step.case, on=on, method=method, at=at)
        sent = {"sent_on": on.isoformat(), "awaited_until": until.isoformat()}
    letters.drafted(step.about, sent)
    if data["served"] == "yes":
        letters.served(step.about, step.case, on=on, method=method, at=at)


def _answer_letter(step: Step, data: Data, by: User, at: datetime) -> None:
    if data["decision"] == "wait":
        letters.wait(step.about, data["wait_until"])
    else:
        step.about.settle(letters.NOT_OBEYED, at)


def _confirm_return(step: Step, data: Data, by: User, at: datetime) -> None:
    """P16: what the road had planned is over."""
    if data["decision"] != "confirmed":
        return
    step.case.returned_at = local_moment(date.fromisoformat(step.facts["back_since"]))
    side.drop(step.case, Kind.SEND_REPORT, at=at, by=by)
    settle_road(step.case, "returned", by, at)


def settle_road(case: Case, outcome: str, by: User | None, at: datetime) -> None:
    """The letter or branch that the main road was on is over, and what was asked for that would halt it anew."""
    of_the_road = Q(kind=MatterKind.LETTER) | Q(parks=True) | Q(code__in=HALTING)
    for matter in case.matters.open().filter(of_the_road):
        matters.settle(matter, outcome, by=by, at=at)


def _decide_request(step: Step, data: Data, by: User, at: datetime) -> None:
    """The maker of a request is never its checker (domain.md 2.3); he is told what came of it."""
    _answer_asker(step, f"request_{data['decision']}", at)
    if data["decision"] == "approved":
        if step.about.code == "APPEAL_OFFICE":
            letters.annul(step.about, at)
        matters.agreed(step, by, at)
        if step.about.parks:
            side.drop(step.case, Kind.SEND_REPORT, at=at, by=by)
    else:
        matters.settle(step.about, "refused", by=by, at=at, doing=step)


def _answer_asker(step: Step, code: str, at: datetime) -> None:
    asker = step.about.opened_by
    if asker:
        tell(
            [asker],
            code,
            key=f"{code}:{step.pk}",
            at=at,
            link=f"/steps/{step.pk}/",
            step=step.shown_kind,
        )


def _review(step: Step, data: Data, by: User, at: datetime) -> None:
    branch = step.about
    if data["result"] == "failed":
        matters.settle(branch, "failed", by=by, at=at)
    elif data["result"] == "goes_on":
        branch.wakes_at = matters.next_look(step.case, branch, at)
        branch.save(update_fields=["wakes_at"])


def _answer_referral(step: Step, data: Data, by: User, at: datetime) -> None:
    if data["result"] == "reminded":
        matters.give_again(step.about, at)
    else:
        matters.settle(step.about, str(data["result"]), by=by, at=at, doing=step)


def _accept_appeal(step: Step, data: Data, by: User, at: datetime) -> None:
    """Not accepted: it ends here, and whoever brought it in is told (domain.md 2.5)."""
    if data["decision"] == "refused":
        _answer_asker(step, "request_refused", at)
        matters.settle(step.about, "refused", by=by, at=at, doing=step)


def _reply_referral(step: Step, data: Data, by: User, at: datetime) -> None:
    """The department's own answer ends the referral; whoever asked is told."""
    _answer_asker(step, "referral_answered", at)
    matters.settle(step.about, "answered", by=by, at=at, doing=step)


def _end_with(outcome: str) -> Recorder:
    """A step that ends its matter: as was answered, or with that one outcome."""

    def keep(step: Step, data: Data, by: User, at: datetime) -> None:
        matters.settle(step.about, str(data.get("result") or outcome), by=by, at=at, doing=step)

    return keep


def _protect(step: Step, data: Data, by: User, at: datetime) -> None:
    """Whoever reported it learns that it was acted on, and no more."""
    _answer_asker(step, "harm_answered", at)
    matters.settle(step.about, str(data["result"]), by=by, at=at, doing=step)


def _answer_notice(step: Step, data: Data, by: User, at: datetime) -> None:
    _answer_asker(step, "notice_answered", at)
    matters.settle(step.about, "replied", by=by, at=at, doing=step)


def _approve_closure(step: Step, data: Data, by: User, at: datetime) -> None:
    """The proof of a branch does not hold: it is over, and the road goes on."""
    branch = matters.parked(step.case)
    if data["decision"] == "proof_fails" and branch:
        matters.settle(branch, "failed", by=by, at=at)


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
    Kind.APPROVE_CLOSURE: _approve_closure,
    Kind.CONFIRM_RETURN: _confirm_return,
    Kind.DECIDE_REQUEST: _decide_request,
    Kind.BRANCH_REVIEW: _review,
    Kind.ANSWER_REFERRAL: _answer_referral,
    Kind.ANSWER_NOTICE: _answer_notice,
    Kind.PROTECT: _protect,
    Kind.CONFERENCE: _end_with("held"),
    Kind.HELP: _end_with("done"),
    Kind.ACCEPT_APPEAL: _accept_appeal,
    Kind.REPLY_REFERRAL: _reply_referral,
}
