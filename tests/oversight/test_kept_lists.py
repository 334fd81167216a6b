"""Lists narrowed by step, line and owner, with columns of one's own, kept under a name, taken along as they stand (issue 4)."""

from typing import Any

import pytest
from django.urls import reverse

from casework.audit.models import Entry
from casework.cases.kinds import Kind, Line
from casework.cases.models import Step
from casework.core.clock import moved_to
from casework.oversight.columns import COLUMNS, USUAL
from casework.oversight.models import SavedView
from casework.oversight.saved import MOST
from tests.oversight.test_export import WHY, lines
from tests.world import World, client_of, day, fresh, open_case, open_step

pytestmark = pytest.mark.django_db
PLACE = "oversight:steps"


@pytest.fixture
def step(world: World) -> Step:
    return open_step(open_case(world, world.lan), Kind.REGISTER)


def look(world: World, query: str, who: str = "officer") -> Any:
    with moved_to(day(world.lan.cases.get(), 3)):
        return client_of(fresh(world.people[who])).get(reverse(PLACE) + query)


def keep(world: World, query: str, who: str = "officer", **said: Any) -> Any:
    with moved_to(day(world.lan.cases.get(), 3)):
        return client_of(fresh(world.people[who])).post(
            reverse(PLACE) + query, {"act": "keep", "name": "每天看", **said}
        )


def test_the_list_shows_the_columns_that_were_asked_for(step: Step, world: World) -> None:
    page = look(world, "?what=overdue&cols=late&cols=pupil&cols=nonsense")
    assert page.context["heads"] == ["Pupil", "Working days late"]
    text = page.content.decode()
    assert world.lan.name in text and '<td class="nw">2</td>' in text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        (f"kind={Kind.REGISTER}", 1), (f"kind={Kind.VERIFY}", 0),
        (f"line={Line.EDUCATION}", 1), (f"line={Line.VILLAGE}", 0),
    ],
)  # fmt: skip
def test_a_list_is_narrowed_by_step_and_line(
    step: Step, world: World, query: str, count: int
) -> None:
    assert len(look(world, f"?{query}").context["lines"]) == count


def test_a_list_is_narrowed_by_owner(step: Step, world: World) -> None:
    holder = step.holder or world.officer
    Step.objects.filter(pk=step.pk).update(holder=holder)
    assert len(look(world, f"?holder={holder.pk}").context["lines"]) == 1
    other = look(world, f"?holder={world.principal.pk}")
    assert other.context["lines"] == []
    assert world.principal.display_name not in other.content.decode()
    assert look(world, "?holder=999999").status_code == 404


def test_what_is_restricted_is_told_of_no_owner(step: Step, world: World) -> None:
    """decision 17: neither office, holder nor line of restricted work."""
    Step.objects.filter(pk=step.pk).update(shown_kind=Kind.PROTECT, holder=world.principal)
    for query in (
        f"?holder={world.principal.pk}",
        f"?line={Line.EDUCATION}",
        "?cols=line&cols=unit",
    ):
        assert look(world, query).context["lines"] == []
    assert len(look(world, "?cols=line", "principal").context["lines"]) == 1  # who may read it


def test_a_list_is_kept_found_again_and_let_go(step: Step, world: World) -> None:
    kept = keep(world, f"?what=overdue&kind={Kind.REGISTER}&cols=pupil&after=xyz&odd=1")
    view = SavedView.objects.get()
    assert view.address == f"unit={world.school.pk}&what=overdue&kind=register&cols=pupil"
    assert kept.url == f"{reverse(PLACE)}?{view.address}"
    page = look(world, f"?{view.address}")
    assert "每天看" in page.content.decode() and len(page.context["lines"]) == 1
    assert Entry.objects.filter(verb="view.kept").exists()
    keep(world, "?what=open", act="drop", view=view.pk)
    assert not SavedView.objects.exists()


def test_a_name_that_is_taken_or_too_long_is_refused(step: Step, world: World) -> None:
    keep(world, "?what=overdue")
    assert keep(world, "?what=overdue").status_code == 302
    assert keep(world, "?what=open").status_code == 409
    assert keep(world, "?what=open", name="长" * 41).status_code == 409
    assert SavedView.objects.get().address.endswith("what=overdue")


def test_lists_are_one_s_own_and_not_without_end(step: Step, world: World) -> None:
    keep(world, "?what=open")
    view = SavedView.objects.get()
    assert keep(world, "?what=open", "principal", act="drop", view=view.pk).status_code == 404
    assert "每天看" not in look(world, "?what=open", "principal").content.decode()
    for number in range(MOST):
        keep(world, "?what=open", name=f"第 {number}")
    assert SavedView.objects.count() == MOST
    assert keep(world, "?what=open", name=" ").status_code == 409


def test_a_past_day_is_not_kept(step: Step, world: World) -> None:
    assert keep(world, "?what=open&as_of=2026-10-12").status_code == 404


def test_the_file_has_the_columns_of_the_screen(step: Step, world: World) -> None:
    with moved_to(day(world.lan.cases.get(), 3)):
        client, place = client_of(world.officer), reverse("oversight:export")
        chosen = client.post(f"{place}?what=open&cols=pupil&cols=late", {**WHY, "as": "csv"})
        usual = client.post(f"{place}?what=open", {**WHY, "as": "csv"})
    assert lines(chosen)[2:] == [["Pupil", "Working days late"], [world.lan.name, "2"]]
    assert lines(usual)[2] == [str(COLUMNS[name].label) for name in USUAL]


def test_every_column_has_a_value_for_every_step(step: Step, world: World) -> None:
    query = "&".join(f"cols={name}" for name in COLUMNS)
    assert len(look(world, f"?{query}").context["heads"]) == len(COLUMNS)
