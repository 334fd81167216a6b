"""Papers written on a form page: each from its declaration, what is known never asked, nothing outside its reach."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from casework.audit.models import Entry
from casework.cases.kinds import Reason
from casework.cases.models import Case
from casework.core.clock import local_date, moved_to
from casework.core.errors import DomainError
from casework.documents.models import Document
from casework.documents.papers.declare import Field, Table
from casework.org.models import Unit, UnitKind
from casework.registers.forms import form_for
from casework.registers.places import Of, Place, place_for
from casework.registers.sheets import SHEETS, Sheet, sheets_at
from casework.registers.writing import write
from casework.students.models import Absence
from tests.world import World, client_of, day

pytestmark = pytest.mark.django_db
NAMES = [f"{sheet.code}-{sheet.of}" for sheet in SHEETS]


def place_of(sheet: Sheet, world: World, case: Case) -> Place:
    if sheet.of == Of.CASE:
        return place_for(world.officer, Of.CASE, case.pk)
    if sheet.of == Of.PUPIL:
        return place_for(world.officer, Of.PUPIL, world.an.pk)
    units = {
        UnitKind.SCHOOL: ("school", "officer"),
        UnitKind.TOWNSHIP: ("town", "township"),
        UnitKind.VILLAGE: ("village", "township"),
    }
    unit, person = units[sheet.levels[0]]
    return place_for(world.people[person], Of.UNIT, world.units[unit].pk)


def typed(sheet: Sheet, today: date, **more: Any) -> dict[str, Any]:
    """Answers to every field of the form."""
    found: dict[str, Any] = {}
    for key in sheet.asked:
        part = sheet.paper.fields()[key]
        if isinstance(part, Table):
            for column in part.columns:
                found[f"{key}_1_{column.key}"] = (
                    today.isoformat() if column.kind == "date" else "整改到位"
                )
        else:
            found[key] = answer(part, sheet, today)
    return found | more


def answer(part: Field, sheet: Sheet, today: date) -> str:
    if part.kind == "date":
        return (today + timedelta(days=7 * (part.key in sheet.ahead))).isoformat()
    return next(iter(part.options)) if part.options else "按时完成。"


def written(sheet: Sheet, place: Place, by: Any, at: Any, **more: Any) -> Document:
    form = form_for(sheet)(typed(sheet, local_date(at), **more))
    assert form.is_valid(), form.errors
    return write(sheet, place, form.cleaned_data, by=by, at=at)


def sheet_of(code: str, of: Of = Of.UNIT) -> Sheet:
    return next(each for each in SHEETS if (each.code, each.of) == (code, of))


@pytest.mark.parametrize("sheet", SHEETS, ids=NAMES)
def test_a_form_asks_for_fields_of_its_paper_and_for_all_that_is_needed(sheet: Sheet) -> None:
    fields = sheet.paper.fields()
    assert set(sheet.asked) <= set(fields)
    assert set(sheet.past) | set(sheet.ahead) <= set(sheet.asked)
    form = form_for(sheet)
    shown = [name for _title, names in form.groups for name in names] + form.fold + form.hands
    assert sorted(shown) == sorted(form.base_fields)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("sheet", SHEETS, ids=NAMES)
def test_every_sheet_becomes_a_numbered_paper_in_its_chain(
    sheet: Sheet, language: str, world: World, case: Case
) -> None:
    place, at = place_of(sheet, world, case), day(case, 5)
    Absence.objects.create(
        pupil=world.an, day=at.date(), mark="half", source="考勤表", row=3
    )  # without any there is no notice to the parents
    with translation.override(language):
        paper = written(sheet, place, world.officer, at)
    assert (paper.chain, paper.kind, paper.unit) == (place.chain, sheet.code, place.unit)
    record = json.loads(paper.record)
    assert record["language"] == "zh-hans", "the paper speaks the language of the rules"
    assert Entry.objects.filter(verb="document.issued", subject=f"document:{paper.pk}").count() == 1
    again = written(sheet, place, world.officer, at)
    assert again.sequence == paper.sequence + 1


def test_what_is_known_is_only_proposed_where_it_is_asked(world: World, case: Case) -> None:
    sheet = sheet_of("P10", Of.CASE)
    known = sheet.known(place_of(sheet, world, case), world.officer, day(case, 5))
    assert "not at school since" in known["facts"] and known["child"].endswith(case.pupil.name)
    paper = written(
        sheet, place_of(sheet, world, case), world.officer, day(case, 5), facts="我写的。"
    )
    assert "我写的。" in paper.record and "not at school" not in paper.record


def test_a_notice_to_the_parents_counts_the_days_missed(world: World, case: Case) -> None:
    for number in (1, 2):
        Absence.objects.create(
            pupil=case.pupil, day=day(case, number).date(), mark="absent", source="考勤表", row=3
        )
    paper = written(
        sheet_of("P03", Of.CASE),
        place_of(sheet_of("P03", Of.CASE), world, case),
        world.officer,
        day(case, 5),
    )
    assert "无故缺课2个上课日" in "".join(json.loads(paper.record)["letter"]["paragraphs"])


@pytest.mark.parametrize(
    ("code", "field", "days"), [("P24", "held_on", 1), ("P03", "reply_by", -1)]
)
def test_a_day_that_cannot_be_is_refused(
    code: str, field: str, days: int, world: World, case: Case
) -> None:
    sheet, at = sheet_of(code, Of.CASE), day(case, 5)
    wrong = (local_date(at) + timedelta(days=days)).isoformat()
    with pytest.raises(DomainError) as refusal:
        written(sheet, place_of(sheet, world, case), world.officer, at, **{field: wrong})
    assert set(refusal.value.fields) == {field}
    assert not Document.objects.filter(kind=code).exists()


def test_a_case_that_was_closed_meanwhile_gets_no_paper(world: World, case: Case) -> None:
    sheet = sheet_of("P07", Of.CASE)
    place = place_of(sheet, world, case)
    Case.objects.filter(pk=case.pk).update(closed_at=day(case, 4), outcome="returned")
    with pytest.raises(DomainError, match="closed"):
        written(sheet, place, world.officer, day(case, 5))


def test_the_list_of_a_village_names_its_children_and_no_restricted_cause(
    world: World, case: Case
) -> None:
    sheet = sheet_of("P33")
    place = place_of(sheet, world, case)
    Case.objects.filter(pk=case.pk).update(village=place.unit, reason=Reason.MARRY)
    (row,) = sheet.known(place, world.township, day(case, 5))["children"]
    assert (row["name"], row["reason"]) == (case.pupil.name, "—")
    assert int(row["visits"]) == case.visits.count() > 0
    Case.objects.filter(pk=case.pk).update(reason=Reason.LEARN)
    (row,) = sheet.known(place, world.township, day(case, 5))["children"]
    assert "hard to follow" in row["reason"]


def test_the_list_of_returns_counts_who_is_out_and_who_is_back(world: World, case: Case) -> None:
    sheet = sheet_of("P08")
    place, at = place_of(sheet, world, case), day(case, 5)
    Case.objects.filter(pk=case.pk).update(village=world.village)
    said = sheet.known(place, world.township, at)
    assert [(r["out"], r["back"], r["still"]) for r in said["villages"]] == [("1", "0", "1")]
    Case.objects.filter(pk=case.pk).update(returned_at=day(case, 4))
    said = sheet.known(place, world.township, at)
    assert [(r["out"], r["back"], r["still"]) for r in said["villages"]] == [("1", "1", "0")]
    assert said["children"][0]["since"] == local_date(day(case, 4))


def test_a_township_without_dropouts_lists_its_villages_with_zeros(
    world: World, case: Case
) -> None:
    place = place_for(world.far_township, Of.UNIT, world.far_town.pk)
    said = sheet_of("P08").known(place, world.far_township, day(case, 5))
    assert [(r["village"], r["out"]) for r in said["villages"]] == [("龙泉村", "0")]


def test_a_responsibility_letter_does_not_end_before_it_begins(world: World, case: Case) -> None:
    sheet, at = sheet_of("P26"), day(case, 5)
    with pytest.raises(DomainError, match="ends before") as refusal:
        written(sheet, place_of(sheet, world, case), world.officer, at, starts="2027-09-01")
    assert set(refusal.value.fields) == {"ends"}


def test_each_office_is_offered_its_own_papers(world: World) -> None:
    offered = {
        kind: {sheet.code for sheet in sheets_at(Place(Of.UNIT, 0, Unit(kind=kind)))}
        for kind in UnitKind
    }
    assert offered[UnitKind.SCHOOL] == {"P25B", "P26", "P34A", "P34B"}
    assert offered[UnitKind.TOWNSHIP] == {"P08", "P25B", "P26", "P34B"}
    assert offered[UnitKind.VILLAGE] == {"P33", "P34B"}
    assert offered[UnitKind.CLASS] == set()


class TestPages:
    def test_a_paper_is_written_and_stands_on_the_case(self, world: World, case: Case) -> None:
        sheet, at = sheet_of("P24", Of.CASE), day(case, 5)
        with moved_to(at):
            client = client_of(world.teacher)
            address = reverse("registers:write", args=["case", case.pk, "P24"])
            assert client.get(address).status_code == 200
            answer = client.post(address, {**typed(sheet, local_date(at)), "form_key": "k" * 32})
            assert answer.status_code == 302, answer.context["form"].errors
            shown = client.get(answer.headers["Location"]).content.decode()
        paper = Document.objects.get(kind="P24")
        assert paper.number in shown

    def test_what_is_missing_is_said_and_nothing_is_issued(self, world: World, case: Case) -> None:
        with moved_to(day(case, 5)):
            address = reverse("registers:write", args=["case", case.pk, "P24"])
            answer = client_of(world.teacher).post(address, {"content": "谈话。"})
        assert answer.status_code == 422 and "谈话。" in answer.content.decode()
        assert not Document.objects.filter(kind="P24").exists()

    def test_an_empty_form_is_a_pdf_and_a_letter_that_is_signed_off_has_none(
        self, world: World
    ) -> None:
        client = client_of(world.teacher)
        answer = client.get(reverse("registers:blank", args=["P04"]))
        assert (
            answer.content.startswith(b"%PDF-")
            and answer.headers["Content-Security-Policy"] == "sandbox"
        )
        assert client.get(reverse("registers:blank", args=["P11"])).status_code == 404
        assert client.get(reverse("registers:blank", args=["P03"])).content.startswith(b"%PDF-")

    def test_who_keeps_one_office_is_led_to_it(self, world: World) -> None:
        answer = client_of(world.officer).get(reverse("registers:offices"))
        assert answer.headers["Location"] == reverse("registers:of_unit", args=[world.school.pk])
        assert client_of(world.township).get(reverse("registers:offices")).status_code == 200


def test_who_talked_signs_on_the_screen(world: World, case: Case) -> None:
    sheet = sheet_of("P24", Of.CASE)
    drawn = "[[[60, 200], [180, 60], [260, 240]], [[320, 150], [700, 90]]]"
    paper = written(
        sheet, place_of(sheet, world, case), world.officer, day(case, 5), hand_pupil=drawn
    )
    record = json.loads(paper.record)
    assert [("strokes" in box) for box in record["signatures"]] == [True, False, False]
    assert record["sign_state"] == "屏幕上已签：学生；其余待手写签字"
