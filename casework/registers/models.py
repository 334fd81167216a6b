"""What an office keeps beside the cases: documents filed on its shelf, and problems with their rectification."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casework.core.append_only import AppendOnly
from casework.core.clock import local_date
from casework.documents.models import Attachment, Document
from casework.org.models import Unit, User
from casework.profiles.shelf import SLOTS


class Filing(AppendOnly):
    """A document filed in a slot of the shelf; a new version is a new row."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="filings")
    year = models.PositiveIntegerField(help_text=_("in which the school year begins"))
    slot = models.CharField(max_length=24)
    title = models.CharField(max_length=120)
    version = models.PositiveIntegerField()
    day = models.DateField(help_text=_("the document's own"))
    approver = models.CharField(max_length=80, blank=True)
    attachment = models.OneToOneField(Attachment, on_delete=models.PROTECT, related_name="filing")
    filed_at = models.DateTimeField()
    filed_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "year", "slot", "title", "version"], name="one_filing_a_version"
            )
        ]

    @property
    def slot_title(self) -> str:
        return str(SLOTS[self.slot].title)


class Source(models.TextChoices):
    """Where a problem came up (domain.md A17, F23)."""

    SELF_CHECK = "self_check", _("self-check")
    INSPECTION = "inspection", _("inspection")
    NOTICE = "notice", _("supervision notice")
    GAPS = "gaps", _("gap report")
    REHEARSAL = "rehearsal", _("rehearsal of an inspection")
    OTHER = "other", _("other")


class Problem(models.Model):
    """A problem and what is done about it, until a second person signs it off (domain.md A17)."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="problems")
    source = models.CharField(max_length=12, choices=Source.choices)
    what = models.CharField(max_length=300)
    measure = models.CharField(max_length=300)
    owner = models.CharField(max_length=80)
    due = models.DateField()
    raised_at = models.DateTimeField()
    raised_by = models.CharField(max_length=80)
    proof = models.TextField(blank=True, help_text=_("what was reported done, each time a line"))
    sent_back = models.CharField(max_length=300, blank=True, help_text=_("why, the last time"))
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["unit", "due"], name="problem_unit_due")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(signed_at=None) | models.Q(done_at__isnull=False),
                name="problem_signed_after_done",
            )
        ]


class DestructionList(models.Model):
    """Papers whose time is over, put forward by one person; they go when a second one signs (domain.md 7.4)."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="destruction_lists")
    basis = models.CharField(max_length=300, help_text=_("the legal reason, as the rules say it"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=80)
    at = models.DateTimeField()
    second = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)
    refused = models.CharField(max_length=200, blank=True, help_text=_("why, if it was refused"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(decided_at=None), name="one_list_waits_a_unit"
            ),
            models.CheckConstraint(
                condition=Q(second=None) | ~Q(second=models.F("by")), name="two_persons_sign"
            ),
        ]

    @property
    def ref(self) -> str:
        """What it is called: year and number, as 2057-3."""
        return f"{local_date(self.at).year}-{self.pk}"


class Listed(models.Model):
    """A paper on a destruction list."""

    on = models.ForeignKey(DestructionList, on_delete=models.PROTECT, related_name="papers")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    years = models.PositiveIntegerField(help_text=_("that it was kept by the rules"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["on", "document"], name="a_paper_once_a_list")
        ]
