"""Many at once, on PostgreSQL with a connection each: one winner, no deadlock, nothing twice (REL-01, REL-05, REL-16)."""

import os
import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.urls import reverse

from casework.audit import trail
from casework.cases import ladder, proposing, side
from casework.cases.checks import problems
from casework.cases.kinds import Kind, Stage
from casework.cases.models import Case, RungFired, Sent, Step, StepHolder, Visit
from casework.cases.steps import take_step
from casework.core.clock import local_date, moved_to
from casework.core.errors import DomainError
from casework.detection.models import Finding
from casework.documents.models import Document
from casework.notices.models import Notice
from casework.org.models import Post, User
from casework.org.roles import Role
from casework.students import runs
from casework.students.models import Pupil
from tests.students.books import pupil, roster
from tests.world import (
    BEGIN,
    World,
    answers,
    cleaned,
    client_of,
    day,
    do,
    fresh,
    make_world,
    open_case,
    open_step,
    suspect,
    walk,
)
from workflows.complete import complete
from workflows.start import start_case

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ROUNDS = 200 if os.environ.get("FAULTS") == "full" else 5
TOGETHER = 50


@pytest.fixture
def county(transactional_db: None) -> Iterator[World]:
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    yield make_world()


def all_at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts in threads that start together; what each returned or raised, in their order."""
    gate, said = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            gate.wait()
            said[number] = act()
        except BaseException as error:
            said[number] = error  # type: ignore[call-overload]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def colleagues(world: World, count: int) -> list[User]:
    """More teachers of class two."""
    people = [
        User(username=f"991{n:05d}", display_name=f"教师{n}", created_at=BEGIN)
        for n in range(count)
    ]
    for person in people:
        person.save()
        Post.objects.create(
            user=person, unit=world.class_two, role=Role.CLASS_TEACHER, since=date(2026, 8, 25)
        )
    return people


def unexpected(said: list[Any]) -> list[Any]:
    return [
        each
        for each in said
        if isinstance(each, BaseException) and not isinstance(each, DomainError)
    ]


def test_fifty_claim_one_step_over_http(county: World) -> None:
    """REL-01: exactly one winner; forty-nine are told who; nobody gets a 500."""
    case = walk(county, open_case(county, county.ming), until=Kind.HOME_VISIT)
    step, at = open_step(case, Kind.HOME_VISIT), day(case, 2)
    browsers = [client_of(each) for each in colleagues(county, TOGETHER)]

    def claim(browser: Any) -> int:
        with moved_to(at):
            return int(browser.post(reverse("cases:claim", args=[step.pk])).status_code)

    said = all_at_once(*(lambda b=b: claim(b) for b in browsers))
    assert sorted(map(str, said)) == ["302"] + ["409"] * (TOGETHER - 1)
    assert StepHolder.objects.filter(step=step).count() == 1
    assert Step.objects.get(pk=step.pk).generation == 1


def test_ten_complete_the_same_step_at_once(county: World) -> None:
    """REL-05: the same form ten times in parallel: one visit, one paper, no 500."""
    case = walk(county, open_case(county, county.lan), until=Kind.HOME_VISIT)
    step, at = open_step(case, Kind.HOME_VISIT), day(case, 2)
    data = answers(step, county.teacher, at, result="not_yet")
    data |= {"form_key": "one-key", "generation": step.generation}
    browsers = [client_of(county.teacher) for _i in range(10)]

    def finish(browser: Any) -> int:
        with moved_to(at):
            place = reverse("workflows:step", args=[step.pk])
            return int(browser.post(place, data).status_code)

    said = all_at_once(*(lambda b=b: finish(b) for b in browsers))
    assert set(said) <= {302, 409} and 302 in said
    assert (Visit.objects.count(), Sent.objects.count()) == (1, 1)
    assert Document.objects.filter(subject=f"step:{step.pk}").count() == 1
    assert list(problems()) == []


def test_the_same_general_visit_at_once(county: World) -> None:
    """REL-05: no lock of a case stands before this form; its key alone keeps it single."""
    case = open_case(county, county.lan)
    at = day(case, 2)
    data = answers(open_step(case, Kind.REGISTER), county.teacher, at, result="other", form_key="k")
    browsers = [client_of(county.teacher) for _i in range(6)]

    def record(browser: Any) -> int:
        with moved_to(at):
            place = reverse("cases:general_visit", args=[county.an.pk])
            return int(browser.post(place, data).status_code)

    said = all_at_once(*(lambda b=b: record(b) for b in browsers))
    assert set(said) <= {302, 409} and 302 in said
    assert Visit.objects.count() == 1


def test_claim_against_return_never_deadlocks(county: World) -> None:
    """design.md §3: the engine is not told of a claim. Every return succeeds, whoever claims meanwhile."""
    case = walk(county, open_case(county, county.ming), until=Kind.HOME_VISIT)
    for round_number in range(ROUNDS):
        at = day(case, 2 + round_number)
        step = open_step(case, Kind.HOME_VISIT)
        principal, teacher = fresh(county.principal), fresh(county.teacher_two)
        with moved_to(at):
            officer = fresh(county.officer)
            back = side.report_return(case, day=local_date(at), note="", by=officer, at=at)
            data = cleaned(back, principal, at)
            said = all_at_once(
                lambda s=step, t=teacher, a=at: take_step(s, by=t, at=a),
                lambda b=back, d=data, p=principal, a=at: complete(b.pk, d, by=p, at=a),
            )
        assert unexpected(said) == [] and isinstance(said[1], list), said
        assert Step.objects.get(pk=step.pk).cancelled
        case = _away_again(county, case, at)
    assert list(problems()) == []


def _away_again(world: World, case: Case, at: Any) -> Case:
    """The next episode of the same pupil, walked to the home visit."""
    assert Case.objects.get(pk=case.pk).stage == Stage.FOLLOW_UP
    finding = suspect(world, world.ming, at=at + timedelta(hours=1))
    with moved_to(at + timedelta(hours=1)):
        case = start_case(finding, by=fresh(world.officer), at=at + timedelta(hours=1))
    do(case, Kind.REGISTER, at + timedelta(hours=2))
    do(case, Kind.VERIFY, at + timedelta(hours=3), found="local")
    Case.objects.filter(pk=case.pk).update(opened_at=case.opened_at)
    return Case.objects.get(pk=case.pk)


def test_two_sweeps_at_once_fire_each_rung_once(county: World) -> None:
    """REL-16: and propose each report once."""
    cases = [
        walk(county, open_case(county, county.pupils[key]), until=Kind.PERSUASION)
        for key in ("lan", "ming", "yun")
    ]
    at = day(cases[0], 20)

    def sweep() -> tuple[int, int]:
        return len(ladder.fire(at)), len(proposing.propose_reports(at))

    said = all_at_once(sweep, sweep, sweep)
    assert unexpected(said) == []
    rows = RungFired.objects.values_list("step", "rung", "due_version")
    assert sum(fired for fired, _p in said) == rows.count() == len(set(rows)) > 0
    assert sum(proposed for _f, proposed in said) == len(cases)
    assert Step.objects.filter(kind=Kind.SEND_REPORT).count() == len(cases)
    keys = Notice.objects.values_list("user", "key")
    assert keys.count() == len(set(keys))
    assert list(trail.problems()) == []


def test_one_finding_opened_by_two_makes_one_case(county: World) -> None:
    with moved_to(BEGIN):
        finding = suspect(county, county.lan)
    other = Finding.objects.get(pk=finding.pk)
    at = finding.found_at
    officers = [fresh(county.officer), fresh(county.township)]
    said = all_at_once(
        lambda: start_case(finding, by=officers[0], at=at),
        lambda: start_case(other, by=officers[1], at=at),
    )
    assert unexpected(said) == []
    assert Case.objects.count() == 1 and len([s for s in said if isinstance(s, Case)]) == 1


def test_two_report_the_same_return_at_once(county: World) -> None:
    case = walk(county, open_case(county, county.lan), until=Kind.VERIFY)
    at = day(case, 2)

    def report(who: str) -> Step:
        person = fresh(county.people[who])
        return side.report_return(case, day=local_date(at), note="", by=person, at=at)

    with moved_to(at):
        said = all_at_once(*(lambda w=w: report(w) for w in ("teacher", "officer", "status")))
    assert unexpected(said) == []
    assert Step.objects.filter(case=case, kind=Kind.CONFIRM_RETURN).count() == 1


def test_cases_opened_at_once_have_numbers_without_a_gap(county: World) -> None:
    findings = [suspect(county, county.pupils[key]) for key in ("lan", "ming", "yun", "qi", "an")]
    officers = [fresh(county.officer) for _f in findings]
    said = all_at_once(
        *(
            lambda f=f, o=o: start_case(f, by=o, at=f.found_at)
            for f, o in zip(findings, officers, strict=True)
        )
    )
    assert unexpected(said) == []
    numbers = sorted(Case.objects.values_list("number", flat=True))
    assert numbers == [f"KC-990026-2026A-{n:05d}" for n in range(1, 6)]
    assert list(trail.problems()) == []


def test_two_import_the_same_roster_at_once(county: World) -> None:
    """Each row makes one pupil, whoever comes first; the same upload is applied once."""
    file = roster(*[pupil(n) for n in range(1, 6)])

    def bring() -> int:
        by = fresh(county.county_officer)
        run = runs.begin(kind="roster", files=[file], township="青石镇", by=by, at=BEGIN)
        return runs.apply(run=run, by=by, at=BEGIN).applied

    before = Pupil.objects.count()
    said = all_at_once(bring, bring, bring)
    assert unexpected(said) == [] and sorted(said) == [0, 0, 5], said
    assert Pupil.objects.count() == before + 5
    by = fresh(county.county_officer)
    other = roster(pupil(7), name="b.xlsx")
    run = runs.begin(kind="roster", files=[other], township="青石镇", by=by, at=BEGIN)
    said = all_at_once(*[lambda: runs.apply(run=run, by=by, at=BEGIN).applied] * 3)
    assert unexpected(said) == []
    assert [each for each in said if not isinstance(each, DomainError)] == [1]
