"""A county where anything may happen next: legal acts and illegal ones, chosen by whoever calls; used by the property test and the bench."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from casework.cases import helping, matters, proposing, protection, side, steps, together
from casework.cases.kinds import KINDS, Measure
from casework.cases.models import Case, HarmReport, Step
from casework.cases.side_roads import SIDE_ROADS
from casework.cases.supervision import raise_notice
from casework.cases.ways import WAYS
from casework.core.clock import local_date, moved_to
from casework.core.errors import DomainError
from casework.core.fsm import TransitionNotAllowed
from casework.org.models import User
from casework.org.people import candidates
from casework.org.roles import Role
from tests.world import World, fresh, suspect
from workflows.complete import complete
from workflows.demo import typed
from workflows.forms import FORMS
from workflows.side_forms import ProtectForm, ask_form
from workflows.start import return_from, start_case
from workflows.together import complete_together

T = TypeVar("T")
Choose = Callable[[Sequence[Any]], Any]
REFUSED = (DomainError, TransitionNotAllowed)
WORKERS = [
    "officer", "principal", "teacher", "teacher_two", "status", "township", "leader", "county_officer", "far_officer",
    "far_teacher", "far_township",
]  # fmt: skip


@dataclass
class Walker:
    """`choose` picks the next act, its actor and its answers; `log` says what was done and whether it was refused."""

    world: World
    choose: Choose
    at: datetime
    log: list[str] = field(default_factory=list)
    done: int = 0

    def __post_init__(self) -> None:
        """Two of the pupils are brother and sister: what is done for one may be done for both."""
        self.world.qi.guardians.update(name=self.world.yun.guardians.get().name)

    def act(self) -> None:
        """One act at the moment of the walk; a refusal is an outcome like any other."""
        act = self.choose(ACTS)
        with moved_to(self.at):
            try:
                act(self)
                self.log.append(act.__name__)
            except REFUSED as refused:
                self.log.append(f"{act.__name__}: {refused}")

    def someone(self) -> User:
        return fresh(self.world.people[self.choose(WORKERS)])

    def step(self) -> Step | None:
        rows = Step.objects.open().select_related(
            "unit", "holder", "case__school", "case__pupil", "matter"
        )
        found = [step for step in rows.order_by("pk") if step.is_ready(self.at)]
        return self.choose(found) if found else None

    def case(self) -> Case | None:
        found = list(Case.objects.open().order_by("pk"))
        return self.choose(found) if found else None


def open_case(walk: Walker) -> None:
    """A suspicion about any pupil, opened by the school's officer: a second episode, or refused while one is open."""
    pupil = walk.world.pupils[walk.choose(sorted(walk.world.pupils))]
    finding = suspect(walk.world, pupil, at=walk.at)
    officer = candidates(Role.SCHOOL_CASE_OFFICER, finding.unit, walk.at)[1][0]
    start_case(finding, by=fresh(officer), at=walk.at)


def work(walk: Walker) -> None:
    """Whoever may does an open step, with any answer of its kind."""
    step = walk.step()
    if step is None:
        return
    if step.holder is None:
        people = [
            p for p in candidates(step.role, step.unit, walk.at)[1] if p.pk != step.asked_by_id
        ]
        if not people:
            return
        steps.take_step(step, by=fresh(people[0]), at=walk.at)
    assert step.holder is not None
    _finish(walk, step, fresh(step.holder))


def _finish(walk: Walker, step: Step, by: User) -> None:
    form = FORMS[step.kind](typed.answers(step, by, walk.at, _answer(walk, step)))
    if not form.is_valid():
        return
    chosen = [each for each in together.beside(step, by, walk.at) if walk.choose([True, False])]
    if others := chosen + together.bound(step):
        complete_together(step, others, form.cleaned_data, by=by, at=walk.at)
    else:
        together.refuse_bound(step)
        complete(step.pk, form.cleaned_data, by=by, at=walk.at)
    walk.done += 1 + len(others)


def _answer(walk: Walker, step: Step) -> dict[str, Any]:
    soon = (local_date(walk.at) + timedelta(days=3)).isoformat()
    field_name = KINDS[step.kind].field
    ways = [way for way in WAYS if way.kind == step.kind]
    answer = walk.choose([way.answer or way.outcome for way in ways])
    said = {
        "promised_day": soon, "wait_until": soon, "reason_to_wait": "约好返校。", "note": "未见到。", "action": "谈话。",
        "proof": "回执", "seen_on": local_date(walk.at).isoformat(), "reason": "LEARN", "measures": ["TALK"],
    }  # fmt: skip
    return said | ({field_name: answer} if field_name else {})


def meddle(walk: Walker) -> None:
    """Anybody at all tries to finish any open step."""
    step, by = walk.step(), walk.someone()
    if step is None:
        return
    mine = step.holder_id == by.pk
    before = walk.done
    try:
        _finish(walk, step, by)
    finally:
        assert mine or walk.done == before, "somebody finished a step that was not his"


def claim(walk: Walker) -> None:
    step, by = walk.step(), walk.someone()
    if step:
        steps.take_step(step, by=by, at=walk.at)


def give_back(walk: Walker) -> None:
    step = walk.step()
    if step and step.holder:
        steps.release_step(step, reason="有事", by=step.holder, at=walk.at)


def come_back(walk: Walker) -> None:
    """Somebody says that a child is back."""
    case = walk.case()
    if case:
        side.report_return(case, day=local_date(walk.at), note="", by=walk.someone(), at=walk.at)


def ask(walk: Walker) -> None:
    """Somebody asks for any side road."""
    cases, code = list(Case.objects.order_by("pk")), walk.choose(sorted(SIDE_ROADS))
    if cases:
        case = walk.choose(cases)
        form = ask_form(code)(typed.asked(case, code, walk.at))
        assert form.is_valid(), form.errors
        matters.ask(case, code, form.cleaned_data, by=walk.someone(), at=walk.at)


def give_help(walk: Walker) -> None:
    """Somebody gives a measure to one of those who may have it."""
    case, by = walk.case(), walk.someone()
    owners = helping.owners_for(case, walk.at) if case else []
    if case and owners:
        until = local_date(walk.at) + timedelta(days=walk.choose([-1, 1, 9]))
        said = {"measure": walk.choose(list(Measure)).value, "until": until, "aim": "跟上课程。"}
        helping.give_help(case, {**said, "owner": walk.choose(owners)}, by=by, at=walk.at)


def call_conference(walk: Walker) -> None:
    case, by = walk.case(), walk.someone()
    if case:
        day = local_date(walk.at) + timedelta(days=walk.choose([-1, 0, 2]))
        helping.call_conference(case, {**typed.CONFERENCE, "held_on": day}, by=by, at=walk.at)


def raise_a_notice(walk: Walker) -> None:
    """The county's supervisor, or somebody who may not, objects to a step that may be late."""
    step, by = walk.step(), walk.choose([fresh(walk.world.supervisor), walk.someone()])
    if step:
        reply_by = local_date(walk.at) + timedelta(days=3)
        demand = {"demand": "请立即办理。", "reply_by": reply_by}
        raise_notice(step, demand, by=by, at=walk.at)


def report_harm(walk: Walker) -> None:
    """Somebody saw what makes him fear for a child, with a case or without one."""
    pupil = walk.world.pupils[walk.choose(sorted(walk.world.pupils))]
    case, by = Case.objects.filter(pupil=pupil).order_by("-pk").first(), walk.someone()
    if case:
        protection.report_harm(case, typed.HARM, by=by, at=walk.at)
    else:
        protection.report_harm_of(pupil, typed.HARM, by=by, at=walk.at)


def answer_harm(walk: Walker) -> None:
    """Anybody at all answers a report of harm without a case; only those whose work it is get through."""
    reports, by = list(HarmReport.objects.order_by("pk")), walk.someone()
    if reports:
        report = walk.choose(reports)
        form = ProtectForm(typed.protected(walk.at))
        assert form.is_valid(), form.errors
        protection.answer_harm(report, form.cleaned_data, by=by, at=walk.at)


def time_passes(walk: Walker) -> None:
    """Days go by, and the sweep comes."""
    walk.at += timedelta(days=walk.choose([1, 1, 2, 3, 4, 8, 15]))
    proposing.propose_reports(walk.at)
    for matter in list(matters.ended(walk.at)):
        return_from(matter, at=walk.at)


ACTS = [
    open_case, *[work] * 6, meddle, claim, give_back, come_back, ask, ask, give_help, call_conference, raise_a_notice,
    report_harm, answer_harm, time_passes, time_passes,
]  # fmt: skip
