"""Which room may import which: right may import left, never the reverse (design.md §2)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = [
    "core", "audit", "org", "profiles", "notices", "deadlines", "documents", "students", "detection",
    "cases", "registers", "evidence", "oversight", "api",
]  # fmt: skip
# The one door through which casework reaches the flow: addresses are put together there.
COMPOSITION_ROOT = ROOT / "casework" / "urls.py"


def modules() -> list[Path]:
    return [p for p in sorted((ROOT / "casework").rglob("*.py")) if "migrations" not in p.parts]


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(path: Path) -> str:
    return path.relative_to(ROOT / "casework").parts[0]


def test_every_folder_is_a_room() -> None:
    folders = {p.name for p in (ROOT / "casework").iterdir() if (p / "__init__.py").exists()}
    assert folders <= set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_leftward_only(room: str) -> None:
    allowed = ROOMS[: ROOMS.index(room) + 1]
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules()
        if room_of(path) == room
        for name in imported(path)
        if name.startswith("casework.") and name.split(".")[1] in set(ROOMS) - set(allowed)
    ]
    assert wrong == []


def test_casework_never_imports_the_engine_or_workflows() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules()
        if path != COMPOSITION_ROOT
        for name in imported(path)
        if name.split(".")[0] in ("viewflow", "workflows")
    ]
    assert wrong == []


def test_one_module_imports_the_state_machine() -> None:
    """engine.md 2.4: `django_fsm` has one door."""
    doors = [p for p in modules() if any(n.split(".")[0] == "django_fsm" for n in imported(p))]
    assert doors == [ROOT / "casework" / "core" / "fsm.py"]


def test_core_imports_no_other_room() -> None:
    core = [n for p in modules() if room_of(p) == "core" for n in imported(p)]
    assert not [n for n in core if n.startswith("casework.") and not n.startswith("casework.core")]


def python_files() -> list[Path]:
    return [
        p
        for folder in ("casework", "workflows")
        for p in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in p.parts
    ]


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """Every dotted call of a file, as written."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def test_only_opening_creates_cases() -> None:
    """engine.md 5: `create(state=…)` would skip the machine, so one function makes cases."""
    makers = {
        path.relative_to(ROOT).as_posix()
        for path in python_files()
        for _line, name in calls(path)
        if name in ("Case", "Case.objects.create", "Case.objects.bulk_create")
        or name in ("Case.objects.get_or_create", "Case.objects.update_or_create")
    }
    assert makers == {"casework/cases/opening.py"}


CLOCKS = {"timezone.now", "datetime.now", "datetime.utcnow", "date.today", "time.time", "Now"}


def test_only_the_clock_reads_the_time() -> None:
    """conventions.md 19: everything else is told by `at=`."""
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in python_files()
        for _line, name in calls(path)
        if name in CLOCKS
    }
    assert readers == {"casework/core/clock.py"}


def test_no_signals_of_our_own() -> None:
    """conventions.md 15."""
    listening = [
        path.relative_to(ROOT).as_posix()
        for path in python_files()
        for name in imported(path)
        if name in ("django.dispatch", "django.db.models.signals")
    ]
    assert listening == []


# Escapes each piece of a text before it joins them with its own marks.
MARKS_SAFE = {"casework/documents/typeset.py"}
# Prints words of our own table into a style sheet, nothing that anyone typed.
OWN_WORDS = {"templates/evidence/print/numbers.html"}


def test_nothing_marks_text_as_safe() -> None:
    """relsec D: stored text is escaped; SVG and icons are built by `format_html` and `escape`."""
    marked = {
        path.relative_to(ROOT).as_posix()
        for path in python_files()
        for _line, name in calls(path)
        if name.split(".")[-1] in ("mark_safe", "SafeString")
    }
    templates = [
        p.relative_to(ROOT).as_posix()
        for p in (ROOT / "templates").rglob("*.html")
        if "|safe" in p.read_text("utf-8") or "autoescape off" in p.read_text("utf-8")
    ]
    assert (marked, set(templates)) == (MARKS_SAFE, OWN_WORDS)
