"""About whom: pupils, guardians, enrolments, roll calls, and the imports that brought them."""

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


class RollCall(models.Model):
    """The roll of a class was called on a day; without such a row the day is a gap."""

    class_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="roll_calls")
    day = models.DateField()
    source = models.CharField(max_length=160, help_text=_("file and sheet, or who called it"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["class_unit", "day"], name="one_roll_call")]


class Mark(models.TextChoices):
    """What the roll says of a pupil who is not simply present (domain.md B1).

    `present` is written only where the roll of another class than the pupil's own says so.
    """

    PRESENT = "present", _("present")
    ABSENT = "absent", _("unexcused absence")
    HALF = "half", _("unexcused part of the day")
    SICK = "sick", _("sick leave")
    LEAVE = "leave", _("leave")
    LATE = "late", _("late")
    LEFT_EARLY = "left_early", _("left early")
    BLANK = "blank", _("no mark")


UNEXCUSED = (Mark.ABSENT, Mark.HALF)


class Absence(models.Model):
    """An exception on a roll: everyone else of the class was present. `blank` = the roll says nothing of the pupil."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="absences")
    day = models.DateField()
    mark = models.CharField(max_length=12, choices=Mark.choices)
    source = models.CharField(max_length=160, help_text=_("file and sheet, or who called it"))
    file_sha256 = models.CharField(max_length=64, blank=True, default="")
    row = models.PositiveIntegerField(help_text=_("0: no file says so"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pupil", "day"], name="one_mark_a_day")]
        indexes = [models.Index(fields=["day", "mark"], name="absence_day_mark")]


class Part(models.TextChoices):
    """A part of the day at whose beginning the roll is called (domain.md B1, 2.1)."""

    MORNING = "morning", _("morning")
    AFTERNOON = "afternoon", _("afternoon")


class Way(models.TextChoices):
    """Where the pupils were when the roll was called (domain.md B15)."""

    CLASSROOM = "classroom", _("in the classroom")
    ONLINE = "online", _("online, the school being closed")


class RollTaking(models.Model):
    """The roll of a class as it was called on a page, for a part of a day; `RollCall` and `Absence` say what the day comes to."""

    class_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="roll_takings")
    day = models.DateField()
    part = models.CharField(max_length=10, choices=Part.choices)
    way = models.CharField(max_length=10, choices=Way.choices, default=Way.CLASSROOM)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["class_unit", "day", "part"], name="one_roll_taking")
        ]
        indexes = [models.Index(fields=["day", "class_unit"], name="roll_taking_day")]


class TakenMark(models.Model):
    """A pupil who was not simply present when that roll was called."""

    taking = models.ForeignKey(RollTaking, on_delete=models.PROTECT, related_name="marks")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="taken_marks")
    mark = models.CharField(max_length=12, choices=Mark.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["taking", "pupil"], name="one_mark_a_taking")
        ]


class MarkCorrection(AppendOnly):
    """A called roll was mended: what it said of a pupil before and after, and why. Rows are only added."""

    taking = models.ForeignKey(RollTaking, on_delete=models.PROTECT, related_name="corrections")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="+")
    was = models.CharField(max_length=12, choices=Mark.choices)
    now = models.CharField(max_length=12, choices=Mark.choices)
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class LeaveState(models.TextChoices):
    ASKED = "asked", _("to be approved")
    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("refused")


class LeaveSlip(models.Model):
    """A leave slip (P23): its days inclusive, asked for by the family, granted by the class teacher or, if long, above her."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="leave_slips")
    class_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    mark = models.CharField(
        max_length=12, choices=[(m.value, m.label) for m in (Mark.SICK, Mark.LEAVE)]
    )
    first = models.DateField()
    last = models.DateField()
    reason = models.CharField(max_length=300)
    proof = models.CharField(max_length=200, blank=True)
    asked_by = models.CharField(max_length=60, help_text=_("the guardian who asked"))
    state = models.CharField(max_length=10, choices=LeaveState.choices)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(last__gte=models.F("first")), name="leave_ends_after"
            )
        ]
        indexes = [models.Index(fields=["pupil", "last"], name="leave_pupil_last")]


class StatusMovement(models.Model):
    """A move of a pupil: to another class (`class_moved`) or another school (`school_moved`)."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=24)
    day = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()


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
