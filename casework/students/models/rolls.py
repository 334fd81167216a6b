"""Roll calls: what a day comes to, the rolls as they were called on pages with their corrections, leave slips."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casework.core.append_only import AppendOnly
from casework.org.models import Unit, User
from casework.students.models.pupils import Pupil


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


class Why(models.TextChoices):
    """Why a called roll is corrected; `other` is said in words."""

    LATER = "later", _("came later")
    TAP = "tap", _("wrong tap")
    SLIP = "slip", _("leave slip")
    OTHER = "other", _("other")


class MarkCorrection(AppendOnly):
    """A called roll was mended: what it said of a pupil before and after, and why. Rows are only added."""

    taking = models.ForeignKey(RollTaking, on_delete=models.PROTECT, related_name="corrections")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="+")
    was = models.CharField(max_length=12, choices=Mark.choices)
    now = models.CharField(max_length=12, choices=Mark.choices)
    why = models.CharField(max_length=8, choices=Why.choices, default=Why.OTHER)
    reason = models.CharField(max_length=200, blank=True)
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
