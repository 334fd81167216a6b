"""Reading an upload without trusting it: its kind is told by its content, and nothing is unpacked unmeasured (UPL-01..03)."""

import csv
import io
import marshal
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple, cast

from defusedxml.ElementTree import (  # type: ignore[import-untyped]
    ParseError,
    fromstring,
)
from django.utils.translation import gettext as _

from casework.core.canonical import sha256_hex
from casework.students.report import Place
from casework.students.xlsx_child import TOO_MUCH

MAX_BYTES = 40 * 2**20
MAX_UNPACKED = 220 * 2**20
MAX_RATIO = 100  # a roster shrinks about twenty times, a bomb several hundred
MAX_ENTRIES = 2_000
MAX_CELLS = 6_000_000
CHUNK = 2**20
FIRST_SIGNS = 4_000  # of a CSV, by which its delimiter is told
CHILD, CHILD_SECONDS = Path(__file__).with_name("xlsx_child.py"), 90
OVERLAP = 256
# a cell beyond row 149,999 or column BZ: the reader lays out all the emptiness before it
_FAR = re.compile(rb' r="(?:[A-Z]{3}|[C-Z][A-Z]|[A-Z]*+(?=\d{6})(?:1[5-9]\d{4}|[2-9]\d{5}|\d{7,}))')
_FORMULA = re.compile(rb'<c r="([A-Z]+)(\d+)"[^>]*>\s*<f[\s/>]')
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


class UnreadableError(Exception):
    """A file that cannot be read, with the remedy, in the user's language."""


class Upload(NamedTuple):
    """A file as it came: the name it was given (only ever shown) and its bytes."""

    name: str
    data: bytes

    @property
    def sha256(self) -> str:
        """Of its bytes, in hex."""
        return sha256_hex(self.data)


class Row(NamedTuple):
    """One row with its number as the spreadsheet shows it."""

    number: int
    cells: list[Any]


@dataclass
class Sheet:
    """One sheet; `formulas` are (row, column index) of cells that are computed by the spreadsheet; `file_sha256` of the whole file."""

    file: str
    name: str
    rows: list[Row]
    formulas: set[tuple[int, int]] = field(default_factory=set)
    file_sha256: str = ""

    def place(self, row: int = 0) -> Place:
        """The place of a row of this sheet."""
        return Place(self.file, self.name, row)


def read(upload: Upload) -> list[Sheet]:
    """The sheets of an XLSX or CSV file, empty rows left out. Anything else or damaged: UnreadableError."""
    data = upload.data
    if not data.strip():
        raise UnreadableError(_("The file is empty. Save it again and upload it."))
    if len(data) > MAX_BYTES:
        raise UnreadableError(_("The file is too large. Split it by school."))
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableError(
            _(
                "The file is protected by a password or of the old XLS kind. Save it as XLSX without one."
            )
        )
    if data.startswith(b"PK"):
        return _read_xlsx(upload)
    return [_read_csv(upload)]


def _read_csv(upload: Upload) -> Sheet:
    said = _decoded(upload.data)
    delimiter = max(",\t;", key=said[:FIRST_SIGNS].count)
    lines = csv.reader(io.StringIO(said, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [Row(at, list(cells)) for at, cells in enumerate(lines, 1) if any(cells)]
    except csv.Error:
        raise UnreadableError(
            _broken_csv(lines.line_num) if '"' in said else _wrong_kind()
        ) from None
    if sum(len(row.cells) for row in rows) > MAX_CELLS:
        raise UnreadableError(_("The file is too large. Split it by school."))
    return Sheet(upload.name, "", rows)


def _broken_csv(line: int) -> str:
    """An unclosed quote swallows the rows after it: better none than a part."""
    return _(
        "A quotation mark does not close, near line %(line)s. Mend it, or save the file as XLSX."
    ) % {"line": line}


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            said = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if (
            not re.search(r"[\x00-\x08\x0b-\x1f]", said.replace("\r", ""))
            and said.lstrip()[:1] != "<"
        ):
            return said
        break
    raise UnreadableError(_wrong_kind())


def _wrong_kind() -> str:
    return _("This is neither an XLSX workbook nor a CSV table. Save it as one of them.")


def _read_xlsx(upload: Upload) -> list[Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(upload.data)) as archive:
            _measure(archive, len(upload.data))
            formulas = _inspect(archive)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        KeyError,
        ParseError,
        RuntimeError,
        ValueError,
    ):
        raise UnreadableError(_damaged()) from None
    return [_sheet(upload.name, name, cells, formulas) for name, cells in _cells(upload.data)]


def _cells(data: bytes) -> list[tuple[str, list[list[Any]]]]:
    """The sheets by name, read in a child process with limits: a workbook can make the reader abort (UPL-02)."""
    try:
        child = subprocess.run(
            [sys.executable, "-I", str(CHILD)],
            input=data,
            capture_output=True,
            timeout=CHILD_SECONDS,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        too_much = error.returncode == TOO_MUCH
        raise UnreadableError(_far_too_much() if too_much else _damaged()) from None
    except subprocess.TimeoutExpired:
        raise UnreadableError(_damaged()) from None
    with_dates, sheets = marshal.loads(child.stdout)
    if with_dates:
        return [(name, [[_whole(cell) for cell in row] for row in rows]) for name, rows in sheets]
    return cast(list[tuple[str, list[list[Any]]]], sheets)


def _damaged() -> str:
    return _("The workbook is cut off or damaged. Open it, save it again as XLSX, upload it.")


def _far_too_much() -> str:
    return _("The workbook unpacks to far too much. Split it, or save it again.")


def _measure(archive: zipfile.ZipFile, size: int) -> None:
    """Before anything is unpacked: how much it says it will be (UPL-02)."""
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise UnreadableError(_wrong_kind())
    packed_too_well = unpacked > 8 * 2**20 and unpacked > MAX_RATIO * size
    if len(parts) > MAX_ENTRIES or unpacked > MAX_UNPACKED or packed_too_well:
        raise UnreadableError(_far_too_much())


def _inspect(archive: zipfile.ZipFile) -> dict[str, set[tuple[int, int]]]:
    """Every XML part read once in pieces: no DTD (UPL-03), no lying length, no cell far out. Gives the formulas by sheet name."""
    formulas: dict[str, set[tuple[int, int]]] = {}
    cells = 0
    for part in archive.infolist():
        if not part.filename.endswith((".xml", ".rels", ".vml")):
            continue
        for piece in _pieces(archive, part):
            _refuse_entities(piece)
            if part.filename.startswith("xl/worksheets/"):
                cells += piece.count(b"<c ")
                if cells > MAX_CELLS or _FAR.search(piece):
                    raise UnreadableError(
                        _("The sheet is far too large. Delete empty rows and columns.")
                    )
                if b"<f" in piece:
                    formulas.setdefault(part.filename, set()).update(_formulas(piece))
    return _by_name(archive, formulas) if formulas else {}


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            yield tail + chunk
            tail = chunk[-OVERLAP:]


def _refuse_entities(piece: bytes) -> None:
    if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece or b"\x00" in piece:
        raise UnreadableError(
            _("The workbook holds definitions that no spreadsheet writes. It is refused.")
        )


def _formulas(piece: bytes) -> Iterator[tuple[int, int]]:
    for letters, row in _FORMULA.findall(piece):
        column = 0
        for letter in letters:
            column = column * 26 + letter - 64
        yield int(row), column - 1


def _by_name(
    archive: zipfile.ZipFile, formulas: dict[str, set[tuple[int, int]]]
) -> dict[str, set[tuple[int, int]]]:
    targets = {
        each.get("Id"): str(each.get("Target")).lstrip("/").removeprefix("xl/")
        for each in fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    }
    book = fromstring(archive.read("xl/workbook.xml"))
    return {
        str(each.get("name")): formulas.get(f"xl/{targets.get(each.get(f'{_REL}id'))}", set())
        for each in book.iter(f"{_MAIN}sheet")
    }


def _sheet(
    file: str,
    name: str,
    cells: list[list[Any]],
    formulas: dict[str, set[tuple[int, int]]],
) -> Sheet:
    rows = [
        Row(at, [_without_controls(cell) for cell in row])
        for at, row in enumerate(cells, 1)
        if any(cell != "" for cell in row)
    ]
    return Sheet(file, str(_without_controls(name)), rows, formulas.get(name, set()))


def _without_controls(cell: Any) -> Any:
    """A workbook can spell signs that no text holds (`_x0000_`): each becomes the sign for what cannot be read."""
    if type(cell) is not str or cell.isprintable():
        return cell
    return _CONTROLS.sub("\ufffd", cell)


def _whole(cell: Any) -> Any:
    """A cell as it was: dates and times come from the child in pairs."""
    if type(cell) is not tuple:
        return cell
    kind, said = cell
    if kind == "days":
        return timedelta(days=said)
    read: dict[str, Any] = {"datetime": datetime, "date": date, "time": time}
    return read[kind].fromisoformat(said)
