"""The main roads in a real browser: each with scripts and without, in Chinese and in English."""

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from casework.org.demo import PASSWORD
from tests.browser.looks import look_at
from tests.browser.person import Person, photo_in

Sit = Callable[..., Person]
TEACHER = [
    pytest.param(True, True, "officer", "青石村", id="scripts, Chinese"),
    pytest.param(False, False, "admin", "岩头村", id="no script, English"),
]
CADRE = [
    pytest.param(True, False, 0, id="scripts, English"),
    pytest.param(False, True, 1, id="no script, Chinese"),
]


def _speaks(person: Person, *, zh: bool) -> None:
    """The page is in the language asked for, its heading too."""
    assert person.find("html").get_attribute("lang") == ("zh-Hans" if zh else "en")
    heading = person.find("main h1").first.inner_text()
    assert bool(re.search("[\u4e00-\u9fff]", heading)) == zh, heading


def _slip(person: Person) -> str:
    """The one-time code that an office prints for the teacher."""
    person.go("/people/{teacher}/".format(**person.site.places))
    person.press("button[value=code]")
    return person.find(".slip .big").inner_text()


def _first_sign_in(person: Person, code: str) -> None:
    person.sign_in("teacher", code)
    assert "/password/" in person.page.url
    for field in person.find("main input[type=password]").all():
        field.fill(PASSWORD)
    person.press("main form button")


@pytest.mark.parametrize(("scripts", "zh", "office", "village"), TEACHER)
def test_a_class_teacher_visits_a_home_from_the_slip_to_the_paper(
    sit_down: Sit, tmp_path: Path, *, scripts: bool, zh: bool, office: str, village: str
) -> None:
    """Issue 2.1, 2.6, 2.8: one-time code, own password, inbox, draft kept over a sign-out, photo, paper."""
    clerk = sit_down(phone=False)
    clerk.sign_in(office)
    teacher = sit_down(scripts=scripts, zh=zh)
    _first_sign_in(teacher, _slip(clerk))
    _speaks(teacher, zh=zh)
    child = teacher.site.places["children"][village]
    card = teacher.find(f".cardlist li:has-text('{child}')")
    with teacher.page.expect_navigation():
        card.locator("a.btn-primary").click()
    form = teacher.page.url
    teacher.fill(why="孩子说听不懂数学课。")
    _leave_and_come_back(teacher, form, scripts=scripts)
    assert teacher.find("[name=why]").input_value() == "孩子说听不懂数学课。"
    if scripts:
        _refused_with_a_photo(teacher, photo_in(tmp_path))
    _finish_visit(teacher, photo_in(tmp_path), scripts=scripts)
    _paper_opens(teacher)


def _leave_and_come_back(teacher: Person, form: str, *, scripts: bool) -> None:
    """With scripts the draft is saved by itself; without, by its button."""
    if scripts:
        said = teacher.find("span[data-saved]")
        said.filter(has_text=re.compile(r"\d\d:\d\d")).wait_for(timeout=10_000)
    else:
        teacher.press("button[value=save]")
    teacher.sign_out()
    teacher.sign_in("teacher")
    teacher.page.goto(form)


def _refused_with_a_photo(teacher: Person, photo: Path) -> None:
    """A form that lacks something comes back though its photo went with a progress; its pads are drawn on as before."""
    teacher.find("[name=photos]").set_input_files(photo)
    teacher.press(".submitbar .btn")
    teacher.find("main .note.wrong").wait_for()
    assert teacher.find("[name=why]").input_value() == "孩子说听不懂数学课。"


def _finish_visit(teacher: Person, photo: Path, *, scripts: bool) -> None:
    teacher.fill(began="08:00", ended="08:50", visitors="李文娟、陈志刚", present="祖母")
    teacher.fill(guardian_opinion="支持孩子读书。")
    teacher.choose(form="door", result="not_yet", sign_state="refused", measures="TUTORING")
    teacher.fill(witness="陈志刚")
    if scripts:
        _sign(teacher, "sign_witness")
    teacher.find("[name=photos]").set_input_files(photo)
    teacher.press(".submitbar .btn")
    teacher.sees_done()


def _sign(teacher: Person, name: str) -> None:
    """Two strokes on the pad; the field has them, and one is drawn anew after “sign again”."""
    pad = teacher.find(f"[name={name}] + .pad")
    for again in (False, True):
        if again:
            pad.locator("button").click()
        pad.scroll_into_view_if_needed()
        area = pad.locator("canvas").bounding_box()
        assert area
        mouse = teacher.page.mouse
        for share in (0.3, 0.6):
            mouse.move(area["x"] + area["width"] * share, area["y"] + area["height"] * 0.2)
            mouse.down()
            mouse.move(
                area["x"] + area["width"] * (share + 0.2), area["y"] + area["height"] * 0.8, steps=8
            )
            mouse.up()
        strokes = json.loads(teacher.find(f"[name={name}]").input_value())
        assert len(strokes) == 2 and all(len(stroke) > 3 for stroke in strokes)


def _paper_opens(teacher: Person) -> None:
    """The newest paper of the case is a PDF, made for its first reader."""
    link = teacher.find("ul.rows a[href*='/papers/']").first.get_attribute("href")
    answer = teacher.context.request.get(f"{teacher.site.url}{link}")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")


@pytest.mark.parametrize(("scripts", "zh"), [(True, False), (False, True)])
def test_an_officer_opens_a_finding_reassigns_a_step_and_takes_evidence(
    sit_down: Sit, tmp_path: Path, *, scripts: bool, zh: bool
) -> None:
    """Issue 2.4, 2.5, 2.11, 2.12: finding, case, board, reassignment, bundle checked by a stranger."""
    officer = sit_down(phone=False, scripts=scripts, zh=zh)
    officer.sign_in("county")
    officer.go("/findings/")
    _speaks(officer, zh=zh)
    officer.press(".finding form[action$='/open/'] button >> nth=0")
    number = re.search(r"KC-\d{6}-\w+-\d+", officer.find(".idbar").inner_text())
    assert number
    _reassign(officer)
    bag = _take_evidence(officer, f"?case={officer.site.places['number']}", tmp_path)
    if scripts:  # axe needs them
        assert look_at(officer.page) == []
    printed = officer.find("pre.cmd").inner_text().split()[2:]  # --anchor HEX --lists HEX
    assert "consistent in itself" in _verify(bag).lower()
    assert "intact since" in _verify(bag, *printed).lower()
    if scripts:
        _checks_itself(officer, bag, printed[1], printed[-1])


def _checks_itself(officer: Person, folder: Path, anchor: str, lists: str) -> None:
    """The index of the unpacked file, from the disk: the browser hashes all of it, finds a change, a file too many, a record made anew."""
    page = officer.context.new_page()

    def said() -> str:
        page.goto((folder / "index.html").as_uri())
        page.fill("#anchor", anchor)
        page.fill("#lists", lists)
        page.set_input_files("#folder", folder)
        page.locator("#said").wait_for()
        return page.locator("#check").inner_text()

    told = said()
    assert lists in told and page.locator("#wrong li").count() == 0, told
    for said_so in ("All chains stand under the anchor.", "The lists are", "The anchor is that"):
        assert said_so in told
    _rewrite_a_record(folder)
    said()
    wrong = page.locator("#wrong li").all_inner_texts()
    assert wrong and all(each.startswith("does not fit the anchor data/") for each in wrong)
    (folder / "anchor.json").write_bytes(b"{}")
    (folder / "data" / "more.txt").write_bytes(b"x")
    told = said()
    assert "anchor.json" in told and "data/more.txt" in told
    page.close()


def _rewrite_a_record(folder: Path) -> None:
    """What the owner of the database could do: another record, and the lists made anew."""
    records = next((folder / "data").glob("KC-*/records.jsonl"))
    records.write_bytes(records.read_bytes().replace(b'"place":1,', b'"place":1 ,', 1))
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        listed = (folder / manifest).read_text().splitlines()
        names = [line[66:] for line in listed]
        hashes = [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names]
        lines = [f"{sha256}  {name}\n" for sha256, name in zip(hashes, names, strict=True)]
        (folder / manifest).write_text("".join(lines))


def _reassign(officer: Person) -> None:
    """From the board to a step that someone else can take, and give it to them."""
    officer.go("/board/")
    officer.press(".page-head a[href$='what=open']")
    steps = officer.find("a[href*='/pass-on/']")
    for address in [link.get_attribute("href") for link in steps.all()]:
        officer.go(str(address))
        if officer.find("[name=to]").count():
            officer.fill(reason="原承办人外出培训")
            officer.press("main form .btn-primary")
            officer.sees_done()
            return
    raise AssertionError("no step has another candidate")


def _take_evidence(officer: Person, query: str, folder: Path) -> Path:
    officer.go(f"/evidence/{query}")
    officer.fill(receiver="县督导组", reason="秋季学期督导")
    officer.press("form.body .btn-primary")
    officer.press("main form .btn-primary")
    with officer.page.expect_download() as waiting:
        officer.find("a[href$='/download/']").click()
    waiting.value.save_as(folder / "evidence.zip")
    with zipfile.ZipFile(folder / "evidence.zip") as bundle:
        bundle.extractall(folder / "bag")
    return next((folder / "bag").rglob("verify.py")).parent


def _verify(bag: Path, *words: str) -> str:
    """What the bundle's own checker says on a machine that knows nothing of us."""
    run = subprocess.run(
        [sys.executable, "-I", "verify.py", "--lang", "en", *words],
        cwd=bag,
        capture_output=True,
        text=True,
        env={"PYTHONUTF8": "1"},
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@pytest.mark.parametrize(("scripts", "zh", "which"), CADRE)
def test_a_village_cadre_records_a_contact_and_the_principal_confirms_the_return(
    sit_down: Sit, *, scripts: bool, zh: bool, which: int
) -> None:
    """Issue 2.4, 2.10: the village's contact joins the case; a second person confirms that the child is back."""
    cadre = sit_down(scripts=scripts, zh=zh)
    cadre.sign_in("cadre")
    _speaks(cadre, zh=zh)
    case = cadre.site.places["returning"][which]
    cadre.press(f"a[href='/village/{case}/contact/']")
    cadre.fill(began="09:00", ended="09:20", present="祖父", why="约好明天送孩子到校。")
    cadre.press(".submitbar .btn")
    cadre.sees_done()
    card = cadre.find(f".cardlist li:has(a[href='/village/{case}/contact/'])")
    card.locator("summary").click()
    with cadre.page.expect_navigation():
        card.locator("form[action$='/back/'] button").click()
    _confirm(sit_down(scripts=scripts, zh=zh), case)


def _confirm(principal: Person, case: int) -> None:
    principal.sign_in("principal")
    principal.go(f"/cases/{case}/")
    links = [link.get_attribute("href") for link in principal.find(".next a.btn-primary").all()]
    while not principal.find("[name=decision][value=confirmed]").count():
        principal.go(str(links.pop()))
    principal.choose(decision="confirmed")
    principal.fill(seen_on="2026-11-23", class_placed="原班级", helper="班主任")
    principal.fill(support_plan="同桌结对，每日谈话一次。")
    principal.press(".submitbar .btn")
    principal.sees_done()


def test_files_are_handed_in_one_by_one(sit_down: Sit, tmp_path: Path) -> None:
    """Each has its own answer; what was refused stays chosen, what is kept stands in the list."""
    officer = sit_down(phone=True, scripts=True, zh=False)
    officer.sign_in("officer")
    officer.go(f"/registers/case/{officer.site.places['case']}/files/")
    before = officer.find("[data-kept-list] li").count()
    program = tmp_path / "program.jpg"
    program.write_bytes(b"MZ" + b"\0" * 400)
    officer.find("[name=files]").set_input_files([photo_in(tmp_path), program])
    officer.choose(purpose="proof")
    officer.find("form[data-one-by-one] .btn-primary").click()
    officer.find(".uploads .bad").wait_for()
    well, bad = officer.find(".uploads li").all_inner_texts()
    assert "Kept" in well and "program.jpg" in bad
    assert officer.find("[data-kept-list] li").count() >= before
    left = officer.find("[name=files]").evaluate("input => [...input.files].map(file => file.name)")
    assert left == ["program.jpg"]
    assert look_at(officer.page) == []
