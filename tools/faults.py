"""Writes the figures of a full run of the fault tests (a JUnit file) into docs/requirements.md: bin/faults calls it."""

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

from requirements import BASE, FIGURES

PAGE = BASE / "docs" / "requirements.md"
COLUMNS = ["kills", "rounds", "answered", "lost", "duplicates"]


def row(case: ET.Element) -> str:
    """A test as a line: its name, seconds, the figures of the columns, and all others in words."""
    told = {each.get("name", ""): each.get("value", "") for each in case.iter("property")}
    others = ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in told.items() if k not in COLUMNS)
    skipped = case.find("skipped")
    if skipped is not None:
        others = f"not run: {skipped.get('message')}"
    cells = [f"`{case.get('name')}`", f"{float(case.get('time', 0)):.0f}"]
    return f"| {' | '.join([*cells, *(told.get(name, '') for name in COLUMNS), others])} |"


def table(report: Path) -> str:
    """The table of a run, its day above it. A run with a failure is not written down: SystemExit."""
    suite = next(ET.parse(report).getroot().iter("testsuite"))
    if int(suite.get("failures", 1)) or int(suite.get("errors", 1)):
        raise SystemExit("a fault test failed: its figures are not written down")
    head = ["test", "seconds", *COLUMNS, "beside"]
    lines = [
        f"{suite.get('timestamp', '')[:10]}, {float(suite.get('time', 0)):.0f} seconds in all.",
        "",
    ]
    lines += [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    return "\n".join(lines + sorted(row(case) for case in suite.iter("testcase")))


def main() -> None:
    before = PAGE.read_text("utf-8").partition(FIGURES)[0]
    PAGE.write_text(f"{before}{FIGURES}\n\n{table(Path(sys.argv[1]))}\n", "utf-8")


if __name__ == "__main__":
    main()
