"""Forms of the sign-in and of people and units."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from casework.core.validators import PHONE, USERNAME
from casework.org.models import Unit, UnitKind, User
from casework.org.roles import Role


class SetPasswordForm(forms.Form):
    """A password of one's own, typed twice; who has one already types it too."""

    old = forms.CharField(
        label=_("Present password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = forms.CharField(
        label=_("New password"),
        min_length=10,
        error_messages={"min_length": _("At least 10 characters.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters, not only digits, nothing that many people use."),
    )
    again = forms.CharField(
        label=_("The same again"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if user.must_set_password:
            del self.fields["old"]

    def clean_old(self) -> str:
        old = str(self.cleaned_data["old"])
        if not self.user.check_password(old):
            raise forms.ValidationError(_("This is not the present password."))
        return old

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        password = data.get("password", "")
        if password and password != data.get("again"):
            self.add_error("again", _("The two do not match."))
        elif password and self.user.check_password(password):
            self.add_error("password", _("Choose another one than the present password or code."))
        elif password:
            try:
                validate_password(password, self.user)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data


class UnitField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A unit, told with the office or school that it belongs to: many schools have a class of the same name."""

    def label_from_instance(self, unit: Unit) -> str:
        above = [self.names.get(path, "") for path in unit.paths_up()[1:-1]]
        return f"{next(filter(None, above), '')} {unit.name}".strip()

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of townships and schools by their paths."""
        offices = Unit.objects.filter(kind__in=[UnitKind.TOWNSHIP, UnitKind.SCHOOL])
        return dict(offices.values_list("path", "name"))


class PostForm(forms.Form):
    """One more post for a person."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    unit = UnitField(label=_("Unit"), queryset=Unit.objects.none())
    since = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class PersonForm(PostForm):
    """A new member of staff with a first post."""

    username = forms.CharField(
        label=_("Staff number or phone number"),
        max_length=32,
        validators=[USERNAME],
    )
    display_name = forms.CharField(label=_("Name"), max_length=40)
    phone = forms.CharField(
        label=_("Phone"),
        max_length=20,
        required=False,
        validators=[PHONE],
    )
    until = None  # type: ignore[assignment]  # Django's way to drop a field of the base
    field_order = ("username", "display_name", "phone", "role", "unit", "since")


class UnitForm(forms.Form):
    """A new unit below another."""

    kind = forms.ChoiceField(label=_("Kind"))
    name = forms.CharField(label=_("Name of the unit"), max_length=80)
    code = forms.CharField(label=_("Code"), max_length=20, required=False)

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
