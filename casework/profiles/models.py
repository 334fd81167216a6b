"""Which rules hold where: versioned documents, added and never changed in place."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.core.append_only import AppendOnly
from casework.org.models import Unit, User


class Profile(AppendOnly):
    """One version of the rules of a unit and all below it, valid from a day on."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="profiles")
    version = models.PositiveIntegerField()
    valid_from = models.DateField()
    name = models.CharField(max_length=60)
    rules: "models.JSONField[Any, Any]" = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "version"], name="one_profile_version")
        ]


class Proposal(models.Model):
    """The next version as somebody proposes it; a second person decides."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="proposals")
    rules: "models.JSONField[Any, Any]" = models.JSONField()
    name = models.CharField(max_length=60)
    valid_from = models.DateField()
    based_on = models.PositiveIntegerField(default=0, help_text=_("the version that it changes"))
    running = models.BooleanField(default=False, help_text=_("running clocks follow too"))
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    approved = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)
