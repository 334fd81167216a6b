"""`python -m tests.faults.prepare`: the tables with their triggers, the county of the tests, and many open cases."""

import json
from datetime import date, datetime
from typing import Any

import django

CASES = 24


class NoMigrations:
    """Tables straight from the models, as the test runner makes them."""

    def __contains__(self, label: object) -> bool:
        return True

    def __getitem__(self, label: object) -> None:
        return None


def tables() -> None:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from casework.core import triggers

    settings.MIGRATION_MODULES = NoMigrations()
    call_command("migrate", run_syncdb=True, verbosity=0)
    triggers.install(connection)
    call_command("make_seal", verbosity=0)


def add_pupil(world: Any, number: int, at: datetime) -> Any:
    """A pupil more; the class of each second one has two teachers, so its steps wait to be claimed."""
    from casework.students.models import Enrolment, Pupil

    pupil = Pupil(
        name=f"庞小{'春夏秋冬'[number % 4]}", sex="m", born=date(2013, 3, 8), ethnic_group="汉族",
        address=f"{world.village.name}{number}组", village=world.village, township=world.town,
        created_at=at,
    )  # fmt: skip
    pupil.set_numbers(id_number=f"99002620130308{number:04d}", status_number="")
    pupil.save()
    pupil.guardians.create(name="庞建国", relation="父亲", phone=f"1000008{number:04d}")
    class_unit = world.class_two if number % 2 else world.units["class"]
    Enrolment.objects.create(
        pupil=pupil, class_unit=class_unit, school=world.school, since=date(2026, 9, 1)
    )
    return pupil


def main() -> None:
    django.setup()
    tables()
    from tests import world as stage
    from tests.faults import acts

    world = stage.make_world()
    for number in range(CASES):
        case = stage.open_case(world, add_pupil(world, 1000 + number, stage.BEGIN))
        if number % 4 == 1:
            acts.finish(stage.open_step(case, "register"))  # the next step waits to be claimed
    print(json.dumps({"cases": CASES}))


if __name__ == "__main__":
    main()
