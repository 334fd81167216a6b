"""The forms of the small flows: each step asks the fields that its stop names, and how it goes on."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casework.cases.forms import RecordForm, day_field, one_of, text_field
from casework.cases.models import ProcedureCode
from casework.cases.stops import Stop

LABELS: dict[str, Any] = {
    "held_on": _("Day"),
    "place": _("Place"),
    "present": _("Present"),
    "signs": _("Signs of risk"),
    "talk": _("What was said"),
    "plan": pgettext_lazy("procedure", "Plan"),
    "until": _("Plan to be done by"),
    "who_came": _("Who came"),
    "agreed": _("What was agreed"),
    "team": _("Who investigated"),
    "found": _("What was found"),
    "evidence": _("Evidence"),
    "told_how": _("How leader and parents were told"),
    "come_on": _("Parents asked to come on"),
    "why": _("Reason that pupil and parents give"),
    "measures": _("Measures"),
    "result": _("Result"),
    "facts": _("Facts"),
    "asked": _("What the authority is asked for"),
    "goals": _("Goals"),
    "helper": _("Who helps"),
    "review_on": _("Day of review"),
    "reached": _("What was reached"),
    "measures_on": _("What goes on"),
    "review_next": _("Next day of review"),
}
DAYS = {"held_on", "until", "come_on", "review_on", "review_next"}
SHORT = {"place", "who_came", "helper", "team"}
OPTIONAL = {"plan", "until", "measures_on", "review_next"}


def form_of(stop: Stop) -> type[RecordForm]:
    """The form of a step."""
    fields: dict[str, Any] = {name: _field(name) for name in stop.fields}
    choices = [(each.code, each.label) for each in stop.answers]
    fields["outcome"] = one_of(_("How does it go on?"), choices)
    groups = [(stop.title, list(fields))]
    return type("StopForm", (RecordForm,), {**fields, "groups": groups})


def _field(name: str) -> forms.Field:
    required = name not in OPTIONAL
    if name in DAYS:
        return day_field(LABELS[name], required=required)
    return text_field(LABELS[name], required=required, long=name not in SHORT)


class BeginForm(RecordForm):
    """What begins, and why."""

    code = one_of(_("What begins?"), ProcedureCode.choices)
    reason = text_field(_("What was noticed"), long=True, most=300)
    groups = [(_("Warning or plan"), ["code", "reason"])]  # noqa: RUF012 - as the base declares it
