"""The roads beside the main one: asked for with proof, decided by a second person, looked at again (domain.md 2.4, 2.5)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from casework.cases import checks, matters
from casework.cases.kinds import Kind, Outcome, Stage
from casework.cases.models import Case, Matter, Step
from casework.cases.side_roads import PARKED, SIDE_ROADS, WITH_TERM, Effect
from casework.core.clock import end_of, local_date, moved_to
from casework.core.errors import DomainError
from casework.documents.models import Document
from casework.org.departments import DEPARTMENTS
from casework.org.models import User
from tests.world import (
    World,
    day,
    decide,
    do,
    fresh,
    open_case,
    open_step,
    report_back,
    walk,
)
from workflows import duties
from workflows.demo import typed
from workflows.invariants import engine_problems
from workflows.models import CaseProcess
from workflows.side_forms import ask_form
from workflows.start import return_from

pytestmark = pytest.mark.django_db
OF_OPEN_CASES = sorted(code for code, road in SIDE_ROADS.items() if road.effect != Effect.REOPEN)
BRANCHES = sorted(code for code, road in SIDE_ROADS.items() if road.kind == "branch")
CLOSING = sorted(code for code in PARKED if SIDE_ROADS[code].closes)
FINAL = sorted(code for code, road in SIDE_ROADS.items() if road.effect == Effect.FINAL)
CANCELS = sorted(code for code, road in SIDE_ROADS.items() if road.effect == Effect.CANCEL)
REFERS = sorted(code for code, road in SIDE_ROADS.items() if road.effect == Effect.REFER)


def signed_letter(case: Case, at: datetime) -> None:
    """What an appeal is against: an order of the township that was signed off and is over."""
    Matter.objects.get_or_create(
        case=case, kind="letter", code="order", unit=case.school, outcome="returned",
        defaults={"opened_at": at, "settled_at": at, "facts": {"signed_on": "2026-10-14"}},
    )  # fmt: skip


def decided_appeal(case: Case, at: datetime) -> None:
    """What a review is of."""
    Matter.objects.get_or_create(
        case=case, kind="appeal", code="APPEAL_SCHOOL", unit=case.school, outcome="decided",
        defaults={"opened_at": at, "settled_at": at},
    )  # fmt: skip


def ask(case: Case, code: str, at: datetime, by: User, **more: Any) -> Step:
    if code == "APPEAL_OFFICE":
        signed_letter(case, at)
    if code == "APPEAL_REVIEW":
        decided_appeal(case, at)
    with moved_to(at):
        form = ask_form(code)(typed.asked(case, code, at, **more))
        assert form.is_valid(), form.errors.as_json()
        return matters.ask(case, code, form.cleaned_data, by=fresh(by), at=at)


def branch(case: Case, code: str, world: World, days: int = 4, **more: Any) -> Matter:
    """Asked for by the class teacher, agreed to an hour later."""
    ask(case, code, day(case, days, 10), world.teacher, **more)
    decide(case, day(case, days, 11))
    return Matter.objects.get(case=case, code=code)


def open_main(case: Case) -> str:
    return Step.objects.open().get(case=case, track="main").kind


def stage(case: Case) -> str:
    return Case.objects.get(pk=case.pk).stage


def look(case: Case, days: int, **more: Any) -> None:
    do(case, Kind.BRANCH_REVIEW, day(case, days), **more)


def sound() -> None:
    assert [*checks.problems(), *engine_problems()] == []


def test_all_eighteen_branches_of_the_domain_are_there() -> None:
    """domain.md 2.4: two lines of it name two codes each."""
    named = (
        "ON_LEAVE SUSPENSION DEFERRAL HOME_TEACHING SPECIAL_SCHOOL SPECIALISED_SCHOOL WHEREABOUTS_UNKNOWN "
        "TRANSFER_OUT STUDYING_ELSEWHERE MIGRANT_WITH_PARENTS CHILD_LABOUR EARLY_MARRIAGE RELIGIOUS_STUDY "
        "JUSTICE_CUSTODY VOCATIONAL_PLACEMENT AGED_OUT COMPLETED DECEASED EMIGRATED DUPLICATE FALSE_ALARM"
    )
    assert sorted(named.split()) == BRANCHES


@pytest.mark.parametrize("code", sorted(PARKED))
def test_a_branch_waits_is_looked_at_and_comes_back(case: Case, world: World, code: str) -> None:
    matter = branch(case, code, world)
    assert (stage(case), open_main(case)) == (Stage.BRANCH, Kind.BRANCH_REVIEW)
    waits = open_step(case, Kind.BRANCH_REVIEW)
    assert waits.opens_at == matter.wakes_at and waits.about == matter
    days = (local_date(waits.opens_at) - local_date(case.opened_at)).days + 1
    look(case, days, result="failed")
    back = (
        (Stage.VERIFY, Kind.VERIFY)
        if code == "WHEREABOUTS_UNKNOWN"
        else (Stage.PERSUASION, Kind.PERSUASION)
    )
    assert (stage(case), open_main(case)) == back
    matter.refresh_from_db()
    assert matter.outcome == "failed"
    sound()


@pytest.mark.parametrize("code", CLOSING)
def test_a_branch_with_complete_proof_closes_with_its_reason(
    case: Case, world: World, code: str
) -> None:
    matter = branch(case, code, world)
    days = (local_date(matter.wakes_at) - local_date(case.opened_at)).days  # type: ignore[arg-type]
    look(case, days, result="settled", proof="接收学校回执")
    do(case, Kind.PROPOSE_CLOSURE, day(case, days, 16))
    do(case, Kind.APPROVE_CLOSURE, day(case, days, 17))
    closed = Case.objects.get(pk=case.pk)
    assert (closed.stage, closed.outcome) == (Stage.CLOSED, code)
    assert Outcome(closed.outcome).label
    assert (
        not Step.objects.open()
        .filter(case=case, matter=matter)
        .exclude(kind=Kind.PLATFORM_MARK)
        .exists()
    )
    sound()


@pytest.mark.parametrize("code", sorted(PARKED - set(CLOSING)))
def test_a_branch_that_never_closes(case: Case, world: World, code: str) -> None:
    """domain.md 2.4: unknown whereabouts never close; leave and custody end with their term."""
    matter = branch(case, code, world)
    days = (local_date(matter.wakes_at) - local_date(case.opened_at)).days  # type: ignore[arg-type]
    with pytest.raises(DomainError, match="never closes"):
        look(case, days, result="settled", proof="说明")


@pytest.mark.parametrize("code", FINAL)
def test_a_proof_that_ends_the_case_goes_to_the_county(case: Case, world: World, code: str) -> None:
    branch(case, code, world)
    assert (stage(case), open_main(case)) == (Stage.BRANCH, Kind.PROPOSE_CLOSURE)
    do(case, Kind.PROPOSE_CLOSURE, day(case, 5))
    do(case, Kind.APPROVE_CLOSURE, day(case, 6), decision="sent_back", opinion="补充材料。")
    assert open_main(case) == Kind.PROPOSE_CLOSURE
    do(case, Kind.PROPOSE_CLOSURE, day(case, 7))
    do(case, Kind.APPROVE_CLOSURE, day(case, 8))
    assert Case.objects.get(pk=case.pk).outcome == code
    sound()


@pytest.mark.parametrize("code", CANCELS)
def test_a_mistake_is_struck_out_by_a_second_person(case: Case, world: World, code: str) -> None:
    """domain.md 2.3: any → CANCELLED, never deleted."""
    step = ask(case, code, day(case, 4), world.officer)
    assert step.holder == world.county_officer
    decide(case, day(case, 5))
    struck = Case.objects.get(pk=case.pk)
    assert (struck.stage, struck.outcome, struck.is_open) == (Stage.CANCELLED, code, False)
    assert CaseProcess.objects.get(pk=case.process_ref).finished
    assert not Step.objects.open().filter(case=case, track="main").exists()
    sound()


@pytest.mark.parametrize("code", REFERS)
def test_a_referral_runs_beside_the_road_and_keeps_the_case_open(
    case: Case, world: World, code: str
) -> None:
    """domain.md 2.4: the case continues; the paper tells the department the least that it needs."""
    matter = branch(case, code, world)
    assert (stage(case), open_main(case)) == (Stage.PERSUASION, Kind.PERSUASION)
    paper = Document.objects.get(
        kind="P30", subject=f"step:{matter.steps.get(kind=Kind.DECIDE_REQUEST).pk}"
    )
    assert "控移" in paper.number and world.yun.address not in paper.record
    assert matters.blocking(case) == matter
    do(case, Kind.ANSWER_REFERRAL, day(case, 9), result="reminded")
    do(case, Kind.ANSWER_REFERRAL, day(case, 12))
    matter.refresh_from_db()
    assert (matter.outcome, matters.blocking(case)) == ("answered", None)
    sound()


def test_a_case_is_not_closed_while_a_referral_is_open(case: Case, world: World) -> None:
    branch(case, "CHILD_LABOUR", world)
    branch(case, "DECEASED", world, days=5)
    with pytest.raises(DomainError, match="is answered, decided or withdrawn first"):
        do(case, Kind.PROPOSE_CLOSURE, day(case, 6))
    do(case, Kind.ANSWER_REFERRAL, day(case, 6), result="withdrawn", found="学生已故，撤回。")
    do(case, Kind.PROPOSE_CLOSURE, day(case, 7))


@pytest.mark.parametrize("code", ["APPEAL_SCHOOL", "APPEAL_OFFICE", "APPEAL_REVIEW", "CORRECTION"])
def test_appeals_and_corrections_change_no_road(case: Case, world: World, code: str) -> None:
    step = ask(case, code, day(case, 4), world.officer)
    assert (matters.blocking(case) is not None, open_main(case)) == (True, Kind.PERSUASION)
    (paper,) = decide(case, day(case, 5), opinion="经复核，维持原处理。")
    assert paper.kind == SIDE_ROADS[code].paper and "维持原处理" in paper.record
    step.about.refresh_from_db()
    assert (step.about.outcome, matters.blocking(case)) == ("decided", None)
    sound()


@pytest.mark.parametrize("code", OF_OPEN_CASES)
def test_whoever_asks_does_not_decide(case: Case, world: World, code: str) -> None:
    """domain.md 2.3: maker ≠ checker, whoever asks."""
    for by in (world.principal, world.county_officer, world.township):
        Matter.objects.filter(case=case).update(settled_at=day(case, 4))
        step = ask(case, code, day(case, 4), by)
        assert step.holder != by and step.asked_by == by, (code, by)


@pytest.mark.parametrize("code", OF_OPEN_CASES)
def test_a_refusal_changes_nothing_and_may_be_asked_again(
    case: Case, world: World, code: str
) -> None:
    by = world.officer if code == "HAND_OVER" else world.teacher
    asked = ask(case, code, day(case, 4), by)
    (paper,) = do(case, asked.kind, day(case, 5), decision="refused", opinion="材料不全。")
    assert (paper.kind, stage(case), open_main(case)) == ("SR", Stage.PERSUASION, Kind.PERSUASION)
    ask(case, code, day(case, 6), by)
    sound()


@pytest.mark.parametrize("code", sorted(WITH_TERM))
def test_the_term_ends_and_the_case_goes_back_by_itself(
    case: Case, world: World, code: str
) -> None:
    """Issue point: automatic return to the main road when its term ends."""
    ends = local_date(case.opened_at) + timedelta(days=20)
    matter = branch(case, code, world, ends=ends.isoformat())
    with moved_to(end_of(ends) - timedelta(hours=1)):
        duties.sweep()
    assert stage(case) == Stage.BRANCH
    with moved_to(end_of(ends) + timedelta(minutes=1)):
        duties.sweep()
        duties.sweep()
    matter.refresh_from_db()
    assert (stage(case), open_main(case), matter.outcome) == (
        Stage.PERSUASION, Kind.PERSUASION, "ended",
    )  # fmt: skip
    sound()


def test_a_closure_under_way_is_not_taken_back_by_the_clock(case: Case, world: World) -> None:
    ends = local_date(case.opened_at) + timedelta(days=40)
    matter = branch(case, "SUSPENSION", world, ends=ends.isoformat())
    days = (local_date(matter.wakes_at) - local_date(case.opened_at)).days  # type: ignore[arg-type]
    look(case, days, result="settled", proof="县医院证明")
    assert return_from(matter, at=day(case, 45)) is False
    assert open_main(case) == Kind.PROPOSE_CLOSURE


def test_a_branch_that_goes_on_is_looked_at_again(case: Case, world: World) -> None:
    """domain.md 2.4: unknown whereabouts, every thirty days."""
    first = branch(case, "WHEREABOUTS_UNKNOWN", world).wakes_at
    assert first and local_date(first) == local_date(case.opened_at) + timedelta(days=34)
    look(case, 34, result="goes_on")
    again = open_step(case, Kind.BRANCH_REVIEW)
    assert local_date(again.opens_at) == local_date(first) + timedelta(days=30)
    assert again.number == 2


def test_teaching_at_home_has_its_rhythm(case: Case, world: World) -> None:
    """domain.md 2.4: the visit frequency of the profile; a breach is an overdue step."""
    branch(case, "HOME_TEACHING", world)
    lesson = open_step(case, Kind.TEACH_AT_HOME)
    assert (lesson.holder, lesson.budget) == (world.teacher, 14)
    (paper,) = do(case, Kind.TEACH_AT_HOME, day(case, 9))
    assert paper.kind == "P21" and "每两周送教一次" in paper.record
    assert open_step(case, Kind.TEACH_AT_HOME).number == 2
    report_back(world, case, day(case, 20, 9))
    do(case, Kind.CONFIRM_RETURN, day(case, 20))
    assert not Step.objects.open().filter(case=case, kind=Kind.TEACH_AT_HOME).exists()
    sound()


def test_a_child_back_ends_the_branch(case: Case, world: World) -> None:
    matter = branch(case, "MIGRANT_WITH_PARENTS", world)
    report_back(world, case, day(case, 9, 9))
    do(case, Kind.CONFIRM_RETURN, day(case, 9))
    matter.refresh_from_db()
    assert (stage(case), matter.outcome) == (Stage.FOLLOW_UP, "returned")


def test_a_branch_of_a_reported_case_gives_it_back_to_the_township(
    case: Case, world: World
) -> None:
    Case.objects.filter(pk=case.pk).update(reported_at=day(case, 3))
    matter = branch(case, "JUSTICE_CUSTODY", world)
    days = (local_date(matter.wakes_at) - local_date(case.opened_at)).days  # type: ignore[arg-type]
    look(case, days, result="failed")
    assert (stage(case), open_main(case)) == (Stage.REPORTED, Kind.PERSUASION_LED)


WRONG = [
    ("SUSPENSION", {"ends": "2026-10-01"}, "ends"),
    ("SUSPENSION", {"ends": "2029-10-01"}, "ends"),
    ("SUSPENSION", {"starts": "2026-09-01", "ends": "2026-10-10"}, "ends"),
    ("TRANSFER_OUT", {"proof_day": "2027-10-01"}, "proof_day"),
    ("APPEAL_SCHOOL", {"received_on": "2027-10-01"}, "received_on"),
    ("REFERRAL", {"reply_by": "2026-10-01"}, "reply_by"),
]


@pytest.mark.parametrize(("code", "said", "field"), WRONG)
def test_what_cannot_be_so_is_refused_with_its_field(
    case: Case, world: World, code: str, said: dict[str, str], field: str
) -> None:
    with pytest.raises(DomainError) as refused:
        ask(case, code, day(case, 4), world.teacher, **said)
    assert field in refused.value.fields
    assert not Matter.objects.filter(case=case).exists()


def test_two_branches_at_once_are_refused(case: Case, world: World) -> None:
    branch(case, "ON_LEAVE", world)
    with pytest.raises(DomainError, match="on a side branch already"):
        ask(case, "SUSPENSION", day(case, 5), world.teacher)
    with pytest.raises(DomainError, match="asked for already"):
        ask(case, "ON_LEAVE", day(case, 5), world.teacher)


def test_every_department_has_a_letter(case: Case, world: World) -> None:
    for number, (code, _name) in enumerate(DEPARTMENTS):
        ask(case, "REFERRAL", day(case, 4 + number, 10), world.teacher, department=code)
        (paper,) = decide(case, day(case, 4 + number, 11))
        assert paper.kind == "P30"


def test_a_case_closed_too_early_is_opened_again(world: World) -> None:
    """Issue point: requested, approved, counted; both ends stay in the record."""
    case = walk(world, open_case(world, world.qi))
    ask(case, "REOPENING", day(case, 50), world.officer)
    with pytest.raises(DomainError, match="asked for already"):
        ask(case, "REOPENING", day(case, 51), world.teacher)
    decide(case, day(case, 51))
    case.refresh_from_db()
    assert (case.stage, case.is_open, case.reopened, case.outcome) == (Stage.VERIFY, True, 1, "")
    assert open_main(case) == Kind.VERIFY
    do(case, Kind.VERIFY, day(case, 52), found="local")
    report_back(world, case, day(case, 53, 9))
    do(case, Kind.CONFIRM_RETURN, day(case, 53))
    for days in (56, 60, 67, 83):
        do(case, Kind.FOLLOW_UP, day(case, days))
    do(case, Kind.PROPOSE_CLOSURE, day(case, 84))
    do(case, Kind.APPROVE_CLOSURE, day(case, 85))
    assert Document.objects.filter(chain=f"case:{case.pk}", kind="P32").count() == 2
    sound()


def test_an_open_case_and_one_with_a_successor_are_not_reopened(case: Case, world: World) -> None:
    with pytest.raises(DomainError, match="is open"):
        ask(case, "REOPENING", day(case, 4), world.officer)
    closed = walk(world, open_case(world, world.qi))
    ask(closed, "REOPENING", day(closed, 50), world.officer)
    newer = open_case(world, world.qi, at=day(closed, 51))
    with pytest.raises(DomainError, match=newer.number):
        do(closed, Kind.DECIDE_REQUEST, day(closed, 52))
    Matter.objects.filter(case=closed).update(settled_at=day(closed, 52))
    with pytest.raises(DomainError, match=newer.number):
        ask(closed, "REOPENING", day(closed, 53), world.officer)
