"""Visits with their photos, and what is kept of forms: drafts and what was sent."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casework.cases.kinds import Line
from casework.cases.models.case import Case, ScopedQuerySet
from casework.cases.models.step import Step
from casework.core.append_only import AppendOnly
from casework.core.crypto import EncryptedField
from casework.documents.models import DestroyedFile, FileOf
from casework.org.models import Unit, User
from casework.students.models import Pupil


class VisitForm(models.TextChoices):
    DOOR = "door", _("at home")
    PHONE = "phone", _("by phone")
    VIDEO = "video", _("by video")


class SignState(models.TextChoices):
    """How a paper stands with the guardian's hand: printed on it."""

    UNSIGNED = "unsigned", _("to be signed by hand")
    SIGNED = "signed", _("signed on paper")
    THUMB = "thumb", _("thumbprint on paper")
    PHONE = "phone", _("signed on the screen")
    REFUSED = "refused", _("refused, with witness")


class Visit(models.Model):
    """A visit or contact about a pupil and household; a case and step are optional (general visits, D4)."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="visits")
    school = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="visits")
    step = models.ForeignKey(Step, null=True, on_delete=models.PROTECT, related_name="visits")
    form = models.CharField(max_length=6, choices=VisitForm.choices)
    line = models.CharField(max_length=12, choices=Line.choices)
    joint = models.BooleanField(
        default=False, help_text=_("school and village or township together")
    )
    visitor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="visits")
    began = models.DateTimeField(help_text=_("event time"))
    ended = models.DateTimeField()
    recorded_at = models.DateTimeField(help_text=_("entry time"))
    answers: models.JSONField[Any, Any] = models.JSONField(default=dict)
    sign_state = models.CharField(max_length=8, choices=SignState.choices)
    struck = models.BooleanField(
        default=False, help_text=_("its step was undone: it counts no more")
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["visitor", "began"], name="visit_visitor"),
            models.Index(fields=["case", "began"], name="visit_case"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended__gte=models.F("began")), name="visit_ends_after"
            )
        ]


class PhotoQuerySet(models.QuerySet["Photo"]):
    def there(self) -> PhotoQuerySet:
        """Without those that a destruction list took."""
        gone = DestroyedFile.objects.filter(of=FileOf.PHOTO)
        return self.exclude(pk__in=gone.values("ref"))


class Photo(models.Model):
    """A photo of a visit, or of the proof that a step or request names: the original kept apart, a re-encoded copy served."""

    visit = models.ForeignKey(Visit, null=True, on_delete=models.PROTECT, related_name="photos")
    step = models.ForeignKey(Step, null=True, on_delete=models.PROTECT, related_name="photos")
    original_sha256 = models.CharField(max_length=64, help_text=_("of the bytes as they came"))
    kept_sha256 = models.CharField(
        max_length=64, blank=True, default="", help_text=_("of them without their place")
    )
    copy_sha256 = models.CharField(max_length=64, blank=True, default="")
    original = models.CharField(max_length=120)
    copy = models.CharField(max_length=120)
    taken_at = models.CharField(max_length=32, blank=True, help_text=_("as the photo names it"))
    size = models.PositiveIntegerField()

    objects = PhotoQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(visit=None) ^ Q(step=None), name="photo_of_a_visit_or_a_step"
            )
        ]

    @property
    def name(self) -> str:
        """Its file in an evidence file."""
        return f"{self.visit_id or f's{self.step_id}'}-{self.pk}.jpg"


class Draft(models.Model):
    """What someone typed and has not sent; encrypted, one a person and form."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="drafts")
    key = models.CharField(max_length=40)
    typed = EncryptedField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_draft_a_form")]


class Sent(AppendOnly):
    """A form that was sent: the same key again answers with the first result (REL-05)."""

    key = models.CharField(max_length=40, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=200)
    at = models.DateTimeField()
