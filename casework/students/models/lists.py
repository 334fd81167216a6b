"""Uploads, and the lists of others that are compared with the rolls."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.core.append_only import AppendOnly
from casework.core.crypto import EncryptedField
from casework.org.models import Unit, User
from casework.students.models.pupils import Pupil


class ImportRun(models.Model):
    """One upload: its files, its dry run, and whether it was applied."""

    kind = models.CharField(max_length=12)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    files: models.JSONField[Any, Any] = models.JSONField(
        default=list, help_text=_("name and sha256")
    )
    outcome: models.JSONField[Any, Any] = models.JSONField(default=dict)
    township = models.CharField(max_length=80, blank=True, help_text=_("named at the upload"))
    applied_at = models.DateTimeField(null=True)
    discarded_at = models.DateTimeField(null=True, help_text=_("its files were deleted"))
    office = models.ForeignKey(
        Unit,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("whose upload it is"),
    )
    undone_at = models.DateTimeField(null=True, help_text=_("taken back as a whole"))


class OwnWord(models.Model):
    """What an office calls a column or a sign of its files (`said`), and the word that the readers know."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="own_words")
    kind = models.CharField(max_length=12, help_text=_("of import"))
    said = models.CharField(max_length=40)
    means = models.CharField(max_length=40)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "kind", "said"], name="one_own_word")
        ]


class ListKind(models.TextChoices):
    """Whose list it is (domain.md B13, E6, E9; four checks, three comparisons)."""

    HOUSEHOLD = "household", _("household education register")
    STATUS = "status", _("status list of the national platform")
    AID = "aid", _("aid list")
    MINISTRY = "ministry", _("list of the ministry to be checked name by name")


class OtherList(models.Model):
    """One list as it was handed in for a unit; the newest of a kind and unit counts."""

    kind = models.CharField(max_length=12, choices=ListKind.choices)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="other_lists")
    files: models.JSONField[Any, Any] = models.JSONField(default=list)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    compared_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "unit"],
                condition=models.Q(replaced_at=None),
                name="one_list_in_force",
            )
        ]


class How(models.TextChoices):
    """How a row was matched with a pupil."""

    NUMBER = "number", _("by number")
    SAME = "same", _("by name, birth date and guardian")
    PERSON = "person", _("by a person's decision")
    ASK = "ask", _("to be decided: the same person?")
    NONE = "none", _("with nobody")


class ListRow(models.Model):
    """A child on another's list. `key` finds it again on the next list; `possible` are the pupils it may be."""

    other_list = models.ForeignKey(OtherList, on_delete=models.PROTECT, related_name="rows")
    line = models.PositiveIntegerField()
    key = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    sex = models.CharField(max_length=1, blank=True)
    born = models.DateField(null=True)
    id_number = EncryptedField(blank=True)
    id_index = models.CharField(max_length=40, blank=True)
    status_index = models.CharField(max_length=40, blank=True)
    guardian = models.CharField(max_length=60, blank=True)
    phone = EncryptedField(blank=True)
    address = models.CharField(max_length=160, blank=True)
    village = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    school_name = models.CharField(max_length=80, blank=True)
    household = models.CharField(max_length=40, blank=True, help_text=_("number of the household"))
    householder = models.CharField(max_length=60, blank=True)
    state = models.CharField(
        max_length=80, blank=True, help_text=_("what the list says of schooling")
    )
    remark = models.CharField(max_length=200, blank=True)
    pupil = models.ForeignKey(Pupil, null=True, on_delete=models.PROTECT, related_name="list_rows")
    how = models.CharField(max_length=8, choices=How.choices, default=How.NONE)
    possible: models.JSONField[Any, Any] = models.JSONField(default=list)

    class Meta:
        indexes = [
            models.Index(fields=["other_list", "how", "id"], name="list_row_how"),
            models.Index(fields=["key"], name="list_row_key"),
        ]


class SamePerson(AppendOnly):
    """A person said whether a row and a pupil are the same child; the newest word counts, `same` None takes it back.

    It holds for the lists of the unit for which it was said, and of those below it.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=40, db_index=True)
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="+")
    same = models.BooleanField(null=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Explained(models.TextChoices):
    """Why a difference is none to worry about, or that it is one."""

    ELSEWHERE = "elsewhere", _("at a school elsewhere, proof seen")
    MOVED = "moved", _("moved away")
    AGE = "age", _("not of school age")
    FINISHED = "finished", _("has finished school")
    SPECIAL = "special", _("taught at home, deferred or suspended")
    DECEASED = "deceased", _("died")
    WRONG = "wrong", _("an error of the list")
    SUSPECTED = "suspected", _("suspected: noted as a finding")


class Explanation(AppendOnly):
    """What a person said of a difference: of a child on the list (`key`) or of one on the roll (`pupil`).

    It holds for the next list of that kind, too, of the unit for which it was said and of those below it; the newest
    counts, an empty reason takes it back.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=ListKind.choices)
    key = models.CharField(max_length=40, blank=True)
    pupil = models.ForeignKey(Pupil, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=10, choices=Explained.choices, blank=True)
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "key"], name="explanation_key"),
            models.Index(fields=["kind", "pupil"], name="explanation_pupil"),
        ]
