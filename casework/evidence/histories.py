"""How a step came to its end: who held it from when to when, how its date moved and why, which reminders went out."""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from casework.cases.explaining import cause_words
from casework.cases.models import RungFired, Step, StepDue, StepHolder
from casework.cases.notice_words import rung_words
from casework.core.templatetags.look import full_day, full_moment
from casework.deadlines.days import DayTable
from casework.deadlines.engine import working_days_late
from casework.deadlines.units import last_day
from casework.profiles.rules import section


@dataclass
class History:
    """The rows of one step, oldest first."""

    holders: list[StepHolder] = field(default_factory=list)
    dues: list[StepDue] = field(default_factory=list)
    rungs: list[RungFired] = field(default_factory=list)

    def held(self) -> list[str]:
        """Who had it in hand, since when."""
        return [
            _("%(who)s since %(when)s")
            % {
                "who": row.user.display_name if row.user else _("nobody"),
                "when": full_moment(row.since),
            }
            for row in self.holders
        ]

    def held_when_due(self, due: datetime, end: datetime) -> str:
        """Who had it in hand when its time was over; empty for nobody, or if it came to its `end` in time."""
        before = [row for row in self.holders if row.since <= due < end]
        return before[-1].user.display_name if before and before[-1].user else ""

    def moved(self) -> list[str]:
        """Each change of its date with the cause."""
        changes = [row for row in self.dues if not row.ended]
        return [
            _("%(when)s: %(old)s → %(new)s, %(cause)s")
            % {
                "when": full_day(new.since),
                "old": full_day(last_day(old.due_at)),
                "new": full_day(last_day(new.due_at)),
                "cause": cause_words(new),
            }
            for old, new in itertools.pairwise(changes)
            if old.due_at != new.due_at
        ]

    def reminded(self, step: Step) -> list[str]:
        """The rungs of the ladder that were reached, in words of the rules of that time."""
        return [
            _("%(when)s: %(what)s") % {"when": full_moment(row.at), "what": _rung(step, row)}
            for row in self.rungs
        ]

    def late(self, step: Step, at: datetime, days: DayTable) -> int:
        """Working days late: of a finished step as it was recorded, of an open one up to `at`."""
        ends = [row for row in self.dues if row.ended and row.late_days is not None]
        if step.finished_at and ends:
            return int(ends[-1].late_days or 0)
        return working_days_late(step.due_at, step.finished_at or at, days)


def _rung(step: Step, row: RungFired) -> str:
    ladder = section(step.unit, "ladder", row.at)
    known: dict[str, object] = next((rung for rung in ladder if rung["code"] == row.rung), {})
    return rung_words(known)


def read_histories(steps: Iterable[Step], at: datetime) -> dict[int, History]:
    """By step what happened to it up to `at`. Three queries."""
    found: dict[int, History] = defaultdict(History)
    ids = [step.pk for step in steps]
    for holder in (
        StepHolder.objects.filter(step__in=ids, since__lte=at)
        .select_related("user")
        .order_by("step", "generation")
    ):
        found[holder.step_id].holders.append(holder)
    dues = StepDue.objects.filter(step__in=ids, since__lte=at).select_related("restatement")
    for due in dues.order_by("step", "pk"):
        found[due.step_id].dues.append(due)
    for rung in RungFired.objects.filter(step__in=ids, at__lte=at).order_by("step", "at", "pk"):
        found[rung.step_id].rungs.append(rung)
    return found
