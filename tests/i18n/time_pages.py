"""The pages of time: why a date, more of it, days that move, how it goes, how one is told."""

from datetime import date, datetime, timedelta
from typing import Any

from casework.cases.changing import enter_day
from casework.cases.extensions import give_more_time
from casework.cases.holds import hold
from casework.cases.kinds import Kind
from casework.cases.models import Restatement, Step, StepDue
from casework.core.clock import local_date
from casework.oversight.columns import COLUMNS
from casework.oversight.snapshots import take
from tests.world import World


def of_time(house: Any) -> list[Any]:
    """Who opens which of these pages with what, and the status, in the house of tests/i18n/pages.py."""
    w, case, held, free = house.world, house.talked.pk, house.held.pk, house.free.pk
    return [
        ("cases:why", w.principal, f"/steps/{held}/why/", None, 200),
        ("cases:why held", w.county_officer, f"/steps/{free}/why/", None, 200),
        ("cases:time", w.principal, f"/steps/{held}/time/", None, 200),
        ("cases:time stands", w.county_officer, f"/steps/{free}/time/", None, 200),
        ("cases:time asked", w.officer, f"/steps/{held}/time/", None, 200),
        ("cases:time wrong", w.officer, f"/steps/{held}/time/", {"act": "hold"}, 422),
        ("cases:time refused", w.principal, f"/steps/{held}/time/", _more_time(), 409),
        ("cases:case_why", w.principal, f"/cases/{case}/why/", None, 200),
        ("cases:restated", w.principal, f"/restated/{_restated(house)}/", None, 200),
        ("cases:channels", w.principal, "/notices/channels/", None, 200),
        ("cases:channels secret", w.principal, "/notices/channels/", {"act": "feed"}, 200),
        ("cases:channels wrong", w.principal, "/notices/channels/", {"email": "x"}, 422),
        ("oversight:board then", w.county_officer, "/board/?as_of=2026-11-10", None, 200),
        ("oversight:steps then", w.county_officer, "/board/steps/?as_of=2026-11-10", None, 200),
        ("oversight:steps table", w.county_officer, "/board/steps/?" + ALL_COLUMNS, None, 200),
        ("oversight:steps kept", w.county_officer, "/board/steps/", {"name": ""}, 409),
        (
            "cases:time seen",
            w.county_officer,
            f"/steps/{free}/time/",
            {"act": "see_time", "more": 2, "reason": "x"},
            409,
        ),
        (
            "cases:terms hours",
            w.admin,
            "/terms/",
            {"kind": "hours", "unit": w.county.pk, "hours": "8-12"},
            409,
        ),
        ("oversight:pace", w.county_officer, "/board/pace/", None, 200),
        ("oversight:goals", w.county_officer, "/board/goals/", None, 200),
        ("oversight:goals then", w.officer, "/board/goals/?as_of=2026-11-10", None, 200),
        ("oversight:villages", w.county_officer, "/board/villages/", None, 200),
        ("oversight:villages of one", w.officer, "/board/villages/?as_of=2026-11-10", None, 200),
        ("oversight:watch", w.county_officer, "/board/watch/", None, 200),
        ("oversight:zero", w.county_officer, "/board/zero/", None, 200),
        ("oversight:morning", w.county_officer, "/board/morning/", None, 200),
        ("oversight:late", w.county_officer, "/board/late/", None, 200),
        ("oversight:late refused", w.county_officer, "/board/late/", _late_one(house), 409),
        ("cases:terms preview", w.admin, "/terms/", _snow(w), 200),
    ]


ALL_COLUMNS = "&".join(f"cols={name}" for name in COLUMNS)


def hold_once(step: Step, world: World, at: datetime) -> None:
    """The clock of a step stands, and it got more time."""
    said = {"reason": "大雪封路。", "document": "镇通知3号", "by": world.county_officer, "at": at}
    hold(step, until=local_date(at), **said)
    give_more_time(step, more=1, **said)


def _late_one(house: Any) -> dict[str, Any]:
    """A step that was done late, to be decided about without a reason; the evenings are kept."""
    step = Step.objects.exclude(finished_at=None).filter(case=house.closed, kind=Kind.VERIFY)[0]
    StepDue.objects.get_or_create(
        step=step, version=9, ended=True,
        defaults={"due_at": house.at, "since": house.at, "cause": "finished", "late_days": 3},
    )  # fmt: skip
    Step.objects.filter(pk=step.pk).update(due_at=step.finished_at - timedelta(days=4))
    take(local_date(house.at) - timedelta(days=1))
    return {"step": step.pk, "act": "take", "reason": ""}


def _more_time() -> dict[str, Any]:
    return {"act": "ask", "more": "9", "reason": "家长外出。"}


def _restated(house: Any) -> int:
    """A snow day moved steps."""
    if not Restatement.objects.exists():
        enter_day(
            house.world.school, date(2026, 12, 1), school=False, reason="大雪", by=house.world.admin, at=house.at
        )  # fmt: skip
    return Restatement.objects.get().pk


def _snow(world: World) -> dict[str, Any]:
    said = {"unit": world.school.pk, "day": "2026-12-02", "school": "no", "reason": "大雪"}
    return {**said, "kind": "day", "act": "see"}
