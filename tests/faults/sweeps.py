"""`python -m tests.faults.sweeps KILLS`: the database goes away in the middle of a sweep, at another write each time."""

import json
import sys
from datetime import timedelta
from typing import Any

import django


class Gone:
    """Ends the session of this process on the server before the n-th write of a sweep."""

    def __init__(self, after: int) -> None:
        self.left, self.writes = after, 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE")):
            self.writes += 1
            if self.writes == self.left:
                _end_sessions()
        return execute(sql, params, many, context)


def _end_sessions() -> None:
    """What a restart of the server does to whoever is connected."""
    import psycopg
    from django.db import connection

    said = connection.get_connection_params()
    said = {
        key: value for key, value in said.items() if key in ("host", "port", "user", "password")
    }
    with psycopg.connect(dbname="postgres", autocommit=True, **said) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [connection.settings_dict["NAME"]],
        )


def swept(at: Any, after: int) -> tuple[bool, int]:
    """Whether a sweep was cut off, and how many writes it had made."""
    from django.db import DatabaseError, InterfaceError, connection

    from workflows.sweeping import sweep

    gone, cut = Gone(after), False
    try:
        with connection.execute_wrapper(gone):
            sweep(at)
    except (DatabaseError, InterfaceError):
        cut = True
        connection.close()
    return cut, gone.writes


def main(kills: int) -> dict[str, Any]:
    from casework.cases.checks import problems
    from casework.cases.models import RungFired
    from casework.notices.models import Notice
    from tests import world as stage

    cut, made = 0, []
    for number in range(kills):
        at = stage.OPENED + timedelta(days=1 + number)
        was_cut, writes = swept(at, 1 + number % 4)
        cut += was_cut
        made.append(writes)
        swept(at, 0)
        if swept(at, 0)[1] > 1:  # the beat alone
            made.append(-1)
    rows = list(RungFired.objects.values_list("step", "rung", "due_version"))
    keys = list(Notice.objects.values_list("user", "key"))
    return {
        "cut": cut,
        "writes": made,
        "rungs": len(rows),
        "rungs_twice": len(rows) - len(set(rows)),
        "told_twice": len(keys) - len(set(keys)),
        "check_cases": [str(each) for each in problems()],
    }


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main(int(sys.argv[1]))))
