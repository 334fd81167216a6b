"""The supervisor's desk in a real browser: the worst given to somebody else, rules previewed, a past day (issue 4)."""

from collections.abc import Callable

import pytest

from tests.browser.looks import look_at
from tests.browser.person import Person

Sit = Callable[..., Person]


@pytest.mark.parametrize(("scripts", "zh"), [(True, True), (False, False)])
def test_the_worst_goes_to_somebody_else_in_three_taps_on_a_phone(
    sit_down: Sit, *, scripts: bool, zh: bool
) -> None:
    """From any page: the board, its worst step, given; the reason and the person are proposed."""
    principal = sit_down(scripts=scripts, zh=zh)
    principal.sign_in("principal")
    principal.press(".nav-main a[href='/board/']")
    principal.press("tbody tr:nth-child(1) a[href*='/pass-on/']")
    assert principal.find("[name=reason]").input_value()
    assert principal.find("[name=to]:checked").count() == 1
    principal.press("main form .btn-primary")
    principal.sees_done()


@pytest.mark.parametrize(("scripts", "zh"), [(True, False), (False, True)])
def test_a_change_of_the_rules_shows_what_it_would_move(
    sit_down: Sit, *, scripts: bool, zh: bool
) -> None:
    county = sit_down(phone=False, scripts=scripts, zh=zh)
    county.sign_in("county")
    county.go("/rules/edit/")
    for key in ("budget", "urgent"):
        field = county.find(f"[name='steps › persuasion › {key}']")
        county.page.locator("details", has=field).first.locator("summary").first.click()
        field.fill("9")
        county.page.locator("details", has=field).first.locator("summary").first.click()
    county.fill(name="劝返延长")
    county.press("button[value=preview]")
    shown = county.find("section.card .note")
    assert shown.count() >= 1 and county.find("button[value=propose]").count() == 1
    if scripts:
        assert look_at(county.page) == []
    county.press("button[value=propose]")
    county.sees_done()


@pytest.mark.parametrize(("scripts", "zh"), [(True, True), (False, False)])
def test_the_board_of_a_past_day_opens_its_lists(sit_down: Sit, *, scripts: bool, zh: bool) -> None:
    """What was open on that evening, step by step, and back to now."""
    county = sit_down(scripts=scripts, zh=zh)
    county.sign_in("county")
    county.go("/board/")
    county.find("details").filter(has=county.find("[name=as_of]")).locator("summary").click()
    county.find("[name=as_of]").fill("2026-11-05")
    county.press("form[method=get] button")
    assert "as_of=2026-11-05" in county.page.url
    then = int(county.find("main .page-head a.n").inner_text())
    county.press("main .page-head a.n")
    assert "as_of=2026-11-05" in county.page.url
    rows = county.find("table tbody tr").count()
    assert rows == min(then, 25)
    assert county.find("main a[href*='/pass-on/']").count() == 0
    county.press(".note a[href*='?']")
    assert "as_of" not in county.page.url


def test_a_teacher_asks_for_time_and_the_officer_grants_it(sit_down: Sit) -> None:
    teacher, officer = sit_down(), sit_down()
    teacher.sign_in("principal")
    place = "/steps/{persuasion}/time/".format(**teacher.site.places)
    teacher.go(place)
    teacher.fill(more="2", reason="家长外出，周末才回。")
    teacher.press("button[value=ask]")
    teacher.sees_done()
    officer.sign_in("officer")
    officer.go(place)
    officer.press("button[value=grant]")
    officer.sees_done()
