"""What changes the clock of a step after it was begun, and what is made of a late one: rows with reason and document."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from casework.cases.models.step import Step
from casework.core.append_only import AppendOnly
from casework.org.models import Unit, User


class PauseCause(models.TextChoices):
    """Why the clock of a step stands still: events that a policy may name (`pauses`)."""

    HOLD = "hold", _("put on hold")
    MAIL = "mail", _("the letter is on its way")


class Suspension(AppendOnly):
    """The clock of a step stands still from `since` to `until`, the last day known when the row was written.

    One pause of a step is one `number`; when it ends on another day than was said, a further row with that number says
    so, and the newest rules.
    """

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="suspensions")
    number = models.PositiveSmallIntegerField()
    cause = models.CharField(max_length=8, choices=PauseCause.choices)
    since = models.DateTimeField()
    until = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
    document = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="pause_ends_after")
        ]
        indexes = [models.Index(fields=["step", "number"], name="suspension_step")]


class Extension(models.Model):
    """More time for a step: asked for with the reason, granted or refused by a supervisor. `more` is in the step's unit of counting."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="extensions")
    more = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=200)
    document = models.CharField(max_length=80, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    granted = models.BooleanField(default=False)
    opinion = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["step"], condition=Q(decided_at=None), name="one_open_extension"
            )
        ]


class Restatement(models.Model):
    """A change of calendar, terms or policy carried over to the open steps: what moved, why, how far it got."""

    class Cause(models.TextChoices):
        CALENDAR = "calendar", _("official calendar")
        TERM = "term", _("school term")
        DAY = "day", _("day that differs")
        HOURS = "hours", _("office hours")
        POLICY = "policy", _("policy profile")

    cause = models.CharField(max_length=8, choices=Cause.choices)
    ref = models.PositiveBigIntegerField(help_text=_("the version, term, day or profile"))
    words = models.CharField(max_length=120)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    at = models.DateTimeField()
    by_name = models.CharField(max_length=80)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    overdue = models.PositiveIntegerField(default=0, help_text=_("not overdue before, and now"))
    last_step = models.PositiveBigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cause", "ref", "unit"], name="restated_once")
        ]


class LateDecision(AppendOnly):
    """What a person made of a late step: taken up to be looked into, or set aside (domain.md C4)."""

    step = models.OneToOneField(Step, on_delete=models.PROTECT, related_name="late_decision")
    taken_up = models.BooleanField()
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
