"""Who is told, and how: rows written in the transaction of the act, what each person wants to hear where, what was sent."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

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
    sent_at = models.DateTimeField(null=True, help_text=_("sent at once, where the rules say so"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "user"], name="told_once")]
        indexes = [
            models.Index(fields=["user", "-at"], condition=Q(read_at=None), name="unread_notices"),
            models.Index(fields=["code", "at"], condition=Q(sent_at=None), name="unsent_notices"),
        ]


class Channels(models.Model):
    """Where a person wants to be told beside the notices on the pages: nobody is mailed who did not say so."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="channels")
    email = models.EmailField(blank=True)
    digest = models.BooleanField(default=True)
    at_once = models.BooleanField(default=True)
    sms = models.BooleanField(default=False)


class Digest(models.Model):
    """One morning's message to a person, or to the group chat of a unit (`hook`): the row comes first, so it is sent once."""

    day = models.DateField()
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    hook = models.CharField(max_length=40, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    begun_at = models.DateTimeField(null=True, help_text=_("somebody is sending it since"))
    mailed = models.BooleanField(default=False)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "user"], condition=~Q(user=None), name="one_digest_a_day"
            ),
            models.UniqueConstraint(
                fields=["day", "hook"], condition=Q(user=None), name="one_hook_a_day"
            ),
        ]


class Feed(models.Model):
    """The secret address of a person's calendar of due days; only the hash of it is kept. Made anew, the old one is dead."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="feed")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
