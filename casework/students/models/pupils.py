"""Pupils, guardians, enrolments and their movements."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casework.core.append_only import AppendOnly
from casework.core.crypto import EncryptedField, blind, masked
from casework.org.models import Unit, User
from casework.students import sounds


class Group(models.TextChoices):
    """Special groups that a roster names (domain.md 7.2)."""

    MIGRANT = "migrant", _("child of migrant workers")
    ORPHAN = "orphan", _("orphan")
    DISABLED = "disabled", _("disabled")
    AID = "aid", _("aid")
    SUBSIDISED = "subsidised", _("boarder with subsidy")


class Pupil(models.Model):
    """A child. ID and status number are encrypted; their blind indexes find them."""

    name = models.CharField(max_length=60)
    sound = models.CharField(max_length=60, blank=True, help_text=_("of the name, in letters"))
    initials = models.CharField(max_length=60, blank=True, help_text=_("of that sound"))
    sex = models.CharField(max_length=1, choices=[("m", _("male")), ("f", _("female"))])
    born = models.DateField()
    ethnic_group = models.CharField(max_length=20, blank=True)
    id_number = EncryptedField(blank=True)
    id_index = models.CharField(max_length=40, blank=True)
    status_number = EncryptedField(blank=True)
    status_index = models.CharField(max_length=40, blank=True)
    last_four = models.CharField(max_length=40, blank=True, help_text=_("blind index"))
    household_place = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=160, blank=True)
    village = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    township = models.ForeignKey(
        Unit, null=True, on_delete=models.PROTECT, related_name="+", help_text=_("of household")
    )
    boarding = models.BooleanField(default=False)
    left_behind = models.CharField(max_length=20, blank=True)
    groups: models.JSONField[Any, Any] = models.JSONField(
        default=list, help_text=_("codes of special groups")
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["status_index"], condition=~Q(status_index=""), name="one_status_number"
            ),
            models.UniqueConstraint(
                fields=["id_index"], condition=~Q(id_index=""), name="one_id_number"
            ),
        ]
        indexes = [
            models.Index(fields=["name"], name="pupil_name"),
            models.Index(fields=["sound"], name="pupil_sound"),
            models.Index(fields=["initials"], name="pupil_initials"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.hear()
        super().save(*args, **kwargs)

    def hear(self) -> None:
        """Set how the name sounds; whoever writes many pupils at once calls it for each."""
        self.sound, self.initials = sounds.sound(self.name), sounds.initials(self.name)

    def set_numbers(self, *, id_number: str, status_number: str) -> None:
        """Set both numbers together with what finds them."""
        self.id_number, self.id_index = id_number, blind(id_number)
        self.status_number, self.status_index = status_number, blind(status_number)
        self.last_four = blind((id_number or status_number)[-4:])

    @property
    def masked_id(self) -> str:
        return masked(self.id_number)

    @property
    def masked_status(self) -> str:
        return masked(self.status_number)


class Guardian(models.Model):
    """Who answers for a pupil; the first one is the one to call."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="guardians")
    name = models.CharField(max_length=60)
    relation = models.CharField(max_length=20)
    phone = EncryptedField(blank=True)
    rank = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pupil", "rank"], name="guardian_rank")]


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def running_on(self, day: date) -> EnrolmentQuerySet:
        """Enrolments that run on that day; the day on which one ends belongs to the next."""
        return self.filter(Q(until=None) | Q(until__gt=day), since__lte=day)


class Enrolment(models.Model):
    """A pupil in a class from a day; ended, never overwritten."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="enrolments")
    class_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="enrolments")
    school = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    seat = models.CharField(max_length=10, blank=True)
    entered = models.CharField(max_length=6, blank=True, help_text=_("year and month of entry"))
    since = models.DateField()
    until = models.DateField(null=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pupil"], condition=Q(until=None), name="one_open_enrolment"
            )
        ]


class MovementKind(models.TextChoices):
    """What becomes of a pupil's status (domain.md E2, E7; glossary)."""

    TRANSFER_OUT = "transfer_out", _("transfer to another school")
    TRANSFER_IN = "transfer_in", _("transfer from another school")
    GUEST_STUDY = "guest_study", _("guest study at another school")
    SUSPENSION = "suspension", _("suspension of study")
    RESUMPTION = "resumption", _("resumption of study")
    CLASS_CHANGE = "class_change", _("change of class")
    GRADUATED = "graduated_junior", _("graduation")
    DECEASED = "deceased", _("death")
    EMIGRATED = "emigrated", _("left the country")
    CLASS_MOVED = "class_moved", _("moved to another class by a roster")
    SCHOOL_MOVED = "school_moved", _("moved to another school by a roster")


class MovementState(models.TextChoices):
    ASKED = "asked", _("to be approved")
    APPROVED = "approved", _("approved")
    REFUSED = "refused", _("refused")
    NOTED = "noted", _("noted by an import")


class StatusMovement(models.Model):
    """A movement of a pupil's status (domain.md E2–E7): asked for with its proof, approved by another person, done on the platform, answered by a receipt.

    Those of an import (`class_moved`, `school_moved`) are noted as they come.
    """

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=24, choices=MovementKind.choices)
    day = models.DateField(help_text=_("from which it holds"))
    ends_on = models.DateField(null=True, help_text=_("last day of one that has a term"))
    school = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    class_unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    other_school = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=200, blank=True)
    proof = models.CharField(max_length=200, blank=True)
    proof_number = models.CharField(max_length=60, blank=True)
    state = models.CharField(
        max_length=10, choices=MovementState.choices, default=MovementState.NOTED
    )
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    opinion = models.CharField(max_length=200, blank=True)
    receipt_due = models.DateField(null=True)
    receipt_on = models.DateField(null=True)
    receipt_number = models.CharField(max_length=60, blank=True)
    platform_due = models.DateField(null=True)
    platform_on = models.DateField(null=True)
    platform_by = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["pupil", "kind", "day"], name="movement_pupil_kind"),
            models.Index(
                fields=["receipt_due", "id"],
                condition=Q(receipt_on=None, receipt_due__isnull=False),
                name="movement_receipt_due",
            ),
            models.Index(
                fields=["platform_due", "id"],
                condition=Q(platform_on=None, platform_due__isnull=False),
                name="movement_platform_due",
            ),
        ]


class KeyGroup(models.TextChoices):
    """The five groups that every class keeps an eye on (domain.md D13, 1.9)."""

    RETURNED = "returned", _("back at school after a case")
    LEFT_BEHIND = "left_behind", _("left-behind child")
    MIGRANT = "migrant", _("migrant child")
    POOR = "poor", _("poor family")
    LEARNING = "learning", _("learning difficulty")


class GroupTag(models.Model):
    """Somebody put a pupil into a key group that no roster and no case says; ended, never deleted."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="group_tags")
    group = models.CharField(max_length=12, choices=KeyGroup.choices)
    source = models.CharField(max_length=120, help_text=_("by what it is known"))
    since = models.DateField()
    until = models.DateField(null=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "group"], condition=Q(until=None), name="one_tag_a_group"
            )
        ]


class Look(models.TextChoices):
    WELL = "well", _("all well")
    WATCH = "watch", _("to be watched")
    WORSE = "worse", _("a sign of dropping out")


class AttentionCheck(AppendOnly):
    """The class teacher looked after a pupil of the attention list, on a day."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="attention_checks")
    day = models.DateField()
    look = models.CharField(max_length=8, choices=Look.choices)
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["pupil", "-day"], name="attention_pupil_day")]
