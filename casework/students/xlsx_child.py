"""Run as a child process: reads a workbook from standard input within limits, writes its cells as marshalled lists,
with whether pairs stand for dates among them.

The reader lays out memory before it looks, and aborts the process when there is none: so it gets one of its own (UPL-02).
"""

import io
import marshal
import resource
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

MEMORY, SECONDS = 3 * 2**30, 60
MOST, TOO_MUCH = 192 * 2**20, 4  # octets of all cells; the exit code of more


def plain(cell: Any) -> Any:
    """What marshal cannot carry, as a pair of a kind and text or days."""
    if isinstance(cell, datetime):
        return ("datetime", cell.isoformat())
    if isinstance(cell, date):
        return ("date", cell.isoformat())
    if isinstance(cell, time):
        return ("time", cell.isoformat())
    return ("days", cell / timedelta(days=1)) if isinstance(cell, timedelta) else cell


def main() -> None:
    """Sheet names with their rows, as the reader gives them."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import load_workbook

    with load_workbook(io.BytesIO(sys.stdin.buffer.read())) as book:
        sheets = [
            (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in book.sheet_names
        ]
    try:
        answer = marshal.dumps((False, sheets))
    except ValueError:
        answer = marshal.dumps(
            (True, [(n, [[plain(c) for c in row] for row in rows]) for n, rows in sheets])
        )
    if len(answer) > MOST:
        sys.exit(TOO_MUCH)
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
