"""The supervisor's desk on a million steps: overdue, boards, a past day, the sweep, dates counted anew, each against a bare bound."""

import os
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any

from bench import DATABASE, figure, on_both, seconds, with_database

FIRST, TIMES = 10_000, 100
COPIED = {  # tables and the columns that point into the copy; all other columns are taken as they are
    "students_pupil": [],
    "cases_case": ["pupil_id"],
    "cases_casescope": ["case_id"],
    "cases_step": ["case_id"],
    "cases_stepdue": ["step_id"],
    "cases_stepholder": ["step_id"],
}
UNIQUE = {"number": "cases_case"}
ROUNDS = 7


def main() -> None:
    if DATABASE not in os.environ:
        on_both("bench.desk", sys.argv[1:])
        return
    with_database()
    from bench import _world
    from bench.pages import tidy

    world = _world.county()
    quick = "--quick" in sys.argv
    _world.grow(world, FIRST // 5 if quick else FIRST)
    school = _world.school_of(world, world.classes[0])
    name = os.environ[DATABASE]
    few = _timed(lambda: _board(school))
    copy(TIMES // 5 if quick else TIMES, school)
    _heads()
    tidy()
    overdue(name)
    county = world.units[school.path[:4]]
    figure(
        f"{name}_county_board_by_plain_group", _timed(lambda: _board(county)) / _timed(_plain_group)
    )
    figure(f"{name}_school_board_many_by_few", _timed(lambda: _board(school)) / few)
    figure(
        f"{name}_as_of_by_present",
        _timed(lambda: _board(county, past=True)) / _timed(lambda: _board(county)),
    )
    explained(name)
    sweep(name)
    recount(name)


def copy(times: int, but: Any) -> None:
    """Copy what is written `times` times, shifted by the size of each table, but for the cases of one school."""
    from django.db import connection

    with connection.cursor() as cursor:
        spans = {table: _span(cursor, table) for table in COPIED}
        for number in range(1, times):
            for table, points in COPIED.items():
                cursor.execute(_copy_statement(cursor, table, points, spans, number, but.pk))
    _move_sequences()


def _move_sequences() -> None:
    """Rows written with their numbers given leave PostgreSQL's sequences behind; new rows would collide."""
    from django.apps import apps
    from django.core.management.color import no_style
    from django.db import connection

    models = [m for m in apps.get_models() if m._meta.db_table in COPIED]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def _heads() -> None:
    """The heads of the chains whose entries were written in bulk, and those of the cases: each has one since it was opened."""
    from django.db import connection

    missing = "WHERE chain NOT IN (SELECT chain FROM audit_head)"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_head (chain, number, hash) SELECT chain, max(number), max(hash) FROM audit_entry "
            f"{missing} GROUP BY chain"
        )  # fmt: skip
        cursor.execute(
            "INSERT INTO audit_head (chain, number, hash) SELECT chain, 0, '' FROM "
            f"(SELECT 'case:' || id AS chain FROM cases_case) AS cases {missing}"
        )


def _span(cursor: Any, table: str) -> int:
    cursor.execute(f"SELECT max(id) FROM {table}")
    return int(cursor.fetchone()[0])


def _copy_statement(
    cursor: Any, table: str, points: list[str], spans: dict[str, int], number: int, school: int
) -> str:
    from django.db import connection

    quote = connection.ops.quote_name
    columns = [c.name for c in connection.introspection.get_table_description(cursor, table)]
    place = {"pupil_id": "students_pupil", "case_id": "cases_case", "step_id": "cases_step"}
    said = []
    for column in columns:
        if column == "id":
            said.append(f"id + {number * spans[table]}")
        elif column in points:
            said.append(f"{column} + {number * spans[place[column]]}")
        elif UNIQUE.get(column) == table:
            said.append(f"{column} || '-{number}'")
        else:
            said.append(quote(column))
    mine = f"SELECT id FROM cases_case WHERE school_id <> {school} AND id <= {spans['cases_case']}"
    steps = f"SELECT id FROM cases_step WHERE case_id IN ({mine}) AND id <= {spans['cases_step']}"
    pupils = f"SELECT pupil_id FROM cases_case WHERE id IN ({mine})"
    where = {"students_pupil": f"id IN ({pupils})", "cases_case": f"id IN ({mine})"}
    inside = f"step_id IN ({steps})" if "step_id" in points else f"case_id IN ({mine})"
    return (
        f"INSERT INTO {table} ({', '.join(map(quote, columns))}) SELECT {', '.join(said)} FROM {table} "
        f"WHERE id <= {spans[table]} AND {where.get(table, inside)}"
    )


def _timed(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    work()
    return median(seconds(work) for _ in range(rounds))


def _board(unit: Any, *, past: bool = False) -> None:
    from bench._world import AT
    from casework.deadlines.days import basis
    from casework.org.models import Unit
    from casework.oversight.figures import step_tallies
    from casework.oversight.lens import Lens

    paths = dict(Unit.objects.values_list("pk", "path"))
    at = (
        AT - timedelta(hours=1) if past else AT
    )  # what was written in bulk as finished ended before
    step_tallies(unit, Lens(at, past=past), basis().at(unit), paths)


def _sql(statement: str, *values: Any) -> list[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _plain_group() -> None:
    _sql(
        "SELECT unit_id, shown_kind, count(*), sum(CASE WHEN finished_at IS NULL THEN 1 ELSE 0 END) FROM cases_step GROUP BY 1, 2"
    )


def overdue(name: str) -> None:
    """The overdue count and the 50 most overdue: ours, the bare indexed queries, and a scan of all rows."""
    from django.db import connection

    from bench._world import AT
    from casework.cases.models import Step

    late = "finished_at IS NULL AND due_at < %s"
    scan = "+finished_at IS NULL AND +due_at < %s" if connection.vendor == "sqlite" else late

    def ours() -> None:
        rows = Step.objects.overdue(AT)
        rows.count()
        list(rows.order_by("due_at", "id").values_list("id", "due_at")[:50])

    def bare(where: str = late) -> None:
        _sql(f"SELECT count(*) FROM cases_step WHERE {where}", AT)
        _sql(f"SELECT id, due_at FROM cases_step WHERE {where} ORDER BY due_at, id LIMIT 50", AT)

    mine, bound = _timed(ours), _timed(bare)
    if connection.vendor == "postgresql":
        _set("enable_indexscan", "enable_bitmapscan", "enable_indexonlyscan", on=False)
    whole = _timed(lambda: bare(scan), 3)
    if connection.vendor == "postgresql":
        _set("enable_indexscan", "enable_bitmapscan", "enable_indexonlyscan", on=True)
    figure(f"{name}_overdue_scan_by_ours", whole / mine)
    figure(f"{name}_overdue_ours_by_bare", mine / bound)


def _set(*names: str, on: bool) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for each in names:
            cursor.execute(f"SET {each} = {'on' if on else 'off'}")


def explained(name: str) -> None:
    """How many queries the reason of a date takes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from casework.cases.explaining import why
    from casework.cases.models import Step

    step = Step.objects.open().select_related("case__school", "unit", "profile")[0]
    why(step)
    with CaptureQueriesContext(connection) as asked:
        why(step)
    figure(f"{name}_why_queries", len(asked))


def sweep(name: str, steps: int = 2_000, rounds: int = 5) -> None:
    """What a sweep does for a due step, against the same rows written by set-based statements; the median of rounds."""
    from bench._world import AT
    from casework.cases import ladder
    from casework.cases.models import Step

    due = list(Step.objects.overdue(AT).order_by("id").values_list("id", flat=True))
    took = []
    for first in range(0, min(len(due), steps * rounds), steps):
        keys = due[first : first + steps]
        Step.objects.filter(pk__in=keys).update(rung_at=AT)
        before = {table: _sql(f"SELECT coalesce(max(id), 0) FROM {table}")[0][0] for table in SWEPT}
        ours = seconds(lambda: ladder.fire(AT))
        bound = seconds(partial(_same_rows, before, keys))
        took.append((ours / bound, ours * 1000 / len(keys)))
    figure(f"{name}_sweep_by_set_based", median(ratio for ratio, _ms in took))
    figure(f"{name}_sweep_ms_a_step", median(ms for _ratio, ms in took))


SWEPT = {  # what a sweep adds rows to, the columns, and which of them must differ in a second writing
    "cases_rungfired": ("step_id, rung, due_version, at", "step_id, rung || '_', due_version, at"),
    "notices_notice": ("user_id, at, code, link, facts, key", "user_id, at, code, link, facts, key || '_'"),
    "audit_entry": (
        "chain, number, at, actor_id, actor_name, verb, subject, facts, previous, hash",
        "chain || '_', number, at, actor_id, actor_name, verb, subject, facts, previous, hash",
    ),
}  # fmt: skip


def _same_rows(before: dict[str, int], due: list[int]) -> None:
    """What the sweep wrote, once more in sets; then the heads of the chains and the next look of each step."""
    from django.db import connection, transaction

    from bench._world import AT

    steps = ", ".join(map(str, due))
    cases = f"SELECT case_id FROM cases_step WHERE id IN ({steps})"
    with transaction.atomic(), connection.cursor() as cursor:
        for table, (columns, values) in SWEPT.items():
            cursor.execute(
                f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE id > %s",
                [before[table]],
            )
        cursor.execute(
            f"UPDATE audit_head SET number = number WHERE chain IN (SELECT 'case:' || case_id FROM ({cases}) AS c)"
        )
        cursor.execute(
            f"UPDATE cases_step SET rung_at = %s WHERE id IN ({steps})", [AT + timedelta(days=1)]
        )


def recount(name: str) -> None:
    """All open dates counted anew after a change of the calendar, against one UPDATE of the same rows."""
    from django.db import transaction

    from bench._world import AT
    from casework.cases.models import Step
    from casework.cases.restating import Cause, restate, run
    from casework.core.transaction import one_act
    from casework.org.units import county

    with transaction.atomic():
        bound = seconds(lambda: _move_all())
        transaction.set_rollback(True)
    with one_act():
        found = restate(Cause.CALENDAR, 2, "bench", unit=county(), by=None, at=AT)
    ours = seconds(lambda: run(found, at=AT))
    found.refresh_from_db()
    figure(f"{name}_recount_by_bare_update", ours / bound)
    figure(f"{name}_recount_steps", Step.objects.open().count())
    figure(f"{name}_recount_moved", found.moved)


def _move_all() -> None:
    from django.db.models import F

    from casework.cases.models import Step

    Step.objects.open().update(
        due_at=F("due_at") + timedelta(days=1), due_version=F("due_version") + 1
    )


if __name__ == "__main__":
    main()
