"""A bundle of 10,000 papers (or of PAPERS) without reading copies, against hashing and storing the same files (must be <= 1.5).

SIZE sets another size of a paper: the smaller it is, the more weigh a process, an anchor and a flush to disk.
"""

import hashlib
import os
import tempfile
import tracemalloc
import zipfile
import zlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bench import figure, ratio, with_database

PAPERS, FEW = int(os.environ.get("PAPERS", "10000")), 250
A_CASE = 25  # a case that went the whole road, with repeated visits
# of a paper as it is sealed: the mean of the demo county's 377, less its record
SIZE = int(os.environ.get("SIZE", "93000"))
AT = datetime(2026, 11, 20, 1, tzinfo=UTC)


def main() -> None:
    with_database()
    from casework.documents import store
    from casework.documents.models import SealedFile

    school = county_with_school()
    for number in range(PAPERS // A_CASE):
        case_with_papers(school, number)
    files = [store.folder() / path for path in SealedFile.objects.values_list("path", flat=True)]
    with tempfile.TemporaryDirectory() as place:
        target = Path(place) / "out.zip"
        figure("bundle_ratio", 1 / ratio(lambda: stored(files, target), lambda: ours(target)))
        many = peak(target, PAPERS)
        leave(FEW)
        few = peak(target, FEW)
    figure(f"bundle_peak_mib_{PAPERS}_papers", many)
    figure("bundle_peak_mib_250_papers", few)
    figure("bundle_peak_kib_a_paper", 1024 * (many - few) / (PAPERS - FEW))


def stored(files: list[Path], target: Path) -> None:
    """The bound: each file read, hashed and stored in a zip, which is on the disk at the end."""
    clear(target)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for file in files:
            data = file.read_bytes()
            hashlib.sha256(data).hexdigest()
            archive.writestr(file.name, data)
    with target.open("rb") as whole:
        os.fsync(whole.fileno())


def ours(target: Path, papers: int = PAPERS) -> None:
    """The bundle of as many papers, through the service."""
    from casework.evidence.bundle import make
    from casework.evidence.scope import order
    from casework.org.models import Unit

    clear(target)
    bundle = order(
        unit=Unit.objects.get(depth=1),
        first=date(2026, 9, 1),
        last=date(2026, 12, 31),
        reason="bench",
        by=None,
        at=AT,
        queued=False,
    )
    if not make(bundle, at=AT, target=target) or bundle.total != papers:
        raise SystemExit(f"the bundle was not made: {bundle.total} {bundle.error}")


def clear(target: Path) -> None:
    """Both write a new file: a bound that wrote over an old one had its memory again, ours beside an old one had to be given more."""
    target.unlink(missing_ok=True)


def leave(papers: int) -> None:
    """Only so many papers in the period: the other cases begin after it."""
    from casework.cases.models import Case

    kept = list(Case.objects.values_list("pk", flat=True)[: papers // A_CASE])
    Case.objects.exclude(pk__in=kept).update(opened_at=AT.replace(year=2027))


def peak(target: Path, papers: int) -> float:
    """The most memory that Python held meanwhile, in MiB."""
    tracemalloc.start()
    ours(target, papers)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 2**20


def county_with_school() -> Any:
    from casework.deadlines.calendar import load_official
    from casework.deadlines.terms import add_default_terms
    from casework.org.models import Unit
    from casework.profiles.rules import baseline, publish

    county = Unit.objects.add_root(instance=Unit(kind="county", name="示范县", code="990026"))
    publish(county, baseline(), name="x", valid_from=date(2026, 1, 1), by=None, at=AT)
    load_official(at=AT, by=None)
    add_default_terms(county, at=AT, by=None)
    return Unit.objects.add_child(county, instance=Unit(kind="school", name="青石镇中学"))


def case_with_papers(school: Any, number: int) -> None:
    """A case with its papers, their files of random bytes around the record as a sealed paper has it."""
    from casework.cases.models import Case
    from casework.core.transaction import one_act
    from casework.students.models import Pupil

    pupil = Pupil.objects.create(
        name="杨思雨", sex="f", born=date(2013, 5, 8), created_at=AT, status_index=str(number)
    )
    case = Case.objects.create(
        number=f"KC-990026-2026A-{number:05d}",
        pupil=pupil,
        school=school,
        opened_at=AT,
        opened_by="王立群",
    )
    with one_act():
        for _ in range(A_CASE):
            paper(case)


def paper(case: Any) -> None:
    from casework.core.canonical import sha256_hex
    from casework.documents import store
    from casework.documents.issue import issue
    from casework.documents.models import SealedFile

    document = issue(
        chain=f"case:{case.pk}",
        kind="SR",
        values={"pupil": {"name": "杨思雨"}, "action": "x", "done_on": AT.date()}
        | {"operator": "王立群", "result": "x"},
        unit=case.school,
        subject=f"case:{case.pk}",
        at=AT,
        by=None,
    )
    data = b"stream\n" + zlib.compress(document.record.encode()) + os.urandom(SIZE)
    path = store.name_of(document.pk, sha256_hex(data))
    (store.folder() / path).parent.mkdir(parents=True, exist_ok=True)
    (store.folder() / path).write_bytes(data)
    SealedFile(
        document=document,
        path=path,
        sha256=sha256_hex(data),
        size=len(data),
        pages=1,
        sealed_at=AT,
    ).save()


if __name__ == "__main__":
    main()
