"""Uploads are read by their content, measured before they are unpacked, and refused with a remedy."""

import io
import time
import tracemalloc
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook

from casework.students.workbook import UnreadableError, Upload, _sheet, read
from tests.students.books import pupil, roster, workbook

GOOD = workbook({"名单": [["姓名", "学籍号"], ["文涛", "G1"]]})


def refusal(data: bytes, name: str = "upload.xlsx") -> str:
    with pytest.raises(UnreadableError) as caught:
        read(Upload(name, data))
    return str(caught.value)


def rezipped(change: dict[str, bytes], data: bytes = GOOD) -> bytes:
    """The workbook with some of its parts replaced or added."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            if part not in change:
                new.writestr(part, old.read(part))
        for part, content in change.items():
            new.writestr(part, content)
    return out.getvalue()


def test_it_works() -> None:
    (sheet,) = read(Upload("名单.xlsx", GOOD))
    assert (sheet.name, [row.number for row in sheet.rows]) == ("名单", [1, 2])
    assert sheet.rows[1].cells == ["文涛", "G1"]


def test_the_name_of_a_file_says_nothing_about_its_kind() -> None:
    assert read(Upload("roster.pdf", GOOD))[0].rows
    assert read(Upload("roster.xlsx", "姓名,学籍号\n文涛,G1\n".encode()))[0].rows


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n%\x00\x01",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"<html><table></table></html>",
        b"#!/bin/sh\n\x01",
        b"GIF89a\x00\x01",
    ],
)
def test_a_wrong_kind_is_refused_UPL_01(data: bytes) -> None:
    assert "neither an XLSX workbook nor a CSV" in refusal(data)


def test_a_zip_that_is_no_workbook_is_refused_UPL_01() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert "neither an XLSX workbook nor a CSV" in refusal(out.getvalue())


@pytest.mark.parametrize("data", [b"", b"  \n"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    assert "empty" in refusal(data)


def test_a_password_protected_workbook_is_refused() -> None:
    assert "password" in refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_workbook_is_refused(share: float) -> None:
    assert "cut off or damaged" in refusal(GOOD[: int(len(GOOD) * share)])


def test_a_damaged_part_is_refused() -> None:
    assert "damaged" in refusal(rezipped({"xl/worksheets/sheet1.xml": b"<worksheet><sheetData>"}))


def bombs() -> dict[str, bytes]:
    zeros = bytes(60 * 2**20)
    sheet = zipfile.ZipFile(io.BytesIO(GOOD)).read("xl/worksheets/sheet1.xml")
    far = sheet.replace(b'r="B2"', b'r="XFD1048576"')
    assert far != sheet
    wide = sheet.replace(b'r="B2"', b'r="B999999"')
    many = rezipped({f"xl/media/{n}.xml": b"<a/>" for n in range(2_100)})
    return {
        "packed zeros": rezipped({"xl/worksheets/sheet1.xml": zeros}),
        "far cell": rezipped({"xl/worksheets/sheet1.xml": far}),
        "far row": rezipped({"xl/worksheets/sheet1.xml": wide}),
        "many parts": many,
        "one text in many cells": workbook_of([["x" * 32_000] * 70] * 35),
    }


def workbook_of(rows: list[list[str]]) -> bytes:
    """A workbook that holds each text once and names it in every cell."""
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(out)
    return out.getvalue()


def test_bombs_are_refused_fast_and_small_UPL_02() -> None:
    for kind, data in bombs().items():
        tracemalloc.start()
        began = time.perf_counter()
        message = refusal(data)
        took = time.perf_counter() - began
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert "too large" in message or "too much" in message, kind
        assert took <= 1, kind
        assert peak <= 200 * 2**20, kind


def test_a_part_longer_than_it_says_is_refused_UPL_02() -> None:
    packed = bytearray(rezipped({"xl/worksheets/sheet1.xml": b" " * 200_000}))
    packed = bytearray(
        bytes(packed).replace((200_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    )
    assert "damaged" in refusal(bytes(packed))


@pytest.mark.parametrize(
    "xml",
    [
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet>&e;</worksheet>',
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>',
        '<!DOCTYPE x [<!ENTITY a "a">]><worksheet/>'.encode("utf-16"),
    ],
)
@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"]
)
def test_entities_are_refused_not_expanded_UPL_03(part: str, xml: bytes) -> None:
    assert "definitions" in refusal(rezipped({part: xml}))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_in_the_usual_encodings_is_read(encoding: str, delimiter: str) -> None:
    table = f"姓名{delimiter}学籍号\r\n㐀涛{delimiter}G1\r\n"
    (sheet,) = read(Upload("名单.csv", table.encode(encoding)))
    assert [row.cells for row in sheet.rows] == [["姓名", "学籍号"], ["㐀涛", "G1"]]


def test_row_numbers_are_those_of_the_spreadsheet() -> None:
    data = workbook({"a": [[], [], ["姓名"], [], ["文涛"]]})
    assert [row.number for row in read(Upload("a.xlsx", data))[0].rows] == [3, 5]


def test_formulas_are_known_by_their_place() -> None:
    data = workbook({"空": [["a"]], "a": [["姓名", "数"], ["文涛", "=1+1"]]})
    assert [sheet.formulas for sheet in read(Upload("a.xlsx", data))] == [set(), {(2, 1)}]


def test_real_dates_come_as_dates() -> None:
    (sheet,) = read(roster(pupil(1) | {"出生日期★": date(2014, 3, 5)}))
    assert date(2014, 3, 5) in sheet.rows[2].cells


def test_signs_that_no_text_holds_become_the_sign_for_the_unreadable() -> None:
    """A workbook can spell NUL as `_x0000_`; no database takes it."""
    sheet = _sheet("a.xlsx", "名\x00单", [["张\x00三", "李\n四", 5]], {})
    assert (sheet.name, sheet.rows[0].cells) == ("名\ufffd单", ["张\ufffd三", "李\n四", 5])
