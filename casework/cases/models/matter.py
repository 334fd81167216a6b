"""Matters: what has a life of its own on or beside the road of a case, from its beginning to its end."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casework.cases.models.case import Case, ScopedQuerySet
from casework.org.models import Unit, User


class MatterKind(models.TextChoices):
    LETTER = "letter", _("letter of the township")
    BRANCH = "branch", _("side branch")
    REFERRAL = "referral", _("referral")
    APPEAL = "appeal", _("appeal")
    CORRECTION = "correction", _("correction")
    REOPENING = "reopening", _("reopening")
    SUPERVISION = "supervision", _("supervision notice")
    HANDOVER = "handover", _("hand-over of the case")
    UNDOING = "undoing", _("undoing")
    CONFERENCE = "conference", _("case conference")
    MEASURE = "measure", _("help measure")
    PROTECTION = "protection", _("protection of the child")


class MatterQuerySet(ScopedQuerySet):
    def open(self) -> Self:
        """Matters that are not settled."""
        return self.filter(settled_at=None)


class Matter(models.Model):
    """A letter, a side branch, a request: `code` says which, its steps do the work, its outcome is how it ended.

    `facts` is what was typed for it so far; `wakes_at` the moment from which it has to be looked at again; `decided_at`
    when a second person agreed to it.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="matters")
    kind = models.CharField(max_length=12, choices=MatterKind.choices)
    code = models.CharField(max_length=24)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    lead = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="companions",
        help_text=_("the letter that names this child too"),
    )
    facts: models.JSONField[Any, Any] = models.JSONField(default=dict)
    decided_at = models.DateTimeField(null=True)
    ends_on = models.DateField(null=True, help_text=_("last day of a branch with a term"))
    parks = models.BooleanField(default=False, help_text=_("the main road waits for it"))
    wakes_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=24, blank=True)

    objects = MatterQuerySet.as_manager()

    class Meta:
        verbose_name = _("matter")
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(settled_at=None, kind="letter"),
                name="one_open_letter",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(settled_at=None, parks=True), name="one_parked_branch"
            ),
        ]
        indexes = [
            models.Index(fields=["case", "opened_at"], name="matter_case"),
            models.Index(
                fields=["ends_on"], condition=Q(settled_at=None, parks=True), name="matter_ends"
            ),
        ]

    @property
    def title(self) -> str:
        """What it is, in words; a restricted one says no more than that (design.md §7)."""
        return str(_("restricted matter")) if self.restricted else self.full_title

    @property
    def full_title(self) -> str:
        """What it is, for whoever may see it."""
        from casework.cases.letters import LETTERS
        from casework.cases.side_roads import ROADS

        return str((LETTERS.get(self.code) or ROADS[self.code]).title)

    @property
    def restricted(self) -> bool:
        """Whether it belongs to the compartment: faith, custody, marriage, harm (design.md §7)."""
        from casework.cases.side_roads import RESTRICTED

        return self.code in RESTRICTED

    @property
    def carried(self) -> bool:
        """Whether another letter, under way, names this child too: it is signed off and served with that one."""
        return self.lead is not None and self.lead.is_open

    @property
    def is_open(self) -> bool:
        return self.settled_at is None

    def settle(self, outcome: str, at: datetime) -> None:
        """The end of it (inside one_act, the case locked)."""
        self.outcome, self.settled_at = outcome, at
        self.save(update_fields=["outcome", "settled_at", "facts"])
