"""A case and the places that see it. Case, Step and what hangs on them are complete without the engine's rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casework.cases.kinds import Outcome, Reason, Stage
from casework.core.append_only import AppendOnly
from casework.core.fsm import (
    ConcurrentTransitionMixin,
    FSMField,
    FSMModelMixin,
    transition,
)
from casework.detection.models import Finding, FindingState
from casework.org.departments import DEPARTMENTS
from casework.org.models import Unit, UnitKind, User
from casework.org.roles import Can
from casework.students.models import Pupil

WORKING = [Stage.SUSPECTED, Stage.VERIFY, Stage.HOME_VISIT, Stage.PERSUASION, Stage.REPORTED]
LEGAL = [Stage.REPORTED, Stage.RETURN_NOTICE, Stage.ORDER, Stage.PENALTY, Stage.COURT]
MOVES = {
    Stage.VERIFY: "register",
    Stage.HOME_VISIT: "located",
    Stage.PERSUASION: "persuade",
    Stage.REPORTED: "report",
    Stage.RETURN_NOTICE: "notify",
    Stage.ORDER: "order",
    Stage.PENALTY: "penalise",
    Stage.COURT: "sue",
    Stage.BRANCH: "park",
    Stage.FOLLOW_UP: "returned",
    Stage.CLOSED: "close",
    Stage.CANCELLED: "cancel",
}
BACK = {  # a step undone, a letter annulled
    (Stage.HOME_VISIT, Stage.VERIFY): "look_again",
    (Stage.PERSUASION, Stage.VERIFY): "look_again",
    (Stage.PERSUASION, Stage.HOME_VISIT): "visit_again",
    **{(stage, Stage.REPORTED): "annul" for stage in LEGAL[1:]},
}
OPEN = [stage for stage in Stage if stage not in (Stage.CLOSED, Stage.CANCELLED)]  # fmt: skip


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
    township = models.ForeignKey(
        Unit,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("leads the case, where it is not that of the school"),
    )
    handed_on = models.DateField(null=True, help_text=_("taken over by its school on this day"))
    stage = FSMField(max_length=16, choices=Stage.choices, default=Stage.SUSPECTED, protected=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=40)
    owner = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", help_text=_("education line")
    )
    village_owner = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True)
    group = models.CharField(
        max_length=20, blank=True, help_text=_("department that the profile names for the cause")
    )
    measures: models.JSONField[Any, Any] = models.JSONField(default=list)
    urgent = models.BooleanField(default=False)
    episode = models.PositiveSmallIntegerField(default=1)
    previous = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="next_episode"
    )
    returned_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=24, choices=Outcome.choices, blank=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    reopened_at = models.DateTimeField(null=True, help_text=_("last time; its clocks begin anew"))
    taken_over_at = models.DateTimeField(
        null=True, help_text=_("from an older ledger; its clocks begin here")
    )
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="merged"
    )
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

    @transition(stage, source=[Stage.SUSPECTED, Stage.BRANCH], target=Stage.VERIFY)
    def register(self) -> None:
        """The suspicion is on paper (P35); or a child that could not be found is looked for anew."""

    @transition(stage, source=Stage.VERIFY, target=Stage.HOME_VISIT)
    def located(self) -> None:
        """The whereabouts are known (P36)."""

    @transition(stage, source=[*WORKING[1:3], Stage.BRANCH], target=Stage.PERSUASION)
    def persuade(self) -> None:
        """Visits did not bring the child back, nobody knows where it is, or a side branch came to nothing."""

    @transition(stage, source=[*WORKING[1:4], Stage.BRANCH], target=Stage.REPORTED)
    def report(self) -> None:
        """The written report went to township and county (P05, P09)."""

    @transition(stage, source=Stage.REPORTED, target=Stage.RETURN_NOTICE)
    def notify(self) -> None:
        """The township takes over and writes to the guardian (P11)."""

    @transition(stage, source=LEGAL[:2], target=Stage.ORDER)
    def order(self) -> None:
        """The notice was not obeyed (P12)."""

    @transition(stage, source=LEGAL[:3], target=Stage.PENALTY)
    def penalise(self) -> None:
        """The order was not obeyed, and a local rule of law allows it (P14)."""

    @transition(stage, source=LEGAL[:4], target=Stage.COURT)
    def sue(self) -> None:
        """What the township could order was not obeyed (P15)."""

    @transition(stage, source=[*WORKING, *LEGAL[1:], Stage.BRANCH], target=Stage.FOLLOW_UP)
    def returned(self) -> None:
        """A second person confirmed that the child is back (P16)."""

    @transition(stage, source=OPEN, target=Stage.BRANCH)
    def park(self) -> None:
        """A side branch was approved with its proof: the road waits (domain.md 2.4)."""

    @transition(stage, source=[Stage.FOLLOW_UP, Stage.BRANCH], target=Stage.CLOSED)
    def close(self) -> None:
        """The county approved (P32), or the next episode takes over."""

    @transition(stage, source=Stage.CLOSED, target=Stage.VERIFY)
    def reopen(self) -> None:
        """The county agreed that it was closed too early: asked for, approved, counted."""
        self.closed_at, self.outcome, self.reopened = None, "", self.reopened + 1
        self.returned_at = self.reported_at = None

    @transition(stage, source=OPEN, target=Stage.CANCELLED)
    def cancel(self) -> None:
        """Opened by mistake or twice: a second person agreed, the rows stay."""

    @transition(stage, source=[Stage.HOME_VISIT, Stage.PERSUASION], target=Stage.VERIFY)
    def look_again(self) -> None:
        """The finding that led on was undone."""

    @transition(stage, source=Stage.PERSUASION, target=Stage.HOME_VISIT)
    def visit_again(self) -> None:
        """The visit that led on was undone."""

    @transition(stage, source=LEGAL[1:], target=Stage.REPORTED)
    def annul(self) -> None:
        """What the township had ordered was annulled on appeal (domain.md 2.5)."""

    def move(self, stage: Stage) -> None:
        """Go to a stage by the transition that leads there; TransitionNotAllowed when none does from here."""
        if self.stage == Stage.CLOSED and stage == Stage.VERIFY:
            self.reopen()
        elif (self.stage, stage) in BACK:
            getattr(self, BACK[self.stage, stage])()
        elif stage != self.stage:
            getattr(self, MOVES[stage])()

    @property
    def lead(self) -> Unit | None:
        """The township that leads the case: the one that took it over, else that of the school."""
        return self.township or self.school.above(UnitKind.TOWNSHIP)

    @property
    def contacts(self) -> models.QuerySet[Any]:
        """Its visits, and those of a case that was joined to it; not those that were undone."""
        from casework.cases.models.visit import Visit

        either = Case.objects.filter(Q(pk=self.pk) | Q(merged_into=self.pk))
        return Visit.objects.filter(case__in=either.values("pk"), struck=False)

    @property
    def visits_made(self) -> models.QuerySet[Any]:
        """The visits of the present walk that count as such: a call is none (domain.md 2.3)."""
        from casework.cases.models.visit import VisitForm

        made = self.contacts.exclude(form=VisitForm.PHONE)
        return made.filter(recorded_at__gte=self.reopened_at) if self.reopened_at else made

    @property
    def begun_at(self) -> datetime:
        """When its present walk began: with the opening, the taking over from an older ledger, or the last reopening."""
        return self.reopened_at or self.taken_over_at or self.opened_at

    @property
    def group_words(self) -> str:
        """The department that the cause brings in, in words; empty for none."""
        return str(dict(DEPARTMENTS).get(self.group, ""))

    @property
    def outcome_words(self) -> str:
        """How it ended; of a restricted matter no more than that."""
        from casework.cases.side_roads import RESTRICTED

        return str(
            _("restricted matter") if self.outcome in RESTRICTED else self.get_outcome_display()
        )

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


class IntakeDecision(AppendOnly):
    """What a person decided about a finding."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="decisions")
    decision = models.CharField(max_length=10, choices=FindingState.choices)
    reason = models.CharField(max_length=300, blank=True)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=80)
    at = models.DateTimeField()
