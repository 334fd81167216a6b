"""Corners where a case could be lost, a clock walked round or a right stretched: each was found by trying (issue 3)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from casework.cases import letters, matters, side
from casework.cases.kinds import Kind, Stage
from casework.cases.letters import annul
from casework.cases.models import Case, Matter, Step
from casework.core.clock import local_date, moved_to
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents.views import AMENDED, state_of
from casework.org.absence import arrange
from casework.profiles.models import Profile
from casework.profiles.rules import baseline, forget, publish
from tests.journeys.stands import Stand, main_step
from tests.journeys.test_side_roads import ask, branch, sound
from tests.world import World, day, do, fresh, open_case, open_step, prepared, report_back, walk
from workflows.start import return_from
from workflows.sweeping import sweep

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def talked_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    yield from prepared(
        django_db_blocker, lambda: walk(world, open_case(world, world.qi), until=Kind.PERSUASION)
    )


@pytest.fixture
def case(talked_pk: int) -> Case:
    return Case.objects.get(pk=talked_pk)


def test_a_second_return_has_four_checks_of_its_own(case: Case, world: World) -> None:
    report_back(world, case, day(case, 5, 9))
    do(case, Kind.CONFIRM_RETURN, day(case, 5))
    for days in (8, 12, 19):
        do(case, Kind.FOLLOW_UP, day(case, days))
    ends = (local_date(case.opened_at) + timedelta(days=24)).isoformat()
    branch(case, "ON_LEAVE", world, days=20, ends=ends)
    return_from(Matter.objects.get(case=case, code="ON_LEAVE"), at=day(case, 26))
    report_back(world, case, day(case, 27, 9))
    do(case, Kind.CONFIRM_RETURN, day(case, 27))
    for days in (30, 34, 41, 57):
        assert main_step(case) == Kind.FOLLOW_UP
        (paper,) = do(case, Kind.FOLLOW_UP, day(case, days))
    assert main_step(case) == Kind.PROPOSE_CLOSURE and '"4"' in paper.record
    sound()


def test_whoever_holds_both_posts_still_finds_a_second_person(case: Case, world: World) -> None:
    """The class teacher stands in for the principal and reports the return."""
    with moved_to(day(case, 3, 9)):
        arrange(
            user=fresh(world.principal), substitute=fresh(world.teacher), since=local_date(day(case, 3)),
            until=local_date(day(case, 9)), reason="", by=fresh(world.principal), at=day(case, 3, 9),
        )  # fmt: skip
    with moved_to(day(case, 4, 9)):
        step = report_back(world, case, day(case, 4, 9))
    assert step.holder == world.officer
    do(case, Kind.CONFIRM_RETURN, day(case, 4))
    assert main_step(case) == Kind.FOLLOW_UP


def test_a_letter_cut_short_by_a_branch_is_no_rung_climbed(world: World) -> None:
    """The time that the notice gives cannot be walked round by two days of leave."""
    stand = Stand(world).signed()
    stand.step(Kind.SERVE_LETTER)
    ends = (local_date(stand.at()) + timedelta(days=1)).isoformat()
    leave = branch(stand.case, "ON_LEAVE", world, days=stand.days, ends=ends)
    assert return_from(leave, at=day(stand.case, stand.days + 2))
    do(stand.case, Kind.PERSUASION_LED, day(stand.case, stand.days + 3), result="not_yet")
    assert open_step(stand.case, Kind.DRAFT_LETTER).about.code == "return_notice"


def test_an_appeal_agreed_to_voids_the_order(world: World) -> None:
    """domain.md 2.5."""
    stand = Stand(world).ordered()
    stand.asked("APPEAL_OFFICE").step(Kind.ACCEPT_APPEAL)
    stand.step(Kind.DECIDE_REQUEST)
    order = Matter.objects.get(case=stand.case, code="order")
    assert (order.outcome, main_step(stand.case)) == ("annulled", Kind.PERSUASION_LED)
    paper = letters.paper_of(order)
    assert paper and state_of(paper) == AMENDED, "whoever checks the order learns that it is void"
    sound()


def test_an_order_that_was_annulled_is_written_anew_whatever_came_after_it(world: World) -> None:
    """The court is not asked on the ground of an order that does not stand."""
    stand = Stand(world).ordered()
    stand.step(Kind.SERVE_LETTER)
    stand.days += 12
    stand.step(Kind.ANSWER_LETTER, decision="next")
    stand.asked("APPEAL_OFFICE").step(Kind.ACCEPT_APPEAL)
    stand.step(Kind.DECIDE_REQUEST)
    letters = Matter.objects.filter(case=stand.case, kind="letter").values_list("code", "outcome")
    assert set(letters) == {
        ("return_notice", "not_obeyed"),
        ("order", "annulled"),
        ("court", "annulled"),
    }
    assert Case.objects.get(pk=stand.case.pk).stage == Stage.REPORTED
    stand.step(Kind.PERSUASION_LED, result="not_yet")
    assert open_step(stand.case, Kind.DRAFT_LETTER).about.code == "order"
    sound()


def test_an_appeal_voids_one_order_once_and_no_later_one(world: World) -> None:
    """A second appeal waits for the first; the order that is written anew stands on its own."""
    stand = Stand(world).ordered()
    stand.asked("APPEAL_OFFICE")
    with pytest.raises(DomainError, match="asked for already"):
        stand.asked("APPEAL_OFFICE")
    stand.step(Kind.ACCEPT_APPEAL)
    stand.step(Kind.DECIDE_REQUEST)
    with pytest.raises(DomainError, match="No order of the township"):
        stand.asked("APPEAL_OFFICE")
    stand.step(Kind.PERSUASION_LED, result="not_yet")
    first = Matter.objects.get(case=stand.case, code="APPEAL_OFFICE")
    annul(first, stand.at())
    assert Matter.objects.get(case=stand.case, code="order", settled_at=None).outcome == ""


def test_a_notice_is_no_order_to_appeal_against(world: World) -> None:
    stand = Stand(world).served()
    with pytest.raises(DomainError, match="No order of the township"):
        stand.asked("APPEAL_OFFICE")


def test_an_appeal_after_the_signing_stops_the_application_to_the_court(world: World) -> None:
    stand = Stand(world).signed()
    Matter.objects.filter(case=stand.case, kind="letter").update(code="court")
    stand.asked("APPEAL_OFFICE")
    with pytest.raises(DomainError, match="nothing is enforced"):
        stand.step(Kind.SERVE_LETTER)


def test_a_child_found_after_the_report_stays_with_the_township(world: World) -> None:
    stand = Stand(world).accepted().branch("WHEREABOUTS_UNKNOWN")
    stand.step(Kind.BRANCH_REVIEW, result="failed")
    assert main_step(stand.case) == Kind.PERSUASION_LED
    stand.step(Kind.PERSUASION_LED, result="not_yet")
    assert main_step(stand.case) == Kind.DRAFT_LETTER


def test_talking_first_at_the_last_rung_is_no_dead_end(world: World) -> None:
    stand = Stand(world).accepted()
    rules = baseline()["letters"] | {"ladder": ["court"]}
    Matter.objects.filter(case=stand.case).update(code="court")
    Case.objects.filter(pk=stand.case.pk).update(stage=Stage.COURT)
    publish(
        world.county, baseline() | {"letters": rules}, name="x", valid_from=local_date(stand.at()), by=None, at=stand.at()
    )  # fmt: skip
    stand.step(Kind.DRAFT_LETTER, decision="talk_first", reason="先面谈。")
    stand.step(Kind.PERSUASION_LED, result="not_yet")
    assert open_step(stand.case, Kind.DRAFT_LETTER).about.code == "court"


def test_a_report_proposed_before_a_branch_goes_with_it(case: Case, world: World) -> None:
    side.propose_report(case, at=day(case, 8))
    branch(case, "SUSPENSION", world, days=8)
    assert not Step.objects.open().filter(case=case, kind=Kind.SEND_REPORT).exists()


def test_a_request_that_waits_does_not_take_a_confirmed_child_away(
    case: Case, world: World
) -> None:
    ask(case, "WHEREABOUTS_UNKNOWN", day(case, 4), world.officer)
    report_back(world, case, day(case, 5, 9))
    do(case, Kind.CONFIRM_RETURN, day(case, 5))
    assert not Step.objects.open().filter(case=case, kind=Kind.DECIDE_REQUEST).exists()
    sound()


def test_a_relapse_leaves_no_request_that_would_move_the_closed_case(
    case: Case, world: World
) -> None:
    report_back(world, case, day(case, 5, 9))
    do(case, Kind.CONFIRM_RETURN, day(case, 5))
    ask(case, "SUSPENSION", day(case, 6), world.officer)
    ask(case, "REFERRAL", day(case, 6, 16), world.officer)
    open_case(world, world.qi, at=day(case, 9))
    left = Matter.objects.filter(case=case, settled_at=None)
    assert [matter.code for matter in left] == ["REFERRAL"]  # its answer may still come
    sound()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"starts": "2026-12-01", "ends": "2026-12-20"}, "starts"),
        ({"starts": "2026-10-16", "ends": "2027-06-20"}, "ends"),
    ],
)
def test_a_branch_does_not_park_a_case_longer_than_the_rules_say(
    case: Case, world: World, said: dict[str, str], field: str
) -> None:
    with pytest.raises(DomainError) as refused:
        ask(case, "ON_LEAVE", day(case, 4), world.teacher, **said)
    assert field in refused.value.fields


def test_a_day_beyond_the_calendar_is_a_wrong_field(case: Case, world: World) -> None:
    with pytest.raises(AssertionError, match="ends"):
        ask(case, "ON_LEAVE", day(case, 4), world.teacher, ends="9999-12-31")


def test_a_leave_of_one_day_can_be_agreed_to(case: Case, world: World) -> None:
    today = local_date(day(case, 4)).isoformat()
    branch(case, "ON_LEAVE", world, ends=today)
    assert main_step(case) == Kind.BRANCH_REVIEW


def test_a_redraft_strikes_out(world: World) -> None:
    stand = Stand(world).accepted()
    stand.step(Kind.DRAFT_LETTER, co_issuer="青石村村民委员会")
    stand.step(Kind.SIGN_LETTER, decision="sent_back", reason="不会同村委会。")
    stand.step(Kind.DRAFT_LETTER, co_issuer="")
    (paper,) = do(stand.case, Kind.SIGN_LETTER, stand.at())
    assert "青石村村民委员会" not in paper.record


def test_printing_does_not_undo_a_service_meanwhile(world: World) -> None:
    stand = Stand(world).signed()
    step = open_step(stand.case, Kind.SERVE_LETTER)
    assert step.about.facts.get("served_on") is None
    stand.step(Kind.SERVE_LETTER)
    with one_act():
        letters.printed([step], by=world.township, at=stand.at())
    facts = Matter.objects.get(case=stand.case).facts
    assert facts["served_on"] and "printed_on" not in facts


def test_the_sweep_goes_on_past_a_row_without_rules(case: Case, world: World) -> None:
    """A torn profile of one school stops nobody else."""
    rules = {key: value for key, value in baseline().items() if key != "load"}
    publish(
        world.county,
        rules,
        name="torn",
        valid_from=local_date(day(case, 4)),
        by=None,
        at=day(case, 4),
    )
    Step.objects.filter(case=case, kind=Kind.PERSUASION).update(holder=None)
    with moved_to(day(case, 9)):
        assert sweep(day(case, 9))["proposed"] >= 1


def test_versions_that_come_later_still_come_later_after_the_upgrade(world: World) -> None:
    """The newest version may not be in force yet: each lasting one is completed, in its order."""
    from importlib import import_module

    from django.apps import apps

    old = {
        k: v
        for k, v in baseline().items()
        if k not in ("letters", "side_roads", "load", "cause", "stricter")
    }
    for version, first in ((2, "2026-09-01"), (3, "2099-01-01")):
        Profile.objects.create(
            unit=world.county, version=version, valid_from=first, name=f"v{version}", rules=old | {"term": {"visit_quota": version}},
            created_at=day(open_case(world, world.an), 0) if version == 2 else Profile.objects.latest("pk").created_at, created_by="x",
        )  # fmt: skip
    import_module("casework.profiles.migrations.0002_roads").upgrade(apps, None)
    forget()
    last = list(Profile.objects.order_by("version"))[-2:]
    assert [(p.name, p.rules["term"]["visit_quota"], "letters" in p.rules) for p in last] == [
        ("v2", 2, True),
        ("v3", 3, True),
    ]


def test_a_decision_of_the_county_takes_a_false_proof_back(case: Case, world: World) -> None:
    branch(case, "EMIGRATED", world)
    do(case, Kind.PROPOSE_CLOSURE, day(case, 5))
    do(case, Kind.APPROVE_CLOSURE, day(case, 6), decision="proof_fails", opinion="边检无出境记录。")
    assert (main_step(case), matters.parked(case)) == (Kind.PERSUASION, None)
    look_again = ask(case, "TRANSFER_OUT", day(case, 7), world.teacher)
    assert look_again.is_open
    sound()
