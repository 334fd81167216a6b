"""What is handed out: every bundle ever asked for, by whom, for whom and why. Its file may be fetched again."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casework.cases.kinds import Outcome, Stage
from casework.cases.models import Case
from casework.core.crypto import EncryptedField
from casework.detection.models import Finding
from casework.org.models import Unit, User
from casework.students.models import Pupil


class State(models.TextChoices):
    ASKED = "asked", _("waits for approval")
    REFUSED = "refused", _("refused")
    WAITING = "waiting", _("waiting")
    BUILDING = "building", _("being made")
    DONE = "done", _("ready")
    FAILED = "failed", _("failed")


class Purpose(models.TextChoices):
    """What an evidence file is for, and so what goes into it (`evidence.editions`)."""

    INSPECTION = "full", _("inspection: everything")
    COURT = "court", _("court or justice office: what was asked, sent, served")
    FAMILY = "family", _("the family: what was given to it or signed with it")
    OUTSIDE = "redacted", _("outside the administration: no names, nothing typed freely")


class Bundle(models.Model):
    """One evidence file: of a case, or of the cases of a unit's schools that were open in a period."""

    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="bundles")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="bundles")
    first = models.DateField(null=True)
    last = models.DateField(null=True, help_text=_("inclusive"))
    stage = models.CharField(max_length=24, choices=Stage.choices, blank=True)
    outcome = models.CharField(max_length=24, choices=Outcome.choices, blank=True)
    sample = models.PositiveIntegerField(
        default=0, help_text=_("how many cases were drawn by the seed; 0 for all")
    )
    seed = models.CharField(max_length=64, blank=True, default="")
    population: "models.JSONField[list[int], list[int]]" = models.JSONField(
        default=list,
        help_text=_("of a sample: the ids of all cases, in their order, when it was asked for"),
    )
    purpose = models.CharField(max_length=8, choices=Purpose.choices, default=Purpose.INSPECTION)
    codes = EncryptedField(
        default="",
        help_text=_("of a file without names: whose code is whose, as CSV; it stays here"),
    )
    merged = models.BooleanField(help_text=_("with a reading copy of each case"))
    language = models.CharField(max_length=10, default="zh-hans")
    reason = models.CharField(max_length=200)
    receiver = models.CharField(max_length=120, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="bundles")
    by_name = models.CharField(max_length=80)
    at = models.DateTimeField()
    decided_by = models.CharField(
        max_length=80,
        blank=True,
        help_text=_("who agreed to it or refused it, where that is needed"),
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    touched_at = models.DateTimeField(null=True, help_text=_("last sign of life of its maker"))
    attempt = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    path = models.CharField(max_length=120, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, help_text=_("of the list of lists"))
    size = models.PositiveBigIntegerField(default=0)
    cases = models.PositiveIntegerField(default=0)
    anchor = models.CharField(max_length=64, blank=True)
    anchored_at = models.DateTimeField(null=True)
    gap_count = models.PositiveIntegerField(default=0)
    gaps: "models.JSONField[Any, Any]" = models.JSONField(
        default=list, help_text=_("the first ones: case, what, why, who, due")
    )
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(case__isnull=False, unit=None)
                | Q(case=None, unit__isnull=False, first__isnull=False, last__isnull=False),
                name="bundle_has_one_scope",
            )
        ]
        indexes = [models.Index(fields=["by", "-at"], name="bundle_mine")]

    @property
    def is_done(self) -> bool:
        return self.state == State.DONE

    @property
    def is_redacted(self) -> bool:
        return self.purpose == Purpose.OUTSIDE

    @property
    def percent(self) -> int:
        """How much is done, in full percent."""
        return 100 * self.done // self.total if self.total else 0


class Inspection(models.Model):
    """The visit of an outside inspector: an account through a day, for chosen cases, ended by a note of all that was looked at."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="inspections")
    inspector = models.OneToOneField(User, on_delete=models.PROTECT, related_name="inspection")
    office = models.CharField(max_length=120, help_text=_("who sends the inspector"))
    reason = models.CharField(max_length=200)
    by_name = models.CharField(max_length=80)
    at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True)
    anchor = models.CharField(max_length=64, blank=True, help_text=_("taken at its end"))

    class Meta:
        indexes = [models.Index(fields=["unit", "-at"], name="inspection_unit")]


class Chosen(models.Model):
    """A case that an inspector may see, since when."""

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="chosen")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inspection", "case"], name="one_choice_a_case")
        ]


class CheckKind(models.TextChoices):
    """What an inspector does on the spot (domain.md 6.2)."""

    ROLL = "roll", _("roll-call of classes")
    FACE = "face", _("faces against the status register")
    DOOR = "door", _("knocking at doors")
    PHONE = "phone", _("calling guardians")


class Rehearsal(models.Model):
    """A random sample that can be drawn again: from the list of all (`index`: ids by their serial number) by a published seed."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="rehearsals")
    kind = models.CharField(max_length=5, choices=CheckKind.choices)
    seed = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text=_("how many were drawn"))
    population = models.PositiveIntegerField()
    index = models.BinaryField(help_text=_("ids in their order, a line each, deflated"))
    index_sha256 = models.CharField(max_length=64)
    receiver = models.CharField(
        max_length=120, default="", help_text=_("who takes the sheets along")
    )
    reason = models.CharField(max_length=200, default="")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["unit", "-at"], name="rehearsal_unit")]


class Result(models.TextChoices):
    AGREES = "agrees", _("as recorded")
    EXCUSED = "excused", _("not met, but known why")
    UNREACHED = "unreached", _("nobody met or reached: to be tried again")
    DIFFERS = "differs", _("not as recorded")


class Drawn(models.Model):
    """A child on a sheet and what was found; a difference became a finding."""

    rehearsal = models.ForeignKey(Rehearsal, on_delete=models.PROTECT, related_name="rows")
    serial = models.PositiveIntegerField(help_text=_("in the list of all, from 1"))
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+")
    result = models.CharField(max_length=9, choices=Result.choices, blank=True)
    note = models.CharField(max_length=200, blank=True)
    by_name = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField(null=True)
    finding = models.ForeignKey(Finding, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rehearsal", "pupil"], name="one_row_a_child")
        ]
