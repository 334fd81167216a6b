"""Who should take it, who has too much, what lies idle, who may leave, what a supervisor raises (issue 3; domain.md 2.3, F23)."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from casework.cases import idle
from casework.cases.drafts import key_of_step, save_draft
from casework.cases.kinds import Kind
from casework.cases.models import Case, Matter, Step
from casework.cases.steps import take_step
from casework.cases.suggest import suggestions
from casework.cases.supervision import raise_notice
from casework.core.clock import local_date, moved_to
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents.models import Document
from casework.notices.models import Notice
from casework.org.people import candidates, set_active
from casework.profiles.rules import baseline, publish
from tests.world import World, client_of, day, do, fresh, open_case, open_step, walk
from workflows.sweeping import sweep

pytestmark = pytest.mark.django_db


def to_visit(world: World, pupil: str = "ming") -> Case:
    """A case of the class that has two teachers, its home visit in nobody's hands."""
    return walk(world, open_case(world, world.pupils[pupil]), until=Kind.HOME_VISIT)


def test_who_knows_the_family_is_suggested_first(world: World) -> None:
    case = to_visit(world)
    with moved_to(day(case, 2)):
        take_step(open_step(case, Kind.HOME_VISIT), by=fresh(world.teacher_three), at=day(case, 2))
        do(case, Kind.HOME_VISIT, day(case, 2), result="nobody")
    step = open_step(case, Kind.HOME_VISIT)
    first, second = suggestions(step, candidates(step.role, step.unit, day(case, 3))[1])
    assert (first.user, first.visits, first.same_case) == (world.teacher_three, 1, True)
    assert (second.visits, second.load) == (0, 0)


def test_without_a_contact_the_least_loaded_is_suggested(world: World) -> None:
    case = walk(world, open_case(world, world.ming), until=Kind.VERIFY)
    Step.objects.filter(case=open_case(world, world.qi)).update(holder=world.teacher_two)
    step = open_step(case, Kind.VERIFY)
    people = candidates(step.role, step.unit, day(case, 2))[1]
    assert [each.user for each in suggestions(step, people)][-1] == world.teacher_two
    with moved_to(day(case, 2)):
        page = (
            client_of(world.officer).get(reverse("cases:pass_on", args=[step.pk])).content.decode()
        )
    assert "suggested" in page and "steps in hand" in page


def limited(world: World, **load: Any) -> None:
    rules = baseline()
    rules["load"] |= load
    at = day(open_case(world, world.an), 0)
    publish(world.county, rules, name="x", valid_from=local_date(at), by=None, at=at)


def test_a_limit_of_open_steps_is_kept(world: World) -> None:
    limited(world, limit=baseline()["load"]["limit"] | {"class_teacher": 1})
    case = to_visit(world)
    at = day(case, 2)
    take_step(open_step(case, Kind.HOME_VISIT), by=fresh(world.teacher_two), at=at)
    other = to_visit_again(case)
    with pytest.raises(DomainError, match="You hold 1 open steps"):
        take_step(other, by=fresh(world.teacher_two), at=at)
    take_step(other, by=fresh(world.teacher_three), at=at)


def to_visit_again(case: Case) -> Step:
    """A second step of the same post."""
    from casework.cases.steps import begin_step

    with one_act():
        step = begin_step(case, Kind.TEACH_AT_HOME, at=day(case, 2), by=None)
    assert step.holder is None
    return step


def claimed(world: World) -> Step:
    case = to_visit(world)
    step = open_step(case, Kind.HOME_VISIT)
    take_step(step, by=fresh(world.teacher_two), at=day(case, 1, 20))
    return open_step(case, Kind.HOME_VISIT)


def test_a_claim_left_lying_is_warned_of_and_taken_back(world: World) -> None:
    """domain.md 2.3: claimed and idle 3 WD → back to pool."""
    step = claimed(world)
    case = step.case
    for days, notices, holder in (
        (2, 0, world.teacher_two),
        (4, 1, world.teacher_two),
        (5, 1, None),
    ):
        with moved_to(day(case, days, 1)):
            sweep(day(case, days, 1))
            sweep(day(case, days, 2))
        assert Notice.objects.filter(code="idle").count() == notices, days
        assert open_step(case, Kind.HOME_VISIT).holder == holder, days
    assert step.holders.latest("generation").how == "idle"


def test_a_claim_on_which_somebody_works_is_left(world: World) -> None:
    step = claimed(world)
    save_draft(
        user=world.teacher_two,
        key=key_of_step(step.pk),
        typed={"why": ["……"]},
        at=day(step.case, 3),
    )
    assert idle.take_back_idle(day(step.case, 9)) == 0


def test_what_came_unasked_is_not_idle(world: World) -> None:
    case = walk(world, open_case(world, world.lan), until=Kind.VERIFY)
    assert idle.take_back_idle(day(case, 30)) == 0
    assert open_step(case, Kind.VERIFY).holder == world.teacher


def test_nobody_leaves_while_work_has_no_home(world: World) -> None:
    case = walk(world, open_case(world, world.lan), until=Kind.VERIFY)
    with pytest.raises(DomainError, match=case.number):
        set_active(user=fresh(world.teacher), active=False, by=fresh(world.admin), at=day(case, 1))
    assert fresh(world.teacher).is_active
    with moved_to(day(case, 1)):
        person = reverse("org:person", args=[world.teacher.pk])
        refused = client_of(world.admin).post(person, {"act": "deactivate"})
    assert refused.status_code == 409 and case.number in refused.content.decode()


def test_work_that_others_can_take_goes_to_the_queue(world: World) -> None:
    step = claimed(world)
    set_active(
        user=fresh(world.teacher_two), active=False, by=fresh(world.admin), at=day(step.case, 2)
    )
    assert open_step(step.case, Kind.HOME_VISIT).holder == world.teacher_three  # the only other one


def notice(world: World, step: Step, days: int, by: str = "supervisor", ahead: int = 3) -> Step:
    at = day(step.case, days)
    with moved_to(at):
        said = {"demand": "请立即家访。", "reply_by": local_date(at) + timedelta(days=ahead)}
        return raise_notice(step, said, by=fresh(world.people[by]), at=at)


def test_a_supervision_notice_is_served_and_answered(world: World) -> None:
    """domain.md F23, P27: to whoever has the late step, with a deadline; the old step stays his."""
    step = claimed(world)
    answer = notice(world, step, 9)
    answer = open_step(step.case, Kind.ANSWER_NOTICE)
    assert (answer.holder, local_date(answer.due_at - timedelta(hours=1))) == (
        world.teacher_two, local_date(day(step.case, 12)),
    )  # fmt: skip
    paper = Document.objects.get(chain=f"case:{step.case_id}", kind="P27")
    assert (
        "控督" in paper.number
        and "请立即家访。" in paper.record
        and world.teacher_two.display_name in paper.record
    )
    do(step.case, Kind.ANSWER_NOTICE, day(step.case, 10))
    assert Matter.objects.get(kind="supervision").outcome == "replied"
    assert open_step(step.case, Kind.HOME_VISIT).holder == world.teacher_two


@pytest.mark.parametrize(
    ("days", "by", "ahead", "words"),
    [
        (1, "supervisor", 3, "is overdue"),
        (9, "far_leader", 3, "outside your unit"),
        (9, "teacher_three", 3, "outside your unit"),
        (9, "supervisor", 0, "lies ahead"),
    ],
)
def test_a_notice_that_cannot_be_raised(
    world: World, days: int, by: str, ahead: int, words: str
) -> None:
    step = claimed(world)
    with pytest.raises(DomainError, match=words):
        notice(world, step, days, by, ahead)
    assert not Matter.objects.filter(kind="supervision").exists()


def test_one_notice_at_a_time_on_a_step(world: World) -> None:
    step = claimed(world)
    notice(world, step, 9)
    with pytest.raises(DomainError, match="open already"):
        notice(world, step, 10)
    with moved_to(day(step.case, 12)):
        place = reverse("workflows:notice", args=[open_step(step.case, Kind.HOME_VISIT).pk])
        opened = client_of(world.principal).get(place)
        sent = client_of(world.principal).post(place, {"demand": "x", "reply_by": "2026-11-30"})
    assert (opened.status_code, sent.status_code) == (409, 409)
    assert "open already" in opened.content.decode()  # before anything is typed
