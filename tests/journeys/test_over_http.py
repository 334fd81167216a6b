"""The roads over HTTP: each person in a browser of their own, by the links and forms that the pages show."""

from typing import Any

import pytest
from django.urls import reverse

from casework.cases import proposing
from casework.cases.kinds import Kind, Stage
from casework.cases.models import Case, Step
from casework.core.clock import moved_to
from casework.detection.models import Finding
from casework.documents.models import Document
from tests.world import BACK, OPENED, World, client_of, day, open_step, send

pytestmark = pytest.mark.django_db


def post(person: Any, at: Any, name: str, *args: int, **data: Any) -> Any:
    with moved_to(at):
        return client_of(person).post(reverse(name, args=args), data)


def get(person: Any, at: Any, name: str, *args: int) -> str:
    with moved_to(at):
        response = client_of(person).get(reverse(name, args=args))
    assert response.status_code == 200, (name, response.status_code)
    text: str = response.content.decode()
    return text


def opened(world: World) -> Case:
    """The teacher notes a suspicion, the case officer opens it from the list."""
    with moved_to(OPENED):
        place = f"{reverse('cases:suspicion')}?pupil={world.lan.pk}"
        teacher = client_of(world.teacher)
        assert "罗小兰" in teacher.get(place).content.decode()
        teacher.post(place, {"reason_text": "三天没来。", "unit": world.school.pk})
    assert "罗小兰" in get(world.officer, OPENED, "cases:intake")
    response = post(world.officer, OPENED, "workflows:open_case", Finding.objects.get().pk)
    case = Case.objects.get()
    assert response.url == reverse("cases:case", args=[case.pk])
    return case


def done(case: Case, kind: str, days: int, hour: int = 15, **more: Any) -> None:
    response = send(case, kind, day(case, days, hour), **more)
    assert response.status_code == 302, (kind, response.context.get("error"))
    assert response["Location"] == reverse("cases:case", args=[case.pk])


def back(world: World, case: Case, days: int) -> None:
    """The village cadre sees the child go to school and says so."""
    at = day(case, days, 9)
    assert "罗小兰" in get(world.cadre, at, "cases:village")
    response = post(world.cadre, at, "cases:report_return", case.pk, day=at.date().isoformat())
    assert response.url == reverse("cases:village")
    done(case, Kind.CONFIRM_RETURN, days)


def stage(case: Case) -> str:
    return str(Case.objects.get(pk=case.pk).stage)


def verified(world: World, found: str = "local") -> Case:
    case = opened(world)
    done(case, Kind.REGISTER, 0)
    done(case, Kind.PLATFORM_MARK, 0, 16)
    done(case, Kind.VERIFY, 1, found=found)
    return case


def test_from_suspicion_to_closure(world: World) -> None:
    case = verified(world)
    done(case, Kind.HOME_VISIT, 2, result="agreed", promised_day="2026-10-19")
    back(world, case, BACK)
    assert stage(case) == Stage.FOLLOW_UP
    for days in (3, 7, 14, 30):
        done(case, Kind.FOLLOW_UP, BACK + days)
    done(case, Kind.PROPOSE_CLOSURE, BACK + 31)
    done(case, Kind.APPROVE_CLOSURE, BACK + 32, decision="approved")
    page = get(world.officer, day(case, BACK + 33), "cases:case", case.pk)
    assert stage(case) == Stage.CLOSED and "Closed on" in page
    assert "罗小兰" not in get(world.cadre, day(case, BACK + 33), "cases:village")


def test_the_report_goes_out_is_sent_back_and_accepted(world: World) -> None:
    case = verified(world)
    done(case, Kind.HOME_VISIT, 2, result="not_yet")
    done(case, Kind.PERSUASION, 4, result="not_yet")
    proposing.propose_reports(day(case, 8, 8))
    assert "罗小兰" in get(world.principal, day(case, 8, 9), "cases:inbox")
    done(case, Kind.SEND_REPORT, 8, decision="send")
    done(case, Kind.ACCEPT_COUNTY, 9, decision="accepted", number="县收18")
    done(case, Kind.ACCEPT_TOWNSHIP, 9, decision="returned", reason="补充期限。")
    done(case, Kind.SEND_REPORT, 10, decision="send")
    done(case, Kind.ACCEPT_TOWNSHIP, 11, decision="accepted", number="镇收18")
    done(case, Kind.DRAFT_LETTER, 12)
    done(case, Kind.SIGN_LETTER, 12, 16)
    done(case, Kind.SERVE_LETTER, 13)
    done(case, Kind.ANSWER_LETTER, 22, decision="next")
    assert stage(case) == Stage.ORDER


def test_unknown_whereabouts(world: World) -> None:
    case = verified(world, found="unknown")
    done(case, Kind.SEND_REPORT, 1, 17, decision="send")
    assert stage(case) == Stage.REPORTED
    back(world, case, 5)
    assert stage(case) == Stage.FOLLOW_UP


def test_back_before_anything_was_done(world: World) -> None:
    case = opened(world)
    back(world, case, 0)
    assert open_step(case, Kind.FOLLOW_UP).number == 1


def test_a_relapse(world: World) -> None:
    """The same pupil again: the intake offers to open, the case page leads to the episode before."""
    case = opened(world)
    back(world, case, 0)
    with moved_to(day(case, 10)):
        place = f"{reverse('cases:suspicion')}?pupil={world.lan.pk}"
        client_of(world.teacher).post(place, {"reason_text": "又没来。", "unit": world.school.pk})
    finding = Finding.objects.get(state="waiting")
    post(world.officer, day(case, 10), "workflows:open_case", finding.pk)
    second = Case.objects.get(episode=2)
    assert stage(case) == Stage.CLOSED and second.previous == case
    assert "repeat case" in get(world.officer, day(case, 10), "cases:cases")


def test_a_village_contact_joins_the_open_step_and_its_paper(world: World) -> None:
    case = verified(world)
    done(case, Kind.HOME_VISIT, 2, result="not_yet")
    with moved_to(day(case, 3)):
        place = reverse("cases:village_contact", args=[case.pk])
        cadre = client_of(world.cadre)
        assert cadre.get(place).status_code == 200
        said = {
            "day": day(case, 3).date().isoformat(), "began": "13:00", "ended": "13:30", "form": "door",
            "visitors": "陈志刚", "present": "祖母", "why": "祖母答应劝说。", "sign_state": "unsigned",
        }  # fmt: skip
        assert cadre.post(place, said).status_code == 302
    done(case, Kind.PERSUASION, 4, result="not_yet")
    paper = Document.objects.get(kind="P06")
    assert "祖母答应劝说。" in paper.record and "陈志刚" in paper.record


def test_every_page_of_the_road_opens_in_both_languages(world: World) -> None:
    case = verified(world)
    step = open_step(case, Kind.HOME_VISIT)
    at = day(case, 2)
    places = [
        reverse("cases:case", args=[case.pk]),
        reverse("workflows:step", args=[step.pk]),
        reverse("cases:why", args=[step.pk]),
        reverse("cases:pass_on", args=[step.pk]),
        reverse("cases:inbox"),
        reverse("workflows:picture", args=[case.pk]),
    ]
    for language in ("en", "zh-hans"):
        client = client_of(world.teacher)
        client.cookies["django_language"] = language
        for place in places:
            with moved_to(at):
                assert client.get(place).status_code == 200, (language, place)


def test_a_step_that_is_not_one_s_own_leads_to_the_case(world: World) -> None:
    case = verified(world)
    step: Step = open_step(case, Kind.HOME_VISIT)
    with moved_to(day(case, 2)):
        response = client_of(world.officer).get(reverse("workflows:step", args=[step.pk]))
    assert (response.status_code, response.url) == (302, reverse("cases:case", args=[case.pk]))
