"""The page of gaps: who must act, by when, where; what is whole is counted; other units' cases are not there."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from casework.cases.kinds import Kind
from casework.cases.models import Case, MatterKind
from casework.core.clock import moved_to
from casework.documents.models import Attachment
from casework.org.models import Unit, User
from casework.org.roles import Role
from casework.profiles.models import Profile
from tests.evidence.conftest import AT, NewCase, add_papers, person
from tests.evidence.test_gaps import found, profile, step

__all__ = ["profile"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client, officer: User) -> Callable[..., str]:
    """The page as the school's officer sees it."""

    def shown(**asked: object) -> str:
        client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
        with moved_to(AT):
            return client.get(reverse("evidence:gaps"), asked).content.decode()

    return shown


def test_a_gap_leads_to_the_step_of_whoever_must_act(
    school: Unit, new_case: NewCase, profile: Profile, officer: User, page: Callable[..., str]
) -> None:
    case = new_case(school)
    add_papers(case, ["P35"])
    visit = step(case, Kind.HOME_VISIT, profile, holder=officer)
    shown = page()
    assert case.number in shown
    assert reverse("workflows:step", args=[visit.pk]) in shown


def test_a_case_in_other_hands_leads_to_the_case(
    school: Unit, new_case: NewCase, profile: Profile, page: Callable[..., str]
) -> None:
    case = new_case(school)
    add_papers(case, ["P35"])
    visit = step(
        case, Kind.HOME_VISIT, profile, holder=person(school, Role.CLASS_TEACHER, "100002")
    )
    shown = page()
    assert reverse("workflows:step", args=[visit.pk]) not in shown
    assert reverse("cases:case", args=[case.pk]) in shown


def test_what_lacks_nothing_is_counted_not_listed(
    school: Unit, new_case: NewCase, page: Callable[..., str]
) -> None:
    whole = new_case(school)
    add_papers(whole, ["P35"])
    assert "1 个个案不缺材料" in page()
    assert f"c-{whole.pk}" not in page()


def test_cases_of_other_units_are_not_there(
    other_school: Unit, new_case: NewCase, page: Callable[..., str]
) -> None:
    foreign = new_case(other_school)
    assert foreign.number not in page()
    assert foreign.number not in page(unit=other_school.pk)


def test_closed_cases_are_shown_when_asked_for(
    school: Unit, new_case: NewCase, page: Callable[..., str]
) -> None:
    closed: Case = new_case(school, closed_at=AT)
    assert closed.number not in page()
    assert closed.number in page(show="closed")


def test_of_a_unit_the_shelf_is_asked_too(
    school: Unit, officer: User, page: Callable[..., str]
) -> None:
    """Whoever has one unit in reach, and so nothing to choose, gets a link."""
    assert reverse("registers:shelf", args=[school.pk]) in page(unit=school.pk)
    shown = page()
    assert reverse("registers:shelf", args=[school.pk]) not in shown
    assert f"?unit={school.pk}" in shown


def test_restricted_work_is_no_gap(
    school: Unit, new_case: NewCase, profile: Profile, page: Callable[..., str]
) -> None:
    case = new_case(school)
    add_papers(case, ["P35"])
    matter = case.matters.create(code="HARM", kind=MatterKind.PROTECTION, unit=school, opened_at=AT)
    step(case, Kind.PROTECT, profile, matter=matter)
    assert f"c-{case.pk}" not in page()


def test_a_seal_that_waits_is_nobodys_task(
    school: Unit, new_case: NewCase, page: Callable[..., str]
) -> None:
    case = new_case(school)
    add_papers(case, ["P35"], sealed=False)
    shown = page()
    assert f"c-{case.pk}" not in shown
    assert "1 份文书待封存" in shown


def test_a_paper_that_waits_for_a_hand_is_named_until_its_sheet_comes(
    school: Unit, new_case: NewCase, page: Callable[..., str], officer: User
) -> None:
    case = new_case(school)
    (paper,) = add_papers(case, ["P35"])
    files = reverse("registers:files", args=["case", case.pk])
    assert files in page() and paper.number in page()
    Attachment.objects.create(
        chain=paper.chain, document=paper, purpose="signed", kind="photo", sha256="0", size=1, original="o", copy="c.jpg", at=AT
    )  # fmt: skip
    assert files not in page() and "1 个个案不缺材料" in page()


def test_what_the_path_asks_for_is_due_since_the_day_that_asked_for_it(
    school: Unit, new_case: NewCase, page: Callable[..., str]
) -> None:
    case = new_case(school, returned_at=AT - timedelta(days=3))
    add_papers(case, ["P35"])
    (lacking,) = found(case)
    assert (lacking.kind, lacking.due) == ("P16", (AT - timedelta(days=3)).date())
    assert reverse("cases:case", args=[case.pk]) in page()


def test_the_shelf_says_who_keeps_it(school: Unit, officer: User, page: Callable[..., str]) -> None:
    assert officer.display_name in page(unit=school.pk).split("t-shelf")[-1].split("</section>")[0]
