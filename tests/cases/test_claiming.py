"""Who holds a step: given at once, claimed, given back, undone, handed over, reassigned, reminded (issue point 5)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils.http import urlencode

from casework.cases import steps
from casework.cases.idle import idle_claims
from casework.cases.kinds import Kind
from casework.cases.models import Case, Step, StepHolder
from casework.cases.supervision import raise_notice
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from casework.notices.models import Notice
from casework.org.models import Post, User
from casework.students.models import Enrolment, Pupil
from tests.world import (
    BEGIN,
    World,
    client_of,
    day,
    do,
    fresh,
    open_case,
    open_step,
    prepared,
    walk,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def case_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    """A case of class two, which has two teachers: the home visit waits in the queue."""
    yield from prepared(
        django_db_blocker,
        lambda: walk(world, open_case(world, world.ming), until=Kind.HOME_VISIT),
    )


@pytest.fixture
def case(case_pk: int) -> Case:
    return Case.objects.get(pk=case_pk)


@pytest.fixture
def step(case: Case) -> Step:
    return open_step(case, Kind.HOME_VISIT)


@pytest.fixture
def at(case: Case) -> Any:
    return day(case, 2)


def history(step: Step) -> list[tuple[str, Any]]:
    rows = StepHolder.objects.filter(step=step).order_by("generation")
    return [(row.how, row.user_id) for row in rows]


def test_a_single_candidate_gets_the_step_at_once(world: World) -> None:
    case = open_case(world, world.lan)
    step = open_step(case, Kind.REGISTER)
    assert (step.holder, step.generation) == (world.officer, 1)
    assert history(step) == [("only", world.officer.pk)]
    assert Notice.objects.get(user=world.officer, code="yours").link == f"/steps/{step.pk}/"


def test_two_candidates_find_it_in_the_queue(step: Step, world: World, at: Any) -> None:
    assert step.holder is None
    for teacher in (world.teacher_two, world.teacher_three):
        assert _queue(teacher, at) == [step.pk]
    assert _queue(world.teacher, at) == []


def _queue(user: User, at: Any) -> list[int]:
    with moved_to(at):
        return [s.pk for s in client_of(user).get(reverse("cases:queue")).context["page"].rows]


def _inbox(user: User, at: Any) -> list[int]:
    with moved_to(at):
        return [s.pk for s in client_of(user).get(reverse("cases:inbox")).context["page"].rows]


def _post(user: User, name: str, step: Step, at: Any, **data: Any) -> Any:
    with moved_to(at):
        return client_of(user).post(reverse(f"cases:{name}", args=[step.pk]), data)


def test_a_claim_moves_it_from_the_queue_to_the_inbox(step: Step, world: World, at: Any) -> None:
    response = _post(world.teacher_two, "claim", step, at)
    assert (response.status_code, response.url) == (302, f"/steps/{step.pk}/")
    assert (_queue(world.teacher_two, at), _queue(world.teacher_three, at)) == ([], [])
    assert step.pk in _inbox(world.teacher_two, at)
    step.refresh_from_db()
    assert (step.holder, step.held_since, step.generation) == (world.teacher_two, at, 1)


def test_the_slower_one_is_told_who_and_when_and_offered_the_next(
    step: Step, world: World, at: Any
) -> None:
    """REL-01."""
    other = Step.objects.get(pk=open_step(open_case_of(world), Kind.VERIFY).pk)
    _post(world.teacher_two, "claim", step, at)
    response = _post(world.teacher_three, "claim", step, at + timedelta(minutes=4))
    assert response.status_code == 409
    assert str(response.context["error"]) == "郑海 took this step at 15:00."
    assert response.context["next"] == other
    assert history(step) == [("claim", world.teacher_two.pk)]


def open_case_of(world: World) -> Case:
    """Another case of class two: its verification waits in the same queue."""
    pupil = Pupil.objects.create(name="姚军", sex="m", born=date(2013, 1, 1), created_at=BEGIN)
    Enrolment.objects.create(
        pupil=pupil, class_unit=world.class_two, school=world.school, since=date(2026, 9, 1)
    )
    return walk(world, open_case(world, pupil), until=Kind.VERIFY)


def test_a_claim_of_another_post_is_refused(step: Step, world: World, at: Any) -> None:
    for person in (world.officer, world.status, world.teacher):
        with pytest.raises(DomainError, match="another post"):
            steps.take_step(step, by=fresh(person), at=at)
    assert history(step) == []


def test_giving_back_needs_a_reason(step: Step, world: World, at: Any) -> None:
    _post(world.teacher_two, "claim", step, at)
    response = _post(world.teacher_two, "pass_on", step, at, to="", reason="  ")
    assert response.status_code == 409 and "Say why" in str(response.context["error"])
    assert _post(world.teacher_two, "pass_on", step, at, to="", reason="生病。").status_code == 302
    assert history(step) == [("claim", world.teacher_two.pk), ("release", None)]
    assert _queue(world.teacher_three, at) == [step.pk]


def test_a_wrong_tap_is_undone_for_ten_minutes(step: Step, world: World, at: Any) -> None:
    _post(world.teacher_two, "claim", step, at)
    response = _post(world.teacher_two, "undo", step, at + timedelta(minutes=11))
    assert response.status_code == 409 and "too late" in response.content.decode()
    assert _post(world.teacher_two, "undo", step, at + timedelta(minutes=9)).status_code == 302
    assert history(step)[-1] == ("undo", None)


def test_only_one_s_own_claim_is_undone(step: Step, world: World, at: Any) -> None:
    steps.reassign(step, to=world.teacher_two, reason="轮到。", by=fresh(world.officer), at=at)
    assert _post(world.teacher_two, "undo", step, at).status_code == 409


def test_handing_over_to_a_candidate(step: Step, world: World, at: Any) -> None:
    _post(world.teacher_two, "claim", step, at)
    step.refresh_from_db()
    to = {"to": world.teacher_three.pk, "reason": "更熟悉这一家。"}
    assert _post(world.teacher_two, "pass_on", step, at, **to).status_code == 302
    assert history(step)[-1] == ("hand_over", world.teacher_three.pk)
    assert Notice.objects.filter(user=world.teacher_three, code="yours").count() == 1
    assert _post(world.teacher_two, "pass_on", step, at, **to).status_code == 409


@pytest.mark.parametrize("who", ["officer", "teacher", "far_teacher"])
def test_handing_over_to_somebody_without_the_post(
    step: Step, world: World, at: Any, who: str
) -> None:
    _post(world.teacher_two, "claim", step, at)
    to = {"to": world.people[who].pk, "reason": "代办。"}
    response = _post(world.teacher_two, "pass_on", step, at, **to)
    assert response.status_code == 404  # not even the name of who else works here


@pytest.mark.parametrize("to", ["abc", "-1", "999999", "1.5"])
def test_handing_over_to_nobody(step: Step, world: World, at: Any, to: str) -> None:
    _post(world.teacher_two, "claim", step, at)
    assert _post(world.teacher_two, "pass_on", step, at, to=to, reason="代办。").status_code == 404


@pytest.mark.parametrize("who", ["officer", "principal", "township", "county_officer"])
def test_supervisors_reassign_within_their_unit(
    step: Step, world: World, at: Any, who: str
) -> None:
    to = {"to": world.teacher_three.pk, "reason": "班主任请假。"}
    assert _post(world.people[who], "pass_on", step, at, **to).status_code == 302
    assert history(step) == [("reassign", world.teacher_three.pk)]


@pytest.mark.parametrize(
    ("who", "status"),
    [("supervisor", 409), ("leader", 409), ("teacher_three", 409), ("far_officer", 404)],
)
def test_others_do_not_reassign(step: Step, world: World, at: Any, who: str, status: int) -> None:
    """Issue point 11: the county supervisor is read-only but for the reminder."""
    to = {"to": world.teacher_two.pk, "reason": "催办。"}
    assert _post(world.people[who], "pass_on", step, at, **to).status_code == status
    assert history(step) == []


def test_what_was_passed_on_to_the_wrong_person_comes_back(
    step: Step, world: World, at: Any
) -> None:
    to = {"to": world.teacher_three.pk, "reason": "班主任请假。"}
    given = _post(world.officer, "pass_on", step, at, **to)
    assert given.status_code == 302
    assert _post(world.teacher_two, "undo", step, at, act="pass").status_code == 409
    late = at + timedelta(minutes=11)
    assert _post(world.officer, "undo", step, late, act="pass").status_code == 409
    assert _post(world.officer, "undo", step, at, act="pass").status_code == 302
    assert history(step) == [("reassign", world.teacher_three.pk), ("undo", None)]
    assert _post(world.officer, "undo", step, at, act="pass").status_code == 409


def test_whoever_handed_it_over_takes_it_back(step: Step, world: World, at: Any) -> None:
    _post(world.teacher_two, "claim", step, at)
    to = {"to": world.teacher_three.pk, "reason": "更熟悉这一家。"}
    _post(world.teacher_two, "pass_on", step, at, **to)
    assert _post(world.officer, "undo", step, at, act="pass").status_code == 409
    assert _post(world.teacher_two, "undo", step, at, act="pass").status_code == 302
    assert history(step)[-1] == ("undo", world.teacher_two.pk)


def test_undone_it_goes_to_nobody_who_cannot_take_it(step: Step, world: World, at: Any) -> None:
    """Deactivated in between: the queue gets it, and the wrong receiver's notice is read."""
    _post(world.teacher_two, "claim", step, at)
    to = {"to": world.teacher_three.pk, "reason": "班主任请假。"}
    _post(world.officer, "pass_on", step, at, **to)
    User.objects.filter(pk=world.teacher_two.pk).update(is_active=False)
    assert _post(world.principal, "undo", step, at, act="pass").status_code == 409  # not his act
    assert _post(world.officer, "undo", step, at, act="pass").status_code == 302
    assert history(step)[-1] == ("undo", None)
    assert not Notice.objects.filter(user=world.teacher_three, code="yours", read_at=None).exists()


def test_an_undone_claim_is_watched_as_before(step: Step, world: World, at: Any) -> None:
    _post(world.teacher_two, "claim", step, at)
    to = {"to": world.teacher_three.pk, "reason": "班主任请假。"}
    _post(world.officer, "pass_on", step, at, **to)
    _post(world.officer, "undo", step, at, act="pass")
    later = at + timedelta(days=9)
    assert [each.pk for each, _days in idle_claims(later)] == [step.pk]


def test_a_giving_back_is_undone(step: Step, world: World, at: Any) -> None:
    _post(world.teacher_two, "claim", step, at)
    _post(world.teacher_two, "pass_on", step, at, to="", reason="不熟悉。")
    assert _post(world.teacher_two, "undo", step, at, act="pass").status_code == 302
    assert history(step)[-1] == ("undo", world.teacher_two.pk)


def test_the_answer_to_passing_on_offers_to_undo(step: Step, world: World, at: Any) -> None:
    client = client_of(fresh(world.officer))
    to = {"to": world.teacher_three.pk, "reason": "班主任请假。", "back": "/board/steps/?what=open"}
    with moved_to(at):
        for odd in ("1", "//evil.example/", "https://evil.example/", "javascript:1"):
            page = client.get(reverse("cases:pass_on", args=[step.pk]), {"back": odd})
            assert page.context["back"] == ""
        page = client.post(reverse("cases:pass_on", args=[step.pk]), to, follow=True)
    assert page.redirect_chain[-1][0] == "/board/steps/?what=open"
    assert f'action="{reverse("cases:undo", args=[step.pk])}"' in page.content.decode()


def test_a_notice_and_more_time_lead_back_to_the_list(step: Step, world: World, at: Any) -> None:
    late, chosen = step.due_at + timedelta(days=9), "/board/steps/?what=overdue"
    until, reply = (at + timedelta(days=3)).date(), (late + timedelta(days=3)).date()
    acts = (
        (at, "cases:time", {"act": "hold", "until": until, "reason": "监护人住院。"}),
        (late, "workflows:notice", {"demand": "请尽快家访。", "reply_by": reply}),
    )
    for moment, name, said in acts:
        place = f"{reverse(name, args=[step.pk])}?{urlencode({'back': chosen})}"
        with moved_to(moment):
            answer = client_of(fresh(world.officer)).post(place, said)
        assert answer.headers["Location"] == chosen


def test_a_list_shows_of_which_step_somebody_reminded(step: Step, world: World, at: Any) -> None:
    for moment, shown in ((at, True), (at + timedelta(days=1), False)):
        if shown:
            _post(world.supervisor, "nudge", step, moment)
        with moved_to(moment):
            page = client_of(fresh(world.supervisor)).get(reverse("oversight:steps"))
        assert ("reminded today" in page.content.decode()) == shown


def test_a_list_shows_of_which_step_a_notice_is_open(step: Step, world: World, at: Any) -> None:
    late = step.due_at + timedelta(days=2)
    said = {"demand": "请尽快家访。", "reply_by": (late + timedelta(days=3)).date()}
    with moved_to(late):
        client = client_of(fresh(world.supervisor))
        before = client.get(reverse("oversight:steps") + "?what=overdue").context["lines"]
        raise_notice(step, said, by=fresh(world.supervisor), at=late)
        page = client.get(reverse("oversight:steps") + "?what=overdue")
    acts = {line.step.pk: line.acts for line in page.context["lines"]}[step.pk]
    first = {line.step.pk: line.acts for line in before}[step.pk]
    assert (first.supervise, first.noticed) == (True, False)
    assert (acts.supervise, acts.noticed) == (False, True)
    assert "notice open" in page.content.decode()


def test_a_reminder_once_a_day(step: Step, world: World, at: Any) -> None:
    moments = (at, at + timedelta(hours=1), at + timedelta(days=1))
    answers = [_post(world.supervisor, "nudge", step, m).status_code for m in moments]
    assert answers == [302, 409, 302]
    told = Notice.objects.filter(code="nudge")
    assert {n.user_id for n in told} == {world.teacher_two.pk, world.teacher_three.pk}
    assert told.count() == 4


def test_nobody_to_remind(step: Step, world: World, at: Any) -> None:
    Post.objects.filter(unit=world.class_two).update(until=date(2026, 10, 1))
    response = _post(world.supervisor, "nudge", step, at)
    assert response.status_code == 409 and "Ask the administrator" in response.content.decode()


def test_a_finished_step_changes_hands_no_more(step: Step, world: World, at: Any) -> None:
    old = Step.objects.get(pk=step.pk)
    case = step.case
    do(case, Kind.HOME_VISIT, at, result="not_yet")
    with pytest.raises(DomainError, match="finished already"):
        steps.reassign(old, to=world.teacher_three, reason="迟。", by=fresh(world.officer), at=at)
    assert _post(world.teacher_three, "claim", step, at).status_code == 409


def test_a_stale_copy_changes_nothing(step: Step, world: World, at: Any) -> None:
    """REL-02: the generation is the fence."""
    stale = Step.objects.get(pk=step.pk)
    steps.take_step(step, by=fresh(world.teacher_two), at=at)
    steps.release_step(step, reason="忙。", by=fresh(world.teacher_two), at=at)
    with pytest.raises(DomainError, match="changed meanwhile"):
        steps.take_step(stale, by=fresh(world.teacher_three), at=at)
    assert [how for how, _who in history(step)] == ["claim", "release"]


def test_a_deactivated_person_is_no_candidate(world: World) -> None:
    User.objects.filter(pk=world.teacher_two.pk).update(is_active=False)
    case = walk(world, open_case(world, world.lan), until=Kind.VERIFY)
    assert open_step(case, Kind.VERIFY).holder == world.teacher
    other = open_step(open_case_of(world), Kind.VERIFY)
    assert other.holder == world.teacher_three


def test_a_vacant_post_leaves_the_step_to_nobody_or_to_above(world: World) -> None:
    """design.md §3: the nearest unit above that has a holder; with none, the step waits and is shown so."""
    Post.objects.filter(role="status_officer").update(until=date(2026, 9, 30))
    case = walk(world, open_case(world, world.lan), until=Kind.PLATFORM_MARK)
    assert open_step(case, Kind.PLATFORM_MARK).holder is None
    Post.objects.create(
        user=world.county_officer, unit=world.county, role="status_officer", since=date(2026, 9, 1)
    )
    other = walk(world, open_case(world, world.an), until=Kind.PLATFORM_MARK)
    mark = open_step(other, Kind.PLATFORM_MARK)
    assert (mark.unit, mark.holder) == (world.county, world.county_officer)
