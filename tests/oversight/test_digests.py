"""Messages that leave the house: once a person and day, in working time, without a child's name; urgent ones at once (issue 4)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from casework.cases import steps
from casework.cases.kinds import Kind
from casework.core.clock import local_moment, moved_to
from casework.notices import sending
from casework.notices.channels import choose, end_feed, make_feed
from casework.notices.models import Channels, Digest, Feed, Notice
from casework.notices.outbox import tell
from casework.org.models import User
from casework.oversight import digests
from casework.oversight.digests import digest_of, send_at_once, send_digests
from tests.world import OPENED, World, client_of, day, fresh, open_case, open_step

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 10, 16)


@pytest.fixture(autouse=True)
def reachable(settings: Any) -> None:
    settings.EMAIL_HOST, settings.SITE_URL = "mail.example", "https://casework.example"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What went to chats and gateways."""
    found: list[tuple[str, str]] = []

    class Gateway:
        def add(self, address: str) -> bool:
            self.address = address
            return "://" in address

        def notify(self, *, title: str, body: str) -> bool:
            found.append((self.address, body))
            return "down" not in self.address

    monkeypatch.setattr(sending.apprise, "Apprise", Gateway)
    return found


def mailed(user: User, **more: bool) -> User:
    said = {
        "email": f"p{user.pk}@example.org",
        "digest": True,
        "at_once": True,
        "sms": False,
        **more,
    }
    choose(user, **said, at=OPENED)  # type: ignore[arg-type]
    return user


def at(day_: date, hour: int, minute: int = 0) -> datetime:
    return local_moment(day_, hour, minute)


@pytest.fixture
def late(world: World) -> World:
    """A step of the officer is overdue since Monday."""
    open_case(world, world.lan)
    return world


def test_one_message_a_person_and_working_morning(late: World) -> None:
    mailed(late.officer)
    assert [
        send_digests(at(FRIDAY, hour, minute))
        for hour, minute in ((8, 29), (8, 30), (8, 40), (17, 0))
    ] == [0, 1, 0, 0]
    (message,) = mail.outbox
    assert (
        message.to == [f"p{late.officer.pk}@example.org"]
        and "https://casework.example/steps/" in message.body
    )
    assert send_digests(at(FRIDAY + timedelta(days=3), 9)) == 1


@pytest.mark.parametrize(
    ("on", "hour"), [(FRIDAY, 7), (FRIDAY, 18), (date(2026, 10, 17), 10), (date(2026, 10, 1), 10)]
)
def test_nothing_outside_working_time(late: World, on: date, hour: int) -> None:
    mailed(late.officer)
    assert send_digests(at(on, hour)) == 0 and not mail.outbox


def test_a_make_up_saturday_is_a_working_day(late: World) -> None:
    mailed(late.officer)
    assert send_digests(at(date(2026, 10, 10), 9)) in (0, 1)
    assert Digest.objects.filter(day=date(2026, 10, 10)).exists()


def test_no_name_and_no_number_of_a_child_leaves(late: World) -> None:
    for who in ("officer", "township", "county_officer"):
        mailed(late.people[who])
    send_digests(at(FRIDAY, 9))
    text = "".join(message.body for message in mail.outbox)
    assert len(mail.outbox) == 3
    assert late.lan.name not in text and late.lan.id_number not in text and "KC-" not in text


def test_a_supervisor_reads_of_the_overdue_work_of_the_units(late: World) -> None:
    text = digest_of(fresh(late.township), at(FRIDAY, 9))
    assert "青石镇：逾期1" in text and f"/board/?unit={late.town.pk}" in text
    assert digest_of(fresh(late.far_township), at(FRIDAY, 9)) == ""


def test_who_chose_nothing_or_left_is_not_mailed(late: World) -> None:
    mailed(late.officer, digest=False)
    User.objects.filter(pk=mailed(late.principal).pk).update(is_active=False)
    assert send_digests(at(FRIDAY, 9)) == 0 and not mail.outbox


def test_what_was_not_taken_is_tried_again_a_few_times(
    late: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailed(late.officer)
    tries = []

    def refuse(*args: Any) -> None:
        tries.append(args)
        raise sending.NotSent

    with monkeypatch.context() as patch:
        patch.setattr(digests.sending, "mail", refuse)
        assert [send_digests(at(FRIDAY, 9, minute)) for minute in range(2)] == [0, 0]
    assert send_digests(at(FRIDAY, 10)) == 1 and len(mail.outbox) == 1
    with monkeypatch.context() as patch:
        patch.setattr(digests.sending, "mail", refuse)
        tries.clear()
        monday = FRIDAY + timedelta(days=3)
        for minute in range(8):
            send_digests(at(monday, 9, minute))
    assert len(tries) == digests.TRIES


def test_the_chat_of_a_unit_gets_its_numbers_once(
    late: World, settings: Any, sent: list[tuple[str, str]]
) -> None:
    settings.CHAT_HOOKS = {"990026": "wecombot://key"}
    assert [send_digests(at(FRIDAY, hour)) for hour in (9, 10)] == [1, 0]
    ((address, text),) = sent
    assert address == "wecombot://key" and "示范县：逾期1" in text and late.lan.name not in text


def test_a_gateway_that_is_down_is_tried_again(
    late: World, settings: Any, sent: list[tuple[str, str]]
) -> None:
    settings.CHAT_HOOKS = {"990026": "feishu://down"}
    assert [send_digests(at(FRIDAY, hour)) for hour in (9, 10)] == [0, 0]
    assert len(sent) == 2


def test_a_short_message_goes_by_the_gateway_to_the_phone(
    late: World, settings: Any, sent: list[tuple[str, str]]
) -> None:
    settings.SMS_URL = "json://gateway/{phone}"
    User.objects.filter(pk=late.officer.pk).update(phone="10000000001")
    choose(late.officer, email="", digest=True, at_once=False, sms=True, at=OPENED)
    assert send_digests(at(FRIDAY, 9)) == 1
    assert sent[0][0] == "json://gateway/10000000001" and not mail.outbox


def test_what_is_urgent_goes_at_once_and_once(late: World) -> None:
    night = at(FRIDAY, 23)
    tell([mailed(late.principal)], "harm_now", key="h", at=night, link="/matters/1/")
    tell([late.principal], "yours", key="y", at=night, link="/steps/1/")
    assert [send_at_once(night), send_at_once(night)] == [1, 0]
    (message,) = mail.outbox
    assert "https://casework.example/matters/1/" in message.body


def test_an_urgent_mail_that_was_not_taken_waits_for_the_next_sweep(
    late: World, settings: Any
) -> None:
    tell([mailed(late.principal)], "harm_now", key="h", at=at(FRIDAY, 23))
    settings.EMAIL_HOST = ""
    assert send_at_once(at(FRIDAY, 23)) == 0
    settings.EMAIL_HOST = "mail.example"
    assert send_at_once(at(FRIDAY, 23, 1)) == 1
    assert send_at_once(at(FRIDAY, 23, 1) + timedelta(days=2)) == 0


def test_a_notice_is_read_when_it_is_opened_by_its_own_reader(late: World) -> None:
    notice = Notice.objects.filter(user=late.officer).latest("pk")
    place = reverse("cases:notice", args=[notice.pk])
    with moved_to(OPENED):
        assert client_of(late.principal).post(place).status_code == 404
        response = client_of(late.officer).post(place)
    notice.refresh_from_db()
    assert response.headers["Location"] == notice.link and notice.read_at


# ---- the own calendar


def events(world: World, token: str, when: datetime = OPENED) -> Any:
    with moved_to(when):
        return Client().get(reverse("cases:feed", args=[token]))


def test_a_calendar_holds_the_due_days_and_an_initial(late: World) -> None:
    response = events(late, make_feed(late.officer, at=OPENED))
    (event,) = Calendar.from_ical(response.content).walk("VEVENT")
    step = open_step(late.lan.cases.get(), Kind.REGISTER)
    assert event.decoded("dtstart") == date(2026, 10, 12)
    assert str(event["url"]) == f"https://casework.example/steps/{step.pk}/"
    assert late.lan.name not in response.content.decode() and "罗○" in str(event["summary"])


def test_a_new_secret_ends_the_old_one_and_only_its_hash_is_kept(late: World) -> None:
    first = make_feed(late.officer, at=OPENED)
    second = make_feed(late.officer, at=OPENED)
    assert Feed.objects.get().token_hash not in (first, second)
    assert (events(late, first).status_code, events(late, second).status_code) == (404, 200)
    end_feed(late.officer, at=OPENED)
    assert events(late, second).status_code == 404


def test_the_calendar_of_somebody_who_left_is_dead(late: World) -> None:
    token = make_feed(late.officer, at=OPENED)
    User.objects.filter(pk=late.officer.pk).update(is_active=False)
    assert events(late, token).status_code == 404


def test_a_step_given_away_leaves_the_calendar(late: World) -> None:
    token = make_feed(late.officer, at=OPENED)
    step = open_step(late.lan.cases.get(), Kind.REGISTER)
    steps.release_step(step, reason="外出。", by=fresh(late.officer), at=OPENED)
    assert b"VEVENT" not in events(late, token).content


def test_the_page_keeps_what_was_chosen_and_shows_the_secret_once(world: World) -> None:
    client, place = client_of(world.officer), reverse("cases:channels")
    with moved_to(OPENED):
        client.post(place, {"email": "a@example.org", "digest": "on"})
        wrong = client.post(place, {"email": "nobody"})
        shown = client.post(place, {"act": "feed"})
        again = client.get(place)
    mine = Channels.objects.get(user=world.officer)
    assert (mine.email, mine.digest, mine.at_once) == ("a@example.org", True, False)
    assert wrong.status_code == 422 and shown.context["address"].endswith(".ics")
    assert "/calendar/" not in again.content.decode()


def test_the_morning_list_is_for_those_whom_no_message_reaches(late: World) -> None:
    place, client = reverse("oversight:morning"), client_of(late.principal)
    with moved_to(day(late.lan.cases.get(), 1)):
        before = client.get(place).context["sheets"]
        mailed(late.officer)
        after = client.get(place).context["sheets"]
    assert [person for person, _steps in before] == [late.officer] and after == []


def test_two_workers_send_one_message(late: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second comes while the first waits for the mail server."""
    mailed(late.officer)
    real, depth = sending.mail, []

    def slow(*args: Any) -> None:
        if not depth:
            depth.append(1)
            assert send_digests(at(FRIDAY, 9, 1)) == 0
        real(*args)

    monkeypatch.setattr(digests.sending, "mail", slow)
    assert send_digests(at(FRIDAY, 9)) == 1 and len(mail.outbox) == 1


def test_a_gateway_that_is_down_repeats_no_mail(
    late: World, settings: Any, sent: list[tuple[str, str]]
) -> None:
    settings.SMS_URL = "json://down/{phone}"
    User.objects.filter(pk=late.officer.pk).update(phone="10000000001")
    mailed(late.officer, sms=True)
    assert [send_digests(at(FRIDAY, 9, minute)) for minute in range(4)] == [0, 0, 0, 0]
    assert len(mail.outbox) == 1


def test_a_hook_of_no_unit_stops_nobody_else(
    late: World, settings: Any, sent: list[tuple[str, str]]
) -> None:
    settings.CHAT_HOOKS = {"000000": "wecombot://a", "990026": "wecombot://b"}
    assert send_digests(at(FRIDAY, 9)) == 1 and [address for address, _text in sent] == [
        "wecombot://b"
    ]


def test_whoever_must_set_a_new_password_has_no_calendar(late: World) -> None:
    token = make_feed(late.officer, at=OPENED)
    User.objects.filter(pk=late.officer.pk).update(must_set_password=True)
    assert events(late, token).status_code == 404
