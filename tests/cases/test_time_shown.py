"""What is shown of a step's time before it is changed, and of the event that it is counted from (issue 4)."""

import pytest
from django.urls import reverse

from casework.cases.explaining import why
from casework.cases.extensions import ask_more_time
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
    begun = Step.objects.select_related("profile").get(pk=step.pk)
    assert why(begun).event == "the opening of the case"
    begun.profile.rules = {"steps": {step.rule: {"from": "begun"}}}
    assert why(begun).event == "its beginning"
