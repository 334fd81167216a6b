"""Time travel: any board and list of a past moment equals what it was, and the snapshot taken that evening (issue 4)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from casework.cases import steps
from casework.cases.extensions import give_more_time
from casework.cases.holds import hold
from casework.cases.kinds import Kind
from casework.cases.models import Case, Step
from casework.core.clock import end_of, last_moment, local_date, moved_to
from casework.deadlines.days import basis
from casework.org.models import Unit
from casework.oversight import figures
from casework.oversight.board import board_of
from casework.oversight.figures import Tally
from casework.oversight.lens import Lens
from casework.oversight.models import Snapshot
from casework.oversight.snapshots import numbers_of, take, take_snapshot
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
    report_back,
    walk,
)

pytestmark = pytest.mark.django_db
Numbers = dict[tuple[int, str], Tally]
Seen = list[tuple[int, str | None, datetime]]


def numbers(at: datetime, *, past: bool) -> Numbers:
    return {key: tally for key, tally in numbers_of(at, past=past).items() if tally.open}


def seen(world: World, lens: Lens) -> Seen:
    rows = figures.steps_of(world.county, lens).select_related("holder").order_by("pk")
    return [(s.pk, s.holder.username if s.holder else None, s.due_at) for s in lens.shown(rows)]


@pytest.fixture(scope="module")
def lived(
    world: World, django_db_blocker: Any
) -> Iterator[list[tuple[datetime, Numbers, Seen, int]]]:
    """Two weeks of work; after each day its numbers, its steps with their holders and dates, and the number of open cases."""
    kept: list[tuple[datetime, Numbers, Seen, int]] = []

    def live() -> Case:
        lan, ming = open_case(world, world.lan), open_case(world, world.ming)
        acts: dict[int, Any] = {
            0: lambda: do(lan, Kind.REGISTER, day(lan, 0)),
            1: lambda: (do(ming, Kind.REGISTER, day(ming, 1)), do(lan, Kind.VERIFY, day(lan, 1), found="local")),
            2: lambda: (
                steps.take_step(open_step(ming, Kind.VERIFY), by=fresh(world.teacher_two), at=day(ming, 2)),
                hold(open_step(ming, Kind.VERIFY), until=local_date(day(ming, 4)), reason="大雪。", document="", by=fresh(world.officer), at=day(ming, 2, 18)),
            ),
            3: lambda: steps.hand_over(open_step(ming, Kind.VERIFY), to=fresh(world.teacher_three), reason="外出。", by=fresh(world.teacher_two), at=day(ming, 3)),
            5: lambda: do(lan, Kind.HOME_VISIT, day(lan, 5), result="not_yet"),
            7: lambda: give_more_time(open_step(ming, Kind.VERIFY), more=1, reason="路远。", by=fresh(world.officer), at=day(ming, 7)),
            8: lambda: steps.release_step(open_step(ming, Kind.VERIFY), reason="生病。", by=fresh(world.teacher_three), at=day(ming, 8)),
            9: lambda: (report_back(world, lan, day(lan, 9, 9)), do(lan, Kind.CONFIRM_RETURN, day(lan, 9))),
            10: lambda: steps.take_step(open_step(ming, Kind.VERIFY), by=fresh(world.teacher_two), at=day(ming, 10)),
        }  # fmt: skip
        for number in range(11):
            if number in acts:
                acts[number]()
            at = last_moment(local_date(day(lan, number)))
            kept.append(
                (at, numbers(at, past=False), seen(world, Lens(at)), Case.objects.open().count())
            )
        return lan

    for _pk in prepared(django_db_blocker, live):
        yield kept


def test_every_past_evening_is_what_it_was(lived: list[Any], world: World) -> None:
    """Numbers, holders and dates of each day, asked at the end, equal what the live board said on that day."""
    assert len({str(numbers) for _at, numbers, _seen, _cases in lived}) > 5  # something happened
    for at, then, list_then, cases in lived:
        lens = Lens(at, past=True)
        assert numbers(at, past=True) == then
        assert seen(world, lens) == list_then
        assert lens.cases().count() == cases


def test_the_parts_of_an_evening_are_its_steps_each_once(lived: list[Any]) -> None:
    def keys(rows: Any) -> list[int]:
        return sorted(rows.values_list("pk", flat=True))

    free: set[int] = set()
    for at, *_seen_then in lived:
        lens = Lens(at, past=True)
        since, still = map(keys, lens.parts())
        assert sorted(still + since) == keys(lens.steps())
        assert keys(lens.free()) == keys(lens.steps().filter(holder_then=None))
        free.update(keys(lens.free()))
    assert free


def test_the_snapshot_of_an_evening_equals_the_board_of_that_evening(lived: list[Any]) -> None:
    for at, then, _list, _cases in lived:
        evening = local_date(at)
        assert take(evening) == len(then)
        kept = Snapshot.objects.filter(day=evening)
        assert {(s.unit_id, s.kind): (s.open, s.overdue, s.unclaimed, s.stuck) for s in kept} == {
            key: (t.open, t.overdue, t.unclaimed, t.stuck) for key, t in then.items()
        }


def test_an_evening_is_kept_once(lived: list[Any]) -> None:
    at = lived[-1][0] + timedelta(hours=1)
    assert take_snapshot(at) > 0 and take_snapshot(at) == 0


def listed(world: World, what: str, at: datetime) -> set[str]:
    return set(figures.steps_of(world.far_town, Lens(at), what).values_list("kind", flat=True))


def test_a_step_that_went_elsewhere_is_seen_where_it_was(world: World) -> None:
    """A hand-over of the case moves its open steps: on the days before they were the old school's."""
    case = walk(world, open_case(world, world.yun), until=Kind.VERIFY)
    step = open_step(case, Kind.VERIFY)
    case.school, case.class_unit = world.far_school, world.far_class
    case.save(update_fields=["school", "class_unit"])
    step = Step.objects.select_related(
        "unit", "case__school", "case__class_unit", "asked_by", "matter"
    ).get(pk=step.pk)
    from casework.core.transaction import one_act

    with one_act():
        steps.rehome(step, at=day(case, 5))
    before, after = (Lens(day(case, n), past=True) for n in (4, 6))
    assert (
        figures.steps_of(world.school, before).filter(pk=step.pk).exists(),
        figures.steps_of(world.far_school, before).filter(pk=step.pk).exists(),
    ) == (True, False)
    assert (
        figures.steps_of(world.school, after).filter(pk=step.pk).exists(),
        figures.steps_of(world.far_school, after).filter(pk=step.pk).exists(),
    ) == (False, True)
    (shown,) = before.shown(figures.steps_of(world.school, before).filter(pk=step.pk))
    assert shown.unit == world.units["class"]


def test_a_case_closed_and_opened_again_was_closed_in_between(world: World) -> None:
    case = walk(world, open_case(world, world.yun))
    closed = Case.objects.get(pk=case.pk).closed_at
    assert closed
    again = closed + timedelta(days=20)
    Case.objects.filter(pk=case.pk).update(closed_at=None, reopened=1, reopened_at=again)
    assert Lens(closed - timedelta(hours=1), past=True).cases().filter(pk=case.pk).exists()
    assert not Lens(closed + timedelta(hours=1), past=True).cases().filter(pk=case.pk).exists()


def test_the_pages_of_a_past_day_keep_the_day_and_offer_no_act(
    lived: list[Any], world: World
) -> None:
    client, at = client_of(fresh(world.officer)), lived[-1][0]
    with moved_to(at):
        board = client.get(reverse("oversight:board"), {"as_of": "2026-10-15"})
        rows = client.get(reverse("oversight:steps"), {"what": "open", "as_of": "2026-10-15"})
        cases = client.get(reverse("oversight:cases"), {"as_of": "2026-10-15"})
    assert (
        board.context["board"].tally
        == board_of(world.school, Lens(last_moment(date(2026, 10, 15)), past=True)).tally
    )
    assert "as_of=2026-10-15" in board.content.decode()
    assert not any(line.acts.any for line in rows.context["lines"])
    assert rows.context["lines"] and cases.context["page"].rows
    assert rows.context["as_of"] == cases.context["as_of"] == last_moment(date(2026, 10, 15))


@pytest.mark.parametrize("asked", ["2099-01-01", "yesterday", "2026-13-01", "9999-12-31"])
def test_a_moment_ahead_or_none_is_not_found(world: World, asked: str) -> None:
    with moved_to(OPENED):
        page = client_of(world.officer).get(reverse("oversight:board"), {"as_of": asked})
    assert page.status_code == 404


def test_late_steps_are_told_apart_by_working_days(world: World) -> None:
    """Due on a Friday: on Saturday late, but by no working day; on Monday still, on Tuesday by one."""
    case = open_case(world, world.far_hua)
    step = open_step(case, Kind.REGISTER)
    Step.objects.filter(pk=step.pk).update(due_at=end_of(date(2026, 10, 16)))
    found = {}
    for on in (
        date(2026, 10, 17),
        date(2026, 10, 19),
        date(2026, 10, 20),
        date(2026, 10, 23),
        date(2026, 10, 29),
    ):
        lens = Lens(end_of(on) - timedelta(hours=9))
        days = basis().at(Unit.objects.get(depth=1))
        tally = figures.tallies_by_unit(
            world.far_town, lens, days, {u.pk: u.path for u in Unit.objects.all()}
        )
        found[on.day] = [getattr(sum(tally.values(), Tally()), key) for key in figures.LATE]
        assert [
            figures.steps_of(world.far_town, lens, key).count() for key in figures.LATE
        ] == found[on.day]
    assert found == {
        17: [1, 0, 0, 0],
        19: [1, 0, 0, 0],
        20: [0, 1, 0, 0],
        23: [0, 0, 1, 0],
        29: [0, 0, 0, 1],
    }


def test_what_a_supervisor_looks_after_opens_its_list(world: World) -> None:
    case = walk(world, open_case(world, world.far_hua), until=Kind.PERSUASION)
    step = open_step(case, Kind.PERSUASION)
    hold(
        step,
        until=date(2026, 10, 16),
        reason="大雪。",
        document="",
        by=fresh(world.far_township),
        at=day(case, 3),
    )
    assert listed(world, "paused", day(case, 4)) == {Kind.PERSUASION} and not listed(
        world, "paused", day(case, 5)
    )
    assert listed(world, "idle", day(case, 4)) == set() and Kind.PERSUASION in listed(
        world, "idle", day(case, 12)
    )
    assert Kind.PERSUASION in listed(world, "unseen", day(case, 4))
    assert (
        listed(world, "away", day(case, 4)) == set()
        and listed(world, "asked", day(case, 4)) == set()
    )


def test_a_past_board_names_no_child_that_the_reader_may_not_see(world: World) -> None:
    """A hand-over that was refused: its step was overdue at the receiver, who sees the case no more."""
    case = open_case(world, world.qi)
    step = open_step(case, Kind.REGISTER)
    Step.objects.filter(pk=step.pk).update(unit=world.far_school, due_at=OPENED + timedelta(days=1))
    at = day(case, 9)
    with moved_to(at):
        page = client_of(fresh(world.far_officer)).get(
            reverse("oversight:board"), {"as_of": "2026-10-16"}
        )
    assert page.context["board"].tally.overdue >= 1
    assert world.qi.name not in page.content.decode()


def test_a_past_day_ends_with_its_own_day(lived: list[Any], world: World) -> None:
    """Rolls, ages, posts and what opens are those of the day asked for, not of the next."""
    from casework.core.clock import moment_in

    at = moment_in("2026-10-15")
    assert at is not None and local_date(at) == date(2026, 10, 15)
    assert moment_in("0001-01-01T00:00") is None


def test_who_signs_in_is_not_asked_of_the_past(world: World) -> None:
    with moved_to(day(open_case(world, world.qi), 9)):
        page = client_of(fresh(world.officer)).get(
            reverse("oversight:steps"), {"what": "unseen", "as_of": "2026-10-14"}
        )
    assert page.status_code == 404
