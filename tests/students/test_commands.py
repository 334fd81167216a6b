"""The import commands: one JSON object, exit 0, 1 and 2."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from casework.org.models import Unit
from casework.students.models import Pupil, RollCall
from casework.students.workbook import Upload
from tests.students.books import id_number, pupil, rollbook, roster, workbook


def put(tmp_path: Path, upload: Upload) -> str:
    path = tmp_path / upload.name
    path.write_bytes(upload.data)
    return str(path)


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    call_command(*words, "--json")
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def test_it_works(county: Unit, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = put(tmp_path, roster(pupil(1)))
    words = ["import_roster", file, "--township", "青石镇"]
    good = {"read": 1, "applied": 1, "unchanged": 0, "refused": 0, "errors": [], "warnings": []}
    assert answer(capsys, *words, "--dry-run") == good
    assert Pupil.objects.count() == 0
    assert answer(capsys, *words) == good
    assert answer(capsys, *words) == good | {"applied": 0, "unchanged": 1}
    roll = put(tmp_path, rollbook({f"G{id_number(sequence=101)}": "×"}, [1]))
    assert answer(capsys, "import_attendance", roll)["applied"] == 1
    assert RollCall.objects.count() == 1


def test_a_refused_row_exits_with_1_and_its_place(
    county: Unit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = put(tmp_path, roster(pupil(1), pupil(2, **{"年级★": "?"})))
    with pytest.raises(SystemExit) as left:
        call_command("import_roster", file, "--township", "青石镇", "--json")
    assert left.value.code == 1
    (error,) = json.loads(capsys.readouterr().out)["errors"]
    assert {key: error[key] for key in ("file", "sheet", "row", "field")} == {
        "file": "roster.xlsx",
        "sheet": "学生基本信息",
        "row": 4,
        "field": "年级",
    }
    assert Pupil.objects.count() == 1


def test_without_json_it_speaks_in_lines(
    county: Unit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [["姓名", "工号", "岗位", "单位"], ["文海", "T1", "?", "示范县"]]
    with pytest.raises(SystemExit):
        call_command("import_staff", put(tmp_path, Upload("s.xlsx", workbook({"人员": rows}))))
    said = capsys.readouterr().out
    assert "read 1, applied 0, unchanged 0, refused 1" in said
    assert "s.xlsx / 人员 / 2 / 岗位: There is no such post." in said


def test_a_file_that_is_not_there_exits_with_1(
    county: Unit, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        call_command("import_attendance", "nowhere.xlsx", "--json")
    assert left.value.code == 1
    assert json.loads(capsys.readouterr().out)["errors"][0]["file"] == "nowhere.xlsx"


def test_wrong_usage_is_told(county: Unit) -> None:
    with pytest.raises(CommandError, match="township"):
        call_command("import_roster", "a.xlsx")
