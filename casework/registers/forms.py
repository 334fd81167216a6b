"""The forms of the registers; that of a paper is made from its declaration: what its sheet asks for, in the paper's own words and order."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.cases.facts.spelling import lines_of
from casework.cases.forms import RecordForm, day_field, drawn_by, one_of, text_field
from casework.cases.hands import PREFIX
from casework.documents.models import Purpose
from casework.documents.papers.declare import Column, Field, Paper, Table
from casework.profiles.shelf import slots_of
from casework.registers.models import Source
from casework.registers.sheets import Sheet

ROWS, OPEN_ROWS = 5, 2  # of a table that is typed: how many there are, how many stand open
LONG, SHORT = ("long", "lines"), ("text", "name", "num")
MOST = 1500
SHORT_ROW, MOST_CARDS = 2, 5  # so many options stand in a row, as cards; more in a list


def form_for(sheet: Sheet) -> type[RecordForm]:
    """The form class, in the language that is active now."""
    fields: dict[str, forms.Field] = {}
    groups: list[tuple[str, list[str]]] = []
    fold: list[str] = []
    for title, parts in _parts(sheet):
        names: list[str] = []
        for part in parts:
            if isinstance(part, Table):
                fields |= _row_fields(part)
                names += _names(part, 0, OPEN_ROWS)
                fold += _names(part, OPEN_ROWS, ROWS)
            else:
                fields[part.key] = _field(part)
                names.append(part.key)
        groups.append((str(title), names))
    hands = {f"{PREFIX}{each.key}": drawn_by(str(each.label)) for each in sheet.signing}
    named: dict[str, Any] = {"groups": groups, "fold": fold, "hands": list(hands)}
    return type("SheetForm", (RecordForm,), {**fields, **hands, **named})


def _parts(sheet: Sheet) -> list[tuple[Any, list[Field | Table]]]:
    """The titled parts of the paper with what is asked in each; a letter's own facts first."""
    paper = sheet.paper
    titled: list[tuple[Any, list[Field | Table]]] = []
    if paper.letter:
        titled.append((paper.title, list(paper.letter.facts)))
    for section in paper.sections:
        inside: list[Field | Table] = [field for row in section.rows for field in row]
        titled.append((section.title, inside + ([section.table] if section.table else [])))
    asked = (
        (title, [part for part in parts if part.key in sheet.asked]) for title, parts in titled
    )
    return [(title, parts) for title, parts in asked if parts]


def _field(field: Field | Column, *, required: bool | None = None) -> forms.Field:
    needed = getattr(field, "required", False) if required is None else required
    label = str(field.label)
    if field.kind == "choice":
        assert isinstance(field, Field)
        choices = [(code, str(words)) for code, words in field.options.items()]
        if len(choices) > MOST_CARDS:
            return forms.ChoiceField(label=label, choices=choices, required=needed)
        return one_of(label, choices, required=needed, short=len(choices) <= SHORT_ROW)
    if field.kind == "date":
        return day_field(label, required=needed)
    if field.kind in LONG:
        return text_field(label, required=needed, long=True, most=MOST)
    assert field.kind in SHORT, field.kind
    return text_field(label, required=needed)


def _row_fields(table: Table) -> dict[str, forms.Field]:
    """The fields of a typed table; its first row is needed if the table is."""
    found: dict[str, forms.Field] = {}
    for number in range(1, ROWS + 1):
        for place, column in enumerate(table.columns):
            needed = table.required and number == 1 and place == 0
            field = _field(column, required=needed)
            field.label = f"{number}. {field.label}"
            found[f"{table.key}_{number}_{column.key}"] = field
    return found


def _names(table: Table, first: int, last: int) -> list[str]:
    return [
        f"{table.key}_{number}_{column.key}"
        for number in range(first + 1, last + 1)
        for column in table.columns
    ]


def values_of(paper: Paper, asked: tuple[str, ...], typed: dict[str, Any]) -> dict[str, Any]:
    """What was typed, by the keys of the paper."""
    found: dict[str, Any] = {}
    for key in asked:
        part = paper.fields()[key]
        if isinstance(part, Table):
            found[key] = _rows(part, typed)
        else:
            found[key] = lines_of(typed[key]) if part.kind == "lines" else typed[key]
    return found


def _rows(table: Table, typed: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows in which something was typed."""
    rows = (
        {column.key: typed[f"{table.key}_{number}_{column.key}"] for column in table.columns}
        for number in range(1, ROWS + 1)
    )
    return [row for row in rows if any(row.values())]


class FilingForm(forms.Form):
    """A document for the shelf of an office."""

    slot = forms.ChoiceField(label=_("Part"))
    title = text_field(_("What it is called"))
    day = day_field(_("Its own day"))
    approver = text_field(_("Approved by"), required=False)

    def __init__(self, kind: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slot = self.fields["slot"]
        assert isinstance(slot, forms.ChoiceField)
        slot.choices = [(each.code, each.title) for each in slots_of(kind)]


class ProblemForm(forms.Form):
    """A problem for the ledger."""

    source = forms.ChoiceField(label=_("Where it came up"), choices=Source.choices)
    what = text_field(_("Problem"), long=True, most=300)
    measure = text_field(_("Measure"), long=True, most=300)
    owner = text_field(_("Who sees to it"), most=80)
    due = day_field(_("By when"))


class HandInForm(forms.Form):
    """Files for a case or an office."""

    purpose = one_of(_("What for"), Purpose.choices[:3], initial=Purpose.SIGNED)
    title = text_field(_("What it shows"), required=False)
