"""Someone before a browser: signs in, opens pages, and keeps what the browser complained about."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Locator, Response

from casework.org.demo import PASSWORD

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@dataclass
class Site:
    """Where the server listens, the ids of its county, and its folder."""

    url: str
    places: dict[str, Any]
    home: Path


def photo_in(folder: Path) -> Path:
    """A photo to hand in."""
    path = folder / "door.jpg"
    Image.new("RGB", (900, 1200), "teal").save(path)
    return path


class Person:
    """One browser context of its own: phone or desk, scripts on or off, the language that the browser asks for."""

    def __init__(
        self,
        site: Site,
        browser: Browser,
        *,
        phone: bool = True,
        scripts: bool = True,
        zh: bool = True,
    ) -> None:
        self.site = site
        self.context = browser.new_context(
            viewport=PHONE if phone else DESK,
            has_touch=phone,
            java_script_enabled=scripts,
            locale="zh-CN",
            accept_downloads=True,
            reduced_motion="reduce",  # else colours are measured half-way between two themes
        )
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if not zh:
            self.go("/sign-in/")
            self.press("button[name=language][value=en]")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            self.complaints.append(message.text)

    def go(self, path: str) -> Response:
        answer = self.page.goto(self.site.url + path)
        assert answer is not None
        return answer

    def sign_in(self, username: str, password: str = PASSWORD) -> None:
        self.go("/sign-in/")
        self.fill(username=username, password=password)
        self.press("main form button")
        assert "/sign-in/" not in self.page.url, "not signed in"

    def sign_out(self) -> None:
        self.go("/notices/")
        self.press("form[action='/sign-out/'] button")

    def find(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.find(f"main [name={name}]").fill(value)

    def choose(self, **values: str) -> None:
        """Tick a radio button or a box as a finger does: on its label."""
        for name, value in values.items():
            self.find(f"main label:has([name={name}][value='{value}'])").click()

    def press(self, selector: str) -> None:
        """A tap on the one element that leads to another page."""
        with self.page.expect_navigation():
            self.find(selector).click()

    def sees_done(self) -> None:
        """The page says that the act is done; else the refusal is what failed."""
        refusal = " ".join(self.find(".note.wrong, .error").all_inner_texts())
        assert self.find(".messages .good").count() == 1, refusal or self.page.url

    def leave(self) -> None:
        self.context.close()
        assert self.complaints == [], self.complaints
