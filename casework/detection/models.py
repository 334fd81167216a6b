"""Who may be dropping out: findings with their evidence. A finding is never deleted, only decided."""

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.org.models import Unit, User
from casework.students.models import Pupil


class FindingState(models.TextChoices):
    WAITING = "waiting", _("to be decided")
    OPENED = "opened", _("case opened")
    LINKED = "linked", _("joined to an open case")
    SET_ASIDE = "set_aside", _("set aside")
    LATER = "later", _("decide later")
    WITHDRAWN = "withdrawn", _("withdrawn: the roll was corrected")


BY_PEOPLE: dict[str, Promise] = {
    "hand": _("noted by a person"),
    "heard": _("heard of in the village"),
    "compared": _("found by comparing lists"),
    "tip": _("a tip from outside"),
    "check": _("found when it was checked on the spot"),
}
UNDECIDED = (FindingState.WAITING, FindingState.LATER)


def to_decide(at: datetime) -> models.Q:
    """Findings that a person may decide: undecided ones, and those set aside whose day of a second look has come."""
    again = models.Q(state=FindingState.SET_ASIDE, wake_at__lte=at)
    return again | models.Q(state__in=UNDECIDED)


class Finding(models.Model):
    """One run of a rule for a pupil; a growing run updates it. Hand-made ones have the rule `hand` or `heard`."""

    pupil = models.ForeignKey(Pupil, null=True, on_delete=models.PROTECT, related_name="findings")
    child: "models.JSONField[Any, Any]" = models.JSONField(
        default=dict, help_text=_("what is known of a child on no roster")
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="findings")
    rule = models.CharField(max_length=32)
    first_day = models.DateField()
    last_day = models.DateField()
    days: "models.JSONField[Any, Any]" = models.JSONField(
        default=list, help_text=_("each day with mark, source file and row")
    )
    gaps: "models.JSONField[Any, Any]" = models.JSONField(
        default=list, help_text=_("school days without a mark")
    )
    profile_id = models.BigIntegerField(null=True)
    rule_version = models.PositiveSmallIntegerField(default=1)
    parameters: "models.JSONField[Any, Any]" = models.JSONField(
        default=dict, help_text=_("what the profile said to the rule")
    )
    found_at = models.DateTimeField()
    found_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", help_text=_("by hand only")
    )
    updated_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    state = models.CharField(
        max_length=10, choices=FindingState.choices, default=FindingState.WAITING
    )
    wake_at = models.DateTimeField(null=True)
    days_decided = models.PositiveSmallIntegerField(
        default=0, help_text=_("how many days it had when it was decided")
    )
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pupil", "rule", "first_day"], name="one_finding_a_run")
        ]
        indexes = [models.Index(fields=["state", "due_at", "id"], name="finding_state_due")]


class TipDoor(models.Model):
    """The printed code of a village, through which tips come in; one open door a village."""

    village = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="tip_doors")
    token = models.CharField(max_length=24, unique=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["village"], condition=models.Q(closed_at=None), name="one_open_door"
            )
        ]


class Tip(models.Model):
    """A tip as it came in: its finding, the number that its sender keeps, and who he says he is (sealed)."""

    door = models.ForeignKey(TipDoor, on_delete=models.PROTECT, related_name="tips")
    finding = models.OneToOneField(Finding, on_delete=models.PROTECT, related_name="tip")
    number = models.CharField(max_length=12, unique=True)
    sender = models.CharField(max_length=40, help_text=_("hash of the day and the address"))
    reporter = models.TextField(blank=True, help_text=_("sealed"))
    phone = models.TextField(blank=True, help_text=_("sealed"))
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at", "sender"], name="tip_at_sender")]
