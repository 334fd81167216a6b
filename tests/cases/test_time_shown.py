"""What is shown of a step's time before it is changed, and of the event that it is counted from (issue 4)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from casework.cases.explaining import why
from casework.cases.extensions import ask_more_time
from casework.cases.kinds import Kind
from casework.cases.models import Step
from casework.cases.redating import would_be_due
from casework.core.clock import moved_to
from tests.cases.test_time_of_steps import again, case_pk, step
from tests.world import World, client_of, day, fresh

__all__ = ["case_pk", "step"]  # fixtures
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("see", "act", "said"),
    [("see_time", "give", {"more": "3"}), ("see_hold", "hold", {"until": "2026-10-19"})],
)
def test_the_date_that_is_shown_before_is_the_date_that_comes(
    step: Step, world: World, see: str, act: str, said: dict[str, str]
) -> None:
    place, data = (
        reverse("cases:time", args=[step.pk]),
        {**said, "reason": "路断了。", "document": ""},
    )
    with moved_to(day(step.case, 3)):
        client = client_of(fresh(world.township))
        seen = client.post(place, {**data, "act": see})
        assert again(step).due_at == step.due_at
        client.post(place, {**data, "act": act})
    assert seen.context["would_be"] == again(step).due_at > step.due_at


def test_whoever_decides_sees_the_date_that_was_asked_for(step: Step, world: World) -> None:
    ask_more_time(
        step, more=2, reason="家长外出。", by=fresh(world.principal), at=day(step.case, 3)
    )
    with moved_to(day(step.case, 3)):
        page = client_of(fresh(world.township)).get(reverse("cases:time", args=[step.pk]))
    assert page.context["if_granted"] == would_be_due(again(step), more=2) > step.due_at


def test_the_reason_names_the_event(step: Step) -> None:
    assert why(step).event == "the opening of the case"
    verified = Step.objects.get(case=step.case, kind=Kind.VERIFY)
    assert why(verified).event == "its beginning"


@pytest.mark.parametrize(
    ("act", "said", "words"),
    [
        ("see_time", {"more": "99"}, "at most"), ("see_hold", {"until": "2026-10-01"}, "ends today or later"),
        ("see_hold", {"until": "2028-10-01"}, "at most 30 days"),
    ],
)  # fmt: skip
def test_what_would_be_refused_is_refused_before(
    step: Step, world: World, act: str, said: dict[str, str], words: str
) -> None:
    place, data = reverse("cases:time", args=[step.pk]), {"reason": "路断了。", "document": ""}
    with moved_to(day(step.case, 3)):
        page = client_of(fresh(world.township)).post(place, {**data, **said, "act": act})
    assert page.status_code == 409 and words in page.content.decode()


def test_an_unknown_act_is_not_found(step: Step, world: World) -> None:
    with moved_to(day(step.case, 3)):
        page = client_of(fresh(world.township)).post(
            reverse("cases:time", args=[step.pk]), {"act": "see_x"}
        )
    assert page.status_code == 404


def test_more_time_that_is_not_enough_says_so(step: Step, world: World) -> None:
    with moved_to(step.due_at + timedelta(days=20)):
        page = client_of(fresh(world.township)).post(
            reverse("cases:time", args=[step.pk]),
            {"act": "see_time", "more": "2", "reason": "x", "document": ""},
        )
    text = page.content.decode()
    assert "overdue even so" in text and 'value="hold"' not in text


def test_the_story_tells_from_which_day_to_which(step: Step, world: World) -> None:
    with moved_to(day(step.case, 3)):
        client = client_of(fresh(world.township))
        data = {"act": "hold", "until": "2026-10-17", "reason": "大雪封路。", "document": ""}
        client.post(reverse("cases:time", args=[step.pk]), data)
        page = client.get(reverse("cases:case", args=[step.case_id])).content.decode()
    assert "The last day was 19 Oct 2026, now it is" in page
