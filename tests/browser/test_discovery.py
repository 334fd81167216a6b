"""Discovery on a phone and at a desk: a roll call in few taps, findings decided, a tip that becomes a case, a dirty file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.county import FULL, UNCALLED
from tests.browser.person import Person
from tests.students.books import pupil, roster

Sit = Callable[..., Person]
pytestmark = pytest.mark.browser
MOST_TAPS = 8


class Taps:
    """Counts what a finger does."""

    def __init__(self, person: Person) -> None:
        self.person, self.count = person, 0

    def on(self, selector: str) -> None:
        self.count += 1
        self.person.find(selector).first.click()

    def to(self, selector: str) -> None:
        """One that leads to another page."""
        self.count += 1
        with self.person.page.expect_navigation():
            self.person.find(selector).first.click()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_roll_with_three_absences_takes_at_most_eight_taps(
    sit_down: Sit, *, scripts: bool
) -> None:
    teacher = sit_down(scripts=scripts)
    teacher.sign_in("teacher")
    day = UNCALLED[scripts].isoformat()
    taps = Taps(teacher)
    taps.to(".nav-main a[href='/rolls/']")
    teacher.go(f"/rolls/{teacher.site.places['class']}/{day}/morning/")
    taps.count += 1  # the day, which stands on that page while it is one of the newest
    assert teacher.find(".roll fieldset").count() == FULL
    for number in (1, 24, 47):
        taps.on(f".roll fieldset:nth-of-type({number}) label:has([value=absent])")
    taps.to(".submitbar .btn-primary")
    assert taps.count <= MOST_TAPS
    teacher.sees_done()
    assert teacher.find("main .rows li").count() >= 3
    wide = teacher.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    _the_afternoon_is_the_same(teacher, day)
    _one_comes_later(teacher)


def _the_afternoon_is_the_same(teacher: Person, day: str) -> None:
    teacher.go(f"/rolls/{teacher.site.places['class']}/{day}/afternoon/")
    teacher.press("button[value=same]")
    teacher.sees_done()


def _one_comes_later(teacher: Person) -> None:
    """A correction with its reason, which is then to be read."""
    teacher.find("summary:has-text('更正本次点名')").click()
    teacher.find(".roll fieldset:nth-of-type(1) label:has([value=late])").click()
    teacher.choose(why="later")
    teacher.press("button[value=correct]")
    teacher.sees_done()
    assert teacher.find("summary:has-text('更正记录')").count() == 1


def test_findings_are_decided_one_after_the_other(sit_down: Sit) -> None:
    officer = sit_down(phone=False)
    officer.sign_in("officer")
    officer.go("/findings/")
    if officer.find("form[action='/findings/join/'] button").count():
        officer.press("form[action='/findings/join/'] button")
        officer.sees_done()
    before = officer.find("article.finding").count()
    for _each in range(min(10, before)):
        _decide_one(officer)
    officer.go("/findings/")
    assert officer.find("article.finding").count() == 0 or before > 10


def _decide_one(officer: Person) -> None:
    """Join what has a case, set the others aside with a reason."""
    first = officer.find("article.finding").first
    if first.locator("button[value=link]").count():
        with officer.page.expect_navigation():
            first.locator("button[value=link]").click()
    else:
        first.locator("summary").last.click()
        first.locator("[name=reason]").fill("班主任已核实，有请假条。")
        with officer.page.expect_navigation():
            first.locator("button[value=set_aside]").click()
    officer.sees_done()


def test_a_tip_becomes_a_case(sit_down: Sit) -> None:
    neighbour = sit_down()
    neighbour.go("/t/{door}/".format(**neighbour.site.places))
    neighbour.fill(what="邻居家的孩子十来天没上学了。", name="覃小芳", home="村口")
    neighbour.press("main .btn-primary")
    number = neighbour.find(".slip .big").inner_text()
    clerk = sit_down(phone=False)
    clerk.sign_in("township")
    _open_tip(clerk, "a.btn")
    clerk.find("summary").last.click()
    clerk.fill(name="覃小芳", born="2014-03-02")
    clerk.find("main select[name=sex]").select_option("f")
    clerk.press("details .btn-primary")
    clerk.sees_done()
    _open_tip(clerk, "form[action*='/findings/'] button.btn-primary")
    assert "/cases/" in clerk.page.url
    neighbour.go("/t/")
    neighbour.fill(number=number)
    neighbour.press("main .btn-primary")
    assert "已有工作人员查看" in neighbour.find("main").inner_text()


def _open_tip(clerk: Person, what: str) -> None:
    """Find the tip in the list, however many findings are due before it, and tap a button of its row."""
    clerk.go("/findings/")
    while not clerk.find("article.finding:has-text('十来天')").count():
        clerk.press("a:has-text('下一页')")
    with clerk.page.expect_navigation():
        clerk.find(f"article.finding:has-text('十来天') {what}").click()


def test_a_dirty_file_is_checked_first_and_its_bad_rows_come_back(
    sit_down: Sit, tmp_path: Path
) -> None:
    officer = sit_down(phone=False)
    officer.sign_in("officer")
    officer.go("/import/")
    path = tmp_path / "名册.xlsx"
    path.write_bytes(_dirty().data)
    officer.choose(kind="roster")
    officer.fill(township="青石镇")
    officer.find("main [name=upload]").set_input_files(str(path))
    officer.press("main form .btn-primary")
    text = officer.find("main").inner_text()
    assert "出生日期与身份证件号" in text or "出生日期" in text
    with officer.page.expect_download() as handed:
        officer.find("a:has-text('下载')").click()
    assert handed.value.path().stat().st_size > 1000
    officer.press("button[value=apply]")
    assert officer.find(".note.good").count() >= 1


def _dirty() -> Any:
    """Two good rows of the school, one with a wrong birth date, one without a name."""
    own: dict[str, Any] = {
        "学校标识码★": "",
        "学校名称": "青石镇中学",
        "年级★": "八年级",
        "班级★": "2班",
    }
    return roster(
        pupil(11, **own), pupil(12, **own), pupil(13, **own | {"出生日期★": "20140306"}), pupil(14, **own | {"姓名★": ""})
    )  # fmt: skip
