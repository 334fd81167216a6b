"""The files that are handed out: what git tracks, or without git all but what .gitignore leaves out."""

import subprocess
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent.parent
LEFT_OUT = {*(BASE / ".gitignore").read_text().replace("/\n", "\n").split(), ".git"}
SHEETS = {".xlsx"}


@cache
def files() -> list[Path]:
    """Every file, sorted."""
    if (BASE / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached"], cwd=BASE, capture_output=True, check=True
        )
        found = [BASE / name for name in listed.stdout.decode().split("\0") if name]
    else:
        found = [
            path for path in BASE.rglob("*") if not LEFT_OUT & {*path.parts, f"*{path.suffix}"}
        ]
    return sorted(path for path in found if path.is_file())


def texts() -> Iterator[tuple[str, str]]:
    """Name and text of every text file, and of the parts of every workbook."""
    for path in files():
        name = str(path.relative_to(BASE))
        if path.suffix in SHEETS:
            with zipfile.ZipFile(path) as book:
                yield from (
                    (f"{name}/{part}", book.read(part).decode()) for part in book.namelist()
                )
        elif b"\0" not in (data := path.read_bytes()):
            yield name, data.decode()
