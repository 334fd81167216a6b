"""`python -m tests.faults.clients KILLS`: people claim and complete over HTTP while the server is killed (REL-04).

A person who gets no answer sends the same form with the same key again, until there is one.
"""

import http.client
import json
import random
import re
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django

from tests.faults.server import Server, free_port

PEOPLE = ["teacher", "teacher_two", "teacher_three", "officer", "principal"]
PATIENCE = 20  # seconds without enough answers, then the server is killed all the same
HIDDEN = re.compile(r'name="(form_key|generation)" value="([^"]*)"')
LINK = re.compile(r'(?:href|action)="(/steps/(\d+)/(?:claim/)?)"')
TWICE = 0.3  # of the forms are sent again although they were answered
FORM = "application/x-www-form-urlencoded"


@dataclass
class Tally:
    """What the people were answered."""

    claims: list[tuple[int, int]] = field(default_factory=list)
    done: list[tuple[int, int]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    odd: list[str] = field(default_factory=list)
    requests: int = 0
    again: int = 0
    seconds: list[float] = field(default_factory=list)


class Person(threading.Thread):
    """Somebody at work, signed in before the first kill."""

    def __init__(
        self, user: Any, cookies: dict[str, str], port: int, rest: threading.Event
    ) -> None:
        super().__init__(daemon=True)
        self.user, self.cookies, self.port, self.rest = user, cookies, port, rest
        self.tally, self.draw = Tally(), random.Random(user.pk)

    def run(self) -> None:
        from django.db import connections

        try:
            while not self.rest.is_set():
                self._claim()
                self._complete()
        except Exception as error:
            self.tally.odd.append(repr(error))
        finally:
            connections.close_all()

    def _ask(self, method: str, path: str, data: dict[str, Any] | None = None) -> tuple[int, str]:
        """Send until there is an answer; (status, page or address)."""
        body = (
            urlencode({**data, "csrfmiddlewaretoken": self.cookies["csrftoken"]}, doseq=True)
            if data is not None
            else None
        )
        tries = 0
        while True:
            tries += 1
            try:
                return self._once(method, path, body)
            except (OSError, http.client.HTTPException):
                self.tally.again += body is not None and tries == 1
                time.sleep(0.05)

    def _once(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        began = time.monotonic()
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            headers = {"Cookie": cookie} | ({"Content-Type": FORM} if body is not None else {})
            line.request(method, path, body, headers)
            answer = line.getresponse()
            page = answer.read().decode()
        finally:
            line.close()
        self.tally.requests += 1
        self.tally.seconds.append(time.monotonic() - began)
        if answer.status >= 500:
            self.tally.odd.append(f"{answer.status} {path.rstrip('0123456789/')}")
        return answer.status, answer.getheader("Location") or page

    def _steps(self, path: str, *, claim: bool) -> list[int]:
        _status, page = self._ask("GET", path)
        return sorted(
            {int(pk) for link, pk in LINK.findall(page) if link.endswith("claim/") == claim}
        )

    def _claim(self) -> None:
        waiting = self._steps("/queue/", claim=True)
        if not waiting:
            return
        step = self.draw.choice(waiting)
        status, where = self._ask("POST", f"/steps/{step}/claim/", {})
        if status == 302 and self.draw.random() < TWICE:
            status, where = self._ask("POST", f"/steps/{step}/claim/", {})
        if status == 302:
            self.tally.claims.append((step, self.user.pk))
        elif (
            status != 409 or where.count(self.user.display_name) > 1
        ):  # "you were faster", to oneself
            self.tally.odd.append(f"{status} for a claim")

    def _complete(self) -> None:
        mine = self._steps("/", claim=False)
        if not mine:
            return
        step = self.draw.choice(mine)
        status, page = self._ask("GET", f"/steps/{step}/")
        if status != 200:
            return
        data = self._typed(step) | dict(HIDDEN.findall(page))
        status, where = self._ask("POST", f"/steps/{step}/", data)
        if self.draw.random() < TWICE:  # a second tap on the button
            status, where = self._ask("POST", f"/steps/{step}/", data)
        if status == 302 and where.startswith("/cases/"):
            self.tally.done.append((step, self.user.pk))
            self.tally.keys.add(data["form_key"])
        else:
            self.tally.odd.append(f"{status} for a step")

    def _typed(self, step: int) -> dict[str, Any]:
        from casework.core import clock
        from tests.faults import acts
        from tests.world import answers

        row = acts.open_steps().get(pk=step)
        return answers(row, self.user, clock.now(), **acts.CHOSEN.get(row.kind, {}))


def people(port: int, rest: threading.Event) -> list[Person]:
    from casework.org.models import User
    from tests.world import STAFF, client_of

    names = {key: name for key, _unit, _role, name in STAFF}
    found = []
    for key in PEOPLE:
        user = User.objects.get(display_name=names[key])
        session = client_of(user).cookies["sessionid"].value
        found.append(Person(user, {"sessionid": session, "csrftoken": "a" * 32}, port, rest))
    return found


def wait_for_work(staff: list[Person], more: int) -> None:
    """Until so many more acts are answered, with `PATIENCE`."""

    def answered() -> int:
        return sum(len(person.tally.claims) + len(person.tally.done) for person in staff)

    enough, give_up = answered() + more, time.monotonic() + PATIENCE
    while answered() < enough and time.monotonic() < give_up:
        time.sleep(0.01)


def kill_again_and_again(
    server: Server, kills: int, staff: list[Person], rest: threading.Event
) -> None:
    draw = random.Random(kills)
    server.start()
    for person in staff:
        person.start()
    for _ in range(kills):
        wait_for_work(staff, draw.randrange(1, 8))
        time.sleep(draw.uniform(0, 0.2))
        server.kill()
        server.start()
    rest.set()
    for person in staff:
        person.join()
    server.stop()


def figures(kills: int, staff: list[Person]) -> dict[str, object]:
    from casework.cases.models import Sent, Step, StepHolder
    from tests.faults import acts

    claims = {each for person in staff for each in person.tally.claims}
    done = {each for person in staff for each in person.tally.done}
    keys = {key for person in staff for key in person.tally.keys}
    claimed = set(StepHolder.objects.filter(how="claim").values_list("step", "user"))
    finished = set(Step.objects.exclude(finished_at=None).values_list("pk", "finished_by"))
    times = sorted(each for person in staff for each in person.tally.seconds)
    return {
        "kills": kills,
        "requests": sum(person.tally.requests for person in staff),
        "answered": len(claims) + len(done),
        "sent_again": sum(person.tally.again for person in staff),
        "lost": sorted(claims - claimed) + sorted(done - finished),
        "lost_keys": sorted(keys - set(Sent.objects.values_list("key", flat=True))),
        "odd": [each for person in staff for each in person.tally.odd],
        "p99_ms": round(1000 * times[len(times) * 99 // 100]),
        **acts.found_broken(),
    }


def main() -> None:
    kills = int(sys.argv[1])
    django.setup()
    rest = threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(free_port(), Path(folder) / "log")
        staff = people(server.port, rest)
        try:
            kill_again_and_again(server, kills, staff, rest)
        finally:
            server.kill()
        said = server.log.read_text()[-3000:]
        print(json.dumps({**figures(kills, staff), "server_said": said}))


if __name__ == "__main__":
    main()
