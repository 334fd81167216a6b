"""A list of 120,000 children beside 115,000 pupils (at most 60 s on two cores): matching against a bare hash join by number.

The rows have the errors that lists have: a fifth without numbers, some of these with another sign or a swapped date.
PUPILS and ROWS set other sizes.
"""

import os
import random
from datetime import date, timedelta
from time import perf_counter

from bench import figure, with_database

PUPILS = int(os.environ.get("PUPILS", "115000"))
ROWS = int(os.environ.get("ROWS", "120000"))
FAMILY = "王李张刘陈杨黄赵周吴徐孙马胡朱郭何罗高林"
GIVEN = "一二三小大明华红兰英文平志强建国芳丽云秀梅桂花春夏秋冬"


def main() -> None:
    with_database()
    from casework.students.likeness import match

    pupils, rows = county()
    began = perf_counter()
    joined = join(rows, pupils)
    bound = perf_counter() - began
    began = perf_counter()
    found = match(rows, pupils, {})
    seconds = perf_counter() - began
    if sum(each.how == "number" for each in found) != joined:
        raise SystemExit("matching by number and the join disagree")
    figure("comparing_seconds", seconds)
    figure("comparing_times_a_hash_join", seconds / bound)
    figure("comparing_rows_a_second", len(rows) / seconds)


def county() -> tuple[list, list]:  # type: ignore[type-arg]
    """Pupils, and the rows of a list about most of them."""
    from casework.students.likeness import Who

    draw = random.Random(2026)

    def name() -> str:
        return draw.choice(FAMILY) + "".join(draw.choices(GIVEN, k=draw.choice((1, 2, 2))))

    first = date(2011, 1, 1)
    pupils = [
        Who(
            n, name(), draw.choice("mf"), first + timedelta(days=draw.randrange(3300)), name(),
            str(draw.randrange(200)), f"i{n}" if n % 20 else "", f"s{n}",
        )
        for n in range(PUPILS)
    ]  # fmt: skip
    known = min(PUPILS, ROWS * 11 // 12)
    return pupils, [
        row_of(pupils[n], n, draw)
        if n < known
        else row_of(pupils[n % PUPILS], n, draw, stranger=True)
        for n in range(ROWS)
    ]


def row_of(pupil, ref: int, draw: random.Random, *, stranger: bool = False):  # type: ignore[no-untyped-def]
    """The row of a pupil as a list has it, or one of a child on no roll."""
    if stranger:
        return pupil._replace(
            ref=ref, name="外" + pupil.name[1:], guardian="", id_index="", status_index=""
        )
    if draw.random() < 0.8:
        return pupil._replace(ref=ref)
    bare = pupil._replace(ref=ref, id_index="", status_index="")
    if draw.random() < 0.3:
        return bare._replace(name=pupil.name[:-1] + draw.choice(GIVEN))
    return bare


def join(rows: list, pupils: list) -> int:  # type: ignore[type-arg]
    """The bound: how many rows meet a pupil by one of two numbers, each pupil once."""
    known = {index: p.ref for p in pupils for index in (p.id_index, p.status_index) if index}
    used: set[int] = set()
    for row in rows:
        pupil = known.get(row.id_index) or known.get(row.status_index)
        if pupil is not None:
            used.add(pupil)
    return len(used)


if __name__ == "__main__":
    main()
