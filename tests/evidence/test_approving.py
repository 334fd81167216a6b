"""A large evidence file waits for a second person; one behind a password opens with it only."""

import io
from collections.abc import Callable
from typing import Any

import pytest
import pyzipper
from django.test import Client
from django.urls import reverse

from casework.audit.models import Entry, Look
from casework.cases.models import Case
from casework.core.errors import DomainError
from casework.evidence import verify
from casework.evidence.approving import decide
from casework.evidence.bundle import build, make
from casework.evidence.models import Bundle, State
from casework.evidence.scope import order, waiting_for
from casework.notices.models import Notice
from casework.org.models import Unit, User
from casework.org.roles import Role
from casework.profiles.rules import baseline, publish
from casework.students.models import Enrolment
from tests.evidence.conftest import AT, NewCase, add_papers, person

pytestmark = pytest.mark.django_db
PERIOD = {"first": AT.date().replace(month=9, day=1), "last": AT.date(), "reason": "督导检查"}


@pytest.fixture
def principal(school: Unit) -> User:
    return person(school, Role.PRINCIPAL, "100002")


@pytest.fixture
def asked(school: Unit, county: Unit, new_case: NewCase, officer: User, principal: User) -> Bundle:
    """Two cases where one is the most that needs nobody else."""
    publish(
        county, baseline() | {"exports": {"approve_above": 1}}, name="x", valid_from=PERIOD["first"], by=None, at=AT
    )  # fmt: skip
    for _case in range(2):
        add_papers(new_case(school), ["P35"])
    return order(unit=school, by=officer, at=AT, **PERIOD)


def test_few_cases_need_nobody_else(case: Case, school: Unit, officer: User) -> None:
    assert order(unit=school, by=officer, at=AT, **PERIOD).state == State.WAITING


def test_children_named_by_its_ledgers_count_but_for_a_school_s_own(
    asked: Bundle, school: Unit, county: Unit
) -> None:
    for case in Case.objects.all():
        Enrolment.objects.create(
            pupil=case.pupil, class_unit=school, school=school, since=PERIOD["first"]
        )
    first = Case.objects.order_by("pk")[0].pk
    Case.objects.exclude(pk=first).update(opened_at=AT.replace(year=2028))
    own = person(school, Role.PRINCIPAL, "100007")
    above = person(county, Role.COUNTY_CASE_OFFICER, "100008")
    assert order(unit=school, by=own, at=AT, **PERIOD).state == State.WAITING
    assert order(unit=school, by=above, at=AT, **PERIOD).state == State.ASKED


def test_many_wait_and_cannot_be_made_meanwhile(asked: Bundle, principal: User) -> None:
    assert (asked.state, asked.cases) == (State.ASKED, 2)
    assert not make(asked, at=AT)
    assert [n.code for n in Notice.objects.filter(user=principal)] == ["evidence_asked"]
    assert list(waiting_for(principal)) == [asked]


def test_the_second_person_agrees_and_it_is_made(
    asked: Bundle, principal: User, officer: User
) -> None:
    decide(asked, approve=True, reason="", by=principal, at=AT)
    build(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by) == (State.DONE, principal.display_name)
    assert Entry.objects.get(verb="evidence.approved").actor_name == principal.display_name
    assert [n.code for n in Notice.objects.filter(user=officer)] == ["evidence_approved"]


def test_a_refusal_has_a_reason_and_ends_it(asked: Bundle, principal: User) -> None:
    with pytest.raises(DomainError):
        decide(asked, approve=False, reason=" ", by=principal, at=AT)
    decide(asked, approve=False, reason="范围过大", by=principal, at=AT)
    asked.refresh_from_db()
    assert (asked.state, asked.error) == (State.REFUSED, "范围过大")
    assert not make(asked, at=AT)
    with pytest.raises(DomainError):
        decide(asked, approve=True, reason="", by=principal, at=AT)


def test_nobody_agrees_to_what_he_asked_for(asked: Bundle, officer: User) -> None:
    with pytest.raises(DomainError):
        decide(asked, approve=True, reason="", by=officer, at=AT)
    assert list(waiting_for(officer)) == []


def test_others_do_not_see_it(asked: Bundle, other_school: Unit, client: Client) -> None:
    stranger = person(other_school, Role.PRINCIPAL, "100003")
    assert list(waiting_for(stranger)) == []
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(reverse("evidence:decide", args=[asked.pk]), {"act": "approve"})
    assert answer.status_code == 404


def test_it_is_decided_on_the_page(asked: Bundle, principal: User, client: Client) -> None:
    client.force_login(principal, backend="django.contrib.auth.backends.ModelBackend")
    assert (
        reverse("evidence:decide", args=[asked.pk])
        in client.get(reverse("evidence:bundles")).content.decode()
    )
    client.post(reverse("evidence:decide", args=[asked.pk]), {"act": "approve"})
    asked.refresh_from_db()
    assert asked.state == State.WAITING


class TestBehindAPassword:
    @pytest.fixture
    def take(self, case: Case, officer: User, client: Client) -> Callable[[str], Any]:
        bundle = order(case=case, merged=False, by=officer, at=AT, reason="督导检查")
        build(bundle.pk)
        client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
        place = reverse("evidence:locked", args=[bundle.pk])
        return lambda password: client.post(place, {"password": password})

    def test_it_opens_with_the_password_and_holds_the_file_as_it_is(
        self, take: Callable[[str], Any], tmp_path: Any, case: Case
    ) -> None:
        answer = take("a-long-password")
        data = b"".join(answer.streaming_content)
        with pyzipper.AESZipFile(io.BytesIO(data)) as archive:
            (name,) = archive.namelist()
            with pytest.raises(RuntimeError):
                archive.read(name)
            archive.setpassword(b"a-long-password")
            (tmp_path / "out.zip").write_bytes(archive.read(name))
        assert verify.check(verify.Zip(tmp_path / "out.zip")).problems == []
        assert case.pupil.name.encode() not in data
        assert Look.objects.get(what="evidence").subjects == [case.pk]

    def test_a_short_password_locks_nothing(self, take: Callable[[str], Any]) -> None:
        answer = take("short")
        assert answer.status_code == 409
        assert not Look.objects.filter(what="evidence").exists()

    def test_the_password_is_kept_nowhere(self, take: Callable[[str], Any]) -> None:
        b"".join(take("a-long-password").streaming_content)
        assert "a-long-password" not in str(
            list(Entry.objects.values()) + list(Look.objects.values())
        )
