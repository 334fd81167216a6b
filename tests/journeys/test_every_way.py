"""Every row of docs/roads.md, walked in both directions: open, it arrives; with one guard missing, it is refused (issue proof)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from casework.cases.kinds import KINDS, Kind, Stage
from casework.cases.models import Case, Matter, Step, Visit
from casework.cases.steps import begin_step
from casework.cases.ways import WAYS, Way
from casework.core.clock import local_date, moved_to
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.profiles.rules import baseline, publish
from casework.students.models import Absence, RollCall
from tests.journeys.stands import Prepare, Stand, main_step, stand_before
from tests.world import World, do, open_case, open_step
from workflows.invariants import engine_problems

K = Kind
pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("way", WAYS, ids=named)
def test_a_way_that_is_open_arrives(world: World, way: Way) -> None:
    stand = stand_before(world, way)
    before, stage = main_step(stand.case), Case.objects.get(pk=stand.case.pk).stage
    to = way.stage_of(Case.objects.get(pk=stand.case.pk), stand.at())
    take(way, stand)
    case = Case.objects.get(pk=stand.case.pk)
    done = Step.objects.filter(case=case, kind=way.kind).exclude(finished_at=None).latest("number")
    assert done.outcome == way.outcome
    assert main_step(case) == (None if way.ends else way.leads or before)
    assert case.stage == (to or stage)
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


def _harmed(stand: Stand) -> None:
    """Somebody fears for the child."""
    stand.harmed()


def _gone_on(stand: Stand) -> None:
    """Somebody has begun what came of the step."""
    at = stand.at()
    Visit.objects.create(
        pupil=stand.case.pupil, school=stand.case.school, case=stand.case, form="door", line="education",
        step=Step.objects.open().get(case=stand.case, track="main"), visitor=stand.world.teacher, began=at, ended=at,
        recorded_at=at, sign_state="unsigned",
    )  # fmt: skip


def _working_again(stand: Stand) -> None:
    """Somebody mended it meanwhile."""
    with moved_to(stand.at()), one_act():
        begin_step(stand.case, K.PERSUASION, at=stand.at())


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
    "still_away": (
        lambda s: Case.objects.filter(pk=s.case.pk).update(stage=Stage.FOLLOW_UP), "has turned meanwhile"
    ),
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
    "stuck": (_working_again, "has its next step already"),
    "harm_acted": (_harmed, "restricted report is open"),
    "other_runs": (lambda s: _facts(s, other_case="KC-0"), "is not open any more"),
    "untouched": (_gone_on, "the work has gone on"),
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
