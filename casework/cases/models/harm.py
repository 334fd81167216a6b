"""A report of suspected harm to a child without a case: seen on a general visit or heard on a call."""

from typing import Any

from django.db import models
from django.db.models import Q

from casework.org.models import Unit, User
from casework.students.models import Pupil


class HarmReport(models.Model):
    """What was seen (`facts`), and what was done about it (`answer`); both restricted (design.md §7)."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    facts: "models.JSONField[Any, Any]" = models.JSONField()
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answer: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="answered_by_somebody",
            )
        ]
        indexes = [
            models.Index(
                fields=["reported_at"], condition=Q(answered_at=None), name="harm_unanswered"
            )
        ]

    @property
    def is_open(self) -> bool:
        return self.answered_at is None
