"""The last step undone by a second person, with the reason, while nothing depends on it."""

import pytest

from casework.cases import matters, proposing
from casework.cases.drafts import key_of_step, save_draft
from casework.cases.guards import visits_enough
from casework.cases.kinds import Kind, Stage
from casework.cases.models import Case, Step, Visit
from casework.cases.undoing import undoable
from casework.core.clock import moved_to
from casework.core.errors import DomainError
from casework.documents.models import Document
from casework.documents.views import AMENDED, INTACT, state_of
from tests.journeys.test_side_roads import ask, open_main, sound, stage
from tests.world import World, client_of, day, do, open_case, open_step, walk

pytestmark = pytest.mark.django_db


def undo(case: Case, world: World) -> Step:
    """The class teacher asks, the principal agrees; the step that was undone."""
    last = undoable(case)
    assert last is not None
    ask(case, "UNDO", day(case, 3), world.teacher, reason="记录录入了另一名学生的家访。")
    (paper,) = do(case, Kind.DECIDE_REQUEST, day(case, 4))
    assert paper.kind == "AD" and "另一名学生" in paper.record
    last.refresh_from_db()
    return last


def test_an_undone_visit_counts_no_more_and_is_made_again(case: Case, world: World) -> None:
    done = undo(case, world)
    assert (done.kind, done.undone, done.outcome) == (Kind.HOME_VISIT, True, "not_yet")
    assert (stage(case), open_main(case)) == (Stage.HOME_VISIT, Kind.HOME_VISIT)
    assert case.visits.count() == 1 and case.contacts.count() == 0
    with pytest.raises(DomainError, match="needs 1 visits; 0 are recorded"):
        visits_enough(open_step(case, Kind.HOME_VISIT), {}, day(case, 5))
    do(case, Kind.HOME_VISIT, day(case, 5), result="not_yet")
    assert (case.contacts.count(), open_main(case)) == (1, Kind.PERSUASION)
    sound()


def test_the_page_says_that_it_was_undone_and_why(case: Case, world: World) -> None:
    undo(case, world)
    with moved_to(day(case, 4, 16)):
        page = client_of(world.officer).get(f"/cases/{case.pk}/").content.decode()
    assert "Home visit: undone" in page and "记录录入了另一名学生的家访" in page
    assert "it counts no more" in page


def test_the_paper_of_the_step_says_that_it_was_corrected(case: Case, world: World) -> None:
    """Corrections are addenda: on the public page of the first paper, and on the case page."""
    step = undo(case, world)
    paper = Document.objects.get(subject=f"step:{step.pk}", kind="P04")
    addendum = Document.objects.get(kind="AD")
    assert state_of(paper) == AMENDED and state_of(addendum) == INTACT
    with moved_to(day(case, 4, 16)):
        page = client_of(world.officer).get(f"/cases/{case.pk}/").content.decode()
    assert f"corrected by {addendum.number}" in page


def test_whoever_did_the_step_may_ask_and_a_second_person_decides(case: Case, world: World) -> None:
    step = ask(case, "UNDO", day(case, 3), world.principal)
    assert step.holder == world.county_officer


@pytest.mark.parametrize("what", ["draft", "visit", "side"])
def test_what_somebody_has_begun_upon_is_not_undone(case: Case, world: World, what: str) -> None:
    """Issue point: while nothing depends on it."""
    step, at = open_step(case, Kind.PERSUASION), day(case, 8, 8)
    if what == "draft":
        save_draft(user=world.principal, key=key_of_step(step.pk), typed={"why": ["谈"]}, at=at)
    if what == "visit":
        Visit.objects.filter(case=case).update(step=step)
    if what == "side":
        proposing.propose_reports(at)
    with pytest.raises(DomainError, match="the work has gone on"):
        ask(case, "UNDO", day(case, 8), world.teacher)


def test_what_was_begun_while_it_waited_is_kept(case: Case, world: World) -> None:
    """The approval asks again."""
    ask(case, "UNDO", day(case, 3), world.teacher)
    do(case, Kind.PERSUASION, day(case, 4), result="not_yet")
    with pytest.raises(DomainError, match="the work has gone on"):
        do(case, Kind.DECIDE_REQUEST, day(case, 5))
    assert open_step(case, Kind.DECIDE_REQUEST)


def test_a_verification_undone_looks_for_the_child_anew(world: World) -> None:
    case = walk(world, open_case(world, world.qi), until=Kind.HOME_VISIT)
    undo(case, world)
    assert (stage(case), open_main(case)) == (Stage.VERIFY, Kind.VERIFY)
    assert matters.blocking(case) is None
    sound()
