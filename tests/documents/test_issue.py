"""A paper is numbered, frozen and chained in the transaction of its act."""

import json
from collections.abc import Callable

import pytest

from casework.audit.models import Entry
from casework.core.canonical import sha256_hex
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents.models import ChainHead, Document
from casework.documents.papers.register import PAPERS
from tests.documents.samples import AT, values_for

pytestmark = pytest.mark.django_db
Make = Callable[..., Document]


def test_it_works(make: Make) -> None:
    document = make()
    record = json.loads(document.record)
    assert document.number == "青石镇中学控辍P35〔2026〕1号" == record["number"]
    assert document.hash == sha256_hex(document.record.encode())
    assert record["recorded_at"] == "2026-11-20T15:48:00+08:00"
    assert len(record["salt"]) == 32 and record["link"].endswith(f"/v/{document.token}/")
    entry = Entry.objects.get(verb="document.issued")
    assert (entry.chain, entry.subject) == ("case:12", f"document:{document.pk}")


def test_papers_of_a_case_are_chained(make: Make) -> None:
    first, second = make(), make("P36")
    assert (first.place, first.previous) == (1, "")
    assert (second.place, second.previous) == (2, first.hash)
    assert json.loads(second.record)["previous"] == first.hash
    head = ChainHead.objects.get(chain="case:12")
    assert (head.count, head.hash) == (2, second.hash)


def test_the_same_values_twice_have_different_hashes(make: Make) -> None:
    assert make().hash != make().hash


def test_numbers_run_per_unit_kind_and_year_without_gaps(make: Make) -> None:
    with pytest.raises(RuntimeError), one_act():
        make()
        raise RuntimeError
    numbers = [make(kind).sequence for kind in ("P35", "P35", "P36", "P35")]
    later = make(at=AT.replace(year=2027))
    assert [*numbers, later.sequence] == [1, 2, 1, 3, 1]


def test_a_missing_value_is_named(make: Make) -> None:
    values = values_for(PAPERS["P05"], "usual") | {"help_plan": []}
    with pytest.raises(DomainError, match="帮扶计划"):
        make("P05", values=values)
    assert not Document.objects.exists()


@pytest.mark.parametrize("key", ["nonsense", "pupil"])
def test_a_value_that_the_paper_would_not_show_is_a_mistake(make: Make, key: str) -> None:
    values = values_for(PAPERS["P35"], "usual")
    values[key] = {"name": "李䶮", "nonsense": "1"}
    with pytest.raises(ValueError, match="nonsense"):
        make(values=values)


def test_an_unknown_code_is_a_mistake(make: Make) -> None:
    values = values_for(PAPERS["P35"], "usual") | {"reasons": ["LAZY"]}
    with pytest.raises(ValueError, match="LAZY"):
        make(values=values)


def test_a_correction_names_what_it_replaces_and_happens_once(make: Make) -> None:
    """SEAL-10"""
    old = make()
    new = make(supersedes=old)
    assert json.loads(new.record)["supersedes"] == old.number
    with pytest.raises(DomainError, match="1号"):
        make(supersedes=old)


def test_the_system_can_issue(make: Make) -> None:
    assert json.loads(make(by=None).record)["recorded_by"] == "王立群（班主任）"
    values = values_for(PAPERS["P35"], "least")
    assert json.loads(make(by=None, values=values).record)["recorded_by"] == "系统"


@pytest.mark.parametrize("character", ["\U0002a6d6", "😀", "\u302a"])
def test_a_character_that_no_paper_font_has_is_refused_by_name(make: Make, character: str) -> None:
    """PDF-03"""
    values = values_for(PAPERS["P35"], "least") | {"pupil": {"name": f"何{character}安"}}
    with pytest.raises(DomainError, match=f"{character}.*U\\+{ord(character):04X}"):
        make(values=values)
    assert not ChainHead.objects.exists()


def test_rare_name_characters_are_accepted(make: Make) -> None:
    """PDF-03"""
    rare = "䶮𬭎㛃𫖯𬴂㙦㑇㭎䲟䴙𬱖𬤇𫍯𬀩𬣙𫍽𬭚𬭤𫟹𬍛𫘬·"
    values = values_for(PAPERS["P35"], "least") | {"pupil": {"name": rare}}
    assert rare in make(values=values).record


def test_control_and_direction_characters_do_not_reach_the_record(make: Make) -> None:
    """PDF-08"""
    values = values_for(PAPERS["P35"], "usual") | {"known": "甲\x00乙\u202e丙\u200b丁\r\n戊\t己"}
    assert "甲乙丙丁\\n戊 己" in make(values=values).record


def test_a_text_or_table_too_long_is_refused(make: Make) -> None:
    """PDF-09"""
    values = values_for(PAPERS["P35"], "usual") | {"known": "长" * 5000}
    with pytest.raises(DomainError, match="5000"):
        make(values=values)
    values = values_for(PAPERS["P06"], "usual") | {"persuasions": [{"record": "又"}] * 400}
    with pytest.raises(DomainError, match="300"):
        make("P06", values=values)
