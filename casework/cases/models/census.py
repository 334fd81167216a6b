"""What every class says of each of its pupils: the census of whereabouts, the special action before a term, learning records, learning at home (domain.md 004, B12, B14, B19, B20)."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casework.org.models import Unit, User
from casework.students.models import Pupil


class CensusKind(models.TextChoices):
    CENSUS = "census", _("census of the term")
    CAMPAIGN = "campaign", _("special action before the term")
    LEARNING = "learning", _("learning record of the term")
    HOME = "home", _("survey of learning at home")


class Census(models.Model):
    """Every class below `unit` answers until `due_on` the questions of the kind for each of its pupils."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="censuses")
    kind = models.CharField(max_length=10, choices=CensusKind.choices)
    title = models.CharField(max_length=80)
    tasks = models.CharField(max_length=500, blank=True, help_text=_("what else is to be done"))
    opens_on = models.DateField()
    due_on = models.DateField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "kind"], condition=Q(closed_at=None), name="one_open_census"
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=models.F("opens_on")), name="census_ends_after"
            ),
        ]


class Whereabouts(models.TextChoices):
    """Where a pupil is who may be counted; `missing` is what a census is for."""

    HERE = "here", _("in class")
    LEAVE = "leave", _("on leave")
    SUSPENDED = "suspended", _("study suspended or taught at home")
    ELSEWHERE = "elsewhere", _("at another school, proof seen")
    FINISHED = "finished", _("finished, or no longer of school age")
    MISSING = "missing", _("not at school, or nobody knows")


class Results(models.TextChoices):
    """How a pupil learns, in words that stand for no marks; from the best to the worst."""

    GOOD = "good", _("good results")
    FAIR = "fair", _("fair results")
    PASSING = "passing", _("just passing")
    FAILING = "failing", _("failing")


class Attitude(models.TextChoices):
    KEEN = "keen", _("learns gladly")
    EVEN = "even", _("does what is asked")
    SLACK = "slack", _("slack")
    WEARY = "weary", _("weary of school, speaks of leaving")


class Device(models.TextChoices):
    OWN = "own_device", _("own device")
    SHARED = "shared_device", _("shared device")
    NONE = "no_device", _("no device")


class Line(models.TextChoices):
    STEADY = "steady_line", _("steady network")
    WEAK = "weak_line", _("weak network")
    NONE = "no_line", _("no network")


class Company(models.TextChoices):
    PARENTS = "with_parents", _("parents at home")
    RELATIVES = "with_relatives", _("grandparents or relatives at home")
    NOBODY = "alone", _("nobody at home by day")


class TakesPart(models.TextChoices):
    DAILY = "daily", _("takes part daily")
    SOMETIMES = "sometimes", _("takes part at times")
    NEVER = "never", _("does not take part")


class Counted(models.Model):
    """What the class said of one pupil, by question; of whom only the usual is said has no row."""

    census = models.ForeignKey(Census, on_delete=models.PROTECT, related_name="counted")
    class_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="counted")
    answers: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["census", "pupil"], name="counted_once")]


class SignOff(models.Model):
    """A class teacher answers for a class, a principal for a school; a class is counted anew until its school is signed."""

    census = models.ForeignKey(Census, on_delete=models.PROTECT, related_name="sign_offs")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    counts: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["census", "unit"], name="signed_once")]
