"""What has happened and what is due. Case, Step and what hangs on them are complete without the engine's rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casework.cases.kinds import (
    KINDS,
    SENDS_BACK,
    Kind,
    Line,
    Outcome,
    Reason,
    Stage,
    StepKind,
    Track,
)
from casework.core.append_only import AppendOnly
from casework.core.crypto import EncryptedField
from casework.core.fsm import ConcurrentTransitionMixin, FSMField, FSMModelMixin, transition
from casework.detection.models import Finding, FindingState
from casework.org.models import Unit, User
from casework.org.roles import Can
from casework.profiles.models import Profile
from casework.students.models import Pupil

WORKING = [Stage.SUSPECTED, Stage.VERIFY, Stage.HOME_VISIT, Stage.PERSUASION, Stage.REPORTED]


class ScopedQuerySet(models.QuerySet[Any]):
    """Rows with a case: `visible_to` is the one scope of every list (design.md §2)."""

    def visible_to(self, user: User, capability: Can = Can.SEE_CASES) -> Self:
        from casework.cases.access import scoped

        rows: Self = scoped(self, user, capability)
        return rows

    def of_village(self, user: User) -> Self:
        """The open ones of a cadre's village."""
        from casework.cases.access import of_village

        rows: Self = of_village(self, user)
        return rows

    def in_reach(self, user: User) -> Self:
        """Either of both."""
        from casework.cases.access import in_reach

        rows: Self = in_reach(self, user)
        return rows


class CaseQuerySet(ScopedQuerySet):
    def open(self) -> Self:
        """Cases neither closed nor cancelled."""
        return self.filter(closed_at=None)


class Case(ConcurrentTransitionMixin, FSMModelMixin, models.Model):
    """A suspected dropout of one pupil: one episode. Only `opening.open_case` creates one."""

    number = models.CharField(max_length=32, unique=True)
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="cases")
    school = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    class_unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    village = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    stage = FSMField(max_length=16, choices=Stage.choices, default=Stage.SUSPECTED, protected=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=40)
    owner = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", help_text=_("education line")
    )
    village_owner = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True)
    measures: models.JSONField[Any, Any] = models.JSONField(default=list)
    urgent = models.BooleanField(default=False)
    episode = models.PositiveSmallIntegerField(default=1)
    previous = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="next_episode"
    )
    returned_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    process_ref = models.BigIntegerField(null=True, unique=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pupil"], condition=Q(closed_at=None), name="one_open_case_a_pupil"
            )
        ]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="case_newest"),
            models.Index(
                fields=["class_unit", "school", "opened_at", "closed_at"],
                condition=Q(closed_at=None),
                name="case_board",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @transition(stage, source=Stage.SUSPECTED, target=Stage.VERIFY)
    def register(self) -> None:
        """The suspicion is on paper (P35)."""

    @transition(stage, source=Stage.VERIFY, target=Stage.HOME_VISIT)
    def located(self) -> None:
        """The whereabouts are known (P36)."""

    @transition(stage, source=[Stage.VERIFY, Stage.HOME_VISIT], target=Stage.PERSUASION)
    def persuade(self) -> None:
        """Visits did not bring the child back, or nobody knows where it is."""

    @transition(stage, source=WORKING[1:4], target=Stage.REPORTED)
    def report(self) -> None:
        """The written report went to township and county (P05, P09)."""

    @transition(stage, source=WORKING, target=Stage.FOLLOW_UP)
    def returned(self) -> None:
        """A second person confirmed that the child is back (P16)."""

    @transition(stage, source=Stage.FOLLOW_UP, target=Stage.CLOSED)
    def close(self) -> None:
        """The county approved (P32), or the next episode takes over."""

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def repeat(self) -> bool:
        """A repeat case (反复辍学): stricter guards."""
        return self.episode > 1


class CaseScope(models.Model):
    """One place or owner of a case: it is seen from this unit and from all above (design.md §2)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="scopes")
    path = models.CharField(max_length=120)
    village = models.BooleanField(default=False, help_text=_("the child's own village"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "path"], name="one_scope_row")]
        indexes = [models.Index(fields=["path", "case"], name="scope_path_case")]


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
    track = models.CharField(max_length=4, choices=Track.choices)
    number = models.PositiveSmallIntegerField(default=1, help_text=_("n-th of its kind"))
    role = models.CharField(max_length=32)
    line = models.CharField(max_length=12, choices=Line.choices)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="steps")
    begun_at = models.DateTimeField()
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField()
    due_version = models.PositiveSmallIntegerField(default=1)
    counted_from = models.DateTimeField()
    budget = models.PositiveSmallIntegerField()
    budget_unit = models.CharField(max_length=16)
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+")
    calendar_version = models.PositiveIntegerField()
    provisional = models.BooleanField(default=False)
    holder = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="steps")
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
            models.Index(
                fields=["holder", "due_at", "id"], condition=Q(finished_at=None), name="step_inbox"
            ),
            models.Index(
                fields=["unit", "role", "due_at", "id"],
                condition=Q(finished_at=None, holder=None),
                name="step_queue",
            ),
            models.Index(fields=["due_at", "id"], condition=Q(finished_at=None), name="step_due"),
            models.Index(fields=["case", "begun_at"], name="step_case"),
            # finished_at makes it cover the board's count on SQLite; no holder: a claim leaves it alone
            models.Index(
                fields=["unit", "kind", "due_at", "finished_at"],
                condition=Q(finished_at=None),
                name="step_board",
            ),
        ]

    @property
    def spec(self) -> StepKind:
        return KINDS[self.kind]

    @property
    def is_open(self) -> bool:
        return self.finished_at is None

    @property
    def sent_back(self) -> str:
        """Why the checker sent the work back; empty if he did not."""
        _maker, outcome, field = SENDS_BACK.get(self.kind, ("", "", ""))
        return str(self.facts[field]) if outcome and self.outcome == outcome else ""


class StepHolder(AppendOnly):
    """Who holds a step from a moment on, and how it came; `user` null = given back to the queue."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="holders")
    generation = models.PositiveIntegerField()
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    how = models.CharField(max_length=12)
    reason = models.CharField(max_length=200, blank=True)
    by_name = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "generation"], name="one_holder_a_generation")
        ]
        indexes = [models.Index(fields=["step", "since"], name="holder_since")]


class StepDue(AppendOnly):
    """Each due moment a step ever had, and why it changed."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="dues")
    version = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    since = models.DateTimeField()
    cause = models.CharField(max_length=24)
    ended = models.BooleanField(default=False, help_text=_("the step was finished at `since`"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "version", "ended"], name="one_due_a_version")
        ]
        indexes = [models.Index(fields=["since", "step"], name="due_since")]


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


class IntakeDecision(AppendOnly):
    """What a person decided about a finding."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="decisions")
    decision = models.CharField(max_length=10, choices=FindingState.choices)
    reason = models.CharField(max_length=300, blank=True)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=80)
    at = models.DateTimeField()


class VisitForm(models.TextChoices):
    DOOR = "door", _("at home")
    PHONE = "phone", _("by phone")
    VIDEO = "video", _("by video")


class SignState(models.TextChoices):
    """How a paper stands with the guardian's hand: printed on it."""

    UNSIGNED = "unsigned", _("to be signed by hand")
    SIGNED = "signed", _("signed on paper")
    THUMB = "thumb", _("thumbprint on paper")
    REFUSED = "refused", _("refused, with witness")


class Visit(models.Model):
    """A visit or contact about a pupil and household; a case and step are optional (general visits, D4)."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="visits")
    school = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="visits")
    step = models.ForeignKey(Step, null=True, on_delete=models.PROTECT, related_name="visits")
    form = models.CharField(max_length=6, choices=VisitForm.choices)
    line = models.CharField(max_length=12, choices=Line.choices)
    visitor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="visits")
    began = models.DateTimeField(help_text=_("event time"))
    ended = models.DateTimeField()
    recorded_at = models.DateTimeField(help_text=_("entry time"))
    answers: models.JSONField[Any, Any] = models.JSONField(default=dict)
    sign_state = models.CharField(max_length=8, choices=SignState.choices)

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


class Photo(models.Model):
    """A photo of a visit: the original kept apart, a re-encoded copy served."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="photos")
    original_sha256 = models.CharField(max_length=64)
    original = models.CharField(max_length=120)
    copy = models.CharField(max_length=120)
    taken_at = models.CharField(max_length=32, blank=True)
    size = models.PositiveIntegerField()


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
