"""A case's evidence file made again after one more paper, against the first time, when its papers are still to be printed and sealed (must be <= 0.2).

With the reading copy, whose cover, contents and tables are printed anew each time, the figure stands apart.
"""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import figure, seconds, with_database

PAPERS = int(os.environ.get("PAPERS", "50"))


def main() -> None:
    with_database()
    from django.conf import settings

    from bench.bundle import county_with_school
    from casework.documents import render, seal

    key = Path(settings.MEDIA_ROOT) / "seal.p12"
    settings.SEAL_KEY, settings.SEAL_PASSPHRASE = str(key), "bench"
    seal.make_demo_certificate(key, name="bench", passphrase="bench", at=datetime.now(UTC))
    school = county_with_school()
    for number, (name, merged) in enumerate((("rebuild", False), ("rebuild_merged", True))):
        case = bare_case(school, number)
        add_papers(case, PAPERS)
        first = seconds(lambda: made(case, merged))  # noqa: B023 - called at once
        add_papers(case, 1)
        again = seconds(lambda: made(case, merged))  # noqa: B023
        figure(f"{name}_ratio", again / first)
        figure(f"{name}_seconds", again)
    render.close()


def bare_case(school: Any, number: int) -> Any:
    from bench.bundle import AT
    from casework.cases.models import Case
    from casework.students.models import Pupil

    pupil = Pupil.objects.create(
        name="杨思雨", sex="f", created_at=AT, status_index=str(number), born=AT.date()
    )
    return Case.objects.create(
        number=f"KC-990026-2026A-{number:05d}", pupil=pupil, school=school, opened_at=AT, opened_by="王立群"
    )  # fmt: skip


def add_papers(case: Any, count: int) -> None:
    """Home visits as they usually are."""
    from bench.bundle import AT
    from casework.documents.issue import issue
    from casework.documents.papers.register import PAPERS as KINDS
    from tests.documents.samples import values_for

    values = values_for(KINDS["P04"], "usual") | {"case_no": case.number}
    for _each in range(count):
        issue(
            chain=f"case:{case.pk}", kind="P04", values=values, unit=case.school, subject=f"case:{case.pk}", at=AT, by=None
        )  # fmt: skip


def made(case: Any, merged: bool) -> None:  # noqa: FBT001 - a step of this file
    from bench.bundle import AT
    from casework.evidence.bundle import make
    from casework.evidence.scope import order

    bundle = order(case=case, reason="bench", merged=merged, by=None, at=AT, queued=False)
    with tempfile.TemporaryDirectory() as place:
        if not make(bundle, at=AT, target=Path(place) / "out.zip"):
            raise SystemExit(f"rebuild: {bundle.error}")


if __name__ == "__main__":
    main()
