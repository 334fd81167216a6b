"""A change of calendar, terms or rules: shown first, carried over to the open steps, kept with its cause (issue 4)."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from casework.cases import changing, restating
from casework.cases.changing import decide_rules, enter_day, enter_term, rules_would_move
from casework.cases.kinds import Kind
from casework.cases.models import Case, Restatement, RungFired, Step, StepDue
from casework.cases.simulation import simulate
from casework.core.clock import end_of, local_date, moved_to
from casework.core.errors import DomainError
from casework.deadlines.days import Override, Span
from casework.deadlines.models import LocalDay, Term
from casework.notices.models import Notice
from casework.org.models import User
from casework.profiles import proposals
from casework.profiles.rules import baseline, publish
from casework.profiles.shipped import merged
from tests.cases.test_ladder import whole_database
from tests.world import (
    OPENED,
    World,
    client_of,
    day,
    do,
    fresh,
    open_case,
    open_step,
    prepared,
    walk,
)

pytestmark = pytest.mark.django_db
TUESDAY, WEDNESDAY = date(2026, 10, 13), date(2026, 10, 14)
SNOW = Override(TUESDAY, school=False, reason="大雪")


@pytest.fixture(scope="module")
def case_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    yield from prepared(
        django_db_blocker, lambda: walk(world, open_case(world, world.lan), until=Kind.VERIFY)
    )


@pytest.fixture
def step(case_pk: int) -> Step:
    """The whereabouts are to be verified until Tuesday: one school day from Monday."""
    found = open_step(Case.objects.get(pk=case_pk), Kind.VERIFY)
    assert found.due_at == end_of(TUESDAY)
    return found


def again(step: Step) -> Step:
    return Step.objects.get(pk=step.pk)


def snow(world: World, at: Any = OPENED) -> Restatement:
    enter_day(world.school, TUESDAY, school=False, reason="大雪", by=world.admin, at=at)
    return carried(at)


def carried(at: Any = OPENED) -> Restatement:
    """What the worker does after the commit."""
    for each in restating.waiting(at):
        restating.run(each, at=at)
    return Restatement.objects.latest("pk")


# ---- days


def test_a_preview_says_what_would_move_and_writes_nothing(step: Step, world: World) -> None:
    before = whole_database()
    effect = changing.day_would_move(world.school, SNOW, OPENED)
    assert whole_database() == before
    assert (effect[""].later, effect[""].sooner, effect[""].longest) == (1, 0, 1)
    assert effect[world.school.path].moved == 1


def test_what_was_shown_is_what_happens(step: Step, world: World) -> None:
    shown = changing.day_would_move(world.school, SNOW, OPENED)[""]
    found = snow(world)
    assert (found.total, found.done, found.moved) == (shown.open, shown.open, shown.moved)
    assert found.finished_at and again(step).due_at == end_of(WEDNESDAY)


def test_old_new_and_cause_are_kept(step: Step, world: World) -> None:
    found = snow(world)
    first, second = StepDue.objects.filter(step=step).order_by("version")
    assert (first.due_at, second.due_at) == (end_of(TUESDAY), end_of(WEDNESDAY))
    assert (second.cause, second.restatement, second.version) == (
        "day",
        found,
        again(step).due_version,
    )
    assert "大雪" in found.words


def test_each_holder_is_told_once_however_many_of_his_steps_move(step: Step, world: World) -> None:
    snow(world)
    told = Notice.objects.filter(code="restated")
    assert [each.user.display_name for each in told] == ["林秀英"]
    assert told[0].link.startswith("/restated/")


def test_other_schools_stay(step: Step, world: World) -> None:
    far = open_step(open_case(world, world.far_hua), Kind.REGISTER)
    due = far.due_at
    snow(world)
    assert again(far).due_at == due


def test_a_date_that_moved_is_looked_at_anew_by_the_ladder(step: Step, world: World) -> None:
    from casework.cases import ladder

    ladder.fire(end_of(TUESDAY) - timedelta(hours=1))
    assert RungFired.objects.filter(step=step, rung="soon").count() == 1
    snow(world, end_of(TUESDAY) - timedelta(minutes=30))
    ladder.fire(end_of(WEDNESDAY) - timedelta(hours=1))
    assert RungFired.objects.filter(step=step, rung="soon").count() == 2


def test_carrying_over_goes_on_where_it_was_killed(
    step: Step, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chunk by chunk: what was done is not done twice, what was not is done."""
    monkeypatch.setattr(restating, "CHUNK", 1)
    other = open_step(open_case(world, world.yun), Kind.REGISTER)
    Step.objects.filter(pk=other.pk).update(due_at=end_of(TUESDAY), budget=1)
    enter_day(world.school, TUESDAY, school=False, reason="大雪", by=world.admin, at=OPENED)
    found = Restatement.objects.get()
    chunk, made = restating._chunk, []

    def killed(*args: Any) -> bool:
        if made:
            raise KeyboardInterrupt
        made.append(1)
        return chunk(*args)

    monkeypatch.setattr(restating, "_chunk", killed)
    with pytest.raises(KeyboardInterrupt):
        restating.run(found, at=OPENED)
    monkeypatch.setattr(restating, "_chunk", chunk)
    (left,) = restating.waiting(OPENED)
    assert left.done == 1
    restating.run(left, at=OPENED)
    left.refresh_from_db()
    assert (left.done, left.moved) == (left.total, 2)
    assert StepDue.objects.filter(restatement=left).count() == 2


def test_a_term_that_ends_sooner_is_shown_and_carried_over(step: Step, world: World) -> None:
    span = Span(date(2026, 9, 1), local_date(OPENED), "2026-2027-1")
    effect = changing.term_would_move(world.school, span, OPENED)
    assert effect[""].later == 1 and effect[""].longest > 100  # on the first day of spring
    enter_term(world.school, span.code, span.first, span.last, by=world.admin, at=OPENED)
    carried()
    assert again(step).due_at == end_of(date(2027, 3, 1))


def test_steps_that_would_have_no_date_keep_theirs(step: Step, world: World) -> None:
    """Nothing is computed from a guess: where no term follows, the date stands and the preview says so."""
    autumn = Span(date(2026, 9, 4), local_date(OPENED), "2026-2027-1")
    enter_term(world.school, autumn.code, autumn.first, autumn.last, by=world.admin, at=OPENED)
    carried()
    spring = Span(date(2026, 9, 2), date(2026, 9, 3), "2026-2027-2")  # it follows no more
    assert changing.term_would_move(world.school, spring, OPENED)[""].uncounted == 1
    enter_term(world.school, spring.code, spring.first, spring.last, by=world.admin, at=OPENED)
    assert carried().moved == 0 and again(step).due_at == end_of(date(2027, 3, 1))


def test_terms_that_would_share_days_below_are_refused(world: World) -> None:
    """The county's spring is moved into the autumn that a school has of its own."""
    enter_term(
        world.school, "2026-2027-1", date(2026, 9, 1), date(2027, 2, 20), by=world.admin, at=OPENED
    )
    with pytest.raises(DomainError, match="青石镇中学 would share days"):
        enter_term(
            world.county,
            "2026-2027-2",
            date(2027, 2, 15),
            date(2027, 7, 9),
            by=world.admin,
            at=OPENED,
        )
    assert Term.objects.filter(code="2026-2027-2").count() == 1


def test_the_page_shows_first_and_enters_what_was_seen(step: Step, world: World) -> None:
    client, place = client_of(world.admin), reverse("cases:terms")
    said = {
        "kind": "day",
        "unit": world.school.pk,
        "day": "2026-10-13",
        "school": "no",
        "reason": "大雪",
    }
    with moved_to(OPENED):
        shown = client.post(place, {**said, "act": "see"})
        assert not LocalDay.objects.exists()
        changed = client.post(
            place, {**said, "reason": "暴雨", "act": "enter", "seen": shown.context["seen"]}
        )
        assert changed.status_code == 200 and not LocalDay.objects.exists()
        done = client.post(place, {**said, "act": "enter", "seen": shown.context["seen"]})
        carried()
        page = client_of(fresh(world.teacher)).get(
            reverse("cases:restated", args=[Restatement.objects.get().pk])
        )
    assert done.status_code == 302 and LocalDay.objects.get().reason == "大雪"
    assert "罗小兰" in page.content.decode()


def test_whoever_sees_no_case_sees_no_name_of_a_child_in_what_moved(
    step: Step, world: World
) -> None:
    found = snow(world)
    for who in ("admin", "far_officer"):
        with moved_to(OPENED):
            page = client_of(world.people[who]).get(reverse("cases:restated", args=[found.pk]))
        assert page.status_code == 200 and world.lan.name not in page.content.decode()


# ---- rules


SLOWER = merged(baseline(), {"steps": {"verify": {"budget": 3, "urgent": 3, "target": 2}}})


def decided(world: World, colleague: User, *, running: bool, valid_from: date) -> None:
    proposal = proposals.propose(
        world.county, SLOWER, name="更长", valid_from=valid_from, running=running, by=world.county_officer, at=OPENED
    )  # fmt: skip
    decide_rules(proposal, approve=True, reason="", by=colleague, at=OPENED)
    for each in restating.waiting(OPENED):
        restating.run(each, at=OPENED)


def test_new_rules_leave_running_clocks_alone(step: Step, world: World, colleague: User) -> None:
    decided(world, colleague, running=False, valid_from=local_date(OPENED))
    assert again(step).due_at == step.due_at and not Restatement.objects.exists()


def test_running_clocks_follow_where_it_was_decided_so(
    step: Step, world: World, colleague: User
) -> None:
    shown = rules_would_move(world.county, SLOWER, OPENED)[""]
    decided(world, colleague, running=True, valid_from=local_date(OPENED))
    found = again(step)
    assert (found.budget, found.due_at) == (3, end_of(date(2026, 10, 15)))
    assert found.target_at == end_of(WEDNESDAY) and found.profile_id != step.profile_id
    assert Restatement.objects.get().moved == shown.moved == 1


def test_rules_of_a_later_day_are_carried_over_on_that_day(
    step: Step, world: World, colleague: User
) -> None:
    from workflows.sweeping import sweep

    decided(world, colleague, running=True, valid_from=TUESDAY)
    assert restating.waiting(OPENED) == [] and again(step).due_at == step.due_at
    sweep(day(step.case, 1))
    assert again(step).due_at == end_of(date(2026, 10, 15))


def test_time_that_was_given_stays_given_under_new_rules(
    step: Step, world: World, colleague: User
) -> None:
    from casework.cases.extensions import give_more_time

    give_more_time(step, more=1, reason="路远。", by=fresh(world.officer), at=OPENED)
    decided(world, colleague, running=True, valid_from=local_date(OPENED))
    assert again(step).budget == 4


def test_a_simulation_counts_what_would_have_been_late(step: Step, world: World) -> None:
    do(step.case, Kind.VERIFY, day(step.case, 3), found="local")
    before = whole_database()
    found = simulate(
        world.county,
        SLOWER,
        since=local_date(OPENED),
        until=local_date(OPENED),
        at=day(step.case, 3),
    )
    assert whole_database() == before
    verify = found.by_kind[Kind.VERIFY]
    assert (verify.steps, verify.was, verify.would) == (1, 1, 0)
    assert found.by_school[world.school.path].steps == found.all.steps == 3


def test_the_command_simulates_a_shipped_profile_and_a_file(
    step: Step, world: World, tmp_path: Path, capsys: Any
) -> None:
    file = tmp_path / "rules.json"
    file.write_text(proposals.as_text(SLOWER, "更长"), "utf-8")
    with moved_to(day(step.case, 5)):
        call_command("simulate", str(file), json=True)
        said = json.loads(capsys.readouterr().out)
        call_command("simulate", "baseline")
        words = capsys.readouterr().out
        with pytest.raises(CommandError, match="no such file, and none of baseline"):
            call_command("simulate", "nothing")
    assert said["by_kind"]["verify"] == {"steps": 1, "was": 1, "would": 1, "uncounted": 0}
    assert "青石镇中学" in words


def test_the_page_of_rules_shows_what_would_move(step: Step, world: World) -> None:
    client, place = client_of(world.county_officer), reverse("cases:edit_rules")
    file = SimpleUploadedFile("rules.json", proposals.as_text(SLOWER, "更长").encode())
    with moved_to(day(step.case, 3)):
        shown = client.post(place, {"act": "upload", "file": file})
    assert shown.context["effect"].later == 1
    assert (shown.context["past"].was, shown.context["past"].would) == (1, 0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"steps": {"verify": {"to": ""}}}, "cannot be used"),
        ({"steps": {"verify": {"to": "returned"}}}, "Write one of: finished"),
        ({"steps": {"verify": {"target": 2}}}, "may lie beyond 1"),
        ({"steps": {"verify": {"urgent": 2}}}, "may lie beyond 1"),
        ({"steps": {"verify": {"budget": -1}}}, "cannot be used"),
        ({"steps": {"verify": {"unit": "weeks"}}}, "cannot be used"),
        ({"steps": {"verify": {"pauses": ["branch"]}}}, "Write one of: hold, mail"),
        ({"case": {"from": "begun"}}, "Write one of: opened"),
        ({"clock": {"hold_days": -1}}, "cannot be used"),
        ({"steps": {"verify": {"until": "finished"}}}, "unknown or a missing key"),
    ],
)
def test_a_limit_that_never_ends_or_makes_no_sense_is_refused(
    world: World, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(DomainError, match=words):
        publish(
            world.county,
            merged(baseline(), change),
            name="x",
            valid_from=date(2026, 9, 1),
            by=None,
            at=OPENED,
        )


def test_an_urgent_case_has_the_limit_of_urgent_cases(world: World) -> None:
    rules = merged(baseline(), {"steps": {"register": {"budget": 3, "urgent": 1, "target": 2}}})
    publish(world.county, rules, name="x", valid_from=date(2026, 9, 1), by=None, at=OPENED)
    case = open_case(world, world.yun)
    step = open_step(case, Kind.REGISTER)
    assert (step.budget, step.rule) == (3, "register")
    assert step.target_at == end_of(WEDNESDAY) and step.due_at == end_of(date(2026, 10, 15))
    case.urgent = True
    case.save(update_fields=["urgent"])
    do(case, Kind.REGISTER, day(case, 0))
    assert open_step(case, Kind.VERIFY).budget == 1
