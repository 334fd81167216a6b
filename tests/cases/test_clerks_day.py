"""The clerk's day: one work list of letters, printed together, served, answered (issue 3; domain.md P13)."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf
import pytest
from django.urls import reverse

from casework.cases import proposing
from casework.cases.kinds import Kind
from casework.cases.models import Case, Matter
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from casework.documents.models import Document
from casework.evidence import printing
from tests.evidence.conftest import stand_in
from tests.world import World, client_of, day, do, open_case, open_step, prepared, walk

pytestmark = pytest.mark.django_db


def accepted(world: World) -> Case:
    case = walk(world, open_case(world, world.yun), until=Kind.PERSUASION)
    proposing.propose_reports(day(case, 8, 8))
    do(case, Kind.SEND_REPORT, day(case, 8, 9), decision="send")
    do(case, Kind.ACCEPT_TOWNSHIP, day(case, 9), decision="accepted")
    return case


@pytest.fixture(scope="module")
def accepted_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    yield from prepared(django_db_blocker, lambda: accepted(world))


@pytest.fixture
def case(accepted_pk: int) -> Case:
    return Case.objects.get(pk=accepted_pk)


def lists(world: World, case: Case, days: int, who: str = "township") -> dict[str, int]:
    """The counts on the work list of that day."""
    with moved_to(day(case, days)):
        shown = client_of(world.people[who]).get(reverse("cases:letters"))
    return {key: count for key, _words, count in shown.context["tabs"] if count}


def test_a_letter_goes_through_the_lists(case: Case, world: World) -> None:
    assert lists(world, case, 10) == {"draft": 1}
    do(case, Kind.DRAFT_LETTER, day(case, 10))
    assert lists(world, case, 10) == lists(world, case, 10, "leader") == {"sign": 1}
    do(case, Kind.SIGN_LETTER, day(case, 10, 16))
    assert lists(world, case, 10) == {"print": 1}
    Matter.objects.filter(case=case).update(facts=_facts(case) | {"printed_on": "2026-10-22"})
    assert lists(world, case, 10) == {"serve": 1}
    do(case, Kind.SERVE_LETTER, day(case, 11), served="sent", method="mail", tracking="EY12")
    assert lists(world, case, 11) == {"receipt": 1}
    do(case, Kind.SERVE_LETTER, day(case, 13), method="mail", tracking="EY12")
    assert lists(world, case, 13) == {"waiting": 1}
    assert lists(world, case, 22) == {"answer": 1}  # the seventh day is a Sunday
    assert Document.objects.filter(chain=f"case:{case.pk}", kind="P13").count() == 2


def _facts(case: Case) -> dict[str, Any]:
    facts: dict[str, Any] = Matter.objects.get(case=case).facts
    return facts


def test_the_list_ends_at_the_township(case: Case, world: World) -> None:
    assert lists(world, case, 10, "far_township") == {}


def test_a_receipt_is_awaited_only_of_what_others_carry(case: Case) -> None:
    do(case, Kind.DRAFT_LETTER, day(case, 10))
    do(case, Kind.SIGN_LETTER, day(case, 10, 16))
    with pytest.raises(DomainError, match="served at once"):
        do(case, Kind.SERVE_LETTER, day(case, 11), served="sent", method="direct")


def to_print(case: Case) -> int:
    do(case, Kind.DRAFT_LETTER, day(case, 10))
    (paper,) = do(case, Kind.SIGN_LETTER, day(case, 10, 16))
    stand_in(paper)
    return open_step(case, Kind.SERVE_LETTER).pk


def one_page() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out)
    return out.getvalue()


def test_three_copies_and_a_proof_to_fill_in(
    case: Case, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof is printed by the real press; nothing of it is recorded. The list that comes next holds the letter already."""
    monkeypatch.setattr(printing, "bytes_of", lambda file: one_page())
    step, before = to_print(case), Document.objects.count()
    with moved_to(day(case, 11)):
        client = client_of(world.township)
        sent = client.post(reverse("evidence:print_letters"), {"step": [step]}, follow=True)
        (place,) = re.findall(r'href="(/letters/print/[^"]+)"', sent.content.decode())
        printed = client.get(place)
    with pikepdf.open(io.BytesIO(printed.content)) as pdf:
        assert len(pdf.pages) == 4
    assert printed["Content-Disposition"].startswith("attachment")
    assert Document.objects.count() == before
    assert lists(world, case, 11) == {"serve": 1}


def test_letters_of_another_township_are_not_printed(case: Case, world: World) -> None:
    step = to_print(case)
    with moved_to(day(case, 11)):
        refused = client_of(world.far_township).post(
            reverse("evidence:print_letters"), {"step": [step, "x"]}
        )
        read = client_of(world.far_township).get(
            reverse("evidence:print_letters"), {"step": [step]}
        )
    assert (refused.status_code, read.status_code) == (302, 404)
    assert lists(world, case, 11) == {"print": 1}
