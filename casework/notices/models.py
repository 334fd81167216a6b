"""Who is told: rows written in the transaction of the act; the in-app centre reads them."""

from typing import Any

from django.db import models
from django.db.models import Q

from casework.org.models import User


class Notice(models.Model):
    """One notice to one person: a code, the link, and facts without a child's data."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notices")
    at = models.DateTimeField()
    code = models.CharField(max_length=40)
    link = models.CharField(max_length=200, blank=True)
    facts: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    key = models.CharField(max_length=120)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="told_once")]
        indexes = [
            models.Index(fields=["user", "-at"], condition=Q(read_at=None), name="unread_notices")
        ]
