"""Takes the README's pictures from a running demo county: tools/pictures.py http://127.0.0.1:8000

Needs Chromium (CHROMIUM names it) and the packages of requirements-dev.txt.
"""

import io
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

OUT = Path(__file__).resolve().parents[1] / "docs" / "pictures"
PASSWORD = "demo-county-26"
PHONE, DESK = {"width": 390, "height": 1180}, {"width": 1280, "height": 1480}
COLOURS = 64


def sit_down(browser: Browser, site: str, login: str, size: dict[str, int]) -> Page:
    """Someone of the demo, signed in, in Chinese."""
    sharp = 2 if size is PHONE else 1
    page = browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        device_scale_factor=sharp,
        locale="zh-CN",
    ).new_page()
    page.goto(f"{site}/sign-in/")
    page.fill("#id_username", login)
    page.fill("#id_password", PASSWORD)
    page.click("main form button")
    page.wait_for_url(f"{site}/")
    return page


def keep(page: Page, name: str) -> None:
    """What the window shows, with few colours: small enough for a repository."""
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    shot.quantize(COLOURS, dither=Image.Dither.NONE).save(OUT / name, optimize=True)
    print(f"{name}: {(OUT / name).stat().st_size // 1024} KB")


def take(browser: Browser, site: str) -> None:
    """The teacher's visit form and case page on a phone, the county's board on a desk."""
    teacher = sit_down(browser, site, "teacher", PHONE)
    visit = teacher.locator(".cardlist a.btn-primary").first.get_attribute("href")
    case = teacher.locator(".cardlist a[href^='/cases/']").first.get_attribute("href")
    teacher.goto(f"{site}{case}")
    keep(teacher, "phone-case.png")
    teacher.goto(f"{site}{visit}")
    for name, value in [("began", "16:00"), ("ended", "16:50"), ("present", "祖母、学生本人")]:
        teacher.fill(f"[name={name}]", value)
    teacher.locator(".chip", has_text="听不懂课").first.click()
    teacher.evaluate("scrollTo(0, 0)")
    keep(teacher, "phone-visit.png")
    county = sit_down(browser, site, "county", DESK)
    county.goto(f"{site}/board/")
    keep(county, "board.png")


def main() -> None:
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        take(browser, sys.argv[1].rstrip("/"))
        browser.close()


if __name__ == "__main__":
    main()
