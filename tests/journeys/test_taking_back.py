"""A request taken back before it is decided; a branch looked at before its day."""

import pytest
from django.test import Client

from casework.cases import matters
from casework.cases.kinds import Kind
from casework.cases.models import Case
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from tests.journeys.test_side_roads import ask, branch, look, open_main, sound
from tests.world import World, day, decide, fresh, holder_of, open_step

pytestmark = pytest.mark.django_db


def test_a_branch_is_looked_at_sooner_when_its_receipt_is_there(
    case: Case, world: World, client: Client
) -> None:
    """The receipt of the other school comes on the third day: nobody waits for the day of the next look."""
    branch(case, "TRANSFER_OUT", world)
    step, at = open_step(case, Kind.BRANCH_REVIEW), day(case, 7)
    assert step.opens_at > at
    with moved_to(at):
        client.force_login(holder_of(step, at))
        assert f"/steps/{step.pk}/" in client.get(f"/cases/{case.pk}/").content.decode()
        assert client.get(f"/steps/{step.pk}/").status_code == 200
    look(case, 7, result="settled", proof="接收学校回执")
    assert open_main(case) == Kind.PROPOSE_CLOSURE
    sound()


@pytest.mark.parametrize("code", ["DECEASED", "CHILD_LABOUR", "APPEAL_SCHOOL"])
def test_a_request_is_taken_back_by_who_asked_until_it_is_decided(
    case: Case, world: World, code: str
) -> None:
    step = ask(case, code, day(case, 4), world.teacher)
    matter, at = step.about, day(case, 4, 12)
    for by, reason, words in (
        (world.officer, "写错了", "Only who asked"),
        (world.teacher, "  ", "Say why"),
    ):
        with pytest.raises(DomainError, match=words):
            matters.withdraw(matter, reason, by=fresh(by), at=at)
    matters.withdraw(matter, "写错了。", by=fresh(world.teacher), at=at)
    step.refresh_from_db()
    assert (step.cancelled, matter.outcome, open_main(case)) == (
        True,
        "withdrawn",
        Kind.PERSUASION,
    )
    assert matters.blocking(case) is None
    with pytest.raises(DomainError, match="until it is decided"):
        matters.withdraw(matter, "写错了。", by=fresh(world.teacher), at=at)
    again = ask(case, code, day(case, 5), world.teacher).about
    decide(case, day(case, 5, 16))
    with pytest.raises(DomainError, match="until it is decided"):
        matters.withdraw(again, "写错了。", by=fresh(world.teacher), at=day(case, 6))
    sound()


def test_the_case_page_offers_to_take_a_request_back(
    case: Case, world: World, client: Client
) -> None:
    matter = ask(case, "TRANSFER_OUT", day(case, 4), world.teacher).about
    url, page = f"/matters/{matter.pk}/withdraw/", f"/cases/{case.pk}/"
    with moved_to(day(case, 4, 12)):
        client.force_login(world.principal)
        assert url not in client.get(page).content.decode()
        assert client.post(url, {"reason": "写错了。"}).status_code == 409
        client.force_login(world.teacher)
        shown = client.get(page).content.decode()
        assert url in shown and f"{page}ask/" in shown
        answer = client.post(url, {"reason": "回执有误。"}, follow=True).content.decode()
    assert url not in answer and "回执有误。" in answer and "。。" not in answer
