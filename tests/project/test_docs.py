"""What the papers of the project say is so: commands exist, tables are fresh, sizes are kept."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands

from tests.project.tracked import BASE

PAGES = ["README.md", *(str(p.relative_to(BASE)) for p in sorted((BASE / "docs").glob("*.md")))]
COMMAND = re.compile(r"manage\.py (\w+)")
SCRIPT = re.compile(r"(?<![\w/.])((?:bin|tools|\.ci)/[\w-]+(?:\.\w+)?)")


def run_tool(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *words], cwd=BASE, capture_output=True, text=True)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_a_page_names_is_real(page: str) -> None:
    text = (BASE / page).read_text("utf-8")
    assert set(COMMAND.findall(text)) - set(get_commands()) == set()
    assert [name for name in set(SCRIPT.findall(text)) if not (BASE / name).exists()] == []


def test_the_readme_names_the_two_commands_and_the_licence() -> None:
    text = (BASE / "README.md").read_text("utf-8")
    assert "bin/run" in text and "bin/test" in text and "AGPL-3.0" in text


def test_functions_and_files_keep_their_sizes() -> None:
    done = run_tool("tools/sizes.py")
    assert done.returncode == 0, done.stdout


def test_the_table_of_roads_is_fresh(tmp_path: Path) -> None:
    """To mend it: manage.py list_roads docs/roads.md, and commit it."""
    call_command("list_roads", tmp_path / "roads.md")
    made = (tmp_path / "roads.md").read_text("utf-8")
    assert made == (BASE / "docs" / "roads.md").read_text("utf-8")


def test_the_page_of_requirements_is_fresh_and_complete() -> None:
    """To mend it: .venv/bin/python tools/requirements.py, and commit docs/requirements.md."""
    done = run_tool("tools/requirements.py", "--check")
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
