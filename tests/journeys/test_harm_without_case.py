"""Suspected harm to a child without a case: reported from a general visit or a call, answered the same day, kept apart."""

from datetime import timedelta
from typing import Any

import pytest

from casework.audit.models import Entry
from casework.cases.models import HarmReport
from casework.cases.protection import answer_harm, remind_of_harm, report_harm_of
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from casework.documents.models import Document
from casework.notices.models import Notice
from tests.evidence.conftest import stand_in
from tests.world import OPENED, World, client_of, fresh
from workflows.demo import typed
from workflows.side_forms import ProtectForm
from workflows.sweeping import sweep

pytestmark = pytest.mark.django_db
AT = OPENED
SECRET = "淤青"


def reported(world: World, by: str = "teacher", pupil: str = "lan") -> HarmReport:
    with moved_to(AT):
        return report_harm_of(
            world.pupils[pupil], dict(typed.HARM), by=fresh(world.people[by]), at=AT
        )


def answered(report: HarmReport, world: World, by: str = "principal") -> Document:
    at = AT + timedelta(hours=1)
    form = ProtectForm(typed.protected(at))
    assert form.is_valid(), form.errors
    with moved_to(at):
        return answer_harm(report, form.cleaned_data, by=fresh(world.people[by]), at=at)


def told(code: str) -> set[str]:
    return set(Notice.objects.filter(code=code).values_list("user__display_name", flat=True))


def test_the_button_of_a_general_visit_keeps_the_form_and_leads_to_the_report(world: World) -> None:
    """Issue point: the button stands on every visit; works without JavaScript."""
    place = f"/pupils/{world.lan.pk}/visit/"
    with moved_to(AT):
        client = client_of(world.teacher)
        shown = client.get(place).content.decode()
        kept = client.post(place, {"act": "harm", "why": "谈作业"})
        form = client.get(kept["Location"])  # type: ignore[index]
        sent = client.post(
            kept["Location"],  # type: ignore[index]
            {**typed.HARM, "form_key": form.context["form_key"]},
            follow=True,
        )
    assert 'value="harm"' in shown and "12309" in shown
    answer = sent.content.decode()
    assert SECRET in answer and "周建民" in answer and f'href="{place}"' in answer
    assert HarmReport.objects.get().unit == world.school


def test_a_call_about_an_absence_has_the_button_too(world: World) -> None:
    with moved_to(AT):
        sent = client_of(world.teacher).post(f"/absent/{world.lan.pk}/", {"act": "harm"})
    assert sent["Location"] == f"/pupils/{world.lan.pk}/harm/"  # type: ignore[index]


def test_principal_and_county_are_told_at_once_and_it_is_logged(world: World) -> None:
    report = reported(world)
    assert told("harm") == {"周建民", "何志远"}
    (entry,) = Entry.objects.filter(subject=f"harm:{report.pk}")
    assert (entry.verb, entry.facts) == ("harm.reported", {})


def test_nobody_is_told_of_his_own_report(world: World) -> None:
    reported(world, "principal")
    assert told("harm") == {"何志远"}


def test_only_a_child_in_reach_is_reported(world: World) -> None:
    with pytest.raises(DomainError, match="not in your reach"):
        reported(world, "far_teacher")


def test_its_answer_has_a_paper_apart_from_all_others(world: World) -> None:
    report = reported(world)
    paper = answered(report, world)
    assert (paper.kind, paper.chain, paper.place) == ("SR", f"harm:{report.pk}", 1)
    assert "派出所民警秦海" in paper.record and SECRET not in paper.record
    report.refresh_from_db()
    assert (report.answered_by, report.is_open) == (world.principal, False)
    assert told("harm_answered") == {"林秀英"}


def test_it_is_answered_once_by_those_whose_work_it_is_and_never_by_who_reported(
    world: World,
) -> None:
    report = reported(world, "principal")
    for other in ("principal", "officer", "teacher", "township", "far_principal", "supervisor"):
        with pytest.raises(DomainError, match="waits for somebody else"):
            answered(report, world, other)
    answered(report, world, "county_officer")
    with pytest.raises(DomainError, match="answered already"):
        answered(report, world, "county_officer")
    assert Document.objects.filter(chain=f"harm:{report.pk}").count() == 1


def test_a_day_that_lies_ahead_is_refused(world: World) -> None:
    report, said = reported(world), typed.protected(AT)
    form = ProtectForm({**said, "reported_on": (AT + timedelta(days=1)).date().isoformat()})
    assert form.is_valid()
    with pytest.raises(DomainError, match="lies in the future"):
        answer_harm(report, form.cleaned_data, by=fresh(world.principal), at=AT)
    report.refresh_from_db()
    assert report.is_open and report.answer == {}


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("teacher", 200), ("principal", 200), ("county_officer", 200), ("officer", 404), ("teacher_two", 404),
        ("township", 404), ("supervisor", 403), ("far_principal", 404), ("cadre", 403),
    ],
)  # fmt: skip
def test_it_is_read_by_those_whose_work_it_is(world: World, who: str, status: int) -> None:
    report = reported(world)
    with moved_to(AT):
        client = client_of(world.people[who])
        page = client.get(f"/harm/{report.pk}/")
        listed = client.get("/harm/")
        sent = client.post(f"/harm/{report.pk}/", {})
    assert page.status_code == status
    assert (SECRET in page.content.decode()) == (status == 200)
    assert (world.lan.name in listed.content.decode()) == (status == 200)
    assert (SECRET in sent.content.decode()) <= (status == 200)


def test_its_paper_opens_to_nobody_else(world: World) -> None:
    report = reported(world)
    paper = answered(report, world)
    stand_in(paper)
    seen = {}
    with moved_to(AT):
        for who in ("teacher", "principal", "county_officer", "officer", "township", "supervisor"):
            seen[who] = client_of(world.people[who]).get(f"/papers/{paper.pk}/").status_code
    assert seen == {
        "teacher": 200, "principal": 200, "county_officer": 200, "officer": 404, "township": 404, "supervisor": 404,
    }  # fmt: skip


def test_the_inbox_of_whoever_must_act_leads_to_it(world: World) -> None:
    report = reported(world)
    with moved_to(AT):
        before = {
            who: "/harm/" in client_of(world.people[who]).get("/").content.decode()
            for who in ("principal", "officer")
        }
    answered(report, world)
    with moved_to(AT):
        after = "/harm/" in client_of(world.principal).get("/").content.decode()
    assert before == {"principal": True, "officer": False} and not after


def test_the_form_is_answered_on_the_page(world: World) -> None:
    report = reported(world)
    with moved_to(AT):
        client = client_of(world.principal)
        place = f"/harm/{report.pk}/"
        form = client.get(place)
        wrong = client.post(place, {"result": "reported"})
        said = {**typed.protected(AT), "form_key": form.context["form_key"]}
        done = client.post(place, said)
        again = client.post(place, said)
        shown = client.get(place).content.decode()
    assert (wrong.status_code, done.status_code, again.status_code) == (422, 302, 302)
    assert "派出所民警秦海" in shown and "cases/record" not in shown


def test_an_unanswered_one_is_told_again_each_day_and_no_more(world: World) -> None:
    report = reported(world)
    assert remind_of_harm(AT + timedelta(hours=2)) == 0
    for hours in (24, 25, 48):
        at = AT + timedelta(hours=hours)
        with moved_to(at):
            sweep(at)
    rows = Notice.objects.filter(code="harm_late", link=f"/harm/{report.pk}/")
    assert rows.filter(user=world.principal).count() == 2
    assert told("harm_late") == {"周建民", "何志远"}
    answered(report, world)
    assert remind_of_harm(AT + timedelta(days=4)) == 0


def test_the_list_asks_the_same_number_of_queries_however_long(
    world: World, django_assert_max_num_queries: Any
) -> None:
    for _report in range(12):
        reported(world)
    with moved_to(AT):
        client = client_of(world.principal)
        with django_assert_max_num_queries(12):
            assert client.get("/harm/").status_code == 200
