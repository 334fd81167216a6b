"""The nightly rules over a county's month of attendance: 115,000 pupils, 22 days, three in a hundred marks an exception.

Rows a second of the whole scan against a bare scan of the same rows in SQL (at least a quarter), for exceptions only and
for books that say `present` in full. PUPILS sets another size.
"""

import os
import random
from datetime import date, timedelta
from time import perf_counter
from typing import Any

from django.db import connection

from bench import figure, with_database

PUPILS = int(os.environ.get("PUPILS", "115000"))
DAYS = [d for n in range(31) if (d := date(2026, 10, 8) + timedelta(days=n)).weekday() < 5][:22]
SCHOOLS, CLASS = 280, 45


def main() -> None:
    with_database()
    from casework.core import clock
    from casework.detection.scan import scan
    from casework.students.models import Absence

    at = clock.local_moment(DAYS[-1], 21)
    county = prepared(at)
    rows = Absence.objects.count()
    bound = seconds(bare_scan)
    took = seconds(lambda: scan(county, DAYS[-1], at=at))
    figure("detecting_rows", rows)
    figure("detecting_rows_a_second", rows / took)
    figure("detecting_seconds", took)
    figure("detecting_share_of_a_bare_scan", bound / took)
    figure("detecting_again_seconds", seconds(lambda: scan(county, DAYS[-1], at=at)))


def seconds(work: Any) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def bare_scan() -> None:
    """The bound: every row of the month read by SQL in the order of pupil and day, as plain values."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pupil_id, day, mark, source, file_sha256, row FROM students_absence "
            "WHERE day BETWEEN %s AND %s ORDER BY pupil_id, day",
            [DAYS[0], DAYS[-1]],
        )
        while cursor.fetchmany(10_000):
            pass


def prepared(at: Any) -> Any:
    """A county with its schools, classes, pupils and the exceptions of a month."""
    from casework.deadlines.calendar import load_official
    from casework.deadlines.terms import add_default_terms
    from casework.org.models import Unit
    from casework.profiles.rules import baseline, publish
    from casework.profiles.shipped import merged
    from casework.students.models import Enrolment, Pupil

    county = Unit.objects.add_root({"kind": "county", "name": "bench", "code": "990026"})
    load_official(at=at, by=None)
    add_default_terms(county, at=at, by=None)
    on = {code: {"on": 1} for code in baseline()["detection"]}
    rules = merged(baseline(), {"detection": on})
    publish(county, rules, name="bench", valid_from=date(2026, 1, 1), by=None, at=at)
    classes = units(county)
    Pupil.objects.bulk_create(
        [Pupil(name=f"学生{n}", sex="m", born=date(2014, 1, 1), created_at=at, status_index=f"s{n}") for n in range(PUPILS)],
        batch_size=5_000,
    )  # fmt: skip
    keys = list(Pupil.objects.order_by("pk").values_list("pk", flat=True))
    Enrolment.objects.bulk_create(
        [
            Enrolment(pupil_id=key, class_unit_id=unit, school_id=school, since=date(2026, 9, 1))
            for key, (unit, school) in zip(keys, (classes[n // CLASS % len(classes)] for n in range(PUPILS)), strict=True)
        ],
        batch_size=5_000,
    )  # fmt: skip
    attend(keys, classes)
    return county


def units(county: Any) -> list[tuple[int, int]]:
    """Schools below one township with as many classes as the pupils need: (class, school)."""
    from casework.org.models import Unit

    town = Unit.objects.add_child(county, {"kind": "township", "name": "青石镇"})
    need, made = PUPILS // CLASS + 1, []
    for number in range(SCHOOLS):
        school = Unit.objects.add_child(town, {"kind": "school", "name": f"第{number}小学"})
        grade = Unit.objects.add_child(school, {"kind": "grade", "name": "五年级"})
        for each in range(need // SCHOOLS + 1):
            unit = Unit.objects.add_child(grade, {"kind": "class", "name": f"五年级{each}班"})
            made.append((unit.pk, school.pk))
    return made


def attend(keys: list[int], classes: list[tuple[int, int]]) -> None:
    """Every roll called; three in a hundred marks an exception, and some children gone for good."""
    from casework.students.models import Absence, RollCall

    draw, marks = random.Random(2026), ("absent", "sick", "leave", "late")
    RollCall.objects.bulk_create(
        [RollCall(class_unit_id=unit, day=day, source="bench") for unit, _school in classes for day in DAYS],
        batch_size=5_000,
    )  # fmt: skip
    rows = []
    for key in keys:
        gone = draw.randrange(22) if draw.random() < 0.003 else 99
        for number, day in enumerate(DAYS):
            if number >= gone or draw.random() < 0.03:
                mark = "absent" if number >= gone else draw.choices(marks, (1, 5, 3, 2))[0]
                rows.append(Absence(pupil_id=key, day=day, mark=mark, source="bench", row=1))
    Absence.objects.bulk_create(rows, batch_size=5_000)


if __name__ == "__main__":
    main()
