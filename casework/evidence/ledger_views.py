"""A ledger taken along: which one, of which unit, as of which day; with reason and receiver, as a workbook or printed."""

import io
from datetime import date
from itertools import islice
from typing import Any

import pikepdf
from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from casework.audit import trail
from casework.cases.forms import day_field
from casework.cases.models import Case
from casework.core.clock import local_date, school_year
from casework.core.downloads import handed_out
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.evidence.approving import is_own_roster
from casework.evidence.casefile import ROW
from casework.evidence.extent import About, Row, Table, text_of
from casework.evidence.ledgers import L1, L3, LEDGERS, children_of, reported
from casework.evidence.printed import printed_now
from casework.evidence.proofs import newest_anchor
from casework.evidence.scope import cases_between, units_for
from casework.evidence.workbook import XLSX, Book
from casework.org.models import Unit
from casework.org.pages import Page
from casework.org.roles import Can
from casework.profiles.rules import section

PRINTED_AT_MOST = 1000  # rows; a longer list is for a workbook
STRETCH = 100  # rows that the press prints at once


class LedgerForm(forms.Form):
    """Which ledger, where, as of when, in which form, and what for."""

    ledger = forms.ChoiceField(
        label=gettext_lazy("Ledger"),
        choices=[(table.code, table.title) for table in LEDGERS],
        widget=forms.RadioSelect,
    )
    unit = forms.ModelChoiceField(label=gettext_lazy("Unit"), queryset=Unit.objects.none())
    as_of = day_field(gettext_lazy("As of"))
    form = forms.ChoiceField(
        label=gettext_lazy("File"),
        choices=[
            ("xlsx", gettext_lazy("workbook (XLSX)")),
            ("pdf", gettext_lazy("to print (PDF)")),
        ],
    )
    receiver = forms.CharField(label=gettext_lazy("For whom"), max_length=120)
    reason = forms.CharField(label=gettext_lazy("What it is needed for"), max_length=200)

    def __init__(self, units: Any, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]

    def clean_as_of(self) -> date:
        day: date = self.cleaned_data["as_of"]
        if day > self.today:
            raise forms.ValidationError(_("A day lies in the future."))
        return day


class Ledgers(Page):
    """The form, and by POST the file. What was taken, for whom and why stays in the trail."""

    capability = Can.EVIDENCE

    def get(self, request: HttpRequest) -> HttpResponse:
        today = local_date(self.at)
        given = {"as_of": today, "ledger": LEDGERS[0].code, "form": "xlsx"}
        return self._show(LedgerForm(units_for(self.user), today, initial=given))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = LedgerForm(units_for(self.user), local_date(self.at), request.POST)
        if not form.is_valid():
            return self._show(form, status=422)
        said = form.cleaned_data
        table = next(table for table in LEDGERS if table.code == said["ledger"])
        about = _about(said["unit"], said["as_of"], self)
        name = f"{table.code}-{said['unit'].pk}-{said['as_of']}"
        try:
            self._refuse_many(about, table)
            answer = (_printed if said["form"] == "pdf" else _workbook)(table, about, name, said)
        except DomainError as error:
            form.add_error(next(iter(error.fields), "form"), str(error))
            return self._show(form, status=422)
        self._note(about, table, said)
        return answer

    def _refuse_many(self, about: About, table: Table) -> None:
        """A list of more people than one person may hand out goes within an evidence file, which a second one agrees to."""
        if table is L1 and is_own_roster(about.unit, self.user):
            return
        most, count = (
            section(about.unit, "exports", self.at)["approve_above"],
            len(_named(table, about)[1]),
        )
        if count > most:
            words = _(
                "This list names %(n)s, more than %(most)s: take it within an evidence file of the unit; a second person agrees to that."
            )
            raise DomainError(words, fields={"unit": _("too many")}, n=count, most=most)

    def _note(self, about: About, table: Table, said: dict[str, Any]) -> None:
        with one_act():
            trail.record(
                "ledger.taken", by=self.user, at=self.at, unit_id=about.unit.pk, what=table.code, as_of=str(about.last),
                reason=said["reason"], receiver=said["receiver"],
            )  # fmt: skip
        what, ids = _named(table, about)
        trail.look(what, ids, by=self.user, at=self.at, reason=said["reason"])

    def _show(self, form: LedgerForm, status: int = 200) -> HttpResponse:
        return self.show("evidence/ledgers.html", {"form": form, "may_take": True}, status=status)


def _named(table: Table, about: About) -> tuple[str, list[int]]:
    """Whom a ledger names, for the log: ids of pupils, or of cases."""
    if table is L1:
        return "ledger_pupils", list(children_of(about).values_list("pk", flat=True))
    cases = reported(about) if table is L3 else about.cases
    return "ledger", list(cases.values_list("pk", flat=True))


def _about(unit: Unit, day: date, view: Page) -> About:
    """The school year up to the day: a ledger of a year begins with it."""
    first = school_year(day)
    rows = Case.objects.select_related(*ROW)
    return About(cases_between(rows, unit, first, day), unit, first, day, view.at, None)


def _heading(about: About, said: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (_("Unit"), about.unit.name),
        (_("As of"), about.last.isoformat()),
        (_("For whom"), said["receiver"]),
        (_("What it is needed for"), said["reason"]),
        *((_("Anchor"), anchor) for anchor in [newest_anchor()] if anchor),
    ]


def _workbook(table: Table, about: About, name: str, said: dict[str, Any]) -> HttpResponse:
    book, title = Book(), str(table.title)
    book.begin(title, [str(head) for head in table.heads])
    book.add(title, (_texts(row) for row in table.rows(about)))
    book.begin(_("About this ledger"), [title, ""])
    book.add(
        _("About this ledger"),
        [list(line) for line in _heading(about, said)],
    )
    return handed_out(book.whole(), XLSX, f"{name}.xlsx")


def _texts(row: Row) -> list[object]:
    return [cell if type(cell) is int else text_of(cell) for cell in row]


def _printed(table: Table, about: About, name: str, said: dict[str, Any]) -> HttpResponse:
    """In stretches that the press makes in its time, joined."""
    rows = [
        [text_of(cell) for cell in row] for row in islice(table.rows(about), PRINTED_AT_MOST + 1)
    ]
    if len(rows) > PRINTED_AT_MOST:
        raise DomainError(
            _(
                "The ledger has more than %(most)s rows: take the workbook, or choose a smaller unit."
            )
            % {"most": PRINTED_AT_MOST}
        )
    context: dict[str, object] = {
        "title": str(table.title), "heads": table.heads, "heading": _heading(about, said)
    }  # fmt: skip
    out = io.BytesIO()
    with pikepdf.new() as whole:
        for first in range(0, max(len(rows), 1), STRETCH):
            part = context | {"rows": rows[first : first + STRETCH], "first": first == 0}
            with pikepdf.open(io.BytesIO(_stretch(table, about, part))) as pages:
                whole.pages.extend(pages.pages)
        whole.save(out)
    return handed_out(out.getvalue(), "application/pdf", f"{name}.pdf")


def _stretch(table: Table, about: About, context: dict[str, object]) -> bytes:
    made_of: dict[str, object] = {
        "ledger": table.code,
        "unit": about.unit.pk,
        "as_of": str(about.last),
    }
    language = get_language() or "zh-hans"
    return printed_now("ledger.html", context, language=language, made_of=made_of, at=about.at)
