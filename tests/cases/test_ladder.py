"""The minute's sweep: each rung fires once, whoever is meant is told, a dry run changes nothing (issue point 7)."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casework.cases import ladder, steps
from casework.cases.kinds import Kind
from casework.cases.models import Case, RungFired, Step
from casework.core.clock import end_of, moved_to
from casework.notices.models import Notice
from casework.org.models import StandIn, User
from tests.world import World, client_of, do, fresh, open_case, open_step, prepared, walk

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def case_pk(world: World, django_db_blocker: Any) -> Iterator[int]:
    yield from prepared(
        django_db_blocker, lambda: walk(world, open_case(world, world.ming), until=Kind.HOME_VISIT)
    )


@pytest.fixture
def step(case_pk: int) -> Step:
    """The home visit of class two, which two teachers could take."""
    return open_step(Case.objects.get(pk=case_pk), Kind.HOME_VISIT)


def fired(at: Any, step: Step) -> list[str]:
    """Other open steps are put out of reach: only this one's rungs are looked at."""
    Step.objects.exclude(pk=step.pk).filter(finished_at=None).update(
        due_at=at + timedelta(days=60), counted_from=at, rung_at=None
    )
    return [each.rung for each in ladder.fire(at)]


def told(code: str) -> set[str]:
    return set(Notice.objects.filter(code=code).values_list("user__display_name", flat=True))


def test_rungs_fire_as_their_time_comes(step: Step, world: World) -> None:
    """domain.md 2.3: 80 %, due, one and three working days late; each to those it names."""
    length = step.due_at - step.counted_from
    assert fired(step.counted_from + length * 0.79, step) == []
    assert fired(step.counted_from + length * 0.81, step) == ["soon"]
    assert told("rung_soon") >= {"郑海", "韩梅"}
    assert fired(step.due_at + timedelta(minutes=1), step) == ["unclaimed", "due"]
    assert told("rung_due") == {"郑海", "韩梅", "赵敏", "周建民"}
    assert fired(step.due_at + timedelta(days=1, hours=1), step) == ["late_1"]
    assert fired(step.due_at + timedelta(days=7), step) == ["late_3"]
    assert told("rung_late_3") >= {"吴玉兰"}


def test_a_rung_fires_once(step: Step) -> None:
    """REL-16: again in the same minute, and after a week's pause."""
    at = step.due_at + timedelta(minutes=1)
    assert fired(at, step) == ["unclaimed", "due"]
    assert fired(at, step) == []
    assert fired(at + timedelta(days=9), step) == ["late_1", "late_3"]
    assert fired(at + timedelta(days=9), step) == []
    assert RungFired.objects.filter(step=step).count() == 4


def test_after_a_pause_every_missed_rung_fires_once(step: Step) -> None:
    assert fired(step.due_at + timedelta(days=30), step) == ["unclaimed", "due", "late_1", "late_3"]


def test_after_a_pause_each_is_told_once_and_the_highest(step: Step) -> None:
    """No storm: whoever several rungs name reads of the highest."""
    fired(step.due_at + timedelta(days=30), step)
    notices = Notice.objects.filter(link=f"/steps/{step.pk}/", code__startswith="rung_")
    told_once = list(notices.values_list("user", flat=True))
    assert len(told_once) == len(set(told_once))
    assert told("rung_late_1") == {"赵敏", "周建民"} and told("rung_due") == {"郑海", "韩梅"}
    assert told("rung_late_3") == {"吴玉兰"} and told("rung_unclaimed") == set()


def test_a_holder_is_told_and_the_queue_no_more(step: Step, world: World) -> None:
    steps.take_step(step, by=fresh(world.teacher_two), at=step.begun_at)
    fired(step.due_at - timedelta(minutes=1), step)
    assert "韩梅" not in told("rung_soon") and "郑海" in told("rung_soon")


def test_a_finished_step_fires_nothing(step: Step) -> None:
    late = step.due_at + timedelta(days=9)
    do(step.case, Kind.HOME_VISIT, step.begun_at + timedelta(hours=3), result="not_yet")
    assert step.pk not in {each.step_id for each in ladder.fire(late)}


def test_a_step_finished_since_it_was_listed_fires_nothing(
    step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, chunk = step.due_at + timedelta(days=1), ladder._chunk

    def finished_first(keys: list[int], *others: Any) -> Any:
        assert step.pk in keys
        Step.objects.filter(pk__in=keys).update(finished_at=at)
        return chunk(keys, *others)

    monkeypatch.setattr(ladder, "_chunk", finished_first)
    assert fired(at, step) == [] and not RungFired.objects.filter(step=step).exists()


def test_a_substitute_who_has_left_is_not_told(step: Step, world: World) -> None:
    at = step.due_at + timedelta(minutes=1)
    StandIn.objects.create(
        user=world.principal, substitute=world.status, since=at.date() - timedelta(days=2),
        until=at.date() + timedelta(days=2), arranged_by="x", arranged_at=at,
    )  # fmt: skip
    User.objects.filter(pk=world.status.pk).update(is_active=False)
    assert "due" in fired(at, step)
    assert not told("rung_due") & {world.principal.display_name, world.status.display_name}


def test_notices_hold_no_child_s_data(step: Step, world: World) -> None:
    """REL-13, PRIV-07: codes, a link with an id, dates."""
    ladder.fire(step.due_at + timedelta(days=9))
    text = json.dumps(
        list(Notice.objects.values("facts", "link", "key", "code")), ensure_ascii=False
    )
    assert world.ming.name not in text and world.ming.id_number[-8:] not in text


def whole_database() -> dict[str, list[Any]]:
    """Every row of every table."""
    with connection.cursor() as cursor:
        rows = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows[table] = sorted(map(repr, cursor.fetchall()))
    return rows


def test_a_dry_run_changes_not_one_row(step: Step, capsys: Any) -> None:
    """design.md §4: it says what would fire, and the whole database stays as it is."""
    before = whole_database()
    with moved_to(step.due_at + timedelta(days=9)):
        call_command("sweep", dry_run=True, json=True)
    said = json.loads(capsys.readouterr().out)
    assert whole_database() == before
    assert {"step": step.pk, "rung": "late_3"} in said["fired"]
    assert said["proposed"] == 1


def test_the_sweep_does_what_the_dry_run_said(step: Step, capsys: Any) -> None:
    answers = []
    for dry in (True, False, False):
        with moved_to(step.due_at + timedelta(days=9)):
            call_command("sweep", dry_run=dry, json=True)
        answers.append(json.loads(capsys.readouterr().out))
    said, done, again = answers
    assert said["fired"] and said["proposed"]
    assert [each for each in done["fired"] if each not in said["fired"]] == []
    assert done["proposed"] == said["proposed"]
    assert (again["fired"], again["proposed"]) == ([], 0)


def test_the_sweep_asks_no_more_for_more_steps(world: World) -> None:
    asked = []
    for who in ("lan", "yun", "qi"):
        case = open_case(world, world.pupils[who])
        at = case.opened_at + timedelta(days=12)
        with CaptureQueriesContext(connection) as queries:
            assert ladder.fire(at, dry_run=True)
        asked.append(len(queries))
    assert asked[1] == asked[2]  # the first one fills what is kept


def test_a_repeated_step_is_not_born_overdue(world: World) -> None:
    """Its limit counts from the opening (domain.md 2.2) only as long as somebody could keep it."""
    case = open_case(world, world.lan)
    walk(world, case, until=Kind.PERSUASION)
    assert open_step(case, Kind.PERSUASION).counted_from == case.opened_at
    do(case, Kind.PERSUASION, case.opened_at + timedelta(days=13), result="not_yet")
    again = open_step(case, Kind.PERSUASION)
    assert again.counted_from == again.begun_at < again.due_at


def test_a_notice_shows_the_child_and_holds_no_name(step: Step, world: World) -> None:
    """PRIV-07: the name comes from the case, for who sees it."""
    fired(step.due_at + timedelta(minutes=1), step)
    assert "易大明" not in str(list(Notice.objects.values()))
    shown = client_of(world.teacher_two).get(reverse("cases:notices"))
    assert "易大明" in shown.content.decode()


def test_a_rung_beyond_the_calendar_holds_up_no_other(step: Step) -> None:
    """The calendar ends with 2027: three working days after 30 December are not known, the day itself is."""
    due = end_of(date(2027, 12, 30))
    Step.objects.filter(pk=step.pk).update(due_at=due, rung_at=due)
    assert "due" in fired(due + timedelta(hours=9), step)
