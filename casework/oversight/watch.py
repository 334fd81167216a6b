"""Overdue steps by how late they are, and what a supervisor looks after beside what is late."""

from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from casework.audit.trail import SYSTEM
from casework.cases.kinds import Track
from casework.cases.models import Extension, StepDue, StepHolder, Suspension, Visit
from casework.core.clock import end_of, local_date
from casework.deadlines.days import DayTable
from casework.org.models import User, away_on
from casework.oversight.lens import Lens

LATE = {"late_0": 0, "late_1": 1, "late_4": 4, "late_8": 8}  # at least so many working days late
WATCHED = ("paused", "asked", "away", "unseen", "idle")
AHEAD, NEXT = 5, "next_5"  # working days, and the name of their list
UNTOUCHED = timedelta(days=7)
TOUCHES = (
    "finished",
    "held",
    "resumed",
    "extended",
)  # what people do to a clock; the system begins and counts anew


def lateness(lens: Lens, days: DayTable) -> dict[str, Q]:
    """Overdue steps by working days late (of `days`): keys of `LATE`."""
    bounds = late_bounds(lens.at, days)
    ends = [*bounds[1:], None]
    return {
        key: Q(**{f"{lens.due}__lte": newest}) & (Q(**{f"{lens.due}__gt": older}) if older else Q())
        for key, newest, older in zip(LATE, bounds, ends, strict=True)
    }


def late_bounds(at: datetime, days: DayTable) -> list[datetime]:
    """For each of `LATE` the last due moment that is at least so many working days late at `at`."""
    working = days.working
    passed = working.through(local_date(at).toordinal() - 1)
    lasts = [working.nth(passed - many + 1) - 1 for many in LATE.values() if many]
    return [at - timedelta.resolution, *(end_of(date.fromordinal(last)) for last in lasts)]


def watched(lens: Lens) -> dict[str, Q]:
    """What a supervisor looks after beside what is late: paused, asked for, held by the absent, not touched."""
    at = lens.at
    asked = Extension.objects.filter(step=OuterRef("pk"), asked_at__lte=at)
    still = at - UNTOUCHED
    touched = (
        StepDue.objects.filter(
            step__case=OuterRef("case"), since__range=(still, at), cause__in=TOUCHES
        ),
        StepHolder.objects.filter(step__case=OuterRef("case"), since__range=(still, at)).exclude(
            by_name=SYSTEM
        ),
        Visit.objects.filter(case=OuterRef("case"), recorded_at__range=(still, at)),
    )
    standing = standing_pauses(at).filter(step=OuterRef("pk"))
    unseen = User.objects.filter(Q(last_login=None) | Q(last_login__lt=still))
    return {
        "paused": Q(pauses__gt=0) & Q(Exists(standing)),
        "asked": Q(Exists(asked.filter(Q(decided_at=None) | Q(decided_at__gt=at)))),
        "away": Q(**{f"{lens.holder}__in": away_on(local_date(at)).values("user")}),
        "unseen": Q(**{f"{lens.holder}__in": unseen.values("pk")}),
        "idle": Q(track=Track.MAIN, begun_at__lt=still, opens_at__lt=still)
        & ~Q(Exists(touched[0]))
        & ~Q(Exists(touched[1]))
        & ~Q(Exists(touched[2])),
    }


def standing_pauses(at: datetime) -> QuerySet[Suspension]:
    """The pauses in which a clock stands at `at`: of each the row that was in force then."""
    newer = Suspension.objects.filter(
        step=OuterRef("step"), number=OuterRef("number"), at__lte=at, pk__gt=OuterRef("pk")
    )
    return Suspension.objects.filter(~Exists(newer), at__lte=at, since__lte=at, until__gt=at)


def horizon(at: datetime, days: DayTable) -> datetime:
    """The end of the fifth working day after the day of `at`."""
    working = days.working
    return end_of(
        date.fromordinal(working.nth(working.through(local_date(at).toordinal()) + AHEAD))
    )
