"""Cases standing before a step: what each way out of it needs to be open."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from viewflow.workflow.models import Task

from casework.cases import matters, proposing
from casework.cases.helping import call_conference, give_help
from casework.cases.kinds import Kind, Track
from casework.cases.models import Case, Matter, Step
from casework.cases.protection import report_harm
from casework.cases.side_roads import SIDE_ROADS, Effect
from casework.cases.supervision import raise_notice
from casework.cases.ways import Way
from casework.core.clock import local_date, moved_to
from tests.world import BACK, World, day, do, fresh, open_case, open_step, report_back, walk
from workflows.demo import typed
from workflows.side_forms import ask_form
from workflows.stuck import open_repairs


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
        proposing.propose_reports(day(self.case, 8, 8))
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
        wakes = open_step(self.case, Kind.ANSWER_LETTER).opens_at
        self.days = (local_date(wakes) - local_date(self.case.opened_at)).days
        return self

    def ordered(self) -> "Stand":
        """The notice was not obeyed, the order is signed off."""
        self.served().step(Kind.ANSWER_LETTER, decision="next")
        self.step(Kind.DRAFT_LETTER)
        self.step(Kind.SIGN_LETTER)
        return self

    def asked(self, code: str) -> "Stand":
        with moved_to(self.at()):
            form = ask_form(code)(typed.asked(self.case, code, self.at()))
            assert form.is_valid()
            by = fresh(self.world.officer if code == "HAND_OVER" else self.world.teacher)
            matters.ask(self.case, code, form.cleaned_data, by=by, at=self.at())
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

    def harmed(self) -> "Stand":
        """The class teacher saw what makes her fear for the child."""
        said = {"signs": ["neglect"], "danger": "no", "seen": "数日无人照料。"}
        with moved_to(self.at()):
            report_harm(self.case, said, by=fresh(self.world.teacher), at=self.at())
        return self

    def called(self) -> "Stand":
        """The class teacher calls a conference for today."""
        said = {**typed.CONFERENCE, "held_on": local_date(self.at())}
        with moved_to(self.at()):
            call_conference(self.case, said, by=fresh(self.world.teacher), at=self.at())
        return self

    def helped(self) -> "Stand":
        """The officer gives the class teacher a measure until tomorrow."""
        owner = self.world.teacher.posts.get()
        until = local_date(self.at()) + timedelta(days=1)
        said = {"measure": "TUTORING", "owner": owner, "until": until, "aim": "跟上数学。"}
        with moved_to(self.at()):
            give_help(self.case, said, by=fresh(self.world.officer), at=self.at())
        return self

    def stuck(self) -> "Stand":
        """The engine lost the turn of the case's work; the night found it."""
        turn = Step.objects.open().get(case=self.case, track=Track.MAIN).turn_ref
        Task.objects.filter(pk=turn).delete()
        assert open_repairs(at=self.at()) == 1
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
    K.SEND_REPORT: lambda s: (s.to(K.PERSUASION, 8), proposing.propose_reports(s.at(8))),
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
    K.ACCEPT_APPEAL: lambda s: s.to(K.PERSUASION).asked("APPEAL_SCHOOL"),
    K.REPLY_REFERRAL: lambda s: s.to(K.PERSUASION).branch("CHILD_LABOUR"),
    K.CONFERENCE: lambda s: s.to(K.PERSUASION).called(),
    K.HELP: lambda s: s.to(K.PERSUASION).helped(),
    K.PROTECT: lambda s: s.to(K.PERSUASION).harmed(),
    K.REPAIR: lambda s: s.accepted().stuck(),
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


# the last step of a case undone, by the words of its kind
UNDONE: dict[str, Prepare] = {
    "verify whereabouts": lambda s: s.to(K.HOME_VISIT).asked("UNDO"),
    "home visit": lambda s: s.to(K.PERSUASION).asked("UNDO"),
    "persuasion": lambda s: (s.to(K.PERSUASION), s.step(K.PERSUASION, result="not_yet"), s.asked("UNDO")),
    "persuasion led by the township": lambda s: (
        s.reported(), s.step(K.PERSUASION_LED, result="not_yet"), s.asked("UNDO")
    ),
    "follow-up check": lambda s: s.followed(2).asked("UNDO"),
}  # fmt: skip
# what tells apart ways of the same answer, by the words of their condition
CONDITIONS: dict[str, Prepare] = {
    "a repeat case, and visits are left": lambda s: s.again(),
    "a repeat case": _twice_visited,
    "the township has accepted the report, the child is still away": lambda s: s.accepted(),
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
    "a referral to a department with a liaison": lambda s: s.to(K.PERSUASION).asked("CHILD_LABOUR"),
    **UNDONE,
    "a hand-over of the case": lambda s: s.to(K.PERSUASION).asked("HAND_OVER"),
    "an appeal against what the township ordered": lambda s: (
        s.ordered().asked("APPEAL_OFFICE").step(K.ACCEPT_APPEAL)
    ),
    "a closed case": lambda s: (s.closed(), s.asked("REOPENING")),
    "an appeal or a correction": lambda s: s.to(K.PERSUASION).asked("CORRECTION"),
}  # fmt: skip
# a case whose work broke off, by the words of its kind
STUCK: dict[str | None, Prepare] = {
    "register the suspected dropout": lambda s: s.to(K.REGISTER, 1).stuck(),
    "verify whereabouts": lambda s: s.to(K.VERIFY).stuck(),
    "home visit": lambda s: s.to(K.HOME_VISIT).stuck(),
    "persuasion": lambda s: s.to(K.PERSUASION).stuck(),
    "persuasion led by the township": lambda s: s.reported().stuck(),
    "draft the letter": lambda s: s.accepted().stuck(),
    "check and sign off the letter": lambda s: s.drafted().stuck(),
    "serve the letter": lambda s: s.signed().stuck(),
    "see whether the letter is obeyed": lambda s: s.served().stuck(),
    "see how the child is": lambda s: s.to(K.PERSUASION).branch("SUSPENSION").stuck(),
    "follow-up check": lambda s: s.followed(1).stuck(),
    "propose closure": lambda s: s.to(K.PROPOSE_CLOSURE, BACK + 31).stuck(),
    "approve closure": lambda s: s.to(K.APPROVE_CLOSURE, BACK + 32).stuck(),
}
# ways that are open only when the condition of the way before them does not hold
OTHERWISE: dict[tuple[str, str, str | None], Prepare] = {
    (K.SEND_REPORT, "resent", "reported before"): lambda s: (
        s.reported(), s.step(K.ACCEPT_TOWNSHIP, decision="returned", reason="补充。")
    ),
    **{(K.REPAIR, "restarted", words): prepare for words, prepare in STUCK.items()},
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


def main_step(case: Case) -> str | None:
    kinds = Step.objects.open().filter(case=case, track=Track.MAIN).values_list("kind", flat=True)
    return next(iter(kinds), None)
