"""What a worker's pages weigh on the wire, and how soon a form stands on a line of 64 kbit/s (design.md §8)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession

from tests.browser.person import Person

COLD, WARM = 60_000, 15_000
PAGES = {
    "teacher": ["/", "/steps/{visit}/", "/pupils/{pupil}/visit/"],
    "principal": ["/cases/{case}/"],
}
SLOW = {"offline": False, "latency": 300, "downloadThroughput": 8_000, "uploadThroughput": 8_000}


class Scale:
    """Adds up what comes over the line, headers included, in bytes."""

    def __init__(self, session: CDPSession) -> None:
        self.sum = 0.0
        session.send("Network.enable")
        session.on("Network.loadingFinished", self._add)

    def _add(self, event: dict[str, float]) -> None:
        self.sum += event["encodedDataLength"]

    def taken(self) -> float:
        """The bytes since the last question."""
        found, self.sum = self.sum, 0.0
        return found


def _weigh(person: Person, path: str) -> tuple[float, float]:
    """Bytes of a page for a phone that never was here, and for one that was."""
    session = person.context.new_cdp_session(person.page)
    scale = Scale(session)
    session.send("Network.clearBrowserCache")
    cold_and_warm = []
    for _visit in range(2):
        person.go(path)
        person.page.wait_for_load_state("networkidle")
        cold_and_warm.append(scale.taken())
    return cold_and_warm[0], cold_and_warm[1]


@pytest.mark.parametrize(
    ("login", "path"), [(login, path) for login, paths in PAGES.items() for path in paths]
)
def test_a_worker_s_page_weighs_little(
    sit_down: Callable[..., Person],
    record_property: Callable[[str, object], None],
    login: str,
    path: str,
) -> None:
    """At most 60 KB for the first page of all and 15 KB for the next, compressed."""
    person = sit_down()
    person.sign_in(login)
    cold, warm = _weigh(person, path.format(**person.site.places))
    record_property("bytes", f"{cold:.0f} cold, {warm:.0f} warm")
    assert (cold <= COLD, warm <= WARM) == (True, True), f"{cold:.0f} cold, {warm:.0f} warm"


def test_a_visit_form_stands_on_a_line_of_64_kbit_s(sit_down: Callable[..., Person]) -> None:
    """With nothing kept from before it can be read and filled within twelve seconds."""
    person = sit_down()
    person.sign_in("teacher")
    session = person.context.new_cdp_session(person.page)
    session.send("Network.enable")
    session.send("Network.clearBrowserCache")
    session.send("Network.emulateNetworkConditions", SLOW)
    person.go("/steps/{visit}/".format(**person.site.places))
    person.fill(why="能写。")
    done = person.page.evaluate(
        "performance.timing.domContentLoadedEventEnd - performance.timing.navigationStart"
    )
    assert done < 12_000, f"{done} ms"
