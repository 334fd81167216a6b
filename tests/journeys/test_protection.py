"""Suspected harm, what is restricted, and the glass that is broken in an emergency (design.md §7)."""

import zipfile
from datetime import datetime, timedelta
from typing import Any

import pytest

from casework.audit.models import Entry
from casework.cases import access, matters
from casework.cases.glass import OPEN_FOR, break_glass
from casework.cases.kinds import Kind
from casework.cases.models import Case, Glass, Matter, Step
from casework.cases.protection import report_harm
from casework.cases.story import story_of
from casework.core.clock import end_of, local_date, moved_to
from casework.core.errors import DomainError
from casework.documents.models import Document
from casework.evidence.bundle import make
from casework.evidence.scope import order
from casework.notices.models import Notice
from tests.evidence.conftest import stand_in
from tests.journeys.test_side_roads import ask, sound
from tests.world import World, client_of, day, do, fresh, open_step

pytestmark = pytest.mark.django_db
HARM = {
    "signs": ["violence"],
    "danger": "no",
    "seen": "手臂有多处淤青，孩子说是父亲打的。",
    "told": "",
}
SECRET = "淤青"


def harmed(case: Case, world: World, by: str = "teacher") -> Step:
    at = day(case, 4)
    with moved_to(at):
        return report_harm(case, dict(HARM), by=fresh(world.people[by]), at=at)


def told(code: str) -> set[str]:
    return set(Notice.objects.filter(code=code).values_list("user__display_name", flat=True))


def page(world: World, who: str, place: str, at: datetime) -> Any:
    with moved_to(at):
        return client_of(world.people[who]).get(place)


@pytest.mark.parametrize("by", ["teacher", "cadre", "principal"])
def test_harm_is_told_by_role_at_once_and_due_today(case: Case, world: World, by: str) -> None:
    """Issue point: mandatory report on every visit, notified by role; no word of it in the notice."""
    step = harmed(case, world, by)
    acts = world.county_officer if by == "principal" else world.principal  # not who reported it
    assert (step.holder, step.due_at) == (acts, end_of(local_date(day(case, 4))))
    assert told("harm") == {"周建民", "何志远"}
    assert not Notice.objects.filter(code="harm").exclude(facts={}).exists()
    assert matters.blocking(case) == step.about
    do(case, Kind.PROTECT, day(case, 4, 17))
    step.about.refresh_from_db()
    assert (step.about.outcome, matters.blocking(case)) == ("reported", None)
    sound()


def test_harm_is_reported_only_of_children_in_reach(case: Case, world: World) -> None:
    for stranger in ("far_teacher", "far_cadre"):
        with pytest.raises(DomainError, match="not in your reach"):
            harmed(case, world, stranger)


def test_its_paper_stands_apart_and_leaves_with_no_evidence_file(
    case: Case, world: World, tmp_path: Any
) -> None:
    """design.md §7: no export; the chain of the case is whole without it."""
    step = harmed(case, world)
    (paper,) = do(case, Kind.PROTECT, day(case, 4, 17))
    assert paper.chain == f"restricted:{case.pk}" and paper.place == 1
    for each in Document.objects.filter(file=None):
        stand_in(each)
    at = day(case, 5)
    with moved_to(at):
        bundle = order(case=case, reason="督导", merged=False, by=None, at=at, queued=False)
        assert make(bundle, at=at, target=tmp_path / "a.zip"), bundle.error
    packed = (tmp_path / "a.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as files:
        every = b"".join(files.read(name) for name in files.namelist())
    assert paper.hash.encode() not in packed and "派出所".encode() not in every
    gaps = [gap for gap in bundle.gaps if step.title in gap[1]]
    assert len(gaps) == 1


def test_only_those_whose_work_it_is_read_it(case: Case, world: World) -> None:
    step = harmed(case, world)
    (paper,) = do(case, Kind.PROTECT, day(case, 4, 17))
    stand_in(paper)
    at, where = day(case, 5), f"/matters/{step.about.pk}/"
    for who, status in (
        ("principal", 200), ("county_officer", 200), ("teacher", 200), ("officer", 403), ("township", 403),
        ("supervisor", 403), ("far_officer", 404), ("cadre", 403),
    ):  # fmt: skip
        answer = page(world, who, where, at)
        assert answer.status_code == status, who
        assert (SECRET in answer.content.decode()) == (status == 200), who
        with moved_to(at):
            seen = client_of(world.people[who])
            assert (seen.get(f"/papers/{paper.pk}/").status_code == 200) == (status == 200), who


def test_nothing_of_it_is_on_pages_for_all(case: Case, world: World) -> None:
    harmed(case, world)
    for who, place in (
        ("officer", f"/cases/{case.pk}/"),
        ("officer", "/board/"),
        ("township", "/cases/"),
    ):
        shown = page(world, who, place, day(case, 5)).content.decode()
        assert SECRET not in shown and "harm" not in shown.replace("Suspected harm", "").replace(
            f"/cases/{case.pk}/harm/", ""
        ), place


@pytest.mark.parametrize(
    "code", ["EARLY_MARRIAGE", "RELIGIOUS_STUDY", "SPECIALISED_SCHOOL", "JUSTICE_CUSTODY"]
)
def test_a_restricted_road_keeps_its_papers_and_reasons_apart(
    case: Case, world: World, code: str
) -> None:
    step = ask(case, code, day(case, 4), world.teacher)
    (paper,) = do(case, Kind.DECIDE_REQUEST, day(case, 5), decision="refused", opinion="情况不实。")
    assert paper.chain == f"restricted:{case.pk}"
    every, papers = list(case.steps.select_related("matter")), list(Document.objects.all())
    told_ = "".join(moment.words for moment in story_of(case, every, papers))
    assert "情况不实" not in told_
    again = ask(case, code, day(case, 6), world.teacher).about
    matters.withdraw(again, "孩子已回家。", by=fresh(world.teacher), at=day(case, 6, 16))
    assert not Entry.objects.filter(facts__reason="孩子已回家。").exists()
    assert access.may_see(fresh(world.officer), step.about, day(case, 7)) is False


def test_the_outcome_of_a_restricted_road_is_not_told(case: Case) -> None:
    case.outcome = "SPECIALISED_SCHOOL"
    assert "specialised" not in case.outcome_words and case.outcome_words
    case.outcome = "TRANSFER_OUT"
    assert case.outcome_words == str(case.get_outcome_display())


def test_broken_glass_opens_a_case_for_hours_and_the_supervisors_know(
    case: Case, world: World
) -> None:
    """Issue point: allowed with reason, time-boxed, supervisor told; to be read only."""
    at, place = day(case, 4), f"/cases/{case.pk}/"
    assert page(world, "far_officer", place, at).status_code == 404
    with moved_to(at):
        client = client_of(world.far_officer)
        for typed in ({"number": case.number}, {"number": "KC-1", "reason": "孩子在我处出现"}):
            assert client.post("/glass/", typed).status_code == 409
        opened = client.post("/glass/", {"number": case.number.lower(), "reason": "孩子在我处出现"})
        assert opened.status_code == 302
    shown = page(world, "far_officer", place, at + timedelta(hours=1))
    assert shown.status_code == 200 and "Do it" not in shown.content.decode()
    assert told("glass") == {"孟祥和", "何志远", "周建民"}
    assert Entry.objects.filter(chain=f"case:{case.pk}", verb="glass.broken").count() == 1
    main = open_step(case, Kind.PERSUASION)
    with moved_to(at):
        client = client_of(world.far_officer)
        assert client.post(f"/steps/{main.pk}/claim/").status_code == 404
        assert client.post(f"{place}back/", {"day": "2026-10-20"}).status_code == 404
    assert page(world, "far_officer", place, at + OPEN_FOR).status_code == 404


def test_broken_glass_opens_what_is_restricted(case: Case, world: World) -> None:
    matter = harmed(case, world).about
    officer, at = fresh(world.officer), day(case, 5)
    assert not access.may_see(officer, matter, at)
    break_glass(case.number, "孩子失踪，需立即核实。", by=officer, at=at)
    assert access.may_see(officer, matter, at)
    assert page(world, "officer", f"/matters/{matter.pk}/", at).status_code == 200
    assert not access.may_see(officer, matter, at + OPEN_FOR)
    assert Glass.objects.get().reason == "孩子失踪，需立即核实。"


def test_the_button_on_a_visit_keeps_what_was_typed_and_leads_to_the_report(
    case: Case, world: World
) -> None:
    """Works without JavaScript: it is a button of the form."""
    step = open_step(case, Kind.PERSUASION)
    place, at = f"/steps/{step.pk}/", day(case, 4)
    with moved_to(at):
        client = client_of(world.principal)
        assert 'value="harm"' in client.get(place).content.decode()
        answer = client.post(place, {"act": "harm", "why": "父母争吵"})
        assert answer["Location"] == f"/cases/{case.pk}/harm/"  # type: ignore[index]
        assert "父母争吵" in client.get(place).content.decode()
        form = client.get(f"/cases/{case.pk}/harm/")
        assert form.status_code == 200
        sent = client.post(
            f"/cases/{case.pk}/harm/", {**HARM, "form_key": form.context["form_key"]}
        )
    assert sent["Location"] == f"/cases/{case.pk}/"  # type: ignore[index]
    assert Matter.objects.filter(case=case, code="HARM").count() == 1


def test_a_village_cadre_reports_and_comes_back_to_the_village(case: Case, world: World) -> None:
    with moved_to(day(case, 4)):
        client = client_of(world.cadre)
        kept = client.post(f"/village/{case.pk}/contact/", {"act": "harm"})
        assert kept["Location"] == f"/cases/{case.pk}/harm/"  # type: ignore[index]
        sent = client.post(f"/cases/{case.pk}/harm/", HARM)
    assert sent["Location"] == "/village/"  # type: ignore[index]
