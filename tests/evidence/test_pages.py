"""Asking for evidence, making it without a worker, fetching it; other units' cases are not there at all."""

import gc
import io
import re
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from casework.audit.models import Entry, Look
from casework.cases.models import Case
from casework.core.errors import DomainError
from casework.documents.render import Rendered
from casework.evidence import printed, verify
from casework.evidence.bundle import GIVEN_UP, build
from casework.evidence.models import Bundle, State
from casework.evidence.scope import cases_of, order
from casework.org.models import Unit, UnitKind, User
from casework.org.roles import Role
from tests.evidence.conftest import (
    AT,
    NewCase,
    add_papers,
    below,
    bundle_of,
    person,
    stand_in,
)

pytestmark = pytest.mark.django_db
SAID = {"reason": "督导检查", "receiver": "示范市督导组", "purpose": "full"}


@pytest.fixture
def signed_in(client: Client) -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def ask(client: Client, **said: Any) -> Any:
    return client.post(reverse("evidence:bundles"), SAID | said)


def test_a_bundle_is_made_without_a_worker(
    case: Case, officer: User, signed_in: Callable[[User], Client]
) -> None:
    """The page offers to make it now; then it shows what was made."""
    client = signed_in(officer)
    page = ask(client, unit=case.school_id, first="2026-09-01", last="2026-12-31").url
    assert Bundle.objects.get().state == State.WAITING
    assert "/download/" not in client.get(page).content.decode()
    client.post(page)
    bundle = Bundle.objects.get()
    assert (bundle.state, bundle.total, bundle.by) == (State.DONE, 4, officer)
    download = reverse("evidence:download", args=[bundle.pk])
    assert download in client.get(page).content.decode()


def test_a_finished_bundle_can_be_fetched(
    case: Case, officer: User, signed_in: Callable[[User], Client]
) -> None:
    bundle = order(case=case, merged=False, by=officer, at=AT, **SAID)
    build(bundle.pk)
    client = signed_in(officer)
    page = client.get(reverse("evidence:bundle", args=[bundle.pk]))
    bundle.refresh_from_db()
    assert verify.grouped(bundle.anchor) in page.content.decode()
    answer = client.get(reverse("evidence:download", args=[bundle.pk]))
    assert answer["Content-Disposition"].startswith(f'attachment; filename="{case.number}_')
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
    assert Look.objects.get(what="evidence").subjects == [case.pk]


def test_its_slip_has_both_values_and_what_it_is_about(
    case: Case,
    officer: User,
    signed_in: Callable[[User], Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pages: list[str] = []

    def kept(html: str, *rest: Any) -> Rendered:
        pages.append(html)
        return Rendered(b"%PDF", 1, {})

    monkeypatch.setattr(printed, "print_html", kept)
    bundle = order(case=case, merged=False, by=officer, at=AT, **SAID)
    place = reverse("evidence:slip", args=[bundle.pk])
    client = signed_in(officer)
    assert client.get(place).status_code == 404
    build(bundle.pk)
    bundle.refresh_from_db()
    assert client.get(place)["Content-Type"] == "application/pdf"
    for words in (
        verify.grouped(bundle.anchor),
        verify.grouped(bundle.sha256),
        case.number,
        SAID["receiver"],
    ):
        assert words in re.sub("<[^>]+>", "", pages[0])


def test_other_units_cases_do_not_exist(
    case: Case,
    other_school: Unit,
    officer: User,
    signed_in: Callable[[User], Client],
) -> None:
    """ACC-02: not in the form, not in the list, not by address."""
    stranger = person(other_school, Role.SCHOOL_CASE_OFFICER, "100002")
    bundle = order(case=case, merged=False, by=officer, at=AT, **SAID)
    build(bundle.pk)
    client = signed_in(stranger)
    assert ask(client, number=case.number).status_code == 409
    assert (
        ask(client, unit=case.school_id, first=date(2026, 9, 1), last=AT.date()).status_code == 409
    )
    assert case.number not in client.get(reverse("evidence:bundles")).content.decode()
    for name in ("bundle", "download"):
        assert client.get(reverse(f"evidence:{name}", args=[bundle.pk])).status_code == 404
    with pytest.raises(DomainError):
        order(case=case, by=stranger, at=AT, **SAID)
    assert Bundle.objects.count() == 1


def test_teachers_take_no_evidence(school: Unit, signed_in: Callable[[User], Client]) -> None:
    client = signed_in(person(school, Role.CLASS_TEACHER, "100003"))
    assert client.get(reverse("evidence:bundles")).status_code == 403


def test_a_right_that_ended_closes_ones_own_bundles(
    case: Case, officer: User, signed_in: Callable[[User], Client]
) -> None:
    bundle = order(case=case, merged=False, by=officer, at=AT, **SAID)
    build(bundle.pk)
    officer.posts.update(until=date(2026, 1, 2))
    assert signed_in(officer).get(reverse("evidence:download", args=[bundle.pk])).status_code == 403


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "number"),
        ({"number": "KC-990026-2026A-99999"}, "number"),
        ({"number": "CASE", "reason": " "}, "reason"),
        ({"unit": "SCHOOL"}, "first"),
        ({"unit": "SCHOOL", "first": "2026-10-02", "last": "2026-10-01"}, "last"),
    ],
)
def test_a_bad_request_keeps_what_was_typed(
    case: Case, officer: User, signed_in: Callable[[User], Client], said: dict[str, str], field: str
) -> None:
    known = {"CASE": case.number, "SCHOOL": str(case.school_id)}
    answer = ask(signed_in(officer), **{key: known.get(v, v) for key, v in said.items()})
    assert answer.status_code == 409 and list(answer.context["form"].errors) == [field]
    assert "示范市督导组" in answer.content.decode() and not Bundle.objects.exists()


def test_a_unit_bundle_holds_the_cases_open_in_the_period(
    county: Unit, school: Unit, other_school: Unit, new_case: NewCase
) -> None:
    inside = new_case(school)
    later = new_case(school)
    Case.objects.filter(pk=later.pk).update(opened_at=AT.replace(month=12))
    ended = new_case(school)
    Case.objects.filter(pk=ended.pk).update(
        opened_at=AT.replace(month=9), closed_at=AT.replace(month=10)
    )
    elsewhere = new_case(other_school)
    period = {"first": date(2026, 11, 1), "last": date(2026, 11, 30)}
    of_school = order(unit=school, by=None, at=AT, queued=False, **period, **SAID)
    of_county = order(unit=county, by=None, at=AT, queued=False, **period, **SAID)
    assert list(cases_of(of_school)) == [inside]
    assert list(cases_of(of_county)) == [inside, elsewhere]
    assert of_school.merged is False


def test_only_one_maker_at_a_time_and_a_killed_one_is_followed(case: Case) -> None:
    bundle = order(case=case, merged=False, by=None, at=AT, queued=False, **SAID)
    Bundle.objects.update(state=State.BUILDING, touched_at=AT, attempt=1)
    from casework.evidence.bundle import make

    assert not make(bundle, at=AT + GIVEN_UP)
    assert make(bundle, at=AT + 2 * GIVEN_UP)
    assert bundle.attempt == 2


def test_the_command_prints_the_anchor(case: Case, tmp_path: Path) -> None:
    out, err = io.StringIO(), io.StringIO()
    target = tmp_path / "out.zip"
    arguments = ["--case", case.number, "-o", str(target), "--reason", "x", "--no-merged"]
    call_command("evidence", *arguments, stdout=out, stderr=err)
    assert verify.check(verify.Zip(target), out.getvalue().strip()).problems == []
    assert Entry.objects.filter(verb="evidence.made", chain=f"case:{case.pk}").exists()


def test_the_command_for_a_unit(case: Case, tmp_path: Path) -> None:
    target = tmp_path / "out.zip"
    period = ["--from", "2026-09-01", "--to", "2026-12-31"]
    arguments = ["--unit", "990026", *period, "-o", str(target), "--reason", "x"]
    call_command("evidence", *arguments, stdout=io.StringIO(), stderr=io.StringIO())
    assert verify.check(verify.Zip(target)).chains == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--case", "KC-0"], 1),
        (["--unit", "nowhere", "--from", "2026-09-01", "--to", "2026-09-02"], 1),
        (["--unit", "990026"], 2),
        (["--unit", "990026", "--from", "2026-09-02", "--to", "2026-09-01"], 1),
    ],
)
def test_the_command_refuses(case: Case, tmp_path: Path, arguments: list[str], code: int) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("evidence", *arguments, "-o", str(tmp_path / "x.zip"), "--reason", "x")
    assert refused.value.returncode == code and not (tmp_path / "x.zip").exists()


def test_memory_does_not_grow_with_the_papers(
    school: Unit, new_case: NewCase, tmp_path: Path
) -> None:
    """200 papers need no more than bookkeeping of a few KiB each beyond what 50 need; their files are 40 KiB."""
    few, many = new_case(school), new_case(school)
    for case, count in ((few, 50), (many, 200)):
        for document in add_papers(case, ["SR"] * count, sealed=False):
            stand_in(document, filler=b"x" * 40_000)
    assert (peak_of(many, tmp_path) - peak_of(few, tmp_path)) / 150 < 10_000


def peak_of(case: Case, folder: Path) -> int:
    """The most bytes that Python held while a bundle was made for the second time; garbage from before not counted."""
    bundle_of(case, folder / f"{case.pk}-first.zip")
    gc.collect()
    tracemalloc.start()
    try:
        bundle_of(case, folder / f"{case.pk}.zip")
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_bundle_speaks_the_language_it_was_asked_for_in(
    case: Case, officer: User, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(officer)
    client.post(reverse("set_language"), {"language": "en", "next": "/"})
    ask(client, number=case.number)
    assert Bundle.objects.get().language == "en"


def test_a_village_has_no_evidence_file(school: Unit, officer: User) -> None:
    town = school.above(UnitKind.TOWNSHIP)
    assert town
    made = below(town, UnitKind.VILLAGE, "岩头村", "990026-1-9")
    with pytest.raises(DomainError):
        order(unit=made, first=AT.date(), last=AT.date(), reason="x", by=None, at=AT)
