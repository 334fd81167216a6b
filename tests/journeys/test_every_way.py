"""Every row of docs/roads.md, walked in both directions: open, it arrives; with one guard missing, it is refused (issue proof)."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from casework.cases import ladder, matters
from casework.cases.kinds import KINDS, Kind, Stage, Track
from casework.cases.models import Case, Matter, Step
from casework.cases.side_roads import SIDE_ROADS, Effect
from casework.cases.supervision import raise_notice
from casework.cases.ways import WAYS, Way
from casework.core.clock import local_date, moved_to
from casework.core.errors import DomainError
from casework.profiles.rules import baseline, publish
from casework.students.models import Absence, RollCall
from tests.world import BACK, World, day, do, fresh, open_case, open_step, report_back, walk
from workflows.demo import typed
from workflows.invariants import engine_problems
from workflows.side_forms import ask_form

pytestmark = pytest.mark.django_db


class Stand:
    """A case standing before a step, and the day it is."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.case = open_case(world, world.yun)
        self.days = 0
        self.said: dict[str, Any] = {}

    def at(self, hour: int = 15) -> datetime:
        return day(self.case, self.days, hour)

    def step(self, kind: str, **said: Any) -> None:
        do(self.case, kind, self.at(), **said)
        self.days += 1

    def to(self, until: str, days: int = 5) -> "Stand":
        walk(self.world, self.case, until=until)
        self.days = days
        return self

    def again(self) -> "Stand":
        """The second episode of a child that left again."""
        self.to(Kind.FOLLOW_UP)
        self.case = open_case(self.world, self.world.yun, at=day(self.case, BACK + 5))
        self.days = 0
        self.step(Kind.REGISTER)
        self.step(Kind.VERIFY, found="local")
        return self

    def reported(self) -> "Stand":
        self.to(Kind.PERSUASION)
        ladder.propose_reports(day(self.case, 8, 8))
        self.days = 8
        self.step(Kind.SEND_REPORT, decision="send")
        return self

    def accepted(self) -> "Stand":
        self.reported().step(Kind.ACCEPT_TOWNSHIP, decision="accepted")
        return self

    def drafted(self) -> "Stand":
        self.accepted().step(Kind.DRAFT_LETTER)
        return self

    def signed(self) -> "Stand":
        self.drafted().step(Kind.SIGN_LETTER)
        return self

    def served(self) -> "Stand":
        self.signed().step(Kind.SERVE_LETTER)
        self.days += 8
        return self

    def asked(self, code: str) -> "Stand":
        with moved_to(self.at()):
            form = ask_form(code)(typed.asked(self.case, code, self.at()))
            assert form.is_valid()
            teacher = fresh(self.world.teacher)
            matters.ask(self.case, code, form.cleaned_data, by=teacher, at=self.at())
        self.days += 1
        return self

    def branch(self, code: str) -> "Stand":
        self.asked(code).step(Kind.DECIDE_REQUEST)
        wakes = Matter.objects.get(case=self.case, code=code).wakes_at
        if wakes:
            self.days = (local_date(wakes) - local_date(self.case.opened_at)).days
        return self

    def supervised(self) -> "Stand":
        """The talk of persuasion is late; the county's supervisor raises a notice."""
        with moved_to(self.at()):
            late, by = open_step(self.case, K.PERSUASION), fresh(self.world.supervisor)
            demand = {
                "demand": "请立即办理。",
                "reply_by": local_date(self.at()) + timedelta(days=3),
            }
            raise_notice(late, demand, by=by, at=self.at())
        self.days += 1
        return self

    def back(self) -> "Stand":
        self.to(Kind.PERSUASION, BACK)
        report_back(self.world, self.case, self.at(9))
        return self

    def closed(self) -> None:
        walk(self.world, self.case)
        self.days = BACK + 33

    def followed(self, checks: int) -> "Stand":
        self.to(Kind.FOLLOW_UP, BACK)
        for number in range(checks):
            do(self.case, Kind.FOLLOW_UP, day(self.case, BACK + (3, 7, 14)[number]))
        self.days = BACK + (3, 7, 14, 30)[checks]
        return self


K = Kind
Prepare = Callable[[Stand], object]
STANDS: dict[str, Prepare] = {
    K.REGISTER: lambda s: s.to(K.REGISTER, 0),
    K.VERIFY: lambda s: s.to(K.VERIFY, 1),
    K.HOME_VISIT: lambda s: s.to(K.HOME_VISIT, 2),
    K.PERSUASION: lambda s: s.to(K.PERSUASION),
    K.PERSUASION_LED: lambda s: s.reported(),
    K.SEND_REPORT: lambda s: (s.to(K.PERSUASION, 8), ladder.propose_reports(s.at(8))),
    K.ACCEPT_TOWNSHIP: lambda s: s.reported(),
    K.ACCEPT_COUNTY: lambda s: s.reported(),
    K.DRAFT_LETTER: lambda s: s.accepted(),
    K.SIGN_LETTER: lambda s: s.drafted(),
    K.SERVE_LETTER: lambda s: s.signed(),
    K.ANSWER_LETTER: lambda s: s.served(),
    K.CONFIRM_RETURN: lambda s: s.back(),
    K.FOLLOW_UP: lambda s: s.followed(0),
    K.PROPOSE_CLOSURE: lambda s: s.to(K.PROPOSE_CLOSURE, BACK + 31),
    K.APPROVE_CLOSURE: lambda s: s.to(K.APPROVE_CLOSURE, BACK + 32),
    K.PLATFORM_MARK: lambda s: s.to(K.PLATFORM_MARK, 0),
    K.DECIDE_REQUEST: lambda s: s.to(K.PERSUASION).asked("ON_LEAVE"),
    K.BRANCH_REVIEW: lambda s: s.to(K.PERSUASION).branch("SUSPENSION"),
    K.ANSWER_REFERRAL: lambda s: s.to(K.PERSUASION).branch("REFERRAL"),
    K.ANSWER_NOTICE: lambda s: s.to(K.PERSUASION, 9).supervised(),
    K.TEACH_AT_HOME: lambda s: s.to(K.PERSUASION).branch("HOME_TEACHING"),
}


def _twice_visited(stand: Stand) -> None:
    stand.again()
    for _visit in range(2):
        stand.step(K.HOME_VISIT, result="nobody")


def _sent_back_after_branch(code: str) -> Prepare:
    def prepare(stand: Stand) -> None:
        stand.to(K.PERSUASION).branch(code)
        if SIDE_ROADS[code].effect == Effect.PARK:
            stand.step(K.BRANCH_REVIEW, result="settled", proof="回执")
        stand.step(K.PROPOSE_CLOSURE)

    return prepare


# what tells apart ways of the same answer, by the words of their condition
CONDITIONS: dict[str, Prepare] = {
    "a repeat case, and visits are left": lambda s: s.again(),
    "a repeat case": _twice_visited,
    "the township has accepted the report, the child is still away": lambda s: s.accepted(),
    "it was sent before": lambda s: (
        s.reported(), s.step(K.ACCEPT_TOWNSHIP, decision="returned", reason="补充。")
    ),
    "checks are left": lambda s: s.followed(0),
    "on a side branch": lambda s: s.to(K.PERSUASION).branch("DECEASED"),
    "on a branch that is looked at again": _sent_back_after_branch("SUSPENSION"),
    "the child that was not to be found": lambda s: s.to(K.PERSUASION).branch("WHEREABOUTS_UNKNOWN"),
    "reported before": lambda s: s.reported().branch("SUSPENSION"),
    "teaching at home": lambda s: s.to(K.PERSUASION).asked("HOME_TEACHING"),
    "the branch runs": lambda s: s.to(K.PERSUASION).branch("HOME_TEACHING"),
    "a branch for which the road waits": lambda s: s.to(K.PERSUASION).asked("SUSPENSION"),
    "a branch whose proof ends the case": lambda s: s.to(K.PERSUASION).asked("EMIGRATED"),
    "opened twice or by mistake": lambda s: s.to(K.PERSUASION).asked("FALSE_ALARM"),
    "a referral": lambda s: s.to(K.PERSUASION).asked("REFERRAL"),
    "an appeal against an order that is under way": lambda s: s.signed().asked("APPEAL_OFFICE"),
    "a closed case": lambda s: (s.closed(), s.asked("REOPENING")),
    "an appeal or a correction": lambda s: s.to(K.PERSUASION).asked("APPEAL_SCHOOL"),
}  # fmt: skip
# ways that are open only when the condition of the way before them does not hold
OTHERWISE: dict[tuple[str, str, str | None], Prepare] = {
    (K.APPROVE_CLOSURE, "proof_fails", None): _sent_back_after_branch("DECEASED"),
    (K.APPROVE_CLOSURE, "proof_fails", "reported before"): lambda s: (
        s.reported().branch("DECEASED"), s.step(K.PROPOSE_CLOSURE)
    ),
    (K.FOLLOW_UP, "stable", None): lambda s: s.followed(3),
    (K.FOLLOW_UP, "wavering", None): lambda s: s.followed(3),
    (K.FOLLOW_UP, "absent_again", None): lambda s: s.followed(3),
    (K.ACCEPT_TOWNSHIP, "accepted", None): lambda s: (
        s.reported(), report_back(s.world, s.case, s.at(9)), s.step(K.CONFIRM_RETURN)
    ),
    (K.TEACH_AT_HOME, "taught", None): lambda s: (
        s.to(K.PERSUASION).branch("HOME_TEACHING"), Matter.objects.update(settled_at=s.at())
    ),
}  # fmt: skip


def stand_before(world: World, way: Way) -> Stand:
    """A case for which this way, and no other of the same answer, is open."""
    stand = Stand(world)
    words = str(way.when.words) if way.when else None
    if way.kind in (K.PERSUASION_LED,) and words:
        stand.accepted().step(K.DRAFT_LETTER, decision="talk_first", reason="先面谈。")
    elif way.kind == K.ACCEPT_TOWNSHIP and words:
        stand.reported()
    else:
        own = OTHERWISE.get((way.kind, way.outcome, words))
        (own or (CONDITIONS[words] if words else STANDS[way.kind]))(stand)
    return stand


def answers(way: Way, stand: Stand) -> dict[str, Any]:
    """What is chosen to take this way, with what the choice then asks for."""
    field = KINDS[way.kind].field
    soon = (local_date(stand.at()) + timedelta(days=5)).isoformat()
    more: dict[str, Any] = {
        "promised_day": soon, "wait_until": soon, "reason_to_wait": "约好返校。", "reason": "需要补充。", "action": "谈话。",
        "note": "未见到学生。", "opinion": "已审阅。", "proof": "回执", "measures": ["TALK"], "number": "收18",
    }  # fmt: skip
    if way.kind in (K.HOME_VISIT, K.SEND_REPORT, K.VERIFY, K.REGISTER):
        more["reason"] = "LEARN"
    if way.outcome == "sent" and way.kind == K.SERVE_LETTER:
        more |= {"method": "mail", "tracking": "EY12"}
    return more | ({field: way.answer or way.outcome} if field else {}) | stand.said


def take(way: Way, stand: Stand) -> None:
    do(stand.case, way.kind, stand.at(), **answers(way, stand))


def named(way: Way) -> str:
    return f"{way.kind}-{way.outcome}-{way.when.words if way.when else 'else'}".replace(" ", "_")


def main_step(case: Case) -> str | None:
    kinds = Step.objects.open().filter(case=case, track=Track.MAIN).values_list("kind", flat=True)
    return next(iter(kinds), None)


@pytest.mark.parametrize("way", WAYS, ids=named)
def test_a_way_that_is_open_arrives(world: World, way: Way) -> None:
    stand = stand_before(world, way)
    before, stage = main_step(stand.case), Case.objects.get(pk=stand.case.pk).stage
    take(way, stand)
    case = Case.objects.get(pk=stand.case.pk)
    done = Step.objects.filter(case=case, kind=way.kind).exclude(finished_at=None).latest("number")
    assert done.outcome == way.outcome
    assert main_step(case) == (None if way.ends else way.leads or before)
    assert case.stage == (way.to if isinstance(way.to, Stage) else case.stage if way.to else stage)
    for kind in way.opens:
        assert Step.objects.open().filter(case=case, kind=kind).exists(), kind
    assert list(engine_problems()) == []


def _guards(stand: Stand, **limits: int) -> None:
    _publish(stand, "guards", baseline()["guards"] | limits)


def _publish(stand: Stand, section: str, said: Any) -> None:
    first = date(2026, 9, 1)
    publish(
        stand.world.county,
        baseline() | {section: said},
        name="更严",
        valid_from=first,
        by=None,
        at=stand.at(),
    )


def _matter(stand: Stand) -> Any:
    return Matter.objects.filter(case=stand.case, settled_at=None)


def _facts(stand: Stand, **facts: Any) -> None:
    matter = _matter(stand).get()
    matter.facts |= facts
    matter.save()


def _absent(stand: Stand, at: datetime) -> None:
    Absence.objects.create(
        pupil=stand.case.pupil, day=local_date(at), mark="absent", source="表", row=3
    )


def _appealed_court(stand: Stand) -> None:
    _matter(stand).update(code="court")
    Matter.objects.create(
        case=stand.case,
        kind="appeal",
        code="APPEAL_OFFICE",
        unit=stand.case.school,
        opened_at=stand.at(),
    )


def _say(**said: Any) -> Prepare:
    return lambda stand: stand.said.update(said)


def _seen_before(stand: Stand) -> None:
    stand.said["seen_on"] = (local_date(stand.at()) - timedelta(days=1)).isoformat()


# how each guard is made to miss, and what the refusal says
MISSING: dict[str, tuple[Prepare, str]] = {
    "joint_visit": (
        lambda s: (Case.objects.filter(pk=s.case.pk).update(episode=2), s.said.update(visitors="林秀英、郑海")),
        "together with the village",
    ),
    "not_reported": (lambda s: Case.objects.filter(pk=s.case.pk).update(reported_at=s.at()), "sent back"),
    "wait": (_say(wait_until="2029-01-01"), "at most 30 days"),
    "report_due": (lambda s: _guards(s, days_before_report=90), "days after the suspicion"),
    "visits": (lambda s: _guards(s, visits_before_report=9), "needs 9 visits"),
    "both_lines": (lambda s: s.case.visits.update(joint=False, line="education"), "Both lines"),
    "sent_back_once": (lambda s: _guards(s, return_times_a_report_may_be_sent_back=0), "sent back once"),
    "legal_review": (
        lambda s: (_matter(s).update(code="order"), s.said.update(reviewed="")), "justice office",
    ),
    "legal_basis": (lambda s: _facts(s, legal_basis=""), "no legal basis"),
    "no_appeal": (_appealed_court, "appeal against the order is pending"),
    "served_after": (lambda s: _facts(s, signed_on="2027-01-01"), "cannot have been served before"),
    "no_newer": (
        lambda s: open_case(s.world, s.world.yun, at=s.at()), "has an open case already"
    ),
    "on_branch": (
        lambda s: Matter.objects.filter(case=s.case).update(parks=False), "on no side branch"
    ),
    "not_parked": (
        lambda s: Matter.objects.create(
            case=s.case, kind="branch", code="ON_LEAVE", unit=s.case.school, opened_at=s.at(), parks=True
        ),
        "the road waits",
    ),
    "by_others": (_say(method="direct"), "served at once"),
    "term_over": (lambda s: _matter(s).update(wakes_at=s.at() + timedelta(days=3)), "not over yet"),
    "still_absent": (
        lambda s: RollCall.objects.create(class_unit=s.case.class_unit, day=local_date(s.at()), source="表"),
        "was in class",
    ),
    "rung_ahead": (
        lambda s: _publish(s, "letters", baseline()["letters"] | {"ladder": ["return_notice"]}),
        "no further letter",
    ),
    "seen_after": (_seen_before, "confirm that day or a later one"),
    "roll_present": (lambda s: _absent(s, s.at()), "absent without leave"),
    "no_absence": (lambda s: _absent(s, s.at()), "Unexcused absence"),
    "days_back": (lambda s: _guards(s, days_present_before_closure=300), "after the return"),
    "nothing_open": (
        lambda s: Matter.objects.create(
            case=s.case, kind="referral", code="REFERRAL", unit=s.case.school, opened_at=s.at()
        ),
        "is answered, decided or withdrawn first",
    ),
    "branch_proved": (lambda s: _matter(s).update(code="WHEREABOUTS_UNKNOWN"), "never closes"),
    "term_not_over": (lambda s: _matter(s).update(ends_on=local_date(s.at()) - timedelta(days=1)), "Its term is over"),
}  # fmt: skip


def refusals() -> Iterator[tuple[Way, str]]:
    for way in WAYS:
        for guard in way.guards:
            yield way, guard.code


@pytest.mark.parametrize(
    ("way", "code"), list(refusals()), ids=[f"{named(way)}-{code}" for way, code in refusals()]
)
def test_a_way_whose_guard_is_missing_is_refused_with_the_reason(
    world: World, way: Way, code: str
) -> None:
    stand = stand_before(world, way)
    miss, reason = MISSING[code]
    miss(stand)
    before, stage = main_step(stand.case), Case.objects.get(pk=stand.case.pk).stage
    with pytest.raises(DomainError, match=reason):
        take(way, stand)
    assert (main_step(stand.case), Case.objects.get(pk=stand.case.pk).stage) == (before, stage)
    assert open_step(stand.case, way.kind).is_open


def test_every_guard_can_be_missed() -> None:
    assert set(MISSING) == {code for _way, code in refusals()}
