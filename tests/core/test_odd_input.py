"""What no form of ours sends: endless numbers, odd tokens and characters, drafts of what is out of reach. Refused, never a 500."""

import base64
import json
from datetime import date
from typing import Any

import pytest
from django.test import Client

from casework.cases.drafts import sender_mark
from casework.cases.models import Draft
from casework.core.logs import TRACEBACK, _only_places
from casework.core.pager import page
from casework.evidence.forms import BundleForm
from casework.org.models import User
from tests.world import World, client_of, fresh

pytestmark = pytest.mark.django_db
ENDLESS = "9" * 25


@pytest.mark.parametrize("place", ["/cases/{}/", "/steps/{}/", "/harm/{}/", "/pupils/{}/visit/"])
def test_a_number_that_no_row_has_is_not_found(world: World, place: str) -> None:
    client = client_of(world.county_officer)
    assert client.get(place.format(ENDLESS)).status_code == 404


def test_no_draft_is_kept_of_what_is_out_of_reach(world: World) -> None:
    client = client_of(world.teacher)
    for place in (
        f"/pupils/{ENDLESS}/visit/", f"/pupils/{world.far_hua.pk}/visit/", "/pupils/4242/harm/", "/cases/4242/harm/",
        "/cases/4242/ask/REFERRAL/", f"/absent/{world.far_hua.pk}/",
    ):  # fmt: skip
        assert client.post(place, {"act": "save", "why": "x"}).status_code == 404, place
    assert not Draft.objects.exists() and client.get("/visits/").status_code == 200


@pytest.mark.parametrize(
    "values", [["0001-01-01T00:00:00+14:00", 5], ["9999-12-31T23:59:59+00:00", 1], ["\ud800", 1], [{}, 1], [1]]
)  # fmt: skip
def test_a_token_that_no_page_gave_breaks_nothing(world: World, values: Any) -> None:
    token = base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
    for rows, keys in (
        (User.objects.all(), ["created_at", "id"]),
        (User.objects.all(), ["username", "id"]),
    ):
        found = page(rows, keys, token, size=3)
        assert len(found.rows) <= 3


def test_a_character_that_no_database_keeps_is_refused(world: World) -> None:
    answer = client_of(world.officer).post("/glass/", {"number": "KC", "reason": "a\x00b"})
    assert answer.status_code == 409 and "cannot be kept" in answer.content.decode()


def test_the_mark_of_a_form_writes_the_draft_of_that_form_only(world: World) -> None:
    place, other = f"/pupils/{world.lan.pk}/visit/", f"/pupils/{world.qi.pk}/visit/"
    mark = sender_mark(world.teacher, f"visit:{world.lan.pk}")
    stranger = Client(enforce_csrf_checks=True)
    stranger.post(other, {"sender": mark, "why": "x"})
    assert not Draft.objects.exists()
    stranger.post(place, {"sender": mark, "why": "x" * 300_000})
    assert not Draft.objects.exists()
    stranger.post(place, {"sender": mark, "why": "x"})
    assert Draft.objects.get().user == fresh(world.teacher)


def test_a_page_of_elsewhere_is_no_way_back(world: World) -> None:
    client = client_of(world.officer)
    for sent_from, shown in (
        ("http://evil.example/", False),
        ("http://testserver/cases/?q=1", True),
    ):
        answer = client.post("/cases/", {"q": "\x00"}, headers={"referer": sent_from})
        assert (f'href="{sent_from}"' in answer.content.decode()) == shown


def test_an_act_sent_after_the_session_ended_leads_back_to_its_page(world: World) -> None:
    answer = Client().post("/cases/7/back/", headers={"referer": "http://testserver/cases/7/"})
    assert answer["Location"].endswith("next=/cases/7/")
    answer = Client().post("/cases/7/back/", headers={"referer": "http://evil.example/x/"})
    assert answer["Location"].endswith("next=/cases/7/back/")


def test_a_period_lies_within_the_calendar(world: World) -> None:
    said = {
        "unit": world.school.pk, "first": date(2026, 9, 1), "last": date(9999, 12, 31), "receiver": "x", "reason": "x",
    }  # fmt: skip
    assert "last" in BundleForm(fresh(world.officer), said).errors


def test_a_traceback_of_a_job_is_not_logged() -> None:
    event = {"event": f"Failed 'job' (x) - gone : 罗小兰 : {TRACEBACK}:\n  File …\nError: 罗小兰"}
    said = _only_places(None, "error", event)["event"]
    assert "罗小兰" not in said and said.startswith("Failed 'job'")
