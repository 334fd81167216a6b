"""Letters, side roads, referrals and absences in a real browser, each with scripts and without."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.person import Person, Site, photo_in

Sit = Callable[..., Person]
Roads = dict[str, Any]
BOTH = [
    pytest.param(True, True, id="scripts, Chinese"),
    pytest.param(False, False, id="no script, English"),
]


@pytest.fixture
def roads(site: Site) -> Roads:
    """Cases for the roads beside the main one, and the logins of the school that has some of them."""
    found: Roads = site.places["roads"]
    return found


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


def test_an_order_that_is_not_obeyed_goes_to_court(sit_down: Sit, roads: Roads) -> None:
    """The top of the ladder: the order's time is over, the application is drafted, signed off and filed."""
    case, lawyer = f"/cases/{roads['ordered']}/", _at(sit_down, roads["lawyer"])
    _do(lawyer, case, "found")
    lawyer.choose(decision="next")
    lawyer.fill(found="期限已满，学生仍未返校。")
    _finish(lawyer)
    _draft(lawyer, case)
    leader = _at(sit_down, roads["head"], scripts=False)
    _do(leader, case, "decision")
    leader.choose(decision="signed")
    _finish(leader)
    _do(lawyer, case, "servers")
    lawyer.choose(served="yes", method="direct")
    lawyer.fill(servers="郭明、吴玉兰", recipient="立案庭", place="县人民法院")
    _finish(lawyer)
    assert "起诉状" in lawyer.find("main").inner_text()


def _draft(clerk: Person, case: str) -> None:
    """The form proposes the whole letter; only the name of the justice office is typed."""
    _do(clerk, case, "legal_basis")
    assert clerk.find("[name=facts]").input_value() and clerk.find("[name=term]").input_value()
    clerk.fill(reviewed="司法所 覃世平")
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
    clerk.press("main form .btn-primary:has-text('{}')".format("打印" if zh else "Print"))
    with clerk.page.expect_download() as waiting:
        clerk.find("main a[href^='/letters/print/']").click()
    assert waiting.value.path().read_bytes().startswith(b"%PDF-")


def _ask(person: Person, case: int, code: str, **said: str) -> None:
    person.go(f"/cases/{case}/ask/")
    person.press(f"a[href='/cases/{case}/ask/{code}/']")
    person.fill(**said)
    _finish(person)


def _left_no_draft(person: Person, form: str) -> None:
    """What was sent with photos goes by a script, under which the timer of the draft lives on: it saves nothing any more."""
    person.page.wait_for_timeout(4_000)
    person.go(form)
    assert person.find("[name=reason]").input_value() == ""


@pytest.mark.parametrize(("scripts", "zh"), BOTH)
def test_a_referral_and_a_correction_beside_the_road(
    sit_down: Sit, tmp_path: Path, *, scripts: bool, zh: bool
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
    if scripts:
        officer.find("[name=photos]").set_input_files(photo_in(tmp_path))
    _finish(officer)
    if scripts:
        _left_no_draft(officer, f"/cases/{case}/ask/{code}/")
    principal = _at(sit_down, "principal", scripts=scripts, zh=zh)
    _do(principal, f"/cases/{case}/", "opinion")
    principal.choose(decision="approved")
    principal.fill(opinion="同意移送。")
    _finish(principal)
    _do(officer, f"/cases/{case}/", "received_on")
    officer.choose(result="answered")
    officer.fill(found="已责令用工单位送回。")
    _finish(officer)


def _decide(person: Person, case: int, answer: str = "approved", **more: str) -> None:
    _do(person, f"/cases/{case}/", "opinion")
    person.choose(decision=answer)
    person.fill(opinion="材料齐全，同意。", **more)
    _finish(person)


def test_a_transfer_is_closed_by_its_receipt(sit_down: Sit, roads: Roads) -> None:
    """Moved to another school: asked, agreed, the receipt comes before the day of the next look, the county closes."""
    officer = _at(sit_down, "officer")
    case = roads["transfer"]
    proof = {"proof": "转学联系函", "proof_by": "邻县城关中学", "proof_day": "2026-11-20"}
    _ask(officer, case, "TRANSFER_OUT", place="邻县城关中学", contact="教务处", **proof)
    _decide(_at(sit_down, "principal", scripts=False), case)
    _do(officer, f"/cases/{case}/", "checked_on")
    officer.choose(result="settled")
    officer.fill(found="对方学校已接收并建籍。", proof="接收学校回执")
    _finish(officer)
    _do(officer, f"/cases/{case}/", "statement")
    officer.fill(statement="已转学。", proof="接收学校回执", opinion_school="同意销号。")
    _finish(officer)
    county = _at(sit_down, "county")
    _decide(county, case)
    county.go(f"/cases/{case}/")
    assert "转学" in county.find("main .note.good").inner_text()


def test_whereabouts_unknown_and_found_again(sit_down: Sit, roads: Roads) -> None:
    """The township agrees, the child turns up: verification begins anew. Without scripts, in English."""
    officer = _at(sit_down, roads["officer"], scripts=False, zh=False)
    case = roads["unknown"]
    proof = {"proof": "村委会证明", "proof_by": "村委会", "proof_day": "2026-11-20"}
    _ask(officer, case, "WHEREABOUTS_UNKNOWN", attempts="电话三次，上门两次，问过亲属。", **proof)
    clerk = _at(sit_down, roads["township"])
    _decide(clerk, case)
    clerk.go(f"/cases/{case}/")
    assert "再次核查" in clerk.find("main").inner_text()
    _do(officer, f"/cases/{case}/", "checked_on")
    officer.choose(result="failed")
    officer.fill(found="孩子在亲戚家。")
    _finish(officer)
    assert "whereabouts" in " ".join(officer.find(".next h2").all_inner_texts()).lower()


def test_taught_at_home(sit_down: Sit, roads: Roads) -> None:
    """The county agrees, the class teacher teaches and writes it down: the next visit waits already."""
    officer = _at(sit_down, roads["officer"])
    case = roads["taught"]
    proof = {"proof": "残疾人证", "proof_by": "县残联", "proof_day": "2026-11-20"}
    plan = {"plan": "每两周送教一次。", "reason": "重度肢体残疾，无法到校。"}
    plan |= {"assessment": "认知正常。", "long_goal": "学完九年级。", "short_goal": "学完上册。"}
    term = {"starts": "2026-11-23", "ends": "2027-01-20"}
    _ask(officer, case, "HOME_TEACHING", **term, **plan, **proof)
    _decide(_at(sit_down, "county"), case)
    teacher = _at(sit_down, roads["teacher"], scripts=False)
    _do(teacher, f"/cases/{case}/", "lessons")
    teacher.fill(taught_on="2026-11-23", lessons="2", content="语文", reaction="能跟读。")
    _finish(teacher)
    said = teacher.find("main").inner_text()
    assert "送教" in said


def test_an_appeal_is_decided_with_a_letter(sit_down: Sit, roads: Roads) -> None:
    """The guardian objects to a measure of the school: the principal accepts and decides, the letter is on the case."""
    officer = _at(sit_down, roads["officer"])
    case = roads["appeal"]
    said = {
        "appellant": "监护人",
        "received_on": "2026-11-20",
        "reason": "不服处分。",
        "against": "警告处分",
    }
    _ask(officer, case, "APPEAL_SCHOOL", demand="撤销处分。", **said)
    principal = _at(sit_down, roads["appealed"], scripts=False)
    _decide(principal, case, "accepted")
    _decide(principal, case, heard="听取双方意见。", remedy="三十日内可向县教育局申请复核。")
    principal.go(f"/cases/{case}/")
    assert "申诉处理决定书" in principal.find("main").inner_text()


def test_a_child_leaves_again_and_its_next_case_begins(sit_down: Sit, roads: Roads) -> None:
    """Relapse during the follow-up: the next episode opens and the old one closes with its outcome."""
    officer = _at(sit_down, "officer")
    officer.go(f"/findings/new/?pupil={roads['left']}")
    officer.fill(reason_text="返校一周后又不来了。")
    officer.press("main form .btn-primary")
    officer.go("/findings/")
    officer.press(f".finding:has-text('{roads['name']}') form[action$='/open/'] button")
    officer.press(f"main a[href='/cases/{roads['back']}/']")
    assert "再次辍学" in officer.find("main .note.good").inner_text()


def test_whoever_stands_in_may_be_away_too(sit_down: Sit) -> None:
    """Absence chain: the officer is away, so what would go to her goes to the one who stands in for her."""
    days = {"since": "2026-12-08", "until": "2026-12-10"}
    officer = _at(sit_down, "officer")
    officer.go("/away/")
    third = officer.find("[name=substitute] option").all()[-1].inner_text()
    officer.find("[name=substitute]").select_option(label=third)
    officer.fill(**days)
    officer.press("button[value=preview]")
    officer.press("button[value=arrange]")
    officer.sees_done()
    principal = _at(sit_down, "principal", scripts=False)
    principal.go("/away/")
    names = [each.inner_text() for each in principal.find("[name=substitute] option").all()]
    principal.find("[name=substitute]").select_option(
        label=next(name for name in names if name.startswith("赵敏"))
    )
    principal.fill(**days)
    principal.press("button[value=preview]")
    assert third.split("（")[0].split(" ")[0] in principal.find("main .note").inner_text()
    officer.press("button[value=back]")
    officer.sees_done()


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
