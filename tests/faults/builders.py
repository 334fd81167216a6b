"""`python -m tests.faults.builders KILLS`: evidence files of a county are made, each maker is killed in the middle (issue: never a torn file)."""

import json
import os
import random
import signal
import sys
import time
import zipfile
from datetime import datetime, timedelta
from typing import Any

import django

LATER = timedelta(minutes=6)  # a maker that gave no sign of life for five is followed by the next
MOST = 2.5  # seconds until a kill


def ordered(at: datetime) -> Any:
    from casework.evidence.scope import order
    from casework.org.models import Unit
    from tests import world as stage

    county, day = Unit.objects.get(depth=1), stage.OPENED.date()
    return order(
        unit=county, first=day - timedelta(days=30), last=day + timedelta(days=300), reason="督导检查", by=None, at=at, queued=False,
    )  # fmt: skip


def killed(bundle: Any, at: datetime, after: float) -> bool:
    """Make it in a process of its own, killed after so many seconds; whether the kill met it at work."""
    from django.db import connections

    from casework.evidence.bundle import make

    connections.close_all()
    pid = os.fork()
    if pid == 0:
        make(bundle, at=at)
        os._exit(0)
    time.sleep(after)
    met = os.waitpid(pid, os.WNOHANG)[0] == 0
    if met:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return met


def torn() -> list[str]:
    """Files under their own names that are not whole."""
    from casework.evidence.bundle import PART, folder

    found = []
    for path in folder().glob("*"):
        try:
            whole = path.suffix == PART or zipfile.ZipFile(path).testzip() is None
        except zipfile.BadZipFile:
            whole = False
        found += [] if whole else [path.name]
    return found


def main(kills: int) -> dict[str, Any]:
    from casework.core import clock
    from casework.evidence import verify
    from casework.evidence.bundle import PART, folder, make, sweep
    from casework.evidence.models import Bundle, State

    draw, at = random.Random(kills), clock.now()
    bundle, met, broken = ordered(at), 0, []
    for _ in range(kills):
        at += LATER
        met += killed(bundle, at, draw.uniform(0.1, MOST))
        broken += torn()
        bundle = Bundle.objects.get(pk=bundle.pk)
        if bundle.state == State.DONE:
            bundle = ordered(at)
    done = make(bundle, at=at + LATER)
    found = verify.check(verify.Zip(folder() / bundle.path), bundle.anchor) if done else None
    left = sweep(at=at + timedelta(days=1))
    return {
        "kills": met,
        "torn": broken,
        "done": done,
        "papers": found.papers if found else 0,
        "problems": [str(each) for each in found.problems] if found else [],
        "swept": left,
        "parts_left": len(list(folder().glob(f"*{PART}"))),
    }


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main(int(sys.argv[1]))))
