"""`/health` says what is not well, to anybody, without personal data (OPS-01)."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from casework.core import clock
from casework.documents import seal
from casework.oversight import health
from casework.oversight.beats import beat
from tests.documents.conftest import seal_key

__all__ = ["seal_key"]
pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def with_a_seal(settings: Any, seal_key: str) -> None:
    settings.SEAL_KEY, settings.SEAL_PASSPHRASE = seal_key, "tests"


def asked(client: Client) -> tuple[int, dict[str, Any]]:
    with clock.moved_to(AT):
        answer = client.get("/health")
    return answer.status_code, answer.json()


def test_a_new_house_is_well(client: Client) -> None:
    status, said = asked(client)
    assert status == 200 and said["ok"]
    assert set(said) == {
        "ok",
        "database",
        "disk",
        "jobs",
        "seal",
        "sweep",
        "anchor",
        "verify",
        "backup",
    }
    assert said["backup"] == {"ok": True, "last": None}


@pytest.mark.parametrize("name", list(health.SILENCE))
def test_a_work_that_fell_silent_is_found(client: Client, name: str) -> None:
    beat(name, at=AT - health.SILENCE[name])
    assert asked(client)[0] == 200
    beat(name, at=AT - health.SILENCE[name] - timedelta(seconds=1))
    status, said = asked(client)
    assert status == 503 and not said[name]["ok"]


def test_damage_found_by_the_last_verification_is_shown(client: Client) -> None:
    beat("verify", at=AT, checked=10, problems=1)
    status, said = asked(client)
    assert (status, said["verify"]["problems"]) == (503, 1)


def test_a_certificate_that_ends_soon_is_found(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = seal.seal_in_use()
    assert found and asked(client)[1]["seal"]["fingerprint"] == found.fingerprint
    monkeypatch.setattr(clock, "real_now", lambda: found.expires - timedelta(days=59))
    status, said = asked(client)
    assert (status, said["seal"]["ok"], said["seal"]["days_left"]) == (503, False, 59)


def test_a_house_that_cannot_seal_is_found(client: Client, settings: Any) -> None:
    settings.SEAL_KEY = "nowhere.p12"
    assert asked(client)[1]["seal"] == {"ok": False, "error": "SealError"}


def test_a_full_disk_is_found(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        total: int
        used: int
        free: int

    monkeypatch.setattr("shutil.disk_usage", lambda _folder: Usage(100, 96, 4))
    status, said = asked(client)
    assert (status, said["disk"]) == (503, {"ok": False, "free_percent": 4})


def test_a_database_that_is_gone_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise DatabaseError("a secret address")

    monkeypatch.setattr(connection, "cursor", gone)
    said = health.checks(AT)
    assert said["database"] == {"ok": False, "error": "DatabaseError"} and "jobs" not in said


def test_a_job_that_waits_too_long_is_found(client: Client, settings: Any) -> None:
    from django_q.models import OrmQ

    settings.JOBS = "queue"
    OrmQ.objects.create(key="casework", payload="", lock=AT - timedelta(minutes=11))
    status, said = asked(client)
    assert status == 503
    assert said["jobs"] == {"ok": False, "oldest_seconds": 660, "waiting": 1}
