"""`/health`: is the database there, is there room, do jobs, sweep, verification and backup go on? No personal data (OPS-01)."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from casework.core import clock
from casework.core.clock import LOCAL
from casework.documents.seal import seal_in_use
from casework.oversight.beats import last

LEAST_FREE = 0.05
LONGEST_WAIT = timedelta(minutes=10)
# how long each work may be silent; one that was never done is reported, not an alarm: the house may be new
SILENCE = {
    "sweep": timedelta(minutes=10),
    "anchor": timedelta(days=2),
    "verify": timedelta(days=2),
    "backup": timedelta(days=2),
}
Check = dict[str, Any]


@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """One JSON object; status 503 as soon as one of its parts is not well."""
    found = checks(clock.now())
    well = all(part["ok"] for part in found.values())
    return JsonResponse({"ok": well, **found}, status=200 if well else 503)


def checks(at: datetime) -> dict[str, Check]:
    """Each part with `ok` and its figures; without a database nothing behind it can be asked."""
    parts = {"database": _database(), "disk": _disk(Path(settings.MEDIA_ROOT))}
    if parts["database"]["ok"]:
        parts["jobs"] = _jobs(at)
        parts["seal"] = _seal()
        parts |= {name: _beat(name, at) for name in SILENCE}
    return parts


def _database() -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError as error:
        return {"ok": False, "error": type(error).__name__}
    return {"ok": True, "vendor": connection.vendor}


def _disk(folder: Path) -> Check:
    """Room where the papers are kept; of a folder that is not made yet, of the nearest one above."""
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return {
        "ok": usage.free >= LEAST_FREE * usage.total,
        "free_percent": 100 * usage.free // usage.total,
    }


def _jobs(at: datetime) -> Check:
    """The oldest job that could run but waits; a queue elsewhere than in the database is not counted."""
    if settings.JOBS != "queue" or "orm" not in settings.Q_CLUSTER:
        return {"ok": True, "queue": settings.JOBS}
    from django_q.models import OrmQ

    oldest = OrmQ.objects.filter(lock__lte=at).order_by("lock").first()
    waits = at - oldest.lock if oldest else timedelta(0)
    return {
        "ok": waits <= LONGEST_WAIT,
        "oldest_seconds": int(waits.total_seconds()),
        "waiting": OrmQ.objects.count(),
    }


def _seal() -> Check:
    """Whether papers can be sealed, and for how long: a certificate that ends soon is an alarm."""
    found = seal_in_use()
    if found is None:
        return {"ok": False, "error": "SealError"}
    return {
        "ok": not found.ends_soon,
        "days_left": found.days_left,
        "fingerprint": found.fingerprint,
    }


def _beat(name: str, at: datetime) -> Check:
    found = last(name)
    if found is None:
        return {"ok": True, "last": None}
    problems = int(found.facts.get("problems", 0))
    return {
        "ok": at - found.at <= SILENCE[name] and not problems,
        "last": found.at.astimezone(LOCAL).isoformat(timespec="seconds"),
        "problems": problems,
    }
