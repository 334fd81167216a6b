"""What a person says when asking for evidence: the scope, for whom, why."""

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.cases.kinds import Stage
from casework.cases.models import Case
from casework.documents.glyphs import cleaned
from casework.evidence import scope
from casework.evidence.models import Purpose
from casework.org.models import Unit, User

EARLIEST, LATEST = 2000, 2100


class BundleForm(forms.Form):
    """A case number, or a unit with a period."""

    number = forms.CharField(label=_("Case number"), max_length=32, required=False)
    unit = forms.ModelChoiceField(
        label=_("Or all cases of a unit"), queryset=Unit.objects.none(), required=False
    )
    first = forms.DateField(
        label=_("From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    last = forms.DateField(
        label=_("To"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    stage = forms.ChoiceField(label=_("Only cases that stand here"), required=False)
    outcome = forms.ChoiceField(label=_("Only cases that ended so"), required=False)
    sample = forms.IntegerField(
        label=_("Only a random sample of so many"), min_value=1, max_value=500, required=False
    )
    seed = forms.CharField(
        label=_("Seed of the sample"),
        max_length=64,
        required=False,
        help_text=_("as it was announced; without one the system draws it and prints it"),
    )
    purpose = forms.ChoiceField(label=_("Made for"), choices=Purpose.choices)
    receiver = forms.CharField(label=_("For whom"), max_length=120)
    reason = forms.CharField(label=_("What it is needed for"), max_length=200)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.case: Case | None = None
        units = self.fields["unit"]
        assert isinstance(units, forms.ModelChoiceField)
        units.queryset = scope.units_for(user)
        for name, choices in (("stage", Stage.choices), ("outcome", scope.OUTCOMES)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("all")), *choices]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        number, unit = given.get("number", ""), given.get("unit")
        given["sample"] = given.get("sample") or 0
        if given["sample"]:
            given["seed"] = given.get("seed") or secrets.token_hex(8)
        if given.get("seed", "") != cleaned(given.get("seed", "")):
            self.add_error("seed", _("Letters, figures and plain marks only."))
        if number and unit:
            self.add_error("number", _("Give a case number or choose a unit, not both."))
        elif not number and not unit:
            self.add_error("number", _("Give a case number, or choose a unit."))
        elif number:
            self.case = scope.case_for(self.user, number)
            if self.case is None:
                self.add_error("number", _("There is no such case in your reach."))
        elif not given.get("first") or not given.get("last"):
            self.add_error("first", _("Give the first and the last day."))
        elif given["last"] < given["first"]:
            self.add_error("last", _("The last day lies before the first."))
        elif given["first"].year < EARLIEST or given["last"].year > LATEST:
            self.add_error("last", _("Give days between 2000 and 2100."))
        return given
