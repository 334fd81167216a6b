"""A roster of 100,000 pupils from the file to the last row of the audit, on each database: time against Django's bare upsert of the
same rows (wanted <= 4), and the most memory of a process meanwhile (wanted <= 250 MiB). ROWS sets another size."""

import os
import resource
import sys
import tempfile
from datetime import date
from pathlib import Path

from bench import DATABASE, figure, on_both, seconds, with_database
from bench.roster import ROWS, by_bulk_create, matched, new_county, rolled_back, workbook


def main() -> None:
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory(prefix="casework-bench-") as folder:
        path = Path(folder, "roster.xlsx")
        path.write_bytes(workbook())
        on_both("bench.importing", [str(path)])


def measure(path: Path) -> None:
    """One database: the import first, while the process has held nothing else."""
    with_database()
    from casework.core import clock
    from casework.students import roster_write
    from casework.students.imports import import_roster
    from casework.students.workbook import Upload

    at, name = clock.local_moment(date(2026, 9, 1), 9), os.environ[DATABASE]
    new_county(at)
    upload = Upload(path.name, path.read_bytes())
    applied = 0

    def bring() -> None:
        nonlocal applied
        report = import_roster([upload], township="青石镇", by=None, at=at, dry_run=False)
        applied = report.applied

    ours = seconds(rolled_back(bring))
    if applied != ROWS:
        raise SystemExit(f"{applied} of {ROWS} rows were applied")
    figure(f"roster_import_mib_{name}", peak())
    figure(f"roster_import_rows_a_second_{name}", ROWS / ours)
    matches, places = matched(upload)
    rolled_back(
        lambda: roster_write.write(matches, places, at=at)
    )()  # fills the pupils that the bound copies
    bound = seconds(rolled_back(lambda: by_bulk_create(matches)))
    figure(f"roster_import_over_bare_upsert_{name}", ours / bound)


def peak() -> float:
    """The most memory that this process or one that it started has held, in MiB."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(each).ru_maxrss for each in whose) / 1024


if __name__ == "__main__":
    main()
