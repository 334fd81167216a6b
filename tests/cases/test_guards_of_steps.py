"""Each guard of a step refuses with 409 over HTTP, and what was typed is kept (domain.md 2.3, REL-02)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from casework.cases import side
from casework.cases.drafts import draft_of
from casework.cases.kinds import Kind
from casework.cases.models import Case, Step
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from casework.deadlines.units import UNITS
from casework.documents.models import Document
from casework.profiles.models import Profile
from casework.profiles.rules import WORDS, baseline, publish
from casework.students.models import Absence, Mark
from tests.world import (
    BACK,
    OPENED,
    World,
    answers,
    client_of,
    day,
    do,
    fresh,
    holder_of,
    open_case,
    open_step,
    prepared,
    report_back,
    send,
    walk,
)

pytestmark = pytest.mark.django_db


def refused(case: Case, kind: str, at: Any, typed: str, **more: Any) -> HttpResponse:
    """Send a step that a guard refuses: 409, the step untouched, `typed` on the page and in the draft."""
    step, papers = open_step(case, kind), Document.objects.count()
    response = send(case, kind, at, **more)
    words = response.content.decode()
    assert response.status_code == 409
    assert typed in words and "What you typed is kept" in words
    after = Step.objects.select_related("holder").get(pk=step.pk)
    assert after.is_open and Document.objects.count() == papers
    kept = draft_of(fresh(after.holder), f"step:{step.pk}")
    assert kept and typed in str(kept[0])
    return response


def says(response: HttpResponse) -> str:
    return str(response.context["error"])


@pytest.fixture(scope="module")
def visiting_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    yield from prepared(
        django_db_blocker,
        lambda: walk(world, open_case(world, world.lan), until=Kind.HOME_VISIT),
    )


@pytest.fixture
def visiting(visiting_pk: int) -> Case:
    return Case.objects.get(pk=visiting_pk)


VISIT: list[tuple[dict[str, Any], str]] = [
    ({"visitors": "林秀英"}, "made by two people"),
    ({"visitors": "林秀英、林秀英"}, "made by two people"),
    ({"visitors": "王　芳"}, "made by two people"),
    ({"began": "14:50", "ended": "14:10"}, "ends before it begins"),
    ({"began": "16:00", "ended": "16:30"}, "lies in the future"),
    ({"began": "14:00", "ended": "16:30"}, "lies in the future"),
    ({"day": "2026-10-30"}, "lies in the future"),
]


@pytest.mark.parametrize(("typed", "why"), VISIT)
def test_a_home_visit_that_cannot_have_been(
    visiting: Case, typed: dict[str, Any], why: str
) -> None:
    response = refused(
        visiting, Kind.HOME_VISIT, day(visiting, 2), "结伴返校", result="not_yet", **typed
    )
    assert why in says(response)


def test_all_that_is_wrong_with_a_visit_is_said_at_once(visiting: Case) -> None:
    typed = {"visitors": "林秀英", "began": "14:50", "ended": "14:10", "result": "not_yet"}
    response = send(visiting, Kind.HOME_VISIT, day(visiting, 2), **typed)
    assert response.status_code == 409
    assert set(response.context["form"].errors) == {"visitors", "ended"}


def test_a_promise_lies_after_its_visit(visiting: Case) -> None:
    typed = {"result": "agreed", "promised_day": "2026-10-01"}
    response = send(visiting, Kind.HOME_VISIT, day(visiting, 2), **typed)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["promised_day"])


def test_a_visit_by_phone_needs_one_person(visiting: Case) -> None:
    response = send(
        visiting,
        Kind.HOME_VISIT,
        day(visiting, 2),
        form="phone",
        visitors="林秀英",
        result="nobody",
    )
    assert response.status_code == 302


def test_a_refused_signature_without_witness_is_a_field_to_mend(visiting: Case) -> None:
    typed = {"sign_state": "refused", "witness": "", "result": "not_yet"}
    response = send(visiting, Kind.HOME_VISIT, day(visiting, 2), **typed)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["witness"])


def persuaded_once(world: World) -> Case:
    case = walk(world, open_case(world, world.yun), until=Kind.PERSUASION)
    do(case, Kind.PERSUASION, day(case, 4), result="not_yet")
    return case


@pytest.fixture(scope="module")
def persuaded_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    yield from prepared(django_db_blocker, lambda: persuaded_once(world))


@pytest.fixture
def persuaded(persuaded_pk: int) -> Case:
    return Case.objects.get(pk=persuaded_pk)


def test_a_report_before_the_seventh_day(persuaded: Case) -> None:
    side.propose_report(persuaded, at=day(persuaded, 5))
    response = refused(persuaded, Kind.SEND_REPORT, day(persuaded, 5), "牵头", decision="send")
    assert "due 7 days after the suspicion; today is day 5" in says(response)


def test_a_report_without_a_visit(world: World) -> None:
    case = walk(world, open_case(world, world.an), until=Kind.VERIFY)
    do(case, Kind.VERIFY, day(case, 1), found="working")
    case.refresh_from_db()
    side.propose_report(case, at=day(case, 8))
    response = refused(case, Kind.SEND_REPORT, day(case, 8), "牵头", decision="send")
    assert "needs 1 visits; 0 are recorded" in says(response)


@pytest.mark.parametrize("missing", ["plan", "measures", "request", "last_day"])
def test_a_report_needs_its_help_plan(persuaded: Case, missing: str) -> None:
    side.propose_report(persuaded, at=day(persuaded, 8))
    response = send(
        persuaded, Kind.SEND_REPORT, day(persuaded, 8), decision="send", **{missing: ""}
    )
    assert (response.status_code, list(response.context["form"].errors)) == (422, [missing])


@pytest.mark.parametrize("kind", [Kind.ACCEPT_TOWNSHIP, Kind.ACCEPT_COUNTY])
def test_a_second_return_of_the_report(persuaded: Case, kind: str) -> None:
    side.propose_report(persuaded, at=day(persuaded, 8))
    do(persuaded, Kind.SEND_REPORT, day(persuaded, 8), decision="send")
    do(persuaded, kind, day(persuaded, 9), decision="returned", reason="补充期限。")
    do(persuaded, Kind.SEND_REPORT, day(persuaded, 10), decision="send")
    again = {"decision": "returned", "reason": "还是不全。"}
    response = refused(persuaded, kind, day(persuaded, 11), "还是不全", **again)
    assert "sent back once already" in says(response)


def absent(case: Case, on: date) -> None:
    Absence.objects.create(pupil=case.pupil, day=on, mark="absent", source="roll.xlsx", row=7)


def test_a_return_on_a_day_the_roll_says_absent(persuaded: Case, world: World) -> None:
    report_back(world, persuaded, day(persuaded, 5, 9))
    absent(persuaded, day(persuaded, 5).date())
    response = refused(persuaded, Kind.CONFIRM_RETURN, day(persuaded, 5), "同桌结对")
    assert list(response.context["form"].errors) == ["seen_on"]


def test_a_return_seen_on_a_day_to_come(persuaded: Case, world: World) -> None:
    """Nobody has seen tomorrow (relsec D, backdating)."""
    report_back(world, persuaded, day(persuaded, 5, 9))
    tomorrow = day(persuaded, 6).date().isoformat()
    response = refused(
        persuaded, Kind.CONFIRM_RETURN, day(persuaded, 5), "同桌结对", seen_on=tomorrow
    )
    assert list(response.context["form"].errors) == ["seen_on"]


@pytest.fixture(scope="module")
def checked_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    yield from prepared(
        django_db_blocker,
        lambda: walk(world, open_case(world, world.qi), until=Kind.PROPOSE_CLOSURE),
    )


@pytest.fixture
def checked(checked_pk: int) -> Case:
    return Case.objects.get(pk=checked_pk)


def test_closure_after_an_absence(checked: Case) -> None:
    on = day(checked, BACK + 20).date()
    absent(checked, on)
    response = refused(checked, Kind.PROPOSE_CLOSURE, day(checked, BACK + 31), "三十日以来无旷课")
    assert f"Unexcused absence on {on.isoformat()}" in says(response)


def test_closure_after_an_absence_that_is_long_past(checked: Case) -> None:
    absent(checked, day(checked, BACK + 20).date())
    assert send(checked, Kind.PROPOSE_CLOSURE, day(checked, BACK + 51)).status_code == 302


def test_closure_before_thirty_days(checked: Case) -> None:
    checked.returned_at = day(checked, BACK + 5)
    checked.save(update_fields=["returned_at"])
    response = refused(checked, Kind.PROPOSE_CLOSURE, day(checked, BACK + 31), "三十日以来无旷课")
    assert "30 days after the return" in says(response)


def test_who_proposed_the_closure_does_not_approve_it(checked: Case, world: World) -> None:
    """domain.md 2.3: maker ≠ checker, even when one person holds both posts."""
    from casework.org.models import Post

    Post.objects.create(
        user=world.county_officer,
        unit=world.school,
        role="school_case_officer",
        since=date(2026, 8, 25),
    )
    step = open_step(checked, Kind.PROPOSE_CLOSURE)
    Step.objects.filter(pk=step.pk).update(holder=world.county_officer)
    do(checked, Kind.PROPOSE_CLOSURE, day(checked, BACK + 31))
    approval = open_step(checked, Kind.APPROVE_CLOSURE)
    assert (approval.asked_by, approval.holder) == (world.county_officer, None)
    client = client_of(world.county_officer)
    with moved_to(day(checked, BACK + 32)):
        assert client.post(reverse("cases:claim", args=[approval.pk])).status_code == 409
        assert approval.pk not in [
            s.pk for s in client.get(reverse("cases:queue")).context["page"].rows
        ]


# ---- forms that came too late (REL-02)


def posted(step: Step, person: Any, at: Any, **hidden: Any) -> HttpResponse:
    with moved_to(at):
        data = {**answers(step, person, at, result="not_yet"), "form_key": "k1", **hidden}
        return client_of(person).post(reverse("workflows:step", args=[step.pk]), data)


def test_a_stale_generation(visiting: Case) -> None:
    """REL-02: the step changed hands and came back since the form was opened."""
    at = day(visiting, 2)
    step = open_step(visiting, Kind.HOME_VISIT)
    person = holder_of(step, at)
    response = posted(step, person, at, generation=step.generation - 1)
    assert response.status_code == 409 and "changed hands since you opened it" in says(response)
    assert "结伴返校" in response.content.decode()


@pytest.mark.parametrize("generation", ["", "abc", "-3", "９", "99999999999999999999"])
def test_a_generation_that_is_none(visiting: Case, generation: str) -> None:
    step = open_step(visiting, Kind.HOME_VISIT)
    person = holder_of(step, day(visiting, 2))
    assert posted(step, person, day(visiting, 2), generation=generation).status_code == 409


def test_a_finished_step(visiting: Case) -> None:
    step = open_step(visiting, Kind.HOME_VISIT)
    person = holder_of(step, day(visiting, 2))
    do(visiting, Kind.HOME_VISIT, day(visiting, 2), result="not_yet")
    response = posted(step, person, day(visiting, 3), generation=step.generation)
    assert response.status_code == 409 and "finished already" in says(response)


def test_someone_elses_step(visiting: Case, world: World) -> None:
    step = open_step(visiting, Kind.HOME_VISIT)
    response = posted(step, world.officer, day(visiting, 2), generation=step.generation)
    assert response.status_code == 409 and "in the hands of 林秀英 now" in says(response)


def test_a_step_that_was_overtaken(visiting: Case, world: World) -> None:
    step = open_step(visiting, Kind.HOME_VISIT)
    person = holder_of(step, day(visiting, 2))
    report_back(world, visiting, day(visiting, 2, 9))
    do(visiting, Kind.CONFIRM_RETURN, day(visiting, 2))
    assert posted(step, person, day(visiting, 3), generation=step.generation).status_code == 409


SECTIONS = ["steps", "guards"]


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_missing_in_the_profile(persuaded: Case, world: World, section: str) -> None:
    """Issue, bad input: a clear page, not 500."""
    rules = {key: value for key, value in baseline().items() if key != section}
    side.propose_report(persuaded, at=day(persuaded, 8))
    publish(
        world.county,
        rules,
        name="torn",
        valid_from=date(2026, 10, 1),
        by=None,
        at=day(persuaded, 8),
    )
    response = refused(persuaded, Kind.SEND_REPORT, day(persuaded, 8), "牵头", decision="send")
    assert f"has no section “{section}”" in says(response)


def test_a_profile_with_a_budget_missing_is_not_published(visiting: Case, world: World) -> None:
    rules, at = baseline(), day(visiting, 1)
    del rules["steps"]["persuasion"]
    with pytest.raises(DomainError, match="persuasion"):
        publish(world.county, rules, name="torn", valid_from=date(2026, 10, 1), by=None, at=at)


UNUSABLE: list[tuple[str, Any]] = [
    ("steps.home_visit.unit", "fortnights"),
    ("steps.home_visit.from", "birth"),
    ("steps.home_visit.budget", -3),
    ("steps.home_visit.budget", "two"),
    ("steps.home_visit.budget", True),
    ("detection.consecutive_absence.days", "3"),
    ("detection.consecutive_absence.unexcused", ["gone"]),
    ("ladder", [{"code": "soon", "shre": 80, "tell": ["owner"]}]),
    ("ladder", [{"code": "soon", "share": 80, "tell": ["nobody"]}]),
    ("ladder", {"code": "soon"}),
    ("papers.language", "fr"),
]


@pytest.mark.parametrize(("place", "value"), UNUSABLE)
def test_a_value_that_cannot_be_used_is_not_published(
    world: World, place: str, value: object
) -> None:
    """One school's slip would stop the sweep of the county."""
    *way, last = place.split(".")
    rules: Any = baseline()
    section = rules
    for key in way:
        section = section[key]
    section[last] = value
    with pytest.raises(DomainError, match=last):
        publish(world.school, rules, name="x", valid_from=date(2026, 10, 1), by=None, at=OPENED)


def test_the_words_of_a_profile_are_those_of_the_engine() -> None:
    assert WORDS["unit"] == set(UNITS)
    assert WORDS["unexcused"] <= set(Mark.values)


def test_a_step_that_an_old_profile_does_not_know(world: World, visiting: Case) -> None:
    rules = baseline()
    del rules["steps"]["persuasion"]
    Profile.objects.create(
        unit=world.county, version=9, valid_from=date(2026, 10, 1), name="old", rules=rules,
        created_at=OPENED, created_by="x",
    )  # fmt: skip
    typed = {"why": "孩子说不想上学。", "result": "not_yet"}
    response = refused(visiting, Kind.HOME_VISIT, day(visiting, 2), "孩子说", **typed)
    assert "names no time limit" in says(response)


def test_a_paper_that_cannot_be_printed(visiting: Case) -> None:
    """PDF-03: a character without a glyph is refused before the step is finished."""
    typed = {"why": "孩子说\U0001f600。", "result": "not_yet"}
    response = refused(visiting, Kind.HOME_VISIT, day(visiting, 2), "孩子说", **typed)
    assert "U+1F600" in says(response)


def test_an_illegal_move_of_the_machine_is_409(visiting: Case) -> None:
    """engine.md 5: django-fsm's error is no 500. Here the row was put elsewhere behind the flow's back."""
    Case.objects.filter(pk=visiting.pk).update(stage="suspected")
    response = send(visiting, Kind.HOME_VISIT, day(visiting, 2), result="not_yet")
    assert response.status_code == 409
    assert "moved on meanwhile" in says(response) and "结伴返校" in response.content.decode()
    assert open_step(visiting, Kind.HOME_VISIT).is_open


def test_a_follow_up_before_its_day(world: World) -> None:
    case = walk(world, open_case(world, world.an), until=Kind.FOLLOW_UP)
    step = open_step(case, Kind.FOLLOW_UP)
    at = step.opens_at - timedelta(minutes=1)
    response = posted(step, world.teacher, at, generation=step.generation, result="stable")
    assert response.status_code == 409 and "opens on 2026-10-23" in says(response)
