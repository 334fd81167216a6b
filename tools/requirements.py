"""Writes docs/requirements.md: which test proves which requirement, and what each role may do. `--check` only compares."""

import re
import sys
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
ID = re.compile(
    r"(?<![A-Za-z])(REL|PDF|SEAL|AUD|ACC|PRIV|AUTH|WEB|UPL|EXP|SUP|OPS)[-_](\d\d)(?!\d)",
    re.IGNORECASE,
)
TEST = re.compile(r"^ *(?:async )?def (test_\w+)", re.MULTILINE)
NOW = (
    [f"REL-{n:02}" for n in (1, 2, 3, 4, 5, 7, 8, 9, 13, 14, 17, 18)]
    + [f"PDF-{n:02}" for n in (1, 2, 3, 4, 7, 8, 9, 10)]
    + [f"SEAL-{n:02}" for n in range(1, 8)]
    + [f"AUD-{n:02}" for n in range(1, 5)]
    + ["ACC-01", "ACC-02", "ACC-05", "PRIV-03", "PRIV-07", "AUTH-01", "AUTH-04", "WEB-01", "WEB-02"]
    + ["UPL-01", "UPL-02", "UPL-03", "EXP-01", "EXP-02", "SUP-01", "SUP-04", "OPS-03"]
)


def proofs() -> dict[str, list[str]]:
    """Requirement → tests whose name or docstring names it."""
    found: dict[str, list[str]] = {}
    for path in sorted((BASE / "tests").rglob("test_*.py")):
        text = path.read_text("utf-8")
        starts = [match.start() for match in TEST.finditer(text)] + [len(text)]
        for match, end in zip(TEST.finditer(text), starts[1:], strict=True):
            said = text[match.start() : end].split('"""')
            words = f"{match[1]} " + (said[1] if len(said) > 1 else "")
            for kind, number in set(ID.findall(words)):
                place = f"{path.relative_to(BASE)}::{match[1]}"
                found.setdefault(f"{kind.upper()}-{number}", []).append(place)
    return found


def roles() -> list[str]:
    """The capability × role table, read from the code."""
    sys.path.insert(0, str(BASE))
    from django.conf import settings

    settings.configure(USE_I18N=False)
    from casework.org.roles import CAPABILITIES, Can, Role

    lines = [
        "| capability | " + " | ".join(CAPABILITIES) + " |",
        "|---" * (len(CAPABILITIES) + 1) + "|",
    ]
    for can in Can:
        marks = " | ".join("✓" if can in CAPABILITIES[Role(role)] else "" for role in CAPABILITIES)
        lines.append(f"| {can} | {marks} |")
    return lines


def page() -> str:
    """The whole page. The figures of the full fault tests are kept from the page as it is."""
    found = proofs()
    lines = [
        "# Requirements and what proves them",
        "",
        "Made by `tools/requirements.py` from the names and docstrings of the tests.",
        "",
    ]
    lines += ["| requirement | tests |", "|---|---|"]
    for each in NOW:
        tests = "<br>".join(f"`{test}`" for test in found.get(each, [])) or "**none**"
        lines.append(f"| {each} | {tests} |")
    lines += [
        "",
        "# Who may do what",
        "",
        "Made from `casework/org/roles.py`.",
        "",
        *roles(),
        "",
        FIGURES,
    ]
    return "\n".join(lines) + kept_figures()


FIGURES = "# Last full run of the fault tests (`bin/faults`)"


def kept_figures() -> str:
    """What stands below the heading of the figures, written there by bin/faults."""
    path = BASE / "docs" / "requirements.md"
    text = path.read_text("utf-8") if path.exists() else ""
    return text.partition(FIGURES)[2] or "\n\nNot run yet.\n"


def main() -> int:
    path, new = BASE / "docs" / "requirements.md", page()
    if "--check" in sys.argv:
        missing = [each for each in NOW if each not in proofs()]
        stale = not path.exists() or path.read_text("utf-8") != new
        for each in missing:
            print(f"no test names {each}")
        if stale:
            print("docs/requirements.md is stale: run tools/requirements.py")
        return 1 if missing or stale else 0
    path.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
