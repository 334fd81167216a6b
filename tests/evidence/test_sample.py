"""A random sample of case files: drawn by a published seed from the full list, which lies in the evidence file (features 95)."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from casework.cases.models import Case
from casework.core.clock import local_date, moved_to
from casework.evidence.bundle import make
from casework.evidence.models import Bundle
from casework.evidence.scope import cases_of, order
from casework.org.models import Unit, User
from tests.evidence.conftest import AT, NewCase, add_papers

pytestmark = pytest.mark.django_db
SEED = "督导组0918"


@pytest.fixture
def cases(school: Unit, new_case: NewCase) -> list[Case]:
    found = [new_case(school) for _each in range(7)]
    for case in found:
        add_papers(case, ["P35"])
    return found


@pytest.fixture
def sampled(school: Unit, officer: User, cases: list[Case]) -> Callable[..., Bundle]:
    def asked(size: int = 3, seed: str = SEED) -> Bundle:
        day = local_date(AT)
        return order(
            unit=school, first=day - timedelta(days=90), last=day, sample=size, seed=seed, reason="督导抽查", receiver="督导组",
            by=officer, at=AT, queued=False,
        )  # fmt: skip

    return asked


def drawn_by_hand(seed: str, numbers: list[str], size: int) -> set[str]:
    """What a stranger computes: hash seed, colon and serial number, take the smallest."""
    lots = {sha256(f"{seed}:{n}".encode()).hexdigest(): each for n, each in enumerate(numbers, 1)}
    return {lots[lot] for lot in sorted(lots)[:size]}


def test_anybody_draws_the_same_cases_again(
    sampled: Callable[..., Bundle], cases: list[Case]
) -> None:
    numbers = sorted(case.number for case in cases)
    for seed in (SEED, "另一个种子"):
        got = {case.number for case in cases_of(sampled(3, seed))}
        assert got == drawn_by_hand(seed, numbers, 3)


def test_a_case_that_is_opened_later_changes_no_sample(
    sampled: Callable[..., Bundle], school: Unit, new_case: NewCase
) -> None:
    bundle = sampled()
    before = set(cases_of(bundle))
    later = new_case(school)
    Case.objects.filter(pk=later.pk).update(opened_at=AT + timedelta(hours=1))
    assert set(cases_of(bundle)) == before


def test_the_full_list_lies_in_the_file_and_only_the_drawn_cases_do(
    sampled: Callable[..., Bundle], cases: list[Case], tmp_path: Path
) -> None:
    bundle = sampled()
    place = tmp_path / "sample.zip"
    assert make(bundle, at=AT, target=place)
    with zipfile.ZipFile(place) as bag:
        inside = {name.split("/", 1)[1]: name for name in bag.namelist()}
        text = bag.read(inside["data/scope/sample.csv"]).decode("utf-8-sig")
        index = bag.read(inside["index.html"]).decode()
    rows = list(csv.reader(io.StringIO(text)))[1:]
    assert [row[1] for row in rows] == sorted(case.number for case in cases)
    by_lot = sorted(rows, key=lambda row: row[4])
    assert [row[3] for row in by_lot] == ["1", "2", "3", "", "", "", ""]
    held = {name.split("/")[1] for name in inside if name.endswith("records.jsonl")}
    assert {row[1] for row in rows if row[3]} <= held
    assert not {row[1] for row in rows if not row[3]} & held
    assert SEED in index and "data/scope/ledger-l1.csv" not in inside


def test_a_sample_is_asked_for_on_the_page(
    client: Client, officer: User, school: Unit, cases: list[Case]
) -> None:
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    day = local_date(AT)
    said = {
        "unit": school.pk, "first": day - timedelta(days=90), "last": day, "sample": 2, "seed": "", "purpose": "full",
        "receiver": "督导组", "reason": "抽查",
    }  # fmt: skip
    with moved_to(AT):
        assert client.post(reverse("evidence:bundles"), said).status_code == 302
    bundle = Bundle.objects.get()
    assert (bundle.sample, len(bundle.seed)) == (2, 16)


def test_the_draw_is_settled_when_it_is_asked_for(
    sampled: Callable[..., Bundle], other_school: Unit, cases: list[Case], tmp_path: Path
) -> None:
    """A child that moves to another school before the file is made changes neither the sample nor the full list."""
    bundle = sampled()
    before = {case.pk for case in cases_of(bundle)}
    moved = next(case for case in cases if case.pk not in before)
    Case.objects.filter(pk=moved.pk).update(school=other_school)
    assert {case.pk for case in cases_of(Bundle.objects.get(pk=bundle.pk))} == before
    assert make(bundle, at=AT, target=tmp_path / "sample.zip")
    assert bundle.population == sorted(case.pk for case in cases)


def test_a_seed_is_hashed_as_it_was_announced_or_refused(
    client: Client, officer: User, school: Unit, cases: list[Case]
) -> None:
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    day = local_date(AT)
    said = {
        "unit": school.pk,
        "first": day,
        "last": day,
        "sample": 2,
        "seed": "\u0958" * 64,
        "purpose": "full",
        "receiver": "x",
        "reason": "y",
    }
    with moved_to(AT):
        assert client.post(reverse("evidence:bundles"), said).status_code == 409
    assert not Bundle.objects.exists()
