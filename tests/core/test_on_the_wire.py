"""What every page says to the browser, and what a request without its token may do (WEB-02, AUTH-04, PRIV-07)."""

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from packaging.version import Version

from casework.audit.models import Look
from casework.cases.models import Case
from casework.core.clock import moved_to
from casework.core.logs import line_formatter
from casework.core.proxy import TrustedProxies
from casework.documents.certificates import InUse
from casework.evidence import inspecting_views, rehearsal_views
from casework.evidence.models import Inspection
from casework.oversight import health
from tests.access_matrix import ROLES, TABLE
from tests.architecture.test_imports import ROOT
from tests.org.test_access_matrix import CERTAIN, furnished, places
from tests.world import PUPILS, World, client_of, day, prepared

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def case_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    yield from prepared(django_db_blocker, lambda: furnished(world, "lan", "teacher"))


@pytest.fixture
def case(case_pk: int) -> Case:
    return Case.objects.get(pk=case_pk)


@pytest.fixture(autouse=True)
def no_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    from casework.cases.views import case as page

    monkeypatch.setattr(page, "file_of", lambda document: None)
    monkeypatch.setattr(page, "bytes_of", lambda file: b"%PDF")
    monkeypatch.setattr(page, "copy_of", lambda photo: b"jpeg")
    monkeypatch.setattr(rehearsal_views, "printed_now", lambda *args, **more: b"%PDF")
    monkeypatch.setattr(inspecting_views, "copy_of", lambda photo: b"jpeg")
    monkeypatch.setattr(inspecting_views, "marked_photo", lambda data, mark: data)
    monkeypatch.setattr(health, "seal_in_use", lambda: InUse("x", CERTAIN, "0"))


def reader(world: World, name: str, method: str) -> Any:
    """Somebody for whom the table says that the page opens."""
    cells = TABLE[name, method]
    if name in OF_INSPECTORS:
        return Inspection.objects.order_by("pk")[0].inspector, "inspector"
    best = ("200", "404")  # a list of chosen letters is not found where none was chosen
    role = next(
        (r for status in best for r, cell in zip(ROLES, cells, strict=True) if cell[:3] == status),
        "officer",
    )
    return world.people.get(role, world.officer), role


OF_INSPECTORS = {
    each
    for each, _method in TABLE
    if each.startswith(("evidence:inspecting", "evidence:inspected"))
}
GETS = sorted(name for name, method in TABLE if method == "GET")


def opened(world: World, case: Case, name: str) -> Any:
    user, role = reader(world, name, "GET")
    place = places(world, user, name, case, case)[0]
    client = Client() if role == "anonymous" else client_of(user)
    with moved_to(day(case, 2)):
        return place, client.get(place)


@pytest.mark.parametrize("name", GETS)
def test_every_page_carries_the_headers(world: World, case: Case, name: str) -> None:
    """WEB-02; and nothing of a child in address, title or file name (PRIV-07)."""
    place, response = opened(world, case, name)
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy and ("default-src 'none'" in policy or policy == "sandbox")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in response["Permissions-Policy"]
    assert "no-store" in response["Cache-Control"] or "no-cache" in response["Cache-Control"]
    _no_child_in(place, response)


def canaries() -> list[str]:
    return [
        w
        for _k, name, _p, _u, last in PUPILS
        for w in (name, f"99002620130308{last}", f"1000009{last}")
    ]


def _no_child_in(place: str, response: Any) -> None:
    headers = "".join(f"{k}{v}" for k, v in response.items())
    text = "" if response.streaming else response.content.decode("utf-8", "replace")
    title = text.partition("<title>")[2].partition("</title>")[0]
    links = "".join(re.findall(r'(?:href|src|action)="([^"]*)"', text))
    assert [w for w in canaries() if w in place + headers + title + links] == []


@pytest.mark.parametrize("name", GETS)
def test_no_page_has_script_or_style_inside(world: World, case: Case, name: str) -> None:
    """WEB-02: what the policy forbids is not there to be forbidden."""
    response = opened(world, case, name)[1]
    if not response["Content-Type"].startswith("text/html"):
        return
    text = response.content.decode().lower()
    assert "<style" not in text and ' style="' not in text and "javascript:" not in text
    assert all(piece.lstrip().startswith("src=") for piece in text.split("<script")[1:])
    assert not [w for w in (" onclick=", " onload=", " onsubmit=", " onerror=") if w in text]


POSTS = sorted(name for name, method in TABLE if method == "POST")


@pytest.mark.parametrize("name", POSTS)
def test_a_post_without_its_token_is_refused(world: World, case: Case, name: str) -> None:
    """AUTH-04, for every address that takes a POST."""
    client = Client(enforce_csrf_checks=True)
    user, _role = reader(world, name, "POST")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    place = places(world, user, name, case, case)[0]
    assert client.post(place, {"reason": "x"}).status_code == 403


FREE = {"audit_look", "django_session"}  # what reading a page may write


def rows() -> dict[str, list[str]]:
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            if table not in FREE:
                cursor.execute(f'SELECT * FROM "{table}"')
                found[table] = sorted(map(repr, cursor.fetchall()))
    return found


def test_reading_changes_nothing(world: World, case: Case) -> None:
    """AUTH-04: every GET of the house, and the whole database is as before, but for looks and sessions."""
    todo = []
    for name in GETS:
        user, role = reader(world, name, "GET")
        todo.append(
            (places(world, user, name, case, case)[0], None if role == "anonymous" else user)
        )
    clients = {user.pk: client_of(user) for _place, user in todo if user}
    before = rows()
    with moved_to(day(case, 2)):
        for place, user in todo:
            response = (clients[user.pk] if user else Client()).get(place)
            assert response.status_code in (200, 302, 404, 409), place
    assert rows() == before
    assert Look.objects.exists()


# ---- error pages and logs


@pytest.mark.parametrize("who", ["officer", "far_officer", "admin"])
def test_refusals_name_no_child(world: World, case: Case, who: str) -> None:
    """PRIV-07: 403, 404 and 409 pages."""
    with moved_to(day(case, 2)):
        client = client_of(world.people[who])
        for place in (f"/cases/{case.pk}/", "/cases/999999/", "/nowhere/", f"/steps/{case.pk}999/"):
            response = client.get(place)
            if response.status_code != 200:
                assert not [w for w in canaries() if w in response.content.decode()]


def test_a_broken_page_tells_and_logs_nothing_of_a_child(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """PRIV-07: 500 page and log line, even when the exception itself quotes the child."""

    def breaks(*args: Any, **kwargs: Any) -> None:
        name = world.lan.name
        raise RuntimeError(f"{name} {world.lan.id_number}")

    monkeypatch.setattr("casework.cases.views.case.road_of", breaks)
    client = client_of(world.officer)
    client.raise_request_exception = False
    with moved_to(day(case, 2)):
        response = client.get(reverse("cases:case", args=[case.pk]))
    assert response.status_code == 500
    lines = [line_formatter().format(record) for record in caplog.records]
    said = [line for line in lines if "RuntimeError" in line]
    assert said and json.loads(said[0])["error"] == "RuntimeError"
    text = response.content.decode() + "".join(lines)
    assert [w for w in canaries() if w in text] == []


def test_a_log_line_is_one_json_object() -> None:
    record = logging.LogRecord("x", logging.WARNING, __file__, 1, "sealed %s", ("12",), None)
    assert json.loads(line_formatter().format(record))["event"] == "sealed 12"


# ---- settings that refuse to start


GOOD = {
    "SECRET_KEY": "start-0123456789abcdefghijklmnopqrstuvwxyz-start",
    "FIELD_KEYS": "field-0123456789abcdefghijklmnopqrstuvwxyz-field",
}


def start(
    code: str = "import casework.settings", **changes: str
) -> subprocess.CompletedProcess[str]:
    """A process of its own that reads the settings."""
    wanted = {"PATH": os.environ["PATH"], "CASEWORK_ENV": os.devnull, **GOOD, **changes}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=wanted,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", sorted(GOOD))
@pytest.mark.parametrize("key", ["", "short", "a" * 60])
def test_a_weak_key_refuses_to_start(name: str, key: str) -> None:
    """OPS-03."""
    done = start(**{name: key})
    assert done.returncode != 0 and f"{name} is missing or weak" in done.stderr


def test_good_keys_start() -> None:
    assert start().returncode == 0


def test_a_second_weak_field_key_refuses_too() -> None:
    assert start(FIELD_KEYS=f"{GOOD['FIELD_KEYS']},short").returncode != 0


def test_an_open_secret_file_refuses_to_start(tmp_path: Any) -> None:
    """OPS-03: secrets by a file that only its owner reads."""
    path = tmp_path / "env"
    path.write_text("DEMO=1\n")
    path.chmod(0o644)
    assert "chmod 600" in start(CASEWORK_ENV=str(path)).stderr
    path.chmod(0o600)
    assert start(CASEWORK_ENV=str(path)).returncode == 0


def test_minimum_safe_versions() -> None:
    """SUP-04: below these the fetcher of the renderer was no wall (CVE-2026-55073), XML was open."""
    assert Version(version("weasyprint")) >= Version("70.0")
    assert Version(version("defusedxml")) >= Version("0.7.1")
    assert Version(version("Django")) >= Version("5.2")


def test_casework_stands_without_workflows() -> None:
    """design.md §2: the casework room and its tests pass when the flow is left out."""
    code = (
        "import django; django.setup()\n"
        "from django.apps import apps; from django.core.management import call_command\n"
        "assert not apps.is_installed('workflows') and not apps.is_installed('viewflow')\n"
        "call_command('check'); import sys; import casework.urls\n"
        "assert not [m for m in sys.modules if m.split('.')[0] in ('workflows', 'viewflow')]\n"
    )
    done = start(code, WORKFLOWS="0", DJANGO_SETTINGS_MODULE="casework.settings", JOBS="none")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("hops", "named", "taken"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        (2, "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_the_address_behind_proxies(
    rf: RequestFactory, settings: Any, hops: int, named: str, taken: str
) -> None:
    """AUTH-01: what a client writes itself into the header counts nothing."""
    settings.TRUSTED_PROXIES = hops
    seen: list[str] = []

    def page(request: HttpRequest) -> HttpResponse:
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    TrustedProxies(page)(rf.get("/", headers={"x-forwarded-for": named}))
    assert seen == [taken]
