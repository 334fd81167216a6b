"""Signing in: argon2id, the one-time code, the lock after five, no hint whether a name exists (AUTH-01, ACC-05)."""

from datetime import date, timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import get_hasher, make_password
from django.test import Client, override_settings
from django.urls import reverse

from casework.audit.models import Entry
from casework.core.clock import moved_to, now
from casework.core.errors import DomainError
from casework.org import people
from casework.org.models import Post, User
from casework.org.roles import Role
from tests.world import FAST_HASH, OPENED, PASSWORD, World, client_of, fresh

pytestmark = pytest.mark.django_db
PLACE = "/sign-in/"


@pytest.fixture
def quick(settings: Any) -> None:
    """The test of the hash itself stands alone; the others need not wait for it."""
    settings.PASSWORD_HASHERS = FAST_HASH["PASSWORD_HASHERS"]


@pytest.fixture
def known(world: World, quick: None) -> User:
    user = fresh(world.teacher)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def sign_in(
    name: str, password: str, client: Client | None = None, address: str = "10.0.0.1"
) -> Any:
    browser = client or Client(headers={"accept-language": "en"})
    return browser.post(PLACE, {"username": name, "password": password}, REMOTE_ADDR=address)


def test_passwords_are_kept_by_argon2id() -> None:
    """AUTH-01."""
    assert make_password(PASSWORD).startswith("argon2$argon2id$")
    assert get_hasher("default").algorithm == "argon2"


def test_a_person_signs_in_and_it_is_recorded(known: User) -> None:
    client = Client()
    assert sign_in(known.username, PASSWORD, client).url == "/"
    assert client.get("/").status_code == 200
    assert Entry.objects.filter(verb="signed_in", actor_id=known.pk).count() == 1


def test_signing_in_makes_a_new_session(known: User) -> None:
    """AUTH-03: a session that someone planted before is not the one after."""
    client = Client()
    client.get(PLACE)
    session = client.session
    session["planted"] = "1"
    session.save()
    client.cookies["sessionid"] = before = session.session_key
    sign_in(known.username, PASSWORD, client)
    assert client.session.session_key != before


def test_five_failures_lock_the_name_from_that_address(known: User) -> None:
    """AUTH-01: even the right password does not open it then; another address is not locked."""
    answers = [sign_in(known.username, "wrong-password").status_code for _i in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    locked = sign_in(known.username, PASSWORD)
    assert locked.status_code == 429 and "sessionid" not in locked.cookies
    assert sign_in(known.username, PASSWORD, address="10.0.0.9").status_code == 302


def test_four_failures_do_not(known: User) -> None:
    for _i in range(4):
        sign_in(known.username, "wrong-password")
    assert sign_in(known.username, PASSWORD).status_code == 302
    for _i in range(4):
        sign_in(known.username, "wrong-password")
    assert sign_in(known.username, PASSWORD).status_code == 302


def test_a_wrong_name_and_a_wrong_password_look_alike(known: User) -> None:
    """AUTH-01: no enumeration by words, status or form."""

    def shown(response: Any) -> tuple[int, list[str]]:
        return response.status_code, response.context["form"].non_field_errors()

    inactive = User.objects.create(username="99100007", display_name="甲", is_active=False)
    inactive.set_password(PASSWORD)
    inactive.save()
    answers = [
        shown(sign_in(name, password))
        for name, password in (
            (known.username, "wrong-password"),
            ("nobody-at-all", "wrong-password"),
            (inactive.username, PASSWORD),
        )
    ]
    assert answers[0] == answers[1] == answers[2] and answers[0][1]


def test_an_unknown_name_costs_a_hash_too(known: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """AUTH-01: no enumeration by time: both ways run the hasher once."""
    made: list[str] = []
    hasher = type(get_hasher("default"))
    encode = hasher.encode

    def counted(self: Any, password: str, salt: str, *more: Any) -> str:
        made.append("hash")
        return str(encode(self, password, salt, *more))

    monkeypatch.setattr(hasher, "encode", counted)
    counts = []
    for name in (known.username, "nobody-at-all"):
        made.clear()
        sign_in(name, "wrong-password")
        counts.append(len(made))
    assert counts[0] == counts[1] > 0


def test_the_name_is_found_in_any_case(world: World, quick: None) -> None:
    people.add_person(username="Zhou88", display_name="周", by=None, at=OPENED)
    code = people.new_code(user=User.objects.get(username="Zhou88"), by=None, at=now())
    assert sign_in("zhou88", code).status_code == 302


# ---- the one-time code


@pytest.fixture
def code(world: World, quick: None) -> str:
    with moved_to(OPENED):
        return people.new_code(user=fresh(world.teacher), by=fresh(world.officer), at=OPENED)


def test_a_code_opens_nothing_but_the_page_for_a_password(world: World, code: str) -> None:
    client = Client()
    with moved_to(OPENED):
        sign_in(world.teacher.username, code, client)
        assert client.get("/cases/").url == reverse("org:set_password")
        mine = {"password": "an-own-secret-7", "again": "an-own-secret-7"}
        assert client.post(reverse("org:set_password"), mine).url == "/"
        assert client.get("/").status_code == 200
        assert sign_in(world.teacher.username, code, address="10.0.0.3").status_code == 200


def test_a_code_ends_after_a_week(world: World, code: str) -> None:
    for days, status in ((8, 200), (6, 302)):
        with moved_to(OPENED + timedelta(days=days)):
            assert sign_in(world.teacher.username, code).status_code == status


WEAK = ["short7", "1234567890123", "password123", "99000008", "aaaaaaaaaa"]


@pytest.mark.parametrize("password", WEAK[:4])
def test_weak_passwords_are_refused(world: World, code: str, password: str) -> None:
    client = Client()
    with moved_to(OPENED):
        sign_in(world.teacher.username, code, client)
        response = client.post(
            reverse("org:set_password"), {"password": password, "again": password}
        )
    assert list(response.context["form"].errors) == ["password"]


def test_two_that_do_not_match(world: World, code: str) -> None:
    client = Client()
    with moved_to(OPENED):
        sign_in(world.teacher.username, code, client)
        data = {"password": "an-own-secret-7", "again": "an-own-secret-8"}
        response = client.post(reverse("org:set_password"), data)
    assert list(response.context["form"].errors) == ["again"]


RESETS = [
    ("officer", "teacher", True), ("officer", "cadre", False), ("officer", "township", False), ("officer", "officer", False),
    ("officer", "far_teacher", False), ("township", "officer", False), ("township", "cadre", True),
    ("county_officer", "township", False), ("county_officer", "teacher", True), ("principal", "teacher", False), ("supervisor", "teacher", False),
    ("admin", "county_officer", True), ("county_officer", "admin", False),
]  # fmt: skip


@pytest.mark.parametrize(("by", "who", "may"), RESETS)
def test_who_resets_whom(world: World, by: str, who: str, may: bool) -> None:
    """Issue point 1 and ACC-04: by the case officer or administrator, never upwards, nor of whom one checks."""
    assert people.may_reset(fresh(world.people[by]), fresh(world.people[who])) is may


def test_a_code_opens_the_door_once(world: World, code: str) -> None:
    with moved_to(OPENED):
        assert sign_in(world.teacher.username, code).status_code == 302
    with moved_to(OPENED + timedelta(minutes=1)):
        assert sign_in(world.teacher.username, code).status_code == 200


def test_the_code_is_no_password_of_one_s_own(world: World, code: str) -> None:
    client = Client()
    with moved_to(OPENED):
        sign_in(world.teacher.username, code, client)
        answer = client.post(reverse("org:set_password"), {"password": code, "again": code})
    assert list(answer.context["form"].errors) == ["password"]


def test_an_ended_post_is_not_prolonged_least_of_all_one_s_own(world: World) -> None:
    """ACC-04."""
    admin = fresh(world.admin)
    ended = Post.objects.create(
        user=admin, unit=world.county, role=Role.COUNTY_CASE_OFFICER,
        since=date(2026, 8, 25), until=date(2026, 9, 1),
    )  # fmt: skip
    with pytest.raises(DomainError, match="his own posts"):
        people.end_post(post=ended, until=date(2026, 10, 12), by=admin, at=OPENED)
    with pytest.raises(DomainError, match="ended already"):
        people.end_post(post=ended, until=date(2026, 10, 12), by=None, at=OPENED)


def test_a_post_asked_for_earlier_begins_earlier(world: World) -> None:
    asked = {"user": world.officer, "unit": world.town, "role": Role.TOWNSHIP_LEADER, "by": None}
    later = people.give_post(since=date(2026, 12, 1), at=OPENED, **asked)
    assert people.give_post(since=date(2026, 10, 12), at=OPENED, **asked) == later
    later.refresh_from_db()
    assert later.since == date(2026, 10, 12)


def test_a_reset_that_is_not_yours(world: World) -> None:
    with pytest.raises(DomainError, match="not yours"):
        people.new_code(user=fresh(world.township), by=fresh(world.officer), at=OPENED)


# ---- rights that end (ACC-05)


def test_a_post_that_ended_closes_its_pages_at_once(world: World) -> None:
    """ACC-05: on the next request of the same session."""
    client = client_of(world.officer)
    with moved_to(OPENED):
        assert client.get("/findings/").status_code == 200
        post = Post.objects.get(user=world.officer)
        people.end_post(post=post, until=(OPENED - timedelta(days=1)).date(), by=None, at=OPENED)
        assert client.get("/findings/").status_code == 403
        assert client.get("/").status_code == 403


def test_a_post_ends_with_its_last_day(world: World) -> None:
    Post.objects.filter(user=world.officer).update(until=OPENED.date())
    client = client_of(world.officer)
    for days, status in ((0, 200), (1, 403)):
        with moved_to(OPENED + timedelta(days=days)):
            assert client.get("/findings/").status_code == status


def test_a_deactivated_person_is_out_at_once(world: World) -> None:
    client = client_of(world.officer)
    with moved_to(OPENED):
        assert client.get("/").status_code == 200
        people.set_active(user=fresh(world.officer), active=False, by=fresh(world.admin), at=OPENED)
        assert client.get("/").url.startswith("/sign-in/")


def test_an_own_password_ends_other_sessions(known: User) -> None:
    """AUTH-03."""
    here, there = client_of(known), client_of(known)
    with override_settings(**FAST_HASH):
        data = {"password": "an-own-secret-7", "again": "an-own-secret-7", "old": PASSWORD}
        here.post(reverse("org:set_password"), data)
    assert here.get("/notices/").status_code == 200
    assert there.get("/notices/").status_code == 302


def test_an_idle_session_ends(world: World, settings: Any) -> None:
    """AUTH-03."""
    client = client_of(world.officer)
    client.get("/")
    session = client.session
    session["seen"] = session["seen"] - settings.SESSION_IDLE_SECONDS - 1
    session.save()
    assert client.get("/").status_code == 302


def test_nobody_gives_himself_a_post(world: World) -> None:
    """ACC-04."""
    admin = fresh(world.admin)
    with pytest.raises(DomainError, match="his own posts"):
        people.give_post(
            user=admin,
            unit=world.county,
            role="county_officer",
            since=OPENED.date(),
            by=admin,
            at=OPENED,
        )


@pytest.mark.parametrize(
    "place", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_the_sign_in_leads_to_no_other_site(known: User, place: str) -> None:
    response = Client().post(
        PLACE, {"username": known.username, "password": PASSWORD, "next": place}
    )
    assert response.url == "/"


def test_demo_logins_show_in_demo_mode_only(world: World, settings: Any) -> None:
    assert "demo-county-26" not in Client().get(PLACE).content.decode()
    settings.DEMO = True
    assert "demo-county-26" in Client().get(PLACE).content.decode()


def test_a_failed_sign_in_leaves_no_name_in_the_log(client: Any, db: None, capfd: Any) -> None:
    """PRIV-07: the name may be a phone number; the try itself stands in the database."""
    client.post(reverse("org:sign_in"), {"username": "10012345678", "password": "wrong"})
    said = capfd.readouterr()
    assert "10012345678" not in said.out + said.err
    assert AccessAttempt.objects.get().username == "10012345678"
