"""The list on the screen as a file: with the reason and the receiver, which stay in the trail and stand in the file."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from itertools import zip_longest

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter
from openpyxl.workbook.child import INVALID_TITLE_REGEX

from casework.audit import trail
from casework.cases.kinds import Kind
from casework.cases.models import Step
from casework.core.clock import LOCAL
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.evidence.sheets import csv_lines
from casework.evidence.workbook import XLSX
from casework.org.models import Unit
from casework.org.roles import Can
from casework.oversight.columns import heads, rows
from casework.oversight.step_views import StepsPage
from casework.oversight.views import ALL_WORDS

MOST = 5000
HEADS = 3  # the line that names the columns
WIDEST = 50  # letters
LONGEST_TITLE = 31  # of a sheet
Row = Sequence[object]


class Export(StepsPage):
    """The steps that the address names, as XLSX or CSV; every value is text or a number, none a formula."""

    def post(self, request: HttpRequest) -> HttpResponse:
        asked = self.asked()
        unit, what, lens = asked.unit, asked.what, asked.lens
        said = {name: request.POST.get(name, "").strip()[:200] for name in ("reason", "receiver")}
        form = request.POST.get("as", "")
        if not self.user.can(Can.EVIDENCE, unit):
            raise PermissionDenied
        if form not in ("xlsx", "csv"):
            raise Http404
        if not all(said.values()):
            raise DomainError(_("Say why the list leaves the house, and for whom."))
        open_to_all = asked.rows.exclude(
            shown_kind=Kind.PROTECT
        )  # what is restricted does not leave the house
        steps = lens.shown(open_to_all.order_by(lens.due, "id")[: MOST + 1])
        if len(steps) > MOST:
            raise DomainError(
                _("The list has more than %(most)s rows: choose a unit or a step."), most=MOST
            )
        head = [
            _("For"),
            said["receiver"],
            _("Reason"),
            said["reason"],
            _("As of"),
            _local(lens.at),
        ]
        lines: list[Row] = [
            head,
            [str(ALL_WORDS[what]), unit.name, *asked.narrowed],
            heads(asked.shown),
            *rows(steps, asked.shown, lens),
        ]
        response = _file(lines, form, f"steps-{what}-{_local(lens.at)[:10]}")
        self._note(unit, what, steps, said)
        return response

    def _note(self, unit: Unit, what: str, steps: list[Step], said: dict[str, str]) -> None:
        with one_act():
            trail.record(
                "list.exported", by=self.user, at=self.at, unit_id=unit.pk, what=what, rows=len(steps),
                reason=said["reason"], receiver=said["receiver"],
            )  # fmt: skip
        seen = [step.case_id for step in steps]
        trail.look("export", seen, by=self.user, at=self.at, reason=said["reason"])


def _local(at: datetime) -> str:
    return at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")


def _file(lines: list[Row], form: str, name: str) -> HttpResponse:
    if form == "csv":
        data, kind = b"\xef\xbb\xbf" + csv_lines(lines), "text/csv; charset=utf-8"
    else:
        data, kind = _workbook(lines), XLSX
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def _workbook(lines: list[Row]) -> bytes:
    """Text stays text: a cell that begins like a formula is no formula. Columns as wide as what stands in them, the heads stay in sight."""
    book, out = Workbook(write_only=True), BytesIO()
    sheet = book.create_sheet(INVALID_TITLE_REGEX.sub(" ", str(lines[1][0]))[:LONGEST_TITLE])
    sheet.freeze_panes = f"A{HEADS + 1}"
    for number, values in enumerate(zip_longest(*lines[HEADS - 1 :]), 1):
        widest = max(map(_width, values), default=0)
        sheet.column_dimensions[get_column_letter(number)].width = min(widest, WIDEST) + 2
    for line in lines:
        cells = []
        for value in line:
            text = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
            cell = WriteOnlyCell(sheet, value=text)
            if isinstance(value, str):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    book.save(out)
    return out.getvalue()


def _width(value: object) -> int:
    """In letters; a Chinese character takes two."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in str(value or ""))
