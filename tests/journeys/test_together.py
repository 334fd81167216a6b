"""One entry for several children of a household: one visit, one letter, a record for each (issue points; P11)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from casework.cases import proposing
from casework.cases.kinds import Kind
from casework.cases.models import Case, Step, Visit
from casework.cases.together import beside, bound
from casework.cases.views.office import letters_of
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from casework.documents.models import Document
from casework.org.models import User
from casework.students.households import siblings_of
from tests.world import (
    World,
    client_of,
    day,
    do,
    fresh,
    holder_of,
    open_case,
    open_step,
    prepared,
    report_back,
    walk,
)
from tests.world import answers as typed_answers
from workflows.forms import FORMS
from workflows.invariants import engine_problems
from workflows.together import complete_together

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def pair_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    yield from prepared(django_db_blocker, lambda: pair(world))


def pair(world: World) -> Case:
    """Brother and sister of one father, both in persuasion."""
    world.qi.guardians.update(name=world.yun.guardians.get().name)
    walk(world, open_case(world, world.qi), until=Kind.PERSUASION)
    return walk(world, open_case(world, world.yun), until=Kind.PERSUASION)


@pytest.fixture
def case(pair_pk: int) -> Case:
    return Case.objects.get(pk=pair_pk)


@pytest.fixture
def sister(case: Case, world: World) -> Case:
    return Case.objects.get(pupil=world.qi)


def together(case: Case, kind: str, at: Any, **more: Any) -> list[Document]:
    """The holder does the step of one child for all that it may be done with."""
    with moved_to(at):
        step = open_step(case, kind)
        person = holder_of(step, at)
        form = FORMS[kind](typed_answers(step, person, at, **more))
        assert form.is_valid(), form.errors.as_json()
        others = beside(step, person, at) + bound(step)
        return complete_together(step, others, form.cleaned_data, by=person, at=at)


def drafted(case: Case, sister: Case) -> None:
    """Both reported and accepted; one letter drafted for both."""
    for each in (case, sister):
        proposing.propose_reports(day(each, 8, 8))
        do(each, Kind.SEND_REPORT, day(each, 8), decision="send")
        do(each, Kind.ACCEPT_TOWNSHIP, day(each, 9), decision="accepted")
    together(case, Kind.DRAFT_LETTER, day(case, 10))


def test_siblings_live_in_one_village_with_one_guardian(case: Case, world: World) -> None:
    assert list(siblings_of(world.yun)) == [world.qi]
    world.qi.village = world.far_village
    world.qi.save()
    assert not siblings_of(world.yun).exists()


def test_one_visit_is_one_entry_and_a_record_for_each_child(
    case: Case, sister: Case, world: World
) -> None:
    """Issue point: one visit, several children of a household."""
    before = Visit.objects.count()
    papers = together(case, Kind.PERSUASION, day(case, 6), result="not_yet")
    assert [paper.kind for paper in papers] == ["P06", "P06"]
    assert {paper.chain for paper in papers} == {f"case:{case.pk}", f"case:{sister.pk}"}
    assert Visit.objects.count() == before + 2
    for each in (case, sister):
        assert open_step(each, Kind.PERSUASION).number == 2
    assert list(engine_problems()) == []


def test_what_is_refused_for_one_child_is_recorded_for_none(
    case: Case, sister: Case, world: World
) -> None:
    step = open_step(sister, Kind.PERSUASION)
    other = User.objects.exclude(pk=world.principal.pk)[0]
    held, at = open_step(case, Kind.PERSUASION), day(case, 6)
    Step.objects.filter(pk=step.pk).update(holder=other)
    before = Visit.objects.count()
    with moved_to(at), pytest.raises(DomainError, match="in the hands of"):
        form = FORMS[Kind.PERSUASION](typed_answers(held, world.principal, at, result="not_yet"))
        assert form.is_valid()
        complete_together(held, [step], form.cleaned_data, by=fresh(world.principal), at=at)
    assert Visit.objects.count() == before and open_step(case, Kind.PERSUASION).pk == held.pk


def test_only_work_that_one_may_do_is_offered(case: Case, sister: Case, world: World) -> None:
    at = day(case, 6)
    step = open_step(case, Kind.PERSUASION)
    assert [each.case for each in beside(step, fresh(world.principal), at)] == [sister]
    assert beside(step, fresh(world.far_principal), at) == []
    do(sister, Kind.PERSUASION, day(sister, 6), result="not_yet")
    Step.objects.filter(case=sister, kind=Kind.PERSUASION).update(holder=world.officer)
    assert beside(step, fresh(world.principal), at) == []


def test_one_letter_names_several_children(case: Case, sister: Case, world: World) -> None:
    """Issue point: one letter per guardian; one number; signed off and served with it."""
    drafted(case, sister)
    papers = together(case, Kind.SIGN_LETTER, day(case, 11))
    letter, note = papers
    assert (letter.kind, note.kind) == ("P11", "SR")
    assert world.qi.name in letter.record and letter.number in note.record
    proofs = together(case, Kind.SERVE_LETTER, day(case, 12))
    assert [paper.kind for paper in proofs] == ["P13", "P13"]
    assert all(letter.number in paper.record for paper in proofs)
    for each in (case, sister):
        assert open_step(each, Kind.ANSWER_LETTER).about.facts["served_on"]
    do(sister, Kind.ANSWER_LETTER, day(sister, 24), decision="next")
    assert open_step(case, Kind.ANSWER_LETTER)
    assert list(engine_problems()) == []


def test_a_letter_that_another_carries_is_not_signed_off_alone(
    case: Case, sister: Case, world: World
) -> None:
    drafted(case, sister)
    at = day(case, 11)
    mine, carried = open_step(case, Kind.SIGN_LETTER), open_step(sister, Kind.SIGN_LETTER)
    with moved_to(at):
        leader = fresh(world.leader)
        assert list(letters_of(leader, "sign", at)) == [mine]
        client = client_of(world.leader)
        form = client.get(f"/steps/{carried.pk}/").context
        said = {
            "decision": "signed",
            "form_key": form["form_key"],
            "generation": carried.generation,
        }
        answer = client.post(f"/steps/{carried.pk}/", said)
        shown = client.get(f"/steps/{mine.pk}/").content.decode()
    assert answer.status_code == 409 and case.number in answer.content.decode()
    assert world.qi.name in shown


def test_sent_back_it_is_drafted_again_for_both(case: Case, sister: Case) -> None:
    drafted(case, sister)
    together(case, Kind.SIGN_LETTER, day(case, 11), decision="sent_back", reason="补充事实。")
    assert open_step(case, Kind.DRAFT_LETTER) and open_step(sister, Kind.DRAFT_LETTER)
    together(case, Kind.DRAFT_LETTER, day(case, 12))
    assert bound(open_step(case, Kind.SIGN_LETTER)) == [open_step(sister, Kind.SIGN_LETTER)]


def test_when_the_first_child_is_back_the_other_s_letter_goes_on_by_itself(
    case: Case, sister: Case, world: World
) -> None:
    drafted(case, sister)
    report_back(world, case, day(case, 11, 9))
    do(case, Kind.CONFIRM_RETURN, day(case, 11))
    (letter,) = together(sister, Kind.SIGN_LETTER, day(sister, 12))
    assert (letter.kind, letter.chain) == ("P11", f"case:{sister.pk}")
    assert open_step(sister, Kind.SERVE_LETTER)


def test_the_form_offers_the_brother_and_records_for_both(
    case: Case, sister: Case, world: World
) -> None:
    at, step = day(case, 6), open_step(case, Kind.PERSUASION)
    other = open_step(sister, Kind.PERSUASION)
    with moved_to(at):
        client = client_of(world.principal)
        page = client.get(f"/steps/{step.pk}/")
        assert f'name="also" value="{other.pk}"' in page.content.decode()
        said = typed_answers(step, world.principal, at, result="not_yet")
        hidden = {"form_key": page.context["form_key"], "generation": step.generation}
        answer = client.post(f"/steps/{step.pk}/", {**said, **hidden, "also": other.pk})
    assert answer.status_code == 302, answer.content.decode()
    assert not Step.objects.open().filter(pk__in=[step.pk, other.pk]).exists()
    assert date.fromisoformat("2026-10-18") == day(case, 6).date()
