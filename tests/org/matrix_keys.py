"""The arguments of addresses of the access matrix: an object of one school."""

from typing import Any

from casework.cases.models import (
    Case,
    Census,
    Procedure,
)
from casework.cases.procedures import begin
from casework.documents.models import Attachment
from casework.org.models import Unit
from casework.registers.models import Problem
from casework.students.models import OtherList, StatusMovement
from tests.world import (
    OPENED,
    World,
    fresh,
)

DISCOVERY = (
    "cases:differences",
    "cases:say_difference",
    "cases:roll",
    "cases:roll_book",
    "cases:class_diary",
    "cases:attention",
    "cases:procedure",
    "cases:finish_duty",
    "cases:census",
    "cases:count_class",
)


def discovery_key(name: str, case: Case, world: World, prefix: str) -> tuple[Any, ...]:
    """The arguments of an address about rolls and lists of a school."""
    if name == "cases:roll":
        return (world.units[f"{prefix}class"].pk, OPENED.date().isoformat(), "morning")
    if name in ("cases:roll_book", "cases:class_diary"):
        return (world.units[f"{prefix}class"].pk, "2026-10")
    if name == "cases:attention":
        return (world.units[f"{prefix}class"].pk,)
    if name in ("cases:procedure", "cases:finish_duty"):
        teacher = fresh(world.people[f"{prefix}teacher"])
        made = Procedure.objects.filter(pupil=case.pupil).first()
        return ((made or begin("warning", case.pupil, "x", by=teacher, at=OPENED)).pk,)
    school = world.units[f"{prefix}school"]
    if name in ("cases:census", "cases:count_class"):
        officer = world.people[f"{prefix}officer"]
        days = {"opens_on": OPENED.date(), "due_on": OPENED.date()}
        defaults = {"title": "x", "by": officer, "at": OPENED, **days}
        census, _new = Census.objects.get_or_create(unit=school, kind="census", defaults=defaults)
        class_unit = world.units[f"{prefix}class"].pk
        return (census.pk, class_unit) if name == "cases:count_class" else (census.pk,)
    other, _made = OtherList.objects.get_or_create(
        kind="status", unit=school, defaults={"at": OPENED}
    )
    return (other.pk,)


def register_key(name: str, case: Case, school: Unit) -> tuple[Any, ...]:
    """The arguments of an address of the registers: at the case, its pupil or its school."""
    if name == "registers:blank":
        return ("P04",)
    if name in ("registers:writable", "registers:files"):
        return ("case", case.pk)
    if name == "registers:write":
        return ("case", case.pk, "P24")
    rows: dict[str, Any] = {
        "registers:of_pupil": case.pupil,
        "registers:pupil_status": case.pupil,
        "registers:movement": StatusMovement.objects.get_or_create(
            pupil=case.pupil,
            kind="resumption",
            day=OPENED.date(),
            defaults={
                "recorded_at": OPENED,
                "school": school,
                "platform_due": OPENED.date(),
                "state": "approved",
            },
        )[0],
        "registers:problem": Problem.objects.filter(unit=school),
        "registers:file": Attachment.objects.filter(chain=f"case:{case.pk}"),
        "registers:give": Attachment.objects.filter(chain=f"case:{case.pk}"),
        **dict.fromkeys(
            ("registers:of_unit", "registers:shelf", "registers:problems", "registers:destruction"),
            school,
        ),
    }
    row = rows.get(name)
    return () if row is None else (row.pk if hasattr(row, "pk") else row.get().pk,)
