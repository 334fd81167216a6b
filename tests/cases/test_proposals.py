"""A proposal of rules changes one version, and whoever has to know of it is told (issue 4)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from casework.cases.changing import decide_rules, propose_rules
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from casework.notices.models import Notice
from casework.org.models import User
from casework.profiles import proposals
from casework.profiles.models import Proposal
from casework.profiles.rules import section
from casework.profiles.shipped import merged
from tests.cases.test_rules_pages import FEWER, TOMORROW, proposed, sent
from tests.world import OPENED, World, client_of

pytestmark = pytest.mark.django_db


def test_what_was_overtaken_is_not_published(world: World, colleague: User) -> None:
    """Of two proposals made from one version the second would take back what the first changed."""
    three = merged(FEWER, {"guards": {"visits_before_report": 3}})
    first, second = proposed(world), proposed(world, three)
    proposals.decide(first, approve=True, reason="", by=colleague, at=OPENED)
    with pytest.raises(DomainError, match="begin anew"):
        proposals.decide(second, approve=True, reason="", by=colleague, at=OPENED)
    second.refresh_from_db()
    assert second.decided_at is None
    assert section(world.county, "guards", OPENED + timedelta(days=1))["visits_before_report"] == 2
    proposals.decide(second, approve=False, reason="已有新版本。", by=colleague, at=OPENED)


def test_a_page_opened_before_another_version_proposes_nothing(
    world: World, colleague: User
) -> None:
    client, place = client_of(world.county_officer), reverse("cases:edit_rules")
    with moved_to(OPENED):
        opened = client.get(place).context
    proposals.decide(proposed(world), approve=True, reason="", by=colleague, at=OPENED)
    said = {
        **{field.html_name: field.value() for field in opened["form"]},
        "act": "propose", "name": "旧页面", "base": opened["base"], "version": opened["version"],
    }  # fmt: skip
    answer = sent(client, place, {key: value for key, value in said.items() if value is not None})
    assert answer.status_code == 409 and "begin anew" in answer.content.decode()
    assert not Proposal.objects.filter(decided_at=None).exists()


@pytest.mark.parametrize(("approve", "code"), [(True, "rules_published"), (False, "rules_refused")])
def test_whoever_decides_and_whoever_proposed_is_told(
    world: World, colleague: User, approve: bool, code: str
) -> None:
    propose_rules(
        world.county, FEWER, name="x", valid_from=TOMORROW, by=world.county_officer, at=OPENED
    )
    asked = Notice.objects.filter(code="rules_proposed")
    assert colleague.pk in {notice.user_id for notice in asked}
    assert world.county_officer.pk not in {notice.user_id for notice in asked}
    with moved_to(OPENED):
        assert client_of(colleague).get(asked[0].link).status_code == 200
    proposal = Proposal.objects.get()
    decide_rules(proposal, approve=approve, reason="依据不足。", by=colleague, at=OPENED)
    assert not asked.filter(read_at=None).exists()
    assert Notice.objects.get(code=code).user_id == world.county_officer.pk
