"""Letters, side roads, referrals and absences in a real browser, each with scripts and without."""

from collections.abc import Callable

import pytest

from tests.browser.person import Person

Sit = Callable[..., Person]
BOTH = [
    pytest.param(True, True, id="scripts, Chinese"),
    pytest.param(False, False, id="no script, English"),
]


def _at(sit_down: Sit, login: str, *, scripts: bool = True, zh: bool = True) -> Person:
    person = sit_down(scripts=scripts, zh=zh)
    person.sign_in(login)
    return person


def _finish(person: Person) -> None:
    person.press(".submitbar .btn")
    person.sees_done()


def _do(person: Person, case: str, mark: str) -> None:
    """From the case page to the person's own step whose form has the field `mark`; one in nobody's hands is taken first."""
    person.go(case)
    take = person.find(".next form[action$='/claim/'] button")
    if take.count():
        with person.page.expect_navigation():
            take.first.click()
        return
    links = [link.get_attribute("href") for link in person.find(".next a.btn-primary").all()]
    while not person.find(f"main [name={mark}]").count():
        person.go(str(links.pop()))


def test_the_township_goes_on_from_the_notice_to_the_order(sit_down: Sit) -> None:
    """The court road: time over, the next letter drafted, sent back, signed off, served before witnesses."""
    clerk = _at(sit_down, "township")
    clerk.go("/steps/{answer}/".format(**clerk.site.places))
    clerk.choose(decision="next")
    clerk.fill(found="期限已满，学生仍未返校。")
    _finish(clerk)
    case = clerk.page.url.removeprefix(clerk.site.url)
    lawyer = _at(sit_down, "legal")
    _draft(lawyer, case)
    leader = _at(sit_down, "leader", scripts=False)
    _do(leader, case, "decision")
    leader.choose(decision="sent_back")
    leader.fill(reason="写明家访次数。")
    _finish(leader)
    _draft(lawyer, case)
    _do(leader, case, "decision")
    leader.choose(decision="signed")
    _finish(leader)
    _do(lawyer, case, "servers")
    lawyer.choose(served="yes", method="refused")
    lawyer.fill(
        servers="吴玉兰、陈志刚", witness="何安、覃秀兰", place="家中", served_on="2026-11-23"
    )
    _finish(lawyer)
    said = lawyer.find("main").inner_text()
    assert "责令送被监护人接受义务教育通知书" in said and "送达回证" in said


def _draft(clerk: Person, case: str) -> None:
    """The form proposes the whole letter; only the name of the justice office is typed."""
    _do(clerk, case, "legal_basis")
    assert clerk.find("[name=facts]").input_value() and clerk.find("[name=term]").input_value()
    clerk.fill(reviewed="司法所 郭明")
    _finish(clerk)


@pytest.mark.parametrize(("scripts", "zh"), BOTH)
def test_letters_are_printed_together(sit_down: Sit, *, scripts: bool, zh: bool) -> None:
    """The clerk's list: what is signed off goes to the printer with its proofs of service."""
    clerk = _at(sit_down, "township", scripts=scripts, zh=zh)
    clerk.go("/letters/?show=" + ("print" if scripts else "serve"))
    boxes = clerk.find("main [name=step]")
    assert boxes.count() >= 1
    if not boxes.first.is_checked():
        boxes.first.check()
    with clerk.page.expect_download() as waiting:
        clerk.find(
            "main form .btn-primary[class*=btn]:has-text('{}')".format("打印" if zh else "Print")
        ).click()
    assert waiting.value.path().read_bytes().startswith(b"%PDF-")


def _ask(person: Person, case: int, code: str, **said: str) -> None:
    person.go(f"/cases/{case}/ask/")
    person.press(f"a[href='/cases/{case}/ask/{code}/']")
    person.fill(**said)
    _finish(person)


@pytest.mark.parametrize(("scripts", "zh"), BOTH)
def test_a_referral_and_a_correction_beside_the_road(
    sit_down: Sit, *, scripts: bool, zh: bool
) -> None:
    """Child labour: asked by the principal, agreed to by a second person, answered; the road stays where it is."""
    officer = _at(sit_down, "officer", scripts=scripts, zh=zh)
    case = officer.site.places["case"]
    code = "CHILD_LABOUR" if scripts else "REFERRAL"
    officer.go(f"/cases/{case}/ask/{code}/")
    if code == "REFERRAL":
        officer.find("[name=department]").select_option("police")
    officer.fill(
        reason="未满十六周岁在县城打零工。", demand="请核查用工单位。", reply_by="2026-12-10"
    )
    _finish(officer)
    principal = _at(sit_down, "principal", scripts=scripts, zh=zh)
    _do(principal, f"/cases/{case}/", "opinion")
    principal.choose(decision="approved")
    principal.fill(opinion="同意移送。")
    _finish(principal)
    _do(officer, f"/cases/{case}/", "received_on")
    officer.choose(result="answered")
    officer.fill(found="已责令用工单位送回。")
    _finish(officer)


@pytest.mark.parametrize(("scripts", "zh"), BOTH)
def test_away_and_back(sit_down: Sit, *, scripts: bool, zh: bool) -> None:
    """The preview says what would go where; arranged, it is called off again."""
    principal = _at(sit_down, "principal", scripts=scripts, zh=zh)
    principal.press("a[href='/away/']")
    principal.find("[name=substitute]").select_option(index=1)
    principal.fill(since="2026-12-01", until="2026-12-03")
    principal.press("button[value=preview]")
    assert principal.find("main .note li").count() >= 1
    principal.press("button[value=arrange]")
    principal.sees_done()
    principal.press("button[value=back]")
    principal.sees_done()
