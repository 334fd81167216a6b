"""AUD-02: every page that shows a child says so in the trail, whichever way it was reached."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from casework.audit.models import Entry, Look
from casework.cases.kinds import Kind
from casework.cases.models import Case
from casework.core.clock import moved_to
from casework.documents.models import Document
from tests.world import World, client_of, day, open_case, open_step, prepared, suspect, walk

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def case_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    yield from prepared(django_db_blocker, lambda: _with_finding(world))


def _with_finding(world: World) -> Case:
    case = walk(world, open_case(world, world.ming), until=Kind.HOME_VISIT)
    suspect(world, world.an, at=day(case, 1))
    return case


@pytest.fixture
def case(case_pk: int) -> Case:
    return Case.objects.get(pk=case_pk)


PAGES = [
    ("inbox", "officer", "cases:inbox", ""),
    ("queue", "teacher_two", "cases:queue", ""),
    ("cases", "officer", "cases:cases", ""),
    ("case", "officer", "cases:case", "case"),
    ("case", "officer", "cases:reveal", "case"),
    ("why", "officer", "cases:why", "step"),
    ("step", "officer", "cases:pass_on", "step"),
    ("findings", "officer", "cases:intake", ""),
    ("village", "cadre", "cases:village", ""),
    ("village", "cadre", "cases:village_contact", "case"),
    ("pupil", "teacher_two", "cases:general_visit", "pupil"),
    ("board", "officer", "oversight:board", ""),
    ("board_steps", "officer", "oversight:steps", ""),
    ("board_cases", "officer", "oversight:cases", ""),
]


def opened(world: World, case: Case, who: str, name: str, of: str) -> str:
    args = {
        "case": [case.pk],
        "step": [open_step(case, Kind.HOME_VISIT).pk],
        "pupil": [case.pupil_id],
        "": [],
    }
    with moved_to(day(case, 2)):
        response = client_of(world.people[who]).get(reverse(name, args=args[of]))
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.parametrize(("what", "who", "name", "of"), PAGES, ids=[p[2] for p in PAGES])
def test_a_page_logs_one_look(
    world: World, case: Case, what: str, who: str, name: str, of: str
) -> None:
    """AUD-02: one entry a page, with ids."""
    page = opened(world, case, who, name, of)
    look = Look.objects.get()
    assert (look.what, look.actor_id, look.at) == (what, world.people[who].pk, day(case, 2))
    shown = [word for word in ("易大明", "董小安") if word in page]
    assert not shown or look.subjects


def test_the_form_of_a_step_logs_its_look(world: World, case: Case) -> None:
    step = open_step(case, Kind.HOME_VISIT)
    client = client_of(world.teacher_two)
    with moved_to(day(case, 2)):
        client.post(reverse("cases:claim", args=[step.pk]))
        client.get(reverse("workflows:step", args=[step.pk]))
    assert Look.objects.get().what == "step"


def test_a_lost_race_shows_a_child_and_logs_it(world: World, case: Case) -> None:
    step = open_step(case, Kind.HOME_VISIT)
    with moved_to(day(case, 2)):
        for who in ("teacher_two", "teacher_three"):
            client_of(world.people[who]).post(reverse("cases:claim", args=[step.pk]))
    assert Look.objects.get().what == "missed"


@pytest.mark.parametrize("words", ["易", "0038", "KC-990026-2026A-00001"])
def test_a_search_of_cases_is_logged_with_what_it_found(
    world: World, case: Case, words: str
) -> None:
    found = search(world, "cases:cases", words)
    look = Look.objects.get()
    assert found == [case.pk] and (look.what, look.subjects) == ("search", [case.pk])
    assert words not in str(look.__dict__)


def search(world: World, name: str, words: str) -> list[int]:
    with moved_to(day(Case.objects.get(), 2)):
        response = client_of(world.officer).post(reverse(name), {"q": words}, follow=True)
    return [row.pk for row in response.context["page"].rows]


@pytest.mark.parametrize("words", ["易", "0038", "990026201303080038", "G990026201303080038"])
def test_a_search_of_pupils_is_logged_with_what_it_found(
    world: World, case: Case, words: str
) -> None:
    assert search(world, "cases:pupils", words) == [world.ming.pk]
    assert (Look.objects.get().what, Look.objects.get().subjects) == ("pupils", [world.ming.pk])


def test_a_search_without_words_shows_nobody(world: World, case: Case) -> None:
    assert search(world, "cases:pupils", "") == [] and not Look.objects.exists()


def test_a_paper_is_logged(world: World, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    from casework.cases.views import case as page

    monkeypatch.setattr(page, "file_of", lambda document: None)
    monkeypatch.setattr(page, "bytes_of", lambda file: b"%PDF")
    paper = Document.objects.filter(chain=f"case:{case.pk}")[0]
    client_of(world.officer).get(reverse("cases:paper", args=[paper.pk]))
    assert (Look.objects.get().what, Look.objects.get().subjects) == ("paper", [paper.pk])


def test_numbers_are_revealed_with_a_reason_only(world: World, case: Case) -> None:
    """Issue point 9: the reason stays in the log; without one nothing is shown."""
    client, place = client_of(world.officer), reverse("cases:reveal", args=[case.pk])
    refused = client.post(place, {"reason": " "})
    assert refused.status_code == 409 and "990026201303080038" not in refused.content.decode()
    shown = client.post(place, {"reason": "核对学籍。"})
    assert "990026201303080038" in shown.content.decode()
    entry = Entry.objects.get(verb="numbers.revealed")
    assert (entry.chain, entry.facts) == (f"case:{case.pk}", {"reason": "核对学籍。"})


def test_a_call_is_logged_before_the_number_is_shown(world: World, case: Case) -> None:
    guardian = case.pupil.guardians.get()
    response = client_of(world.cadre).post(reverse("cases:call", args=[guardian.pk]))
    assert guardian.phone in response.content.decode()
    assert Entry.objects.get(verb="guardian.called").subject == f"guardian:{guardian.pk}"


@pytest.mark.parametrize("name", ["cases:case", "cases:cases", "cases:inbox"])
def test_numbers_are_masked_on_pages(world: World, case: Case, name: str) -> None:
    page = opened(world, case, "officer", name, "case" if name == "cases:case" else "")
    assert "990026201303080038" not in page and "10000090038" not in page
