"""Every page on a phone and on a desk, light and dark: accessible, whole, readable, touchable, silent."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver, resolve

from tests.browser.looks import look_at
from tests.browser.person import Person

BOOK = Path(__file__).parents[1] / "data" / "township" / "岩头村小学_考勤_2026-09.xlsx"
PAGES = {
    "": ["/t/{door}/", "/t/", "/sign-in/", "/anchors/", "/v/{token}/", "/v/AAAAAAAAAAAAAAAAAAAAAA/", "/nowhere/", "/f/P13/step-12/"],
    "teacher": [
        "/", "/queue/", "/notices/", "/cases/", "/pupils/", "/pupils/?found=1", "/visits/", "/findings/new/",
        "/rolls/", "/rolls/{class}/2026-11-20/morning/", "/talks/", "/plans/", "/plans/{plan}/", "/plans/{plan}/next/", "/pupils/{child}/plan/", "/census/", "/census/{census}/", "/census/{census}/class/{class}/", "/census/{learning}/class/{class}/", "/census/{home}/class/{class}/", "/attention/{class}/", "/pupils/{child}/leave/", "/steps/{visit}/", "/absent/", "/findings/", "/password/", "/away/",
        "/pupils/{child}/harm/", "/harm/{report}/", "/registers/blank/",
    ],
    "principal": [
        "/attention/", "/status/", "/status/pupil/{pupil}/", "/rolls/", "/rolls/leaves/", "/", "/cases/{case}/", "/steps/{persuasion}/", "/steps/{persuasion}/why/", "/steps/{persuasion}/time/", "/cases/{case}/why/", "/notices/channels/", "/steps/{persuasion}/pass-on/",
        "/cases/{case}/numbers/", "/pupils/{pupil}/visit/", "/board/",
        "/cases/{case}/ask/", "/cases/{case}/ask/SUSPENSION/", "/cases/{case}/harm/", "/cases/{case}/help/", "/cases/{case}/conference/",
        "/harm/", "/harm/{report}/",
    ],
    "officer": [
        "/", "/steps/{register}/", "/findings/", "/visits/", "/import/", "/board/", "/board/steps/?what=overdue",
        "/evidence/", "/evidence/gaps/?unit={school}", "/evidence/ledgers/", "/evidence/rehearsals/", "/evidence/rehearsals/{rehearsal}/", "/evidence/inspections/", "/evidence/inspections/{inspection}/", "/findings/new/?pupil={pupil}", "/people/", "/people/{teacher}/",
        "/away/{teacher}/", "/glass/",
        "/registers/case/{case}/write/", "/registers/case/{case}/write/P24/", "/registers/case/{case}/files/", "/registers/unit/{school}/",
        "/registers/unit/{school}/shelf/", "/registers/unit/{school}/problems/", "/registers/unit/{school}/retention/", "/registers/unit/{school}/files/", "/registers/unit/{school}/write/P25B/",
        "/registers/pupil/{pupil}/",
    ],
    "cadre": ["/village/", "/village/{case}/contact/", "/findings/new/", "/notices/"],
    "township": ["/lists/", "/lists/{list}/", "/lists/{list}/?show=list", "/lists/{list}/?show=roll", "/tips/", "/tips/{village}/", "/findings/{tip}/child/", "/", "/cases/", "/board/", "/findings/", "/letters/", "/letters/?show=print", "/letters/numbers/", "/steps/{draft}/", "/steps/{serve}/", "/registers/"],
    "inspector": ["/inspecting/", "/inspecting/{shown}/"],
    "liaison": ["/referrals/", "/referrals/?show=answered", "/steps/{referred}/"],
    "leader": ["/", "/letters/?show=sign", "/steps/{sign}/"],
    "county": [
        "/rules/", "/rules/edit/", "/matters/{matter}/",
        "/findings/", "/findings/rules/", "/cases/?stage=all", "/cases/{case}/", "/board/", "/board/?unit={school}", "/board/load/", "/board/hand-out/",
        "/board/steps/?what=open", "/board/?as_of=2026-11-05", "/board/steps/?what=overdue&as_of=2026-11-05", "/board/pace/", "/board/watch/", "/board/steps/?what=overdue&cols=pupil&cols=late&cols=holder", "/board/zero/", "/board/villages/?unit={school}", "/board/goals/", "/restated/{restated}/", "/board/morning/", "/board/late/", "/board/cases/?age=2", "/evidence/", "/import/", "/queue/",
    ],
    "supervisor": ["/steps/{register}/notice/", "/board/", "/board/steps/?what=overdue", "/cases/", "/cases/{case}/"],
    "admin": ["/people/", "/people/new/", "/people/{teacher}/", "/units/", "/units/{school}/", "/import/", "/terms/"],
}  # fmt: skip
REFUSED = {("", "/nowhere/"): 404, ("", PAGES[""][5]): 404, ("teacher", "/findings/"): 403}


# Answers that are no page of their own: acts by POST, files, and what another test looks at.
NO_PAGE = {
    "set_language", "health", "org:sign_out", "cases:claim", "cases:undo", "cases:nudge", "cases:decide", "cases:link_all", "cases:roll_book", "cases:class_diary", "cases:undo_import", "cases:say_difference", "registers:movement", "registers:incoming",
    "cases:report_return", "cases:call", "cases:paper", "cases:photo", "workflows:open_case", "workflows:picture",
    "students:template", "students:refused", "students:import_run", "students:words", "evidence:download", "evidence:bundle", "evidence:rehearsal_sheets", "evidence:locked", "evidence:slip", "evidence:codes", "evidence:inspection_note", "evidence:inspected_paper", "evidence:inspected_photo", "evidence:inspected_file", "evidence:decide", "evidence:rehearsal_index",
    "registers:blank", "evidence:form_of_step", "registers:file", "registers:give", "registers:problem",
    "evidence:print_letters", "cases:rules_file", "cases:withdraw",
    "cases:why_json", "cases:feed", "cases:notice", "oversight:export",
    "cases:absence_call",  # a form like all others; who is absent depends on the day
}  # fmt: skip


def _names(patterns: list[Any], place: str = "") -> set[str]:
    found = set()
    for each in patterns:
        if isinstance(each, URLPattern):
            found.add(place + str(each.name))
        else:
            inner = f"{each.namespace}:" if each.namespace else place
            found |= _names(each.url_patterns, inner)
    return found


def test_no_page_is_left_out() -> None:
    """A new address stands in PAGES or, if it is none, in NO_PAGE."""
    ids = dict.fromkeys(
        [
            "visit",
            "case",
            "persuasion",
            "pupil",
            "child",
            "report",
            "register",
            "teacher",
            "school",
            "draft",
            "serve",
            "sign",
            "referred",
            "matter",
            "rehearsal",
            "inspection",
            "shown",
            "restated",
            "class",
            "village",
            "tip",
            "door",
            "list",
            "plan",
            "census",
            "learning",
            "home",
        ],
        1,
    )
    paths = [
        path.format(**ids, token="t").split("?")[0] for each in PAGES.values() for path in each
    ]
    seen = {resolve(path).view_name for path in paths if path != "/nowhere/"}
    assert _names(get_resolver().url_patterns) - seen - NO_PAGE == set()


@pytest.mark.parametrize("login", PAGES)
def test_pages_are_accessible_whole_and_readable(
    sit_down: Callable[..., Person], login: str
) -> None:
    """axe with all its rules once a width, its colour rule once more in the other colours."""
    person, found = sit_down(), []
    if login:
        person.sign_in(login)
    for path in PAGES[login]:
        answer = person.go(path.format(**person.site.places))
        assert answer.status == REFUSED.get((login, path), 200), path
        found += [f"{path} {fault}" for fault in look_at(person.page)]
    assert found == []


def _forget_fields(person: Person) -> None:
    person.page.evaluate("document.getElementById('record').noValidate = true")
    person.press(".submitbar .btn")


def _pass_on(person: Person) -> None:
    person.fill(reason="   ")
    person.press("main form .btn-primary")


def _say_why(person: Person) -> None:
    person.fill(reason="核对学籍号")
    person.press("main form .btn-primary")


def _upload(person: Person) -> None:
    person.choose(kind="attendance")
    person.find("[name=upload]").set_input_files(BOOK)
    person.press("main form .btn-primary")


ACTS: list[tuple[str, Callable[[Person], None]]] = [
    ("/steps/{register}/", _forget_fields),
    ("/steps/{register}/pass-on/", _pass_on),
    ("/cases/{case}/numbers/", _say_why),
    ("/people/{stranger}/", lambda person: person.press("button[value=code]")),
    ("/import/", _upload),
]


def test_pages_that_answer_an_act_are_so_too(sit_down: Callable[..., Person]) -> None:
    """A form with errors (422), a refusal (409), revealed numbers, a slip, an import with its errors."""
    officer, found = sit_down(), []
    officer.sign_in("officer")
    for path, act in ACTS:
        officer.go(path.format(**officer.site.places))
        act(officer)
        found += [f"after {path} {fault}" for fault in look_at(officer.page)]
    assert found == []


FAULTY = """<!doctype html><html lang=en><title>x</title><main><h1>x</h1>
<div style="width:1em">一字一行的汉字</div><button style="height:20px">x</button>
<div style="width:2000px">x</div><p style="color:#999;background:#aaa">grey</p></main>"""


def test_the_looks_find_what_they_are_for(sit_down: Callable[..., Person]) -> None:
    """A page with one fault of each sort: squeezed, too small, too wide, too pale."""
    person = sit_down()
    person.page.set_content(FAULTY)
    said = " ".join(look_at(person.page))
    assert all(word in said for word in ("squeezed", "small", "too wide", "color-contrast"))
