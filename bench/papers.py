"""Papers a second, their size and the memory it takes, against plain WeasyPrint with the system's fonts; two processes against one; seals a second.

The bound prints the same pages by the same style: one process, fonts and style looked up for each paper.
Wanted: speed >= 1.7, size <= 0.25, memory <= 0.3, two processes >= 1.6. Without the system's fonts for Chinese nothing is measured.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import ENVIRONMENT, figure, seconds

PAPERS = 99  # a press prints one more in its life
SYSTEM_FACE = "Noto Serif CJK SC"
PLAIN = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from weasyprint import CSS, HTML
style, *pages = sys.argv[1:]
for page in pages:
    pdf = HTML(page).write_pdf(stylesheets=[CSS(style)], pdf_variant="pdf/a-3a")
    Path(page).with_suffix(".pdf").write_bytes(pdf)
print(*(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def main() -> None:
    os.environ.update(ENVIRONMENT)
    import django

    django.setup()
    records = frozen()
    with tempfile.TemporaryDirectory() as place:
        pages = written(records, Path(place))
        bound, plain_memory = timed(lambda: plain(pages))
        sizes = [page.with_suffix(".pdf").stat().st_size for page in pages]
    mine, (size, memory) = timed(lambda: ours(records))
    figure("papers_a_second", PAPERS / mine)
    figure("papers_speed_ratio", bound / mine)
    figure("papers_size_ratio", size / sum(sizes))
    figure("papers_memory_ratio", memory / plain_memory)
    figure("papers_memory_mib", memory / 1024)
    figure("papers_two_processes_ratio", 2 * mine / two_at_once())
    figure("papers_sealed_a_second", PAPERS / sealing(records))


def two_at_once() -> float:
    """Seconds in which two processes print every record each, each counting from when it is ready."""
    command = [sys.executable, "-c", "from bench import papers; papers.each()"]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    spans = [tuple(map(float, child.communicate()[0].split())) for child in children]
    if any(child.returncode for child in children):
        raise SystemExit("papers: a process failed")
    return max(end for _begin, end in spans) - min(begin for begin, _end in spans)


def each() -> None:
    """In a process of its own: print every record, then say when that began and ended."""
    os.environ.update(ENVIRONMENT)
    import django

    django.setup()
    records = frozen()
    began = time.monotonic()
    ours(records)
    print(began, time.monotonic())


def sealing(records: list[str]) -> float:
    """Seconds in which so many papers are sealed, by a certificate of the demo's kind."""
    from django.conf import settings

    from casework.documents import render, seal

    pdf = render.render(records[0]).pdf
    render.close()
    with tempfile.TemporaryDirectory() as place:
        settings.SEAL_KEY, settings.SEAL_PASSPHRASE = f"{place}/seal.p12", "bench"
        key, now = Path(settings.SEAL_KEY), datetime.now(UTC)
        seal.make_demo_certificate(key, name="bench", passphrase="bench", at=now)
        return seconds(lambda: [seal.seal(pdf) for _ in records])


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """How long it took and what came of it."""
    came: list[Any] = []
    return seconds(lambda: came.append(work())), came[0]


def frozen() -> list[str]:
    """Every paper in turn, with the values a usual case has."""
    from casework.documents.papers.register import PAPERS as KINDS
    from tests.documents.printing import record_of

    kinds = sorted(KINDS)
    return [record_of(kinds[number % len(kinds)], "usual") for number in range(PAPERS)]


def written(records: list[str], place: Path) -> list[Path]:
    """The pages as files, the code of each inside, for one who prints them plainly."""
    from casework.documents.layout import code_of, html_of

    pages = []
    for number, record in enumerate(records):
        (place / f"{number}.svg").write_text(code_of(record), "utf-8")
        pages.append(place / f"{number}.html")
        pages[-1].write_text(html_of(record).replace("asset:code", f"{number}.svg"), "utf-8")
    return pages


def plain(pages: list[Path]) -> float:
    """Print every page plainly; the most memory that took, in KiB."""
    from casework.documents.freeze import STYLE
    from casework.documents.render import style_file

    found = subprocess.run(["fc-list", SYSTEM_FACE], capture_output=True, text=True, check=True)
    if not found.stdout:
        raise SystemExit(f"papers: the system has no {SYSTEM_FACE}, so nothing is measured")
    command = [sys.executable, "-c", PLAIN, str(style_file(STYLE)), *map(str, pages)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return most(done.stdout)


def ours(records: list[str]) -> tuple[int, float]:
    """Print every record on a new press: bytes of all papers, the most memory of the press in KiB."""
    from casework.documents import render

    render.close()
    size = sum(len(render.render(record).pdf) for record in records)
    status = Path(f"/proc/{render._press().child.pid}/status").read_text("utf-8")
    render.close()
    return size, most(status)


def most(status: str) -> float:
    """The high-water mark of a process in what the kernel tells of it, in KiB."""
    return float(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    main()
