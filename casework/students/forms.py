"""The upload form."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from casework.students.workbook import MAX_BYTES, Upload

MAX_FILES = 60


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files at once, each within the size that is read at all."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        given = data if isinstance(data, list | tuple) else [data]
        files = [super(ManyFilesField, self).clean(each, initial) for each in given or [None]]
        if len(files) > MAX_FILES or sum(each.size or 0 for each in files) > 2 * MAX_BYTES:
            raise forms.ValidationError(_("These are too many files for one upload. Split them."))
        return files


class ImportForm(forms.Form):
    """What is imported, for which township (rosters), and the files."""

    kind = forms.ChoiceField(label=_("What do the files hold?"), widget=forms.RadioSelect)
    township = forms.CharField(
        label=_("Township"),
        required=False,
        max_length=80,
        help_text=_(
            "For rosters: the township of the schools. For lists of a county: whose list it is."
        ),
        widget=forms.TextInput(attrs={"list": "townships"}),
    )
    upload = ManyFilesField(
        label=_("Files"),
        help_text=_("XLSX or CSV, several at once."),
        widget=ManyFilesInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, object]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["kind"].initial = kinds[0][0]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") == "roster" and not cleaned.get("township", "").strip():
            self.add_error("township", _("A roster needs its township."))
        return cleaned

    def uploads(self) -> list[Upload]:
        """The files as the readers take them."""
        return [Upload(str(each.name)[-120:], each.read()) for each in self.cleaned_data["upload"]]
