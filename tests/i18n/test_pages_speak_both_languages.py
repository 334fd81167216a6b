"""Every page is all Chinese for a Chinese reader, and has nothing of the catalogue's Chinese for an English one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test.signals import template_rendered
from django.urls import get_resolver
from django.utils import translation

from casework.cases.forms import GeneralVisitForm, VillageContactForm
from tests.i18n.conftest import BASE
from tests.i18n.pages import evidence, open_pages, settle
from tests.i18n.text import half_width, latin_words, texts
from tests.world import World
from workflows.forms import FORMS

pytestmark = pytest.mark.django_db

# names of formats, and of the person who made the county
ALLOWED = {"PDF", "XLSX", "CSV", "JPEG", "PNG", "SHA", "Python", "admin", "index", "html", "csv", "xlsx", "unit", "anchor", "lists", "json", "manifest", "sha", "txt", "verify", "jpg", "court"}  # fmt: skip
NO_PAGE = {
    "cases:undo": "answers with another page",
    "cases:nudge": "answers with another page",
    "registers:incoming": "answers with another page",
    "cases:decide": "answers with another page",
    "cases:roll_book": "a workbook",
    "cases:class_diary": "a workbook",
    "cases:link_all": "answers with another page",
    "cases:undo_import": "answers with another page",
    "cases:why_json": "for machines",
    "cases:feed": "a file",
    "cases:notice": "answers with another page",
    "oversight:export": "a file",
    "cases:paper": "a file",
    "cases:photo": "a file",
    "registers:blank": "a file",
    "evidence:form_of_step": "a file",
    "registers:file": "a file",
    "evidence:download": "a file",
    "evidence:rehearsal_sheets": "a file",
    "evidence:locked": "a file",
    "evidence:slip": "a file",
    "evidence:codes": "a file",
    "evidence:inspection_note": "a file",
    "evidence:inspected_paper": "a file",
    "evidence:inspected_photo": "a file",
    "evidence:inspected_file": "a file",
    "evidence:decide": "answers with another page",
    "evidence:rehearsal_index": "a file",
    "cases:rules_file": "a file",
    "students:template": "a file",
    "students:refused": "a file",
    "workflows:open_case": "answers with another page",
    "org:sign_out": "answers with another page",
    "set_language": "answers with another page",
    "health": "for machines",
}
NOT_OF_PAGES = {"documents/print", "evidence/print"}  # papers: their words are declared with them
LONG = 5  # shorter words of the catalogue stand in names of people, units and papers too

Pages = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def seen() -> Iterator[set[str]]:
    """Names of the templates that were rendered."""
    names: set[str] = set()

    def note(template: Any, **_: Any) -> None:
        names.add(str(template.name))

    template_rendered.connect(note)
    yield names
    template_rendered.disconnect(note)


@pytest.fixture(scope="module")
def pages(seen: set[str], world: World, tmp_path_factory: pytest.TempPathFactory) -> Pages:
    folder: Path = tmp_path_factory.mktemp("bags")
    with translation.override("zh-hans"):
        house = settle(world)
    return {
        language: open_pages(house, language) | evidence(house, language, folder)
        for language in ("zh-hans", "en")
    }


def test_every_address_is_opened_or_is_no_page(pages: Pages) -> None:
    opened = {name.split()[0] for name in pages["en"]}
    assert sorted(_addresses() - opened - set(NO_PAGE)) == []


def _addresses() -> set[str]:
    found = set()
    for resolver in get_resolver().url_patterns:
        for pattern in getattr(resolver, "url_patterns", [resolver]):
            room = getattr(resolver, "app_name", None)
            found.add(f"{room}:{pattern.name}" if room else str(pattern.name))
    return found


def test_every_template_of_pages_was_rendered(pages: Pages, seen: set[str]) -> None:
    folder = BASE / "templates"
    every = {str(path.relative_to(folder)) for path in folder.rglob("*.html")}
    papers = {name for name in every if name.startswith(tuple(NOT_OF_PAGES))}
    assert sorted(every - papers - seen - {"500.html"}) == []


def test_searches_and_refusals_are_read_with_something_to_show(pages: Pages) -> None:
    for name in ("cases:cases", "cases:pupils"):
        assert "罗小兰" in pages["zh-hans"][f"{name} found"], name
        assert "罗小兰" not in pages["zh-hans"][f"{name} none"], name
    assert "原密码不正确" in pages["zh-hans"]["org:set_password own wrong"]


def test_a_chinese_page_has_no_english(pages: Pages) -> None:
    wrong = {
        name: words
        for name, page in pages["zh-hans"].items()
        if (words := latin_words(page, ALLOWED))
    }
    assert wrong == {}


def test_a_chinese_page_has_full_width_marks(pages: Pages) -> None:
    """Also where a sentence is put together from pieces."""
    wrong = {
        name: [found for text in texts(page, foreign="en") for found in half_width(text)]
        for name, page in pages["zh-hans"].items()
    }
    assert {name: found for name, found in wrong.items() if found} == {}


def test_an_english_page_has_no_chinese_of_the_catalogue(
    pages: Pages, catalogue: dict[str, str]
) -> None:
    chinese = [said for said in catalogue.values() if len(said) >= LONG and "%" not in said]
    said = {name: " ".join(texts(page, foreign="zh")) for name, page in pages["en"].items()}
    wrong = {name: [w for w in chinese if w in text] for name, text in said.items()}
    assert {name: words for name, words in wrong.items() if words} == {}


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "zh-Hans"), ("en", "en")])
def test_a_page_says_its_language(pages: Pages, language: str, said: str) -> None:
    html = {name: page for name, page in pages[language].items() if "<html" in page}
    assert [name for name, page in html.items() if f'<html lang="{said}">' not in page] == []


@pytest.mark.parametrize("form", [*FORMS.values(), GeneralVisitForm, VillageContactForm])
def test_a_form_is_all_chinese(form: Any) -> None:
    with translation.override("zh-hans"):
        parts = [str(legend) for legend, _ in form.groups]
        parts += [render_to_string("components/field.html", {"field": field}) for field in form()]
    assert latin_words(" ".join(parts), ALLOWED) == set()


def test_the_house_speaks_chinese_first() -> None:
    assert settings.LANGUAGE_CODE == "zh-hans"
