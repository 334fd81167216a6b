"""The roads of a case as one table: every way out of every kind of step, with its guards and where it leads (domain.md 2.3).

The engine's gates, the recorders and the page docs/roads.md all read it; nothing else says where a case goes next.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.cases import guards as g
from casework.cases import letters, matters
from casework.cases.guards import Guard
from casework.cases.kinds import KINDS, Kind, Stage, Track
from casework.cases.models import Case, Step
from casework.cases.repairing import next_work
from casework.cases.side_roads import Effect
from casework.cases.step_clock import FOLLOW_UP_DAYS, check_number
from casework.cases.takers import undoes
from casework.cases.undoing import BACK_TO
from casework.core.errors import DomainError

Data = dict[str, Any]


@dataclass(frozen=True)
class When:
    """A condition that tells two ways with the same answer apart."""

    words: Promise
    holds: Callable[[Step, datetime], bool]


@dataclass(frozen=True)
class Way:
    """One way out of a step.

    `answer` is what was chosen on the form (the outcome itself, if not named), `leads` the next main step, `to` the
    stage after it, `opens` the side steps that it begins, `ends` says that the case is over, `anew` that a closed
    one begins again. A side step that leads somewhere or ends the case turns the main road.
    """

    kind: Kind
    outcome: str
    leads: Kind | None = None
    to: Stage | Callable[[Case, datetime], Stage] | None = None
    guards: tuple[Guard, ...] = ()
    opens: tuple[Kind, ...] = ()
    when: When | None = None
    answer: str = ""
    ends: bool = False
    anew: bool = False

    def fits(self, step: Step, answer: str, at: datetime) -> bool:
        """Whether this way is meant by the answer, as the case stands."""
        meant = (self.answer or self.outcome) == answer or not KINDS[self.kind].field
        return meant and (self.when is None or self.when.holds(step, at))

    @property
    def turns(self) -> bool:
        """Whether the main road goes on elsewhere."""
        return bool(self.leads) or self.ends

    def stage_of(self, case: Case, at: datetime) -> Stage | None:
        """The stage that the case goes to, None when it stays."""
        return self.to(case, at) if callable(self.to) else self.to


REPORTED_BEFORE = When(_("reported before"), lambda step, at: bool(step.case.reported_at))
LETTER_DUE = When(
    _("the township has accepted the report, the child is still away"),
    lambda step, at: letters.is_due(step, at),
)
CHECKS_LEFT = When(_("checks are left"), lambda step, at: check_number(step) < len(FOLLOW_UP_DAYS))
VISITS_LEFT = When(
    _("a repeat case, and visits are left"), lambda step, at: g.repeat_visits_left(step, at) > 0
)
REPEAT = When(_("a repeat case"), lambda step, at: step.case.repeat)

ON_BRANCH = When(_("on a side branch"), lambda step, at: matters.parked(step.case) is not None)
REVIEWED = When(_("on a branch that is looked at again"), lambda step, at: g.is_reviewed(step.case))
FOUND_AGAIN = When(
    _("the child that was not to be found"),
    lambda step, at: step.about.code == "WHEREABOUTS_UNKNOWN",
)
WITH_LIAISON = When(
    _("a referral to a department with a liaison"), lambda step, at: matters.has_liaison(step, at)
)
TAUGHT = When(_("teaching at home"), lambda step, at: step.about.code == "HOME_TEACHING")
STILL_TAUGHT = When(_("the branch runs"), lambda step, at: step.about.is_open)


ANNULLED = When(
    _("an appeal against what the township ordered"), lambda step, at: letters.is_appealed(step)
)


def _broke_off(kind: Kind) -> When:
    """A case whose next work is of that kind."""
    return When(kind.label, lambda step, at: next_work(step.case) == kind)


def _undoes(kind: Kind) -> When:
    """The approval of undoing a step of that kind."""
    return When(kind.label, lambda step, at: undoes(step.about) == kind)


def _effect(effect: Effect) -> When:
    """The approval of a road with that effect."""
    return When(EFFECTS[effect], lambda step, at: matters.road_of(step).effect == effect)


EFFECTS = {
    Effect.PARK: _("a branch for which the road waits"),
    Effect.FINAL: _("a branch whose proof ends the case"),
    Effect.CANCEL: _("opened twice or by mistake"),
    Effect.REFER: _("a referral"),
    Effect.REOPEN: _("a closed case"),
    Effect.UNDO: _("undoing of the last step"),
    Effect.HAND_OVER: _("a hand-over of the case"),
    Effect.NOTE: _("an appeal or a correction"),
}
K, S = Kind, Stage
_STAY = ("agreed", "nobody")
_ON = ("not_yet", "away", "other")


def _visits() -> Iterator[Way]:
    """A promise or nobody met: another visit. A repeat case is visited three times, then reported."""
    for outcome in _STAY:
        yield Way(K.HOME_VISIT, outcome, K.HOME_VISIT, guards=g.VISIT)
    for outcome in _ON:
        yield Way(K.HOME_VISIT, outcome, K.HOME_VISIT, guards=g.VISIT, when=VISITS_LEFT)
        yield Way(
            K.HOME_VISIT, outcome, K.PERSUASION, S.PERSUASION, g.VISIT, (K.SEND_REPORT,), REPEAT
        )
        yield Way(K.HOME_VISIT, outcome, K.PERSUASION, S.PERSUASION, g.VISIT)
    for outcome in (*_STAY, *_ON):
        yield Way(K.PERSUASION, outcome, K.PERSUASION)
    for outcome in _STAY:
        yield Way(K.PERSUASION_LED, outcome, K.PERSUASION_LED)
    for outcome in _ON:
        yield Way(K.PERSUASION_LED, outcome, K.DRAFT_LETTER, letters.next_stage, when=LETTER_DUE)
        yield Way(K.PERSUASION_LED, outcome, K.PERSUASION_LED)


def _repairs() -> Iterator[Way]:
    """A stuck case begins again with the work that broke off."""
    for kind, spec in KINDS.items():
        if spec.track == Track.MAIN:
            broke_off = _broke_off(Kind(kind))
            yield Way(
                K.REPAIR, "restarted", Kind(kind), guards=(g.STUCK,), when=broke_off, anew=True
            )
    yield Way(K.REPAIR, "runs")


WAYS: tuple[Way, ...] = (
    Way(K.REGISTER, "registered", K.VERIFY, S.VERIFY, opens=(K.PLATFORM_MARK,)),
    Way(K.VERIFY, "local", K.HOME_VISIT, S.HOME_VISIT),
    Way(K.VERIFY, "working", K.PERSUASION, S.PERSUASION),
    Way(K.VERIFY, "with_parents", K.PERSUASION, S.PERSUASION),
    Way(K.VERIFY, "elsewhere", K.PERSUASION, S.PERSUASION),
    Way(K.VERIFY, "unknown", K.PERSUASION, S.PERSUASION, opens=(K.SEND_REPORT,)),
    *_visits(),
    Way(K.SEND_REPORT, "wait", guards=(g.NOT_REPORTED, g.WAIT_NOT_TOO_LONG)),
    Way(K.SEND_REPORT, "resent", guards=g.REPORT, when=REPORTED_BEFORE, answer="send"),
    Way(
        K.SEND_REPORT, "sent", K.PERSUASION_LED, S.REPORTED, (g.NOT_PARKED, *g.REPORT),
        (K.ACCEPT_TOWNSHIP, K.ACCEPT_COUNTY), answer="send",
    ),
    Way(K.ACCEPT_TOWNSHIP, "accepted", K.DRAFT_LETTER, letters.next_stage, when=LETTER_DUE),
    Way(K.ACCEPT_TOWNSHIP, "accepted"),
    Way(K.ACCEPT_TOWNSHIP, "returned", guards=g.SENDING_BACK, opens=(K.SEND_REPORT,)),
    Way(K.ACCEPT_COUNTY, "accepted"),
    Way(K.ACCEPT_COUNTY, "returned", guards=g.SENDING_BACK, opens=(K.SEND_REPORT,)),
    Way(K.DRAFT_LETTER, "drafted", K.SIGN_LETTER, guards=(g.LEGAL_REVIEW,)),
    Way(K.DRAFT_LETTER, "talk_first", K.PERSUASION_LED),
    Way(K.SIGN_LETTER, "signed", K.SERVE_LETTER, guards=(g.LEGAL_BASIS, g.NO_APPEAL)),
    Way(K.SIGN_LETTER, "sent_back", K.DRAFT_LETTER),
    Way(K.SERVE_LETTER, "yes", K.ANSWER_LETTER, guards=(*g.SERVICE, g.NO_APPEAL)),
    Way(K.SERVE_LETTER, "sent", K.SERVE_LETTER, guards=(g.BY_OTHERS, *g.SERVICE)),
    Way(K.SERVE_LETTER, "no", K.SERVE_LETTER),
    Way(K.ANSWER_LETTER, "next", K.DRAFT_LETTER, letters.stage_above, g.NEXT_RUNG),
    Way(K.ANSWER_LETTER, "wait", K.ANSWER_LETTER, guards=(g.WAIT_NOT_TOO_LONG,)),
    Way(K.CONFIRM_RETURN, "confirmed", K.FOLLOW_UP, S.FOLLOW_UP, g.RETURN, (K.PLATFORM_MARK,)),
    Way(K.CONFIRM_RETURN, "not_back"),
    *(
        way
        for outcome in ("stable", "wavering", "absent_again")
        for way in (
            Way(K.FOLLOW_UP, outcome, K.FOLLOW_UP, when=CHECKS_LEFT),
            Way(K.FOLLOW_UP, outcome, K.PROPOSE_CLOSURE),
        )
    ),
    Way(
        K.PROPOSE_CLOSURE, "proposed", K.APPROVE_CLOSURE,
        guards=(g.BRANCH_PROVED, g.NOTHING_OPEN), when=ON_BRANCH,
    ),
    Way(K.PROPOSE_CLOSURE, "proposed", K.APPROVE_CLOSURE, guards=g.CLOSURE),
    Way(K.APPROVE_CLOSURE, "approved", to=S.CLOSED, guards=(g.NOTHING_OPEN,), ends=True),
    Way(
        K.APPROVE_CLOSURE, "proof_fails", K.PERSUASION_LED, S.REPORTED, (g.ON_BRANCH,), when=REPORTED_BEFORE
    ),
    Way(K.APPROVE_CLOSURE, "proof_fails", K.PERSUASION, S.PERSUASION, (g.ON_BRANCH,)),
    Way(K.APPROVE_CLOSURE, "sent_back", K.BRANCH_REVIEW, when=REVIEWED),
    Way(K.APPROVE_CLOSURE, "sent_back", K.PROPOSE_CLOSURE),
    Way(K.PLATFORM_MARK, "marked"),
    Way(K.DECIDE_REQUEST, "approved", K.BRANCH_REVIEW, S.BRANCH, g.TERM, (K.TEACH_AT_HOME, K.PLATFORM_MARK), TAUGHT),
    Way(K.DECIDE_REQUEST, "approved", K.BRANCH_REVIEW, S.BRANCH, g.TERM, (K.PLATFORM_MARK,), _effect(Effect.PARK)),
    Way(K.DECIDE_REQUEST, "approved", K.PROPOSE_CLOSURE, S.BRANCH, when=_effect(Effect.FINAL)),
    Way(K.DECIDE_REQUEST, "approved", to=S.CANCELLED, guards=g.CANCELLING, when=_effect(Effect.CANCEL), ends=True),
    Way(K.DECIDE_REQUEST, "approved", opens=(K.ANSWER_REFERRAL, K.REPLY_REFERRAL), when=WITH_LIAISON),
    Way(K.DECIDE_REQUEST, "approved", opens=(K.ANSWER_REFERRAL,), when=_effect(Effect.REFER)),
    Way(K.DECIDE_REQUEST, "approved", when=_effect(Effect.HAND_OVER)),
    *(
        Way(K.DECIDE_REQUEST, "approved", kind, stage, (g.UNTOUCHED,), when=_undoes(kind))
        for kind, stage in BACK_TO.items()
    ),
    Way(
        K.DECIDE_REQUEST, "approved", K.VERIFY, S.VERIFY, (g.NO_NEWER,), when=_effect(Effect.REOPEN), anew=True
    ),
    Way(K.DECIDE_REQUEST, "approved", K.PERSUASION_LED, S.REPORTED, when=ANNULLED),
    Way(K.DECIDE_REQUEST, "approved", when=_effect(Effect.NOTE)),
    Way(K.DECIDE_REQUEST, "refused"),
    Way(K.BRANCH_REVIEW, "goes_on", K.BRANCH_REVIEW, guards=g.TERM),
    Way(K.BRANCH_REVIEW, "settled", K.PROPOSE_CLOSURE, guards=(g.BRANCH_PROVED,)),
    Way(K.BRANCH_REVIEW, "failed", K.PERSUASION_LED, S.REPORTED, when=REPORTED_BEFORE),
    Way(K.BRANCH_REVIEW, "failed", K.VERIFY, S.VERIFY, when=FOUND_AGAIN),
    Way(K.BRANCH_REVIEW, "failed", K.PERSUASION, S.PERSUASION),
    Way(K.ANSWER_REFERRAL, "answered"),
    Way(K.ANSWER_REFERRAL, "withdrawn"),
    Way(K.ANSWER_REFERRAL, "reminded", opens=(K.ANSWER_REFERRAL,)),
    Way(K.REPLY_REFERRAL, "replied"),
    Way(K.ACCEPT_APPEAL, "accepted", opens=(K.DECIDE_REQUEST,)),
    Way(K.ACCEPT_APPEAL, "refused"),
    Way(K.CONFERENCE, "held"),
    Way(K.HELP, "done"),
    Way(K.HELP, "dropped"),
    Way(K.PROTECT, "reported"),
    Way(K.PROTECT, "known"),
    *_repairs(),
    Way(K.TEACH_AT_HOME, "taught", opens=(K.TEACH_AT_HOME,), when=STILL_TAUGHT),
    Way(K.TEACH_AT_HOME, "taught"),
    Way(K.ANSWER_NOTICE, "replied"),
)  # fmt: skip


def way_of(step: Step, data: Data, at: datetime) -> Way:
    """The way that the answers of a form take. DomainError for an answer that leads nowhere."""
    answer = str(data.get(KINDS[step.kind].field, ""))
    found = next(
        (way for way in WAYS if way.kind == step.kind and way.fits(step, answer, at)), None
    )
    if found is None:
        raise DomainError(_("This answer leads nowhere from here. Please look at the case again."))
    return found


def allowed(way: Way, step: Step, data: Data, at: datetime) -> None:
    """Ask every guard of the way. DomainError of the first that refuses."""
    for guard in way.guards:
        guard.check(step, data, at)
