"""Rolls called in the world of the tests."""

from datetime import date
from typing import Any

from django.urls import reverse

from casework.core.clock import local_moment, moved_to
from casework.org.models import User
from casework.students.models import (
    Absence,
    Mark,
    Part,
    Pupil,
    RollTaking,
    Way,
)
from casework.students.roll_call import members, take_roll
from tests.world import World, client_of

TODAY = date(2026, 10, 14)  # a Wednesday
AT = local_moment(TODAY, 8)
NOON = local_moment(TODAY, 14)


def call(
    world: World,
    *away: Pupil,
    mark: str = Mark.ABSENT,
    day: date = TODAY,
    part: Part = Part.MORNING,
    **more: Any,
) -> RollTaking:
    """The class teacher's roll; `away` are the pupils with that mark."""
    said: dict[str, Any] = {"way": Way.CLASSROOM, "by": world.teacher, "at": NOON, **more}
    return take_roll(
        class_unit=world.units["class"], day=day, part=part, marks={p.pk: mark for p in away}, **said
    )  # fmt: skip


def marks() -> dict[tuple[str, date], str]:
    rows = Absence.objects.values_list("pupil__name", "day", "mark")
    return {(name, day): mark for name, day, mark in rows}


def post(
    user: User,
    part: str = "morning",
    at: Any = AT,
    day: date = TODAY,
    unit: str = "class",
    *,
    world: World,
    **data: Any,
) -> Any:
    class_unit = world.units[unit]
    here = {f"m{each.pupil_id}": Mark.PRESENT for each in members(class_unit, day)}
    with moved_to(at):
        address = reverse("cases:roll", args=[class_unit.pk, day.isoformat(), part])
        return client_of(user).post(address, here | data)
