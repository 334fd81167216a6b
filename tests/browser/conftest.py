"""A real server with a small county, and people who sit before a browser; one server a session."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.person import Person, Site

ROOT = Path(__file__).resolve().parents[2]
LOAD = "import json; from tests.browser import county; county.make(); print(json.dumps(county.places()))"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _environment(home: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "DEMO")}
    return kept | {
        "JOBS": "none",
        "DATABASE_URL": f"sqlite:///{home}/county.sqlite3",
        "MEDIA_ROOT": str(home / "media"),
        "STATIC_ROOT": str(home / "static"),
        "SEAL_KEY": str(home / "seal.p12"),
        "SEAL_PASSPHRASE": "browser-tests",
    }


def _manage(environment: dict[str, str], *words: str) -> str:
    run = subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=environment, capture_output=True
    )
    assert run.returncode == 0, run.stderr.decode()
    return run.stdout.decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _again in range(300):
        assert server.poll() is None, "the web server has ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the web server does not answer")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The product as `bin/run` serves it, with compressed static files, on the first school day after the demo."""
    home, port = tmp_path_factory.mktemp("county"), _free_port()
    environment = _environment(home)
    for words in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"], ["make_seal"]):
        _manage(environment, *words)
    places = json.loads(_manage(environment, "shell", "-v0", "-c", LOAD).splitlines()[-1])
    granian = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi"]
    where = ["--host", "127.0.0.1", "--port", str(port), "--no-ws", "--blocking-threads", "4"]
    server = subprocess.Popen(
        [*granian, *where, "--log-level", "warning", "tests.browser.served:application"],
        cwd=ROOT,
        env=environment,
    )
    try:
        _wait_for(port, server)
        yield Site(f"http://127.0.0.1:{port}", places, home)
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium; CHROMIUM names another one."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert path, "Chromium is needed: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def sit_down(site: Site, chromium: Browser) -> Iterator[Callable[..., Person]]:
    """A function that seats someone before a browser of their own."""
    people: list[Person] = []

    def seat(**kwargs: Any) -> Person:
        people.append(Person(site, chromium, **kwargs))
        return people[-1]

    yield seat
    for person in people:
        person.leave()
