"""Tips from outside: no account, no search, a limit, a number, a day to look at it (domain.md B14; features 5)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from casework.audit.models import Entry, Look
from casework.cases.intake import set_aside
from casework.cases.models import Case
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from casework.detection.by_hand import identify
from casework.detection.models import Finding, Tip, TipDoor
from casework.detection.tips import TooMany, found_by_number, open_door, take_tip
from casework.notices.models import Notice
from tests.world import OPENED, World, client_of, fresh, open_case

pytestmark = pytest.mark.django_db
SAID = {
    "what": "村口王家的孩子一周没上学了。",
    "name": "罗小兰",
    "home": "村口",
    "phone": "10000001234",
}


@pytest.fixture
def door(world: World) -> TipDoor:
    return open_door(world.village, by=world.township, at=OPENED)


def tell(door: TipDoor, *, address: str = "198.51.100.7", at: Any = OPENED, **more: str) -> Tip:
    return take_tip(door, SAID | more, address=address, at=at)


def anybody() -> Client:
    return Client(headers={"accept-language": "en"})


def test_a_tip_becomes_a_finding_to_be_decided_within_a_day(door: TipDoor, world: World) -> None:
    tip = tell(door)
    finding = tip.finding
    assert (finding.rule, finding.unit, finding.pupil) == ("tip", world.village, None)
    assert finding.due_at == OPENED + timedelta(hours=24)
    assert finding.note == SAID["what"]
    assert finding.child == {"name": "罗小兰", "address": "村口"}
    assert Notice.objects.get(code="tip").user == world.township


def test_what_the_sender_says_of_himself_is_sealed_and_the_trail_names_nobody(
    door: TipDoor,
) -> None:
    tip = tell(door)
    assert "10000001234" not in tip.phone and tip.phone
    assert "198.51.100.7" not in tip.sender
    entry = Entry.objects.get(verb="tip.taken")
    assert entry.facts == {} and entry.actor_id is None


def test_too_few_words_are_no_tip(door: TipDoor) -> None:
    with pytest.raises(DomainError, match="few words"):
        tell(door, what=" ? ")


def test_one_address_is_limited_and_another_is_not(door: TipDoor) -> None:
    for _n in range(5):
        tell(door)
    with pytest.raises(TooMany):
        tell(door)
    tell(door, address="198.51.100.8")
    tell(door, at=OPENED + timedelta(hours=1, seconds=1))


def test_a_door_is_limited_whoever_knocks(door: TipDoor) -> None:
    for number in range(30):
        tell(door, address=f"198.51.100.{number}")
    with pytest.raises(TooMany):
        tell(door, address="203.0.113.9")


def test_a_new_code_closes_the_old_one(door: TipDoor, world: World) -> None:
    new = open_door(world.village, by=world.township, at=OPENED + timedelta(days=1))
    assert anybody().get(reverse("cases:tip", args=[door.token])).status_code == 404
    assert anybody().get(reverse("cases:tip", args=[new.token])).status_code == 200
    with pytest.raises(IntegrityError):
        TipDoor.objects.create(village=world.village, token="x", opened_at=OPENED)


def test_an_hour_across_midnight_is_one_hour(door: TipDoor) -> None:
    late = OPENED.replace(hour=23, minute=50) - timedelta(hours=8)  # 23:50 here
    for _n in range(5):
        tell(door, at=late)
    with pytest.raises(TooMany):
        tell(door, at=late + timedelta(minutes=20))


def test_one_network_of_the_new_addresses_is_one_sender(door: TipDoor) -> None:
    for number in range(5):
        tell(door, address=f"2001:db8:1:1::{number}")
    with pytest.raises(TooMany):
        tell(door, address="2001:db8:1:1:ffff::1")
    tell(door, address="2001:db8:1:2::1")


def test_a_door_that_was_closed_meanwhile_takes_nothing(door: TipDoor, world: World) -> None:
    open_door(world.village, by=world.township, at=OPENED)
    with pytest.raises(DomainError, match="not in use"):
        tell(door)


def test_no_address_is_an_error(door: TipDoor) -> None:
    for wrong in ("%00", "x%00y", "文", "a" * 200):
        assert anybody().get(f"/t/{wrong}/").status_code == 404


def test_a_tip_that_was_set_aside_is_named_at_its_second_look(door: TipDoor, world: World) -> None:
    finding, by = tell(door).finding, fresh(world.township)
    back = OPENED + timedelta(days=3)
    set_aside(finding, until=back, reason="先等等", by=by, at=OPENED)
    with pytest.raises(DomainError, match="decided"):
        identify(finding, pupil=world.lan, child={}, school=None, by=by, at=OPENED)
    identify(finding, pupil=world.lan, child={}, school=None, by=by, at=back)
    assert Finding.objects.get().pupil == world.lan


def test_a_child_born_long_ago_is_refused(door: TipDoor, world: World) -> None:
    child = {"name": "王小军", "sex": "m", "born": "1914-05-06", "unit": world.school.pk}
    assert post(world, tell(door).finding, **child).status_code == 422


def test_the_number_is_found_however_it_is_typed(door: TipDoor) -> None:
    tip = tell(door)
    assert found_by_number(f" {tip.number.lower().replace('-', ' ')} ") == tip
    assert found_by_number("") is None and found_by_number("AAAA-AAAA") is None


def test_the_public_page_takes_a_tip_and_gives_the_number(door: TipDoor) -> None:
    client = anybody()
    page = client.get(reverse("cases:tip", args=[door.token])).content.decode()
    assert "罗小兰" not in page and "Sign out" not in page
    answer = client.post(reverse("cases:tip", args=[door.token]), SAID)
    assert answer.status_code == 200 and Tip.objects.get().number in answer.content.decode()


def test_a_robot_that_fills_in_what_nobody_sees_is_not_taken(door: TipDoor) -> None:
    answer = anybody().post(reverse("cases:tip", args=[door.token]), SAID | {"website": "x"})
    assert answer.status_code == 422 and not Tip.objects.exists()


def test_too_many_are_told_to_come_later(door: TipDoor) -> None:
    client = anybody()
    codes = [
        client.post(reverse("cases:tip", args=[door.token]), SAID).status_code for _n in range(6)
    ]
    assert codes == [200] * 5 + [429]


def test_the_sender_may_ask_and_hears_only_whether_it_was_looked_at(
    door: TipDoor, world: World
) -> None:
    tip, client = tell(door), anybody()
    ask = {"number": tip.number}
    assert "waits" in client.post(reverse("cases:tip_asked"), ask).content.decode()
    Finding.objects.update(state="set_aside")
    page = client.post(reverse("cases:tip_asked"), ask).content.decode()
    assert "It was looked at" in page and "罗小兰" not in page
    assert client.post(reverse("cases:tip_asked"), {"number": "ZZZZ-9999"}).status_code == 404


# ---- who is meant ----


def post(world: World, finding: Finding, **data: Any) -> Any:
    with moved_to(OPENED):
        return client_of(world.township).post(reverse("cases:identify", args=[finding.pk]), data)


def test_from_a_tip_to_a_case(door: TipDoor, world: World) -> None:
    finding = tell(door).finding
    with moved_to(OPENED):
        client = client_of(world.township)
        page = client.get(reverse("cases:identify", args=[finding.pk]))
        assert [each.pk for each in page.context["pupils"]] == [world.lan.pk]
        client.post(reverse("cases:identify", args=[finding.pk]), {"pupil": world.lan.pk})
        client.post(reverse("workflows:open_case", args=[finding.pk]))
    case = Case.objects.get()
    assert (case.pupil, case.school) == (world.lan, world.school)


def test_a_tip_joins_the_open_case_of_the_child(door: TipDoor, world: World) -> None:
    case = open_case(world, world.lan)
    finding = tell(door).finding
    post(world, finding, pupil=world.lan.pk)
    with moved_to(OPENED):
        client_of(world.township).post(reverse("cases:decide", args=[finding.pk]), {"act": "link"})
    finding.refresh_from_db()
    assert finding.state == "linked" and finding.decisions.get().case == case


def test_a_child_on_no_roster_is_named_before_a_case_is_opened(door: TipDoor, world: World) -> None:
    finding = tell(door).finding
    with moved_to(OPENED):
        refused = client_of(world.township).post(reverse("workflows:open_case", args=[finding.pk]))
        assert refused.status_code == 409 and not Case.objects.exists()
    assert post(world, finding, name="王小军").status_code == 422
    child = {"name": "王小军", "sex": "m", "born": "2014-05-06", "unit": world.school.pk}
    assert post(world, finding, **child).status_code == 302
    with moved_to(OPENED):
        client_of(world.township).post(reverse("workflows:open_case", args=[finding.pk]))
    case = Case.objects.get()
    assert (case.pupil.name, case.pupil.sex, case.school) == ("王小军", "m", world.school)


def test_a_school_does_not_learn_who_spoke_about_it(door: TipDoor, world: World) -> None:
    """The office above the village sees the sender, and the look is kept; the school that sees to the child does not."""
    finding = tell(door, reporter="举报人甲").finding
    place = reverse("cases:identify", args=[finding.pk])
    with moved_to(OPENED):
        assert "10000001234" in client_of(world.township).get(place).content.decode()
    assert Look.objects.filter(what="tip_sender", subjects=[finding.pk]).count() == 1
    child = {"name": "王小军", "sex": "m", "born": "2014-05-06", "unit": world.school.pk}
    post(world, finding, **child)
    with moved_to(OPENED):
        page = client_of(world.officer).get(place)
    assert page.status_code == 200
    assert "10000001234" not in page.content.decode() and "举报人甲" not in page.content.decode()
    with moved_to(OPENED):
        assert client_of(world.officer).post(place, child | {"name": "别人"}).status_code == 409
    assert post(world, finding, **child | {"name": "王小君"}).status_code == 302
    finding.refresh_from_db()
    assert finding.child["name"] == "王小君"


def test_the_search_finds_by_sound_initials_and_village(door: TipDoor, world: World) -> None:
    finding = tell(door).finding
    for words, names in (
        ("tianxiao", {"田小云"}),
        ("txy", {"田小云"}),
        ("青石村", {"罗小兰", "易大明", "田小云", "潘思琪", "董小安"}),
        ("0053", {"田小云"}),
        ("庞", set()),
    ):
        found = post(world, finding, act="search", q=words).context["pupils"]
        assert {each.name for each in found} == names, words


def test_two_tips_of_a_day_about_one_child_are_not_both_that_child(
    door: TipDoor, world: World
) -> None:
    one, two = tell(door).finding, tell(door).finding
    by = fresh(world.township)
    identify(one, pupil=world.lan, child={}, school=None, by=by, at=OPENED)
    with pytest.raises(DomainError, match="Another tip"):
        identify(two, pupil=world.lan, child={}, school=None, by=by, at=OPENED)
    with pytest.raises(DomainError, match="already"):
        identify(one, pupil=world.yun, child={}, school=None, by=by, at=OPENED)


def test_a_tip_of_another_township_is_out_of_reach(door: TipDoor, world: World) -> None:
    finding = tell(door).finding
    with moved_to(OPENED):
        client = client_of(world.far_township)
        assert client.get(reverse("cases:identify", args=[finding.pk])).status_code == 404
        assert client.get(reverse("cases:tip_poster", args=[world.village.pk])).status_code == 404
        assert (
            client.post(reverse("cases:tip_doors"), {"village": world.village.pk}).status_code
            == 404
        )


def test_the_poster_bears_the_link_of_the_village(door: TipDoor, world: World) -> None:
    with moved_to(OPENED):
        page = client_of(world.township).get(reverse("cases:tip_poster", args=[world.village.pk]))
    assert page.context["link"].endswith(f"/t/{door.token}/")
    assert (
        page.context["code"].startswith("data:image/svg+xml")
        and page.context["code"] in page.content.decode()
    )
