"""Warnings, serious truancy, support plans: small flows with a day, a record and a paper each step (domain.md B7, B10, B18)."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.cases.models import Duty, Procedure
from casework.cases.procedure_forms import LABELS, form_of
from casework.cases.procedures import begin, duties_of, finish, may_do, remind_of_duties
from casework.cases.stops import FIRST, STOPS
from casework.core.clock import local_date, moved_to
from casework.core.errors import DomainError
from casework.detection.models import Finding
from casework.documents.models import Document
from casework.notices.models import Notice
from casework.org.models import Post, User
from casework.org.roles import Role
from casework.students.models import Enrolment
from tests.world import OPENED, World, client_of, fresh

pytestmark = pytest.mark.django_db
TODAY = local_date(OPENED)
LATER = OPENED + timedelta(hours=1)


def begun(world: World, code: str = "warning") -> Procedure:
    return begin(code, world.lan, "上课走神，多次早退。", by=fresh(world.teacher), at=OPENED)


def now(made: Procedure) -> Duty:
    found: Duty = made.duties.get(done_at=None)
    return found


def said(stop: str, outcome: str, **more: Any) -> dict[str, Any]:
    """Everything that a form asks, filled in."""
    typed = dict.fromkeys(STOPS[stop].fields, "写了。")
    days = {"held_on": TODAY, **dict.fromkeys(("until", "come_on"), TODAY + timedelta(days=7))}
    days |= dict.fromkeys(("review_on", "review_next"), TODAY + timedelta(days=60))
    return typed | {k: v for k, v in days.items() if k in typed} | {"outcome": outcome} | more


def do(made: Procedure, outcome: str, by: User, at: Any = LATER, **more: Any) -> Document:
    duty = now(made)
    return finish(duty, said(duty.stop, outcome, **more), by=fresh(by), at=at)


def test_every_way_leads_somewhere_and_every_field_has_words() -> None:
    for stop in STOPS.values():
        assert set(stop.fields) <= set(LABELS)
        assert all(answer.leads in ("", *STOPS) for answer in stop.answers)
        assert form_of(stop).base_fields["outcome"].required
    reached, waiting = set(), list(FIRST.values())
    while waiting:
        code = waiting.pop()
        if code not in reached:
            reached.add(code)
            waiting += [answer.leads for answer in STOPS[code].answers if answer.leads]
    assert reached == set(STOPS)


def test_a_warning_has_its_meeting_then_the_parents(world: World) -> None:
    """B7."""
    made = begun(world)
    duty = now(made)
    assert (duty.stop, duty.role, duty.unit) == (
        "meeting",
        Role.CLASS_TEACHER,
        world.units["class"],
    )
    assert Notice.objects.filter(code="duty", user=world.teacher).exists()
    assert do(made, "planned", world.teacher).kind == "P25"
    assert (now(made).stop, now(made).unit) == ("parents", world.school)
    paper = do(made, "watched", world.officer)
    made.refresh_from_db()
    assert (paper.kind, made.outcome, made.closed_at) == ("SR", "watched", LATER)


def test_serious_truancy_ends_with_the_authority_when_the_family_refuses(world: World) -> None:
    """B10: the report makes a finding; opening a case is still a person's decision."""
    made = begun(world, "truancy")
    for outcome, by in (
        ("confirmed", world.officer),
        ("told", world.principal),
        ("no_reason", world.teacher),
        ("refused", world.teacher),
        ("reported", world.principal),
    ):
        do(made, outcome, by)
    finding = Finding.objects.get()
    assert (finding.pupil, finding.unit, finding.note) == (world.lan, world.school, made.reason)
    assert Document.objects.filter(subject=f"procedure:{made.pk}").count() == 5


def test_a_support_plan_is_looked_at_on_its_day_until_it_is_reached(world: World) -> None:
    """B18."""
    made = begun(world, "support")
    do(made, "agreed", world.teacher)
    review = now(made)
    assert local_date(review.opens_at) == TODAY + timedelta(days=60) < local_date(review.due_at)
    with pytest.raises(DomainError, match="opens on"):
        do(made, "reached", world.teacher)
    day = review.opens_at + timedelta(hours=1)
    do(made, "goes_on", world.teacher, at=day, review_next=local_date(day) + timedelta(days=90))
    assert now(made).stop == "review"


def test_a_warning_can_begin_a_support_plan_or_a_finding(world: World) -> None:
    made = begun(world)
    do(made, "planned", world.teacher)
    do(made, "supported", world.officer)
    assert now(Procedure.objects.get(code="support")).stop == "plan"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"outcome": "maybe"}, "how it goes on"),
        ({"held_on": TODAY + timedelta(days=1)}, "in the future"),
        ({"held_on": TODAY - timedelta(days=1)}, "before the beginning"),
        ({"until": TODAY - timedelta(days=1)}, "passed already"),
    ],
)
def test_what_cannot_be_is_refused(world: World, more: dict[str, Any], words: str) -> None:
    made = begun(world)
    with pytest.raises(DomainError, match=words):
        do(made, more.pop("outcome", "planned"), world.teacher, **more)
    assert not Document.objects.exists()


def test_it_begins_once_and_for_one_s_own_pupils(world: World) -> None:
    begun(world)
    with pytest.raises(DomainError, match="runs already"):
        begun(world)
    with pytest.raises(DomainError, match="no class of yours"):
        begin("support", world.far_hua, "x", by=fresh(world.teacher), at=OPENED)
    with pytest.raises(DomainError, match="what was noticed"):
        begin("support", world.lan, " ", by=fresh(world.teacher), at=OPENED)


def test_a_step_is_done_by_its_post_and_once(world: World) -> None:
    made = begun(world)
    with pytest.raises(DomainError, match="another post"):
        do(made, "planned", world.principal)
    duty = now(made)
    do(made, "planned", world.teacher)
    with pytest.raises(DomainError, match="already"):
        finish(duty, said("meeting", "planned"), by=fresh(world.teacher), at=LATER)


def test_where_a_post_is_vacant_the_officer_does_it(world: World) -> None:
    made = begun(world)
    assert not may_do(fresh(world.officer), now(made))
    Post.objects.filter(role=Role.CLASS_TEACHER, unit=world.units["class"]).delete()
    assert may_do(fresh(world.officer), now(made))


def test_a_late_step_is_told_once(world: World) -> None:
    made = begun(world)
    late = now(made).due_at + timedelta(minutes=1)
    assert remind_of_duties(now(made).due_at) == 0
    assert (remind_of_duties(late), remind_of_duties(late)) == (1, 1)
    told = Notice.objects.filter(code="duty_late").values_list("user__display_name", flat=True)
    assert set(told) == {
        world.teacher.display_name,
        world.officer.display_name,
        world.principal.display_name,
    }
    assert len(told) == 3


def test_lists_show_what_is_in_reach(world: World) -> None:
    begun(world)
    assert duties_of(fresh(world.teacher), mine=True).count() == 1
    assert duties_of(fresh(world.officer), mine=True).count() == 0
    assert duties_of(fresh(world.township), mine=False).count() == 1
    assert duties_of(fresh(world.far_officer), mine=False).count() == 0
    Enrolment.objects.filter(pupil=world.lan).update(until=TODAY)
    assert duties_of(fresh(world.teacher), mine=True).count() == 1, "it is gone through to its end"


# ---- pages ----


def test_from_the_pupil_to_the_paper_on_pages(world: World) -> None:
    with moved_to(OPENED):
        client = client_of(world.teacher)
        place = reverse("cases:begin_procedure", args=[world.lan.pk])
        answer = client.post(place, {"code": "warning", "reason": "走神"})
        made = Procedure.objects.get()
        assert answer["Location"] == reverse("cases:procedure", args=[made.pk])
        form = reverse("cases:finish_duty", args=[made.pk])
        assert client.post(form, {"outcome": "planned"}).status_code == 422
        typed = {key: str(value) for key, value in said("meeting", "planned").items()}
        assert client.post(form, typed).status_code == 302
        page = client.get(reverse("cases:procedure", args=[made.pk])).content.decode()
        assert "Signs of risk" in page and "parents invited by the school" in page.lower()
        assert client.get(form).status_code == 404, "the next step is the officer's"
        assert (
            client_of(world.far_officer).get(reverse("cases:procedure", args=[made.pk])).status_code
            == 404
        )


def test_the_list_has_a_fixed_number_of_queries(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for pupil in (world.lan, world.yun, world.qi):
        begin("warning", pupil, "x", by=fresh(world.teacher), at=OPENED)
    client = client_of(world.teacher)
    with moved_to(OPENED), django_assert_max_num_queries(12):
        assert "罗小兰" in client.get(reverse("cases:duties")).content.decode()
