"""Every paper is declared completely and lays out all its values in both editions."""

import json
import re

import pytest

from casework.documents import freeze, spelling
from casework.documents.glyphs import unprintable
from casework.documents.papers import options
from casework.documents.papers.declare import LANGUAGES, Field, Paper, Words
from casework.documents.papers.register import PAPERS, describe
from casework.documents.papers.words import FRAME
from tests.documents.printing import record_of
from tests.documents.samples import AT, CASES, values_for

ASKED = {"P35", "P36", "P04", "P06", "P05", "P09", "P16", "P17", "P32", "P02", "AR"}


def test_the_asked_papers_are_there() -> None:
    assert set(PAPERS) >= ASKED


@pytest.mark.parametrize("paper", PAPERS.values(), ids=lambda paper: paper.code)
def test_rows_fill_the_three_columns_and_labels_fit(paper: Paper) -> None:
    for section in paper.sections:
        for row in section.rows:
            assert sum(field.span for field in row) == 3, row
            assert all(len(field.label.zh) <= 4 for field in row), row


@pytest.mark.parametrize("paper", PAPERS.values(), ids=lambda paper: paper.code)
def test_every_choice_has_options_and_nothing_else_has(paper: Paper) -> None:
    for part in paper.fields().values():
        if isinstance(part, Field):
            assert bool(part.options) == (part.kind == "choice"), part.key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("code", "length"), CASES)
def test_a_record_holds_only_texts_and_integers(code: str, length: str, language: str) -> None:
    def check(value: object) -> None:
        if isinstance(value, dict | list):
            for each in value.values() if isinstance(value, dict) else value:
                check(each)
        else:
            assert type(value) in (str, int), value

    check(json.loads(record_of(code, length, language)))


@pytest.mark.parametrize("code", PAPERS)
def test_every_value_of_the_declaration_reaches_the_record(code: str) -> None:
    values = values_for(PAPERS[code], "usual")
    values["pupil"] = dict(values.get("pupil", {}))
    marks = {}
    for number, (key, part) in enumerate(PAPERS[code].fields().items()):
        if isinstance(part, Field) and part.kind in ("text", "long", "name", "num"):
            mark = marks[key] = f"记{number}号"
            target = values["pupil"] if key.startswith("pupil.") else values
            target[key.removeprefix("pupil.")] = mark
    values = {key: value for key, value in values.items() if key != "pupil" or value}
    record = record_of(code, "usual", values=values)
    assert [key for key, mark in marks.items() if mark not in record] == []


def _all_words() -> list[Words]:
    found = list(FRAME.values())
    for coded in vars(options).values():
        if isinstance(coded, dict):
            found += [words for words in coded.values() if isinstance(words, Words)]
    for paper in PAPERS.values():
        found += [paper.title, paper.copies, *(signer.label for signer in paper.signers)]
        found += [section.title for section in paper.sections]
        found += list(paper.letter.paragraphs if paper.letter else ())
    return found


def test_chinese_words_use_full_width_marks_and_only_characters_that_print() -> None:
    for words in _all_words():
        bare = re.sub(r"\{[^}]*\}|SHA-256", "", words.zh)
        assert not re.search(r"[,;:!?()]", bare), words.zh
        assert not unprintable(words.zh) and not unprintable(words.en)
        assert not re.search(r"[\u3400-\u9fff]", words.en), words.en


def test_dates_are_spelt_for_each_edition() -> None:
    assert spelling.plain(AT, "zh-hans") == "2026年11月20日 15:48"
    assert spelling.plain(AT, "en") == "20 November 2026, 15:48"
    assert spelling.plain(AT.date(), "en") == "20 November 2026"
    later = AT.replace(hour=9)
    assert spelling.period((AT, later), "zh-hans") == "2026年11月20日 15:48—17:00".replace(
        "17:00", "17:48"
    )
    assert spelling.lines((AT, later), "en") == ["2026-11-20", "15:48–17:48"]


def test_braces_in_a_value_stay_what_they_are() -> None:
    values = values_for(PAPERS["P09"], "usual") | {"reason": "{contact}{nonsense}"}
    letter = freeze.lay_out(PAPERS["P09"], values, "zh-hans")["letter"]
    assert "{contact}{nonsense}" in "".join(letter["paragraphs"])


def test_the_description_lists_every_paper() -> None:
    assert all(f"| {code} |" in describe() for code in PAPERS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", sorted(code for code, paper in PAPERS.items() if paper.letter))
def test_a_letter_for_the_hand_has_room_for_what_is_not_known(code: str, language: str) -> None:
    laid = freeze.lay_out(PAPERS[code], {}, language, blank=True)["letter"]
    nothing = FRAME["nothing"].spoken(language)
    assert laid["to"] == [freeze.ROOM["short"]]
    assert any(freeze.ROOM["short"] in paragraph for paragraph in laid["paragraphs"])
    assert not any(paragraph.strip() == nothing for paragraph in laid["paragraphs"])
