"""Who did and who saw what: rows that are only ever added, chained by hash."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.core.append_only import AppendOnly


class Entry(AppendOnly):
    """One act. `chain` is `case:<id>` where a case is meant, else `unit:<id>`, else `system`."""

    chain = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=60, blank=True)
    facts: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("audit entry")
        constraints = [
            models.UniqueConstraint(fields=["chain", "number"], name="one_entry_a_number")
        ]
        indexes = [models.Index(fields=["subject", "verb"], name="audit_subject")]


class Head(models.Model):
    """The last entry of a chain: locked last in every act, and counted, so that a cut tail shows."""

    chain = models.CharField(max_length=40, primary_key=True)
    number = models.PositiveIntegerField(default=0)
    hash = models.CharField(max_length=64, default="")


class Look(AppendOnly):
    """One look at children's data: a page, a search, a paper, a revealed number. Sealed into the daily anchor."""

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    what = models.CharField(max_length=40)
    subjects: "models.JSONField[Any, Any]" = models.JSONField(default=list)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["at"], name="look_at")]
