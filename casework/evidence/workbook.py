"""The index and the tables of a bundle as one XLSX, written row by row as text (ECMA-376 Part 1, 18.3): ten thousand papers cost a tenth of a second.

Every cell is a number or an inline string, so none can be a formula (EXP-01).
"""

import re
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from typing import IO, cast
from xml.sax.saxutils import escape

LONGEST_TITLE, MEMORY = 31, 1 << 20
NOT_IN_TITLES = re.compile(r"[:\\/?*[\]]")
NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PARTS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
BEGIN = (
    f'{HEAD}<worksheet xmlns="{SPREADSHEET}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    '<cols><col min="1" max="{columns}" width="22" customWidth="1"/></cols><sheetData>'
)
END = "</sheetData></worksheet>"
STYLES = (
    f'{HEAD}<styleSheet xmlns="{SPREADSHEET}"><fonts count="2"><font><sz val="11"/></font><font><b/><sz val="11"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf xfId="0"/><xf fontId="1" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class Book:
    """An XLSX under way; its sheets grow in temporary files."""

    def __init__(self) -> None:
        self.sheets: dict[str, IO[bytes]] = {}

    def begin(self, title: str, heads: Sequence[object]) -> None:
        """A sheet with its heads, which stay in view."""
        sheet = self.sheets[title] = cast(IO[bytes], tempfile.SpooledTemporaryFile(MEMORY))  # noqa: SIM115 - closed by `close`
        sheet.write(BEGIN.format(columns=len(heads)).encode())
        sheet.write(_row(heads, ' s="1"').encode())

    def add(self, title: str, rows: Iterable[Sequence[object]]) -> None:
        """Rows of a sheet that was begun."""
        self.sheets[title].write("".join(_row(row) for row in rows).encode())

    def complete(self) -> IO[bytes]:
        """The file, to be read from its beginning; gone once it is closed."""
        out = cast(IO[bytes], tempfile.TemporaryFile())  # noqa: SIM115 - whoever reads it closes it
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
            for name, text in self._parts().items():
                book.writestr(name, text)
            for number, sheet in enumerate(self.sheets.values(), 1):
                sheet.write(END.encode())
                sheet.seek(0)
                with book.open(f"xl/worksheets/sheet{number}.xml", "w") as part:
                    while chunk := sheet.read(MEMORY):
                        part.write(chunk)
        self.close()
        out.seek(0)
        return out

    def whole(self) -> bytes:
        """The file at once: for one that is handed out by itself."""
        with self.complete() as file:
            return file.read()

    def close(self) -> None:
        """Forget the sheets."""
        for sheet in self.sheets.values():
            sheet.close()

    def _parts(self) -> dict[str, str]:
        """What the standard asks for around the sheets."""
        numbers = range(1, len(self.sheets) + 1)
        names = [NOT_IN_TITLES.sub(" ", title)[:LONGEST_TITLE] for title in self.sheets]
        listed = "".join(
            f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>'
            for n, name in zip(numbers, names, strict=True)
        )
        types = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{PARTS}.worksheet+xml"/>'
            for n in numbers
        )
        links = "".join(
            f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in numbers
        )
        return {
            "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{PARTS}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{PARTS}.styles+xml"/>{types}</Types>',
            "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'{HEAD}<workbook xmlns="{SPREADSHEET}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{links}'
            f'<Relationship Id="rId0" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
            "xl/styles.xml": STYLES,
        }


def _row(cells: Sequence[object], style: str = "") -> str:
    return f"<row>{''.join([_cell(cell, style) for cell in cells])}</row>"


def _cell(value: object, style: str) -> str:
    if type(value) is int:
        return f"<c{style}><v>{value}</v></c>"
    text = escape(NOT_IN_XML.sub("", str(value)))
    return f'<c t="inlineStr"{style}><is><t xml:space="preserve">{text}</t></is></c>'
