"""A list taken along: what was on the screen, with reason and receiver, and no formula in it (issue 4)."""

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from casework.audit.models import Entry, Look
from casework.core.clock import moved_to
from casework.students.models import Pupil
from tests.world import World, client_of, day, open_case

pytestmark = pytest.mark.django_db
WHY = {"reason": "县级督查", "receiver": "县教育局"}


def export(world: World, who: str = "officer", address: str = "?what=overdue", **said: str) -> Any:
    case = open_case(world, world.lan)
    with moved_to(day(case, 3)):
        return client_of(world.people[who]).post(
            reverse("oversight:export") + address, {**WHY, "as": "csv", **said}
        )


def lines(response: Any) -> list[list[str]]:
    return list(csv.reader(StringIO(response.content.decode("utf-8-sig"))))


def test_the_file_says_for_whom_why_and_what_was_on_the_screen(world: World) -> None:
    head, title, columns, row = lines(export(world))
    assert "县教育局" in head and "县级督查" in head and title[1] == world.school.name
    assert len(columns) == len(row) and row[1] == world.lan.name and row[-1] == "2"


def test_what_left_and_who_took_it_stays_in_the_trail(world: World) -> None:
    export(world)
    entry = Entry.objects.get(verb="list.exported")
    assert (entry.facts["receiver"], entry.facts["rows"]) == ("县教育局", 1)
    assert Look.objects.filter(what="export", reason="县级督查").exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_cell_is_a_formula(world: World, kind: str) -> None:
    Pupil.objects.filter(pk=world.lan.pk).update(name="=HYPERLINK(1)")
    response = export(world, **{"as": kind})
    if kind == "csv":
        assert lines(response)[3][1].startswith("'=")
    else:
        cell = load_workbook(BytesIO(response.content)).active.cell(4, 2)
        assert (cell.data_type, cell.value) == ("s", "=HYPERLINK(1)")


def test_the_workbook_can_be_read_as_it_opens(world: World) -> None:
    """Named after its list, the heads in sight, each column as wide as what stands in it."""
    sheet = load_workbook(BytesIO(export(world, **{"as": "xlsx"}).content)).active
    title, case_number = sheet["A2"].value, sheet["A4"].value
    assert (sheet.title, sheet.freeze_panes) == (title, "A4")
    assert sheet.column_dimensions["A"].width >= len(case_number)


@pytest.mark.parametrize("missing", [{"reason": ""}, {"receiver": " "}])
def test_nothing_leaves_without_reason_and_receiver(world: World, missing: dict[str, str]) -> None:
    assert export(world, **missing).status_code == 409
    assert not Entry.objects.filter(verb="list.exported").exists()


def test_only_who_may_take_evidence_takes_lists(world: World) -> None:
    assert export(world, "leader").status_code == 403
    assert client_of(world.teacher).post(reverse("oversight:export")).status_code == 403


def test_another_s_unit_and_an_unknown_form_are_not_found(world: World) -> None:
    assert export(world, address=f"?unit={world.far_school.pk}").status_code == 404
    with moved_to(day(world.lan.cases.get(), 3)):
        odd = client_of(world.officer).post(reverse("oversight:export"), {**WHY, "as": "exe"})
    assert odd.status_code == 404


def test_a_past_day_is_exported_as_it_was(world: World) -> None:
    rows = lines(export(world, address="?what=open&as_of=2026-10-12"))
    assert rows[0][-1] == "2026-10-12 23:59" and rows[3][-1] == "0"
