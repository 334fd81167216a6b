"""What the steps hand to their papers: just the keys that the papers declare, in either language (conventions.md 29)."""

import json
from collections import defaultdict
from datetime import date
from typing import Any

import pytest

import workflows.complete
from casework.cases import matters, proposing
from casework.cases.facts import VALUES
from casework.cases.facts.spelling import joined
from casework.cases.helping import call_conference
from casework.cases.kinds import Kind
from casework.cases.letters import LETTERS
from casework.cases.models import Case, Matter
from casework.cases.side_roads import SIDE_ROADS, Effect
from casework.core.clock import local_date, moved_to
from casework.documents.models import Document
from casework.documents.papers.register import COMMON, PAPERS
from casework.profiles.rules import baseline, publish
from casework.students.models import Absence
from tests.journeys.test_side_roads import decided_appeal, signed_letter
from tests.world import World, day, decide, do, fresh, open_case, walk
from workflows.demo import typed
from workflows.side_forms import ask_form

pytestmark = pytest.mark.django_db


# Fields that no step asks for: printed empty, for the hand. A field filled one day leaves this list.
BY_HAND = {
    "AR": {"respond_by"},
    "P35": {"remarks"},
    "P36": {"remarks"},
    "SR": {"remarks"},
}


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[set[str]]]:
    """The keys of every paper issued in this test, the pupil's block laid flat."""
    keys: dict[str, list[set[str]]] = defaultdict(list)
    real = workflows.complete.issue

    def noted(*, kind: str, values: dict[str, Any], **more: Any) -> Document:
        flat = {key for key in values if key != "pupil"}
        keys[kind].append(flat | {f"pupil.{key}" for key in values.get("pupil", {})})
        return real(kind=kind, values=values, **more)

    monkeypatch.setattr(workflows.complete, "issue", noted)
    return keys


def all_roads(world: World) -> None:
    Absence.objects.create(
        pupil=world.lan, day=date(2026, 10, 9), mark="absent", source="考勤表", row=3
    )
    walk(world, open_case(world, world.lan))
    case = walk(world, open_case(world, world.yun), until=Kind.PERSUASION)
    do(case, Kind.PERSUASION, day(case, 4), result="not_yet")
    proposing.propose_reports(day(case, 8, 8))
    do(case, Kind.SEND_REPORT, day(case, 8), decision="send")
    for kind in (Kind.ACCEPT_TOWNSHIP, Kind.ACCEPT_COUNTY):
        do(case, kind, day(case, 9), decision="accepted", number="收18")
    do(case, Kind.DRAFT_LETTER, day(case, 10), decision="talk_first", reason="已约见。")
    do(case, Kind.PERSUASION_LED, day(case, 12), result="not_yet")
    letters(case, 13)
    side_roads(world)


def side_roads(world: World) -> None:
    """Every road that may be asked for, a lesson at home, and the answer of a department."""
    case = walk(world, open_case(world, world.an), until=Kind.VERIFY)
    with moved_to(day(case, 0, 16)):
        said = {**typed.CONFERENCE, "held_on": local_date(day(case, 0))}
        call_conference(case, said, by=fresh(world.teacher), at=day(case, 0, 16))
    do(case, Kind.CONFERENCE, day(case, 0, 17))
    for number, (code, road) in enumerate(SIDE_ROADS.items()):
        at = day(case, number, 12)
        if code == "APPEAL_OFFICE":
            signed_letter(case, at)
        if code == "APPEAL_REVIEW":
            decided_appeal(case, at)
        if road.effect not in (Effect.CANCEL, Effect.REOPEN, Effect.UNDO):
            said = ask_form(code)(typed.asked(case, code, at))
            assert said.is_valid()
            with moved_to(at):
                by = world.officer if code == "HAND_OVER" else world.teacher
                matters.ask(case, code, said.cleaned_data, by=fresh(by), at=at)
            decide(case, day(case, number, 13))
        if code == "HOME_TEACHING":
            do(case, Kind.TEACH_AT_HOME, day(case, number, 14))
        Matter.objects.filter(case=case).update(settled_at=at)


def letters(case: Case, days: int) -> None:
    """Every letter that the law knows, one after the other."""
    rules = baseline()
    texts = {code: rules["letters"][code] | {"legal_basis": "某地条例"} for code in LETTERS}
    rules["letters"] |= {"ladder": list(LETTERS), **texts}
    publish(
        case.school, rules, name="示例", valid_from=date(2026, 9, 1), by=None, at=day(case, days)
    )
    for code in LETTERS:
        do(case, Kind.DRAFT_LETTER, day(case, days, 16))
        do(case, Kind.SIGN_LETTER, day(case, days, 17))
        do(case, Kind.SERVE_LETTER, day(case, days, 18))
        if code != "court":
            do(case, Kind.ANSWER_LETTER, day(case, days + 18), decision="next")
        days += 19


def test_facts_are_the_keys_that_the_papers_declare(
    world: World, handed: dict[str, list[set[str]]]
) -> None:
    all_roads(world)
    assert set(handed) == set(VALUES)
    for kind, papers in handed.items():
        for keys in papers:
            declared = set(PAPERS[kind].fields())
            assert keys - set(COMMON) == declared - set(COMMON) - BY_HAND.get(kind, set()), kind


def test_what_was_typed_once_stands_on_the_papers(world: World) -> None:
    """design.md promise 1."""
    case: Case = walk(world, open_case(world, world.lan), until=Kind.PERSUASION)
    papers = Document.objects.filter(chain=f"case:{case.pk}")
    for paper in papers:
        record = json.loads(paper.record)
        assert record["case_no"] == case.number, paper.kind
        assert world.lan.name in paper.record and "八年级1班" in paper.record
        assert (
            world.lan.id_number not in paper.record and world.lan.status_number not in paper.record
        )
    visit = papers.get(kind="P04").record
    assert "结伴返校" in visit and "林秀英" in visit


@pytest.mark.parametrize(
    ("texts", "one"),
    [
        (("在家照顾弟弟。", "支持读书。"), "在家照顾弟弟；支持读书。"),
        (("", "支持读书。", None), "支持读书。"),
        ((), ""),
    ],
)
def test_texts_in_a_row_have_one_mark_between_them(texts: tuple[str, ...], one: str) -> None:
    assert joined(*texts) == one
