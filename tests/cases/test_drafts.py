"""What is typed is never lost: drafts at rest, after sign-out, on refusal; a form sent twice is recorded once (issue point 6)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from casework.cases.drafts import draft_of, note_sent, sender_mark
from casework.cases.kinds import Kind
from casework.cases.models import Case, Draft, Sent, Step, Visit
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.documents.models import Document
from tests.world import (
    OPENED,
    World,
    answers,
    client_of,
    day,
    open_case,
    open_step,
    prepared,
    send,
    walk,
)

pytestmark = pytest.mark.django_db
CANARY = "祖母说孩子跟着表哥走了。"


@pytest.fixture(scope="module")
def case_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    yield from prepared(
        django_db_blocker, lambda: walk(world, open_case(world, world.lan), until=Kind.HOME_VISIT)
    )


@pytest.fixture
def case(case_pk: int) -> Case:
    return Case.objects.get(pk=case_pk)


@pytest.fixture
def step(case: Case) -> Step:
    return open_step(case, Kind.HOME_VISIT)


@pytest.fixture
def place(step: Step) -> str:
    return reverse("workflows:step", args=[step.pk])


@pytest.fixture(autouse=True)
def on_the_day(case: Case) -> Iterator[None]:
    with moved_to(day(case, 2)):
        yield


TYPED = {
    "act": "save",
    "why": CANARY,
    "measures": ["TUTORING", "TALK"],
    "began": "14:05",
    "form": "phone",
}


def test_a_draft_comes_back_on_another_device(world: World, place: str) -> None:
    first = client_of(world.teacher)
    assert first.post(place, TYPED).status_code == 302
    first.post(reverse("org:sign_out"))
    assert first.get(place).status_code == 302
    shown = client_of(world.teacher).get(place)
    form = shown.context["form"]
    assert (form["why"].value(), form["measures"].value()) == (CANARY, ["TUTORING", "TALK"])
    assert CANARY in shown.content.decode() and shown.context["saved_at"]


def test_it_is_encrypted_at_rest(world: World, place: str) -> None:
    """PRIV-03: the column holds no plain text."""
    client_of(world.teacher).post(place, TYPED)
    with connection.cursor() as cursor:
        cursor.execute("SELECT typed FROM cases_draft")
        (stored,) = cursor.fetchone()
    assert CANARY not in stored and json.dumps(CANARY) not in stored and "measures" not in stored
    assert json.loads(Draft.objects.get().typed)["why"] == [CANARY]


def test_an_autosave_answers_without_a_page(world: World, place: str) -> None:
    response = client_of(world.teacher).post(place, TYPED, headers={"x-autosave": "1"})
    assert (response.status_code, response.content) == (204, b"")


def test_a_later_draft_replaces_the_first(world: World, place: str) -> None:
    client = client_of(world.teacher)
    client.post(place, TYPED)
    client.post(place, {**TYPED, "why": "新的。"})
    kept = draft_of(world.teacher, place.strip("/").replace("steps/", "step:"))
    assert Draft.objects.count() == 1 and kept and kept[0]["why"] == ["新的。"]


def test_the_inbox_says_which_forms_are_begun(world: World, place: str, step: Step) -> None:
    client = client_of(world.teacher)
    assert client.get("/").context["begun"] == []
    client.post(place, TYPED)
    shown = client.get("/")
    assert (
        shown.context["begun"] == [step.pk] and "what you typed is kept" in shown.content.decode()
    )


def test_a_draft_is_one_s_own(world: World, place: str, step: Step) -> None:
    client_of(world.teacher).post(place, TYPED)
    assert draft_of(world.officer, f"step:{step.pk}") is None


def test_keys_of_the_form_are_not_kept(world: World, place: str) -> None:
    client_of(world.teacher).post(place, {**TYPED, "form_key": "k", "generation": "1"})
    assert not {"form_key", "generation", "act", "csrfmiddlewaretoken"} & set(
        json.loads(Draft.objects.get().typed)
    )


def test_a_form_with_errors_keeps_what_was_typed(world: World, place: str) -> None:
    response = client_of(world.teacher).post(place, {"why": CANARY})
    assert response.status_code == 422 and CANARY in response.content.decode()
    assert json.loads(Draft.objects.get().typed)["why"] == [CANARY]


def test_a_sent_form_leaves_no_draft(case: Case, world: World, place: str) -> None:
    client_of(world.teacher).post(place, TYPED)
    assert send(case, Kind.HOME_VISIT, day(case, 2), result="not_yet").status_code == 302
    assert not Draft.objects.exists()


def test_the_last_visit_fills_the_next_form(case: Case, world: World) -> None:
    """Issue point 6: defaults from the last visit."""
    send(case, Kind.HOME_VISIT, day(case, 2), result="nobody", family="与祖父母同住。")
    again = open_step(case, Kind.HOME_VISIT)
    form = client_of(world.teacher).get(reverse("workflows:step", args=[again.pk])).context["form"]
    assert form["family"].value() == "与祖父母同住。"


@pytest.mark.parametrize(("who", "went"), [("teacher", "梁月"), ("officer", "")])
def test_who_went_last_time_is_suggested_to_the_one_who_went(
    case: Case, world: World, who: str, went: str
) -> None:
    send(case, Kind.HOME_VISIT, day(case, 2), result="nobody", visitors="周静、梁月")
    person = world.people[who]
    assert person is not None
    page = client_of(person).get(reverse("cases:general_visit", args=[case.pupil_id]))
    visitors = page.context["form"]["visitors"].value()
    assert visitors == ("周静、梁月" if went else person.display_name)


def test_at_most_twelve_fields_are_needed(world: World, place: str) -> None:
    """Issue point 6."""
    assert client_of(world.teacher).get(place).context["required_count"] <= 12


# ---- the same form twice (REL-05)


def twice(client: Any, place: str, data: dict[str, Any]) -> list[Any]:
    return [client.post(place, data) for _i in range(3)]


def test_a_step_sent_three_times_is_recorded_once(
    case: Case, step: Step, world: World, place: str
) -> None:
    """REL-05: each answer leads to the same place."""
    data = answers(step, world.teacher, day(case, 2), result="not_yet")
    data |= {"form_key": "one-key", "generation": step.generation}
    responses = twice(client_of(world.teacher), place, data)
    assert {(r.status_code, r.url) for r in responses} == {(302, f"/cases/{case.pk}/")}
    assert Visit.objects.count() == 1 and Sent.objects.count() == 1


def test_a_general_visit_sent_three_times(case: Case, step: Step, world: World) -> None:
    data = answers(step, world.teacher, day(case, 2), result="other", form_key="key-2")
    place = reverse("cases:general_visit", args=[world.an.pk])
    responses = twice(client_of(world.teacher), place, data)
    assert {(r.status_code, r.url) for r in responses} == {(302, reverse("cases:quota"))}
    assert Visit.objects.filter(pupil=world.an, case=None).count() == 1


def test_one_s_own_visits_and_what_is_begun_can_be_found_again(
    case: Case, step: Step, world: World
) -> None:
    client, visits = client_of(world.teacher), reverse("cases:quota")
    place = reverse("cases:general_visit", args=[world.an.pk])
    with moved_to(day(case, 2)):
        client.post(place, {"act": "save", "why": "刚开始写。"})
        begun = client.get(visits)
        assert [pupil.pk for pupil in begun.context["begun"]] == [world.an.pk]
        data = answers(step, world.teacher, day(case, 2), result="other", form_key="key-4")
        client.post(place, data)
        shown = client.get(visits)
    (visit,) = shown.context["page"].rows
    paper = Document.objects.get(subject=f"visit:{visit.pk}")
    assert reverse("cases:paper", args=[paper.pk]) in shown.content.decode()
    assert not shown.context["begun"]


def test_a_village_contact_sent_three_times(case: Case, step: Step, world: World) -> None:
    data = answers(step, world.cadre, day(case, 2), form_key="key-3")
    place = reverse("cases:village_contact", args=[case.pk])
    responses = twice(client_of(world.cadre), place, data)
    assert {r.status_code for r in responses} == {302}
    visit = Visit.objects.get()
    assert (visit.step, visit.line, visit.visitor) == (step, "village", world.cadre)


def test_the_same_key_at_the_same_time_is_a_refusal(world: World) -> None:
    """What the second of two parallel sendings meets: 409, not a broken constraint."""
    with one_act():
        note_sent(key="k", user=world.teacher, answer="/", at=OPENED)
    with pytest.raises(DomainError, match="sent already"), one_act():
        note_sent(key="k", user=world.teacher, answer="/", at=OPENED)


def typed_on(place: str, world: World, who: str) -> tuple[dict[str, Any], Any]:
    """A form as it was handed to a person, and their browser after the session has ended."""
    client = client_of(world.people[who])
    sender = client.get(place).context["sender"]
    client.post(reverse("org:sign_out"))
    return {**TYPED, "act": "", "sender": sender}, client


def test_a_form_sent_after_the_session_ended_is_its_senders_draft(world: World, place: str) -> None:
    typed, client = typed_on(place, world, "teacher")
    assert client.post(place, typed).url.startswith("/sign-in/")
    assert CANARY in client_of(world.teacher).get(place).content.decode()


def test_nobody_else_who_signs_in_there_sees_it(world: World, place: str, step: Step) -> None:
    """PRIV-03: neither in the session nor as the next person's draft."""
    typed, client = typed_on(place, world, "teacher")
    client.post(place, typed)
    assert CANARY not in str(dict(client.session))
    client.force_login(world.officer, backend="django.contrib.auth.backends.ModelBackend")
    assert CANARY not in client.get(place, follow=True).content.decode()
    assert [draft.user for draft in Draft.objects.all()] == [world.teacher]


@pytest.mark.parametrize("sender", ["", "1", "1:abc:def"])
def test_a_stranger_leaves_nothing(world: World, place: str, sender: str, client: Any) -> None:
    """WEB-01: without the mark of a form that was handed out, nothing is kept."""
    client.post(place, {**TYPED, "sender": sender})
    assert not Draft.objects.exists() and not client.session.keys()


def test_a_draft_has_a_longest_length(world: World, place: str) -> None:
    answer = client_of(world.teacher).post(place, {**TYPED, "why": "长" * 250_000})
    assert answer.status_code == 409 and not Draft.objects.exists()


def key_in(place: str) -> str:
    """The key of the draft of a step's page."""
    return f"step:{place.strip('/').split('/')[-1]}"


def test_a_form_of_another_sign_in_is_kept(world: World, place: str) -> None:
    """The key against forged requests is stale: a page of ours, and the text is the draft of whoever got the form."""
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    client.force_login(world.teacher)
    typed = {**TYPED, "act": "", "sender": sender_mark(world.teacher, key_in(place))}
    answer = client.post(place, typed)
    assert answer.status_code == 403 and "What you typed is kept" in answer.content.decode()
    assert json.loads(Draft.objects.get().typed)["why"] == [CANARY]


@pytest.mark.parametrize("mark", ["", "1:x:y"])
def test_a_forged_form_is_no_draft(world: World, place: str, mark: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.teacher)
    assert client.post(place, {**TYPED, "sender": mark}).status_code == 403
    assert (
        client.post(
            place, {**TYPED, "sender": sender_mark(world.officer, key_in(place))}
        ).status_code
        == 403
    )
    assert client.post(reverse("org:sign_out"), TYPED).status_code == 403
    assert not Draft.objects.exists()
