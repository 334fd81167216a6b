"""Steps: what is to be done, who held it from when on, every due moment it had, every rung that fired."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.cases.kinds import KINDS, SENDS_BACK, Kind, Line, StepKind, Track
from casework.cases.models.case import Case, ScopedQuerySet
from casework.cases.models.matter import Matter
from casework.core.append_only import AppendOnly
from casework.org.models import Unit, User
from casework.profiles.models import Profile

NEVER_DONE = ("", "needless", "overtaken")  # how a step ends that nobody did


class StepQuerySet(ScopedQuerySet):
    def open(self) -> Self:
        """Steps not finished; the words of the partial indexes."""
        return self.filter(finished_at=None)

    def overdue(self, at: datetime) -> Self:
        """Open steps whose due moment lies before `at` (computed, never stored)."""
        return self.open().filter(due_at__lt=at)


class Step(models.Model):
    """A piece of work on a case with one holder, one due moment and one paper."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    shown_kind = models.CharField(
        max_length=20, choices=Kind.choices, help_text=_("what lists call it: restricted work has one name")
    )  # fmt: skip
    track = models.CharField(max_length=4, choices=Track.choices)
    number = models.PositiveSmallIntegerField(default=1, help_text=_("n-th of its kind"))
    role = models.CharField(max_length=32)
    line = models.CharField(max_length=12, choices=Line.choices)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="steps")
    begun_at = models.DateTimeField()
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField()
    due_version = models.PositiveSmallIntegerField(default=1)
    target_at = models.DateTimeField(null=True, help_text=_("the day to aim at, before the last"))
    counted_from = models.DateTimeField()
    rule = models.CharField(
        max_length=40, default="", help_text=_("its time limit in the profile, like draft_letter:order")
    )  # fmt: skip
    budget = models.PositiveSmallIntegerField()
    budget_unit = models.CharField(max_length=16)
    roll_forward = models.BooleanField(default=False)
    rung_at = models.DateTimeField(null=True, help_text=_("the ladder looks at it next"))
    pauses = models.PositiveSmallIntegerField(default=0, help_text=_("how often its clock stood"))
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+")
    calendar_version = models.PositiveIntegerField()
    provisional = models.BooleanField(default=False)
    # no index of its own: those of nobody are most of it, and SQLite would take it for the queue
    holder = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="steps", db_index=False
    )
    held_since = models.DateTimeField(null=True)
    generation = models.PositiveIntegerField(
        default=0, help_text=_("the fence: grows with each change of holder")
    )
    asked_by = models.ForeignKey(
        User,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("who may not check it"),
    )
    finished_at = models.DateTimeField(null=True)
    finished_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    cancelled = models.BooleanField(default=False)
    outcome = models.CharField(max_length=24, blank=True)
    facts: models.JSONField[Any, Any] = models.JSONField(default=dict)
    matter = models.ForeignKey(Matter, null=True, on_delete=models.PROTECT, related_name="steps")
    turn_ref = models.BigIntegerField(null=True, unique=True)

    objects = StepQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(finished_at=None, track=Track.MAIN),
                name="one_open_main_step",
            ),
            models.UniqueConstraint(fields=["case", "kind", "number"], name="step_number"),
        ]
        indexes = [
            # a partial index covers a query on SQLite only if the columns of its condition are in it
            models.Index(
                fields=["holder", "due_at", "id", "held_since", "finished_at"],
                condition=Q(finished_at=None, holder__isnull=False),
                name="step_inbox",
            ),
            models.Index(
                fields=["unit", "role", "due_at", "id"],
                condition=Q(finished_at=None, holder=None),
                name="step_queue",
            ),
            models.Index(  # covers the board's count of what is in nobody's hands
                fields=[
                    "unit",
                    "shown_kind",
                    "role",
                    "asked_by",
                    "opens_at",
                    "finished_at",
                    "holder",
                ],
                condition=Q(finished_at=None, holder=None),
                name="step_free",
            ),
            models.Index(
                fields=["due_at", "id", "finished_at"],
                condition=Q(finished_at=None),
                name="step_late",
            ),
            models.Index(  # partial: the open ones have indexes of their own, and no planner takes this for them
                fields=["finished_at"], condition=Q(finished_at__isnull=False), name="step_finished"
            ),
            models.Index(
                fields=["rung_at", "finished_at"], condition=Q(finished_at=None), name="step_rung"
            ),
            models.Index(fields=["case", "begun_at"], name="step_case"),
            # covers the board's count, of a past day too; no holder: a claim leaves it alone
            models.Index(
                fields=[
                    "unit",
                    "shown_kind",
                    "due_at",
                    "id",
                    "due_version",
                    "begun_at",
                    "finished_at",
                ],
                condition=Q(finished_at=None),
                name="step_board",
            ),
        ]

    def is_ready(self, at: datetime) -> bool:
        """Waiting is a step with `opens_at`: before it, only a kind that may be done early is claimed or finished."""
        return self.opens_at <= at or self.spec.early

    @property
    def spec(self) -> StepKind:
        return KINDS[self.kind]

    @property
    def title(self) -> str:
        """The step in words, with the matter that it works on if they do not name it; a repeated one with its number; a restricted one says no more than that."""
        label = str(Kind(self.kind).label)
        if self.restricted:
            return gettext("restricted step")
        if self.matter and self.matter.title.lower() not in label.lower():
            return gettext("%(step)s: %(what)s") % {"step": label, "what": self.matter.title}
        if self.number > 1:
            return gettext("%(step)s, no. %(number)s") % {"step": label, "number": self.number}
        return label

    @property
    def about(self) -> Matter:
        """The matter that the step works on; only for steps that have one."""
        assert self.matter is not None
        return self.matter

    @property
    def is_open(self) -> bool:
        return self.finished_at is None

    @property
    def undone(self) -> bool:
        """Whether it was done, and then undone by a manager."""
        return self.cancelled and self.outcome not in NEVER_DONE

    @property
    def restricted(self) -> bool:
        """Whether what is said of it is kept apart."""
        return bool(self.matter and self.matter.restricted)

    @property
    def chain(self) -> str:
        """Where its papers stand: those of a restricted matter in a chain of their own, which no evidence file takes along."""
        return f"{'restricted' if self.restricted else 'case'}:{self.case_id}"

    @property
    def refused(self) -> str:
        """Why a request was refused; empty if it was not."""
        return (
            str(self.facts["opinion"]) if self.outcome == "refused" and not self.restricted else ""
        )

    @property
    def sent_back(self) -> str:
        """Why the checker sent the work back; empty if he did not."""
        _maker, outcome, field = SENDS_BACK.get(self.kind, ("", "", ""))
        shown = outcome and self.outcome == outcome and not self.restricted
        return str(self.facts[field]) if shown else ""


class StepHolder(AppendOnly):
    """Who holds a step from a moment on, and how it came; `user` null = given back to the queue."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="holders")
    generation = models.PositiveIntegerField()
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    how = models.CharField(max_length=12)
    reason = models.CharField(max_length=200, blank=True)
    by_name = models.CharField(max_length=80)
    from_unit = models.ForeignKey(
        Unit, null=True, on_delete=models.PROTECT, related_name="+", help_text=_("left with it")
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "generation"], name="one_holder_a_generation")
        ]
        indexes = [
            models.Index(fields=["step", "since"], name="holder_since"),
            models.Index(fields=["since"], condition=~Q(from_unit=None), name="holder_left_unit"),
        ]


class StepDue(AppendOnly):
    """Each due moment a step ever had, why it changed, and by which versions; the last row says how it ended.

    `facts`: budget and unit, profile (row) and calendar (version), what was changed (`pause`, `extension`), and at the
    end the days that the clock stood still.
    """

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="dues")
    version = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    since = models.DateTimeField()
    cause = models.CharField(max_length=24)
    ended = models.BooleanField(default=False, help_text=_("the step was finished at `since`"))
    late_days = models.PositiveSmallIntegerField(
        null=True, help_text=_("of the end: working days after the due day")
    )
    facts: models.JSONField[Any, Any] = models.JSONField(default=dict)
    restatement = models.ForeignKey(
        "cases.Restatement", null=True, on_delete=models.PROTECT, related_name="dues"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "version", "ended"], name="one_due_a_version")
        ]
        indexes = [
            models.Index(fields=["since", "step"], name="due_since"),
            models.Index(fields=["since"], condition=Q(late_days__gt=0), name="due_late"),
        ]


class RungFired(AppendOnly):
    """A rung of the ladder fired once for a step and its due moment, even with two sweeps at once."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="rungs")
    rung = models.CharField(max_length=16)
    due_version = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "rung", "due_version"], name="rung_once")
        ]
