"""`verify_documents` over 10,000 papers (or PAPERS) that the last anchor covers, against reading and hashing the same files (must be <= 2)."""

import hashlib
from pathlib import Path

from bench import figure, ratio, with_database
from bench.bundle import A_CASE, AT, PAPERS, case_with_papers, county_with_school


def main() -> None:
    with_database()
    from casework.documents import store
    from casework.documents.anchors import make_anchor
    from casework.documents.models import SealedFile

    school = county_with_school()
    for number in range(PAPERS // A_CASE):
        case_with_papers(school, number)
    make_anchor(at=AT)
    files = [store.folder() / path for path in SealedFile.objects.values_list("path", flat=True)]
    figure("verify_ratio", 1 / ratio(lambda: hashed(files), ours))


def hashed(files: list[Path]) -> None:
    """The bound: each file read and hashed."""
    for file in files:
        hashlib.sha256(file.read_bytes()).hexdigest()


def ours() -> None:
    """All that the command checks."""
    from casework.audit import trail
    from casework.core.snapshot import snapshot
    from casework.documents import checks

    with snapshot():
        found = [*checks.problems(), *trail.problems()]
    if [problem for problem in found if problem["kind"] != "trigger"]:
        raise SystemExit(f"untouched papers are said to be damaged: {found[0]}")


if __name__ == "__main__":
    main()
