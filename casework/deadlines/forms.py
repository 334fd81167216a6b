"""Forms of terms, local days and office hours."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.core.errors import DomainError
from casework.deadlines.office import Hours, parse_hours
from casework.org.models import Unit, UnitKind


def _places() -> "forms.ModelChoiceField[Unit]":
    kinds = [UnitKind.COUNTY, UnitKind.TOWNSHIP, UnitKind.SCHOOL]
    return forms.ModelChoiceField(
        label=_("Where"),
        queryset=Unit.objects.filter(kind__in=kinds).order_by("path"),
        empty_label=None,
    )


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class TermForm(forms.Form):
    """The dates of a term for a unit and all below it."""

    unit = _places()
    code = forms.CharField(label=_("Term"), max_length=12, help_text=_("like 2026-2027-1"))
    first_day = _day(_("First day"))
    last_day = _day(_("Last day"))


class LocalDayForm(forms.Form):
    """A day that differs for the schools of a unit: no school (snow), or school on a day off."""

    unit = _places()
    day = _day(_("Day"))
    school = forms.TypedChoiceField(
        label=_("What it is"),
        choices=[("no", _("no school")), ("yes", _("school on a day off"))],
        coerce=lambda value: value == "yes",
    )
    reason = forms.CharField(label=_("Reason"), max_length=80)


class HoursForm(forms.Form):
    """The office hours of a unit and all below it."""

    unit = _places()
    hours = forms.CharField(
        label=_("Hours of a working day"),
        max_length=80,
        help_text=_("like 08:30-12:00 14:00-17:30"),
    )
    valid_from = _day(_("From which day on"))

    def clean_hours(self) -> Hours:
        try:
            return parse_hours(self.cleaned_data["hours"])
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error
