"""The gap report names what is really missing, with reason and person, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest

from casework.cases.kinds import KINDS, Kind, Outcome
from casework.cases.models import Case, Step
from casework.deadlines.units import last_day
from casework.documents.models import Document
from casework.evidence.casefile import read_cases
from casework.evidence.gaps import Gap, gaps_of
from casework.evidence.proofs import take_proofs
from casework.org.models import Unit, User
from casework.profiles.models import Profile
from tests.evidence.conftest import AT, NewCase, add_papers

pytestmark = pytest.mark.django_db


@pytest.fixture
def profile(county: Unit) -> Profile:
    found: Profile = Profile.objects.get(unit=county)
    return found


def step(case: Case, kind: Kind, profile: Profile, **more: Any) -> Step:
    spec = KINDS[kind]
    given = {"number": 1, "begun_at": AT, "opens_at": AT, "due_at": AT, "counted_from": AT}
    return Step.objects.create(
        case=case,
        kind=kind,
        track=spec.track,
        role=spec.role,
        line=spec.line,
        unit=case.school,
        budget=1,
        budget_unit="school_days",
        profile=profile,
        calendar_version=1,
        **(given | more),
    )


def found(case: Case) -> list[Gap]:
    rows = Case.objects.filter(pk=case.pk)
    (file,) = read_cases(rows, take_proofs(at=AT).anchor, at=AT)
    return gaps_of(file, "zh-hans")


def of_step(case: Case, made_for: Step, kind: str) -> Document:
    from casework.documents.issue import issue
    from casework.documents.papers.register import PAPERS
    from tests.documents.samples import values_for
    from tests.evidence.conftest import stand_in

    document = issue(
        chain=f"case:{case.pk}",
        kind=kind,
        values=values_for(PAPERS[kind], "least"),
        unit=case.school,
        subject=f"step:{made_for.pk}",
        at=AT,
        by=None,
    )
    stand_in(document)
    return document


def test_nothing_is_missing_from_a_whole_file(
    school: Unit, new_case: NewCase, profile: Profile, officer: User
) -> None:
    case = new_case(school)
    done = step(case, Kind.REGISTER, profile, finished_at=AT, finished_by=officer)
    of_step(case, done, "P35")
    assert found(case) == []


def test_a_done_step_without_its_paper(
    school: Unit, new_case: NewCase, profile: Profile, officer: User
) -> None:
    case = new_case(school)
    step(case, Kind.REGISTER, profile, finished_at=AT, finished_by=officer)
    (gap,) = found(case)
    assert (gap.kind, gap.who, gap.due) == ("P35", "王立群", AT.date())


def test_an_open_step_names_its_holder_and_due_moment(
    school: Unit, new_case: NewCase, profile: Profile, officer: User
) -> None:
    case = new_case(school)
    add_papers(case, ["P35"])
    step(case, Kind.HOME_VISIT, profile, holder=officer)
    (gap,) = found(case)
    assert (gap.kind, gap.who, gap.due) == ("P04", "王立群", last_day(AT))


def test_a_step_finished_after_the_moment_of_the_bundle_was_open_then(
    school: Unit, new_case: NewCase, profile: Profile, officer: User
) -> None:
    """A teacher goes on working while a bundle is made: the paper of a later act is not missing."""
    case = new_case(school)
    add_papers(case, ["P35"])
    step(case, Kind.HOME_VISIT, profile, holder=officer, finished_at=AT + timedelta(minutes=1))
    (gap,) = found(case)
    assert gap.who == "王立群" and gap.due is not None


def test_a_cancelled_step_is_no_gap(school: Unit, new_case: NewCase, profile: Profile) -> None:
    case = new_case(school)
    add_papers(case, ["P35"])
    step(case, Kind.HOME_VISIT, profile, finished_at=AT, cancelled=True)
    assert found(case) == []


def test_the_path_taken_says_what_is_mandatory(school: Unit, new_case: NewCase) -> None:
    """domain.md 6.1: mandatory items of the path actually taken."""
    reported = new_case(school, reported_at=AT)
    add_papers(reported, ["P35", "P05"])
    assert {gap.kind for gap in found(reported)} == {"P09", "AR"}
    closed = new_case(school, returned_at=AT, closed_at=AT, outcome=Outcome.RETURNED)
    add_papers(closed, ["P35", "P16", "P17", "P17"])
    assert {gap.kind for gap in found(closed)} == {"P17", "P32"}


def test_papers_not_sealed_are_named_by_number(school: Unit, new_case: NewCase) -> None:
    case = new_case(school)
    (paper,) = add_papers(case, ["P35"], sealed=False)
    assert [(gap.kind, gap.what) for gap in found(case)] == [("unsealed", paper.number)]
