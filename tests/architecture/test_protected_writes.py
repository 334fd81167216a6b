"""AUD-03: rows that the trail speaks of are changed by the services of their own room and by nobody else."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BULK = {"update", "bulk_update", "bulk_create", "delete", "update_or_create", "_raw_delete"}
OWNERS = {
    "Entry": "audit", "Head": "audit", "Look": "audit",
    "User": "org", "Post": "org", "Unit": "org",
    "Profile": "profiles",
    "Document": "documents", "ChainHead": "documents", "SealedFile": "documents", "Anchor": "documents",
    "Pupil": "students", "Guardian": "students", "Enrolment": "students", "Absence": "students",
    "RollCall": "students", "StatusMovement": "students",
    "Finding": "detection",
    "Case": "cases", "CaseScope": "cases", "Step": "cases", "StepHolder": "cases", "StepDue": "cases",
    "RungFired": "cases", "IntakeDecision": "cases", "Visit": "cases", "Photo": "cases", "Sent": "cases",
}  # fmt: skip
# Written exceptions: file, model, and why its own room cannot do it.
EXCEPTIONS = {
    ("casework/cases/intake.py", "Finding"): "the decision on a finding is the intake's act",
    (
        "casework/students/places.py",
        "Unit",
    ): "a roster of a county makes a thousand classes at once",
}


def bulk_writes(path: Path) -> set[str]:
    """The models whose manager, or a variable named after it, is written in bulk in this file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        func = node.func if isinstance(node, ast.Call) else None
        if isinstance(func, ast.Attribute) and func.attr in BULK:
            names = {n.id for n in ast.walk(func.value) if isinstance(n, ast.Name)}
            found |= names & set(OWNERS)
    return found


def test_bulk_writes_stay_in_the_room_that_owns_the_rows() -> None:
    """AUD-03."""
    wrong = []
    for folder in ("casework", "workflows"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            for model in bulk_writes(path):
                home = f"casework/{OWNERS[model]}/"
                if not name.startswith(home) and (name, model) not in EXCEPTIONS:
                    wrong.append(f"{name} writes {model}")
    assert wrong == []


def test_every_exception_is_still_needed() -> None:
    for name, model in EXCEPTIONS:
        assert model in bulk_writes(ROOT / name), name


def test_raw_sql_stands_in_the_files_that_say_why() -> None:
    """A cursor passes every service: each file that opens one is listed."""
    open_cursor = {
        path.relative_to(ROOT).as_posix()
        for folder in ("casework", "workflows")
        for path in (ROOT / folder).rglob("*.py")
        if ".cursor(" in path.read_text("utf-8")
    }
    assert open_cursor <= {
        "casework/core/triggers.py",  # sets and checks the triggers
        "casework/core/rows.py",  # statements put together once; who may write by them stands below
        "casework/documents/anchors.py",  # LOCK TABLE while the leaves are read
        "casework/oversight/health.py",  # SELECT 1
        "casework/core/snapshot.py",  # begins a transaction that only reads
        "casework/oversight/backup.py",  # the database's own backup
    }


def test_statements_put_together_once_are_used_where_they_say_why() -> None:
    """AUD-03: `core.rows` writes any model, so each file that writes by it is listed with the rows it owns."""
    readers = {"fetched", "fixed", "locked", "locked_values"}
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("casework", "workflows")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "casework.core.rows"
        if {name.name for name in node.names} - readers
    }
    assert found == {
        "casework/core/append_only.py",  # every row that is written once
        "casework/audit/trail.py",  # Entry, Head
        "casework/documents/issue.py",  # ChainHead
        "casework/documents/numbers.py",  # NumberCounter
        "casework/cases/steps.py",  # Step
        "casework/cases/redating.py",  # Step
        "casework/cases/restating.py",  # Step, StepDue, Notice: of a whole county
        "casework/cases/ladder.py",  # Step, RungFired, Notice: of whatever is due
        "casework/students/roster_write.py",  # Pupil, Guardian, Enrolment
        "casework/students/rollbook_write.py",  # RollCall, Absence
        "casework/detection/scan.py",  # Finding: of a whole county
        "casework/students/lists.py",  # ListRow: of a whole county
        "casework/students/compare.py",  # ListRow: of a whole county
    }
