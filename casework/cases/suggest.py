"""Who should take a step: proposed with the reasons, decided by a person (features 41)."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from casework.cases.models import Step, Visit
from casework.org.models import Post, User


@dataclass(frozen=True)
class Suggestion:
    """A candidate: open steps in hand, visits to this family before, other steps of this case, a post in its village."""

    user: User
    load: int
    visits: int = 0
    same_case: bool = False
    same_village: bool = False

    @property
    def rank(self) -> tuple[Any, ...]:
        """Who knows the family first, then who has least to do."""
        return (-self.visits, not self.same_case, not self.same_village, self.load, self.user.pk)


def load_of(people: list[User]) -> dict[int, int]:
    """Open steps in each person's hands."""
    rows = Step.objects.open().filter(holder__in=people).values("holder").annotate(n=Count("id"))
    return {row["holder"]: row["n"] for row in rows}


def suggestions(step: Step, people: list[User]) -> list[Suggestion]:
    """The candidates of a step, the best first. Three queries, whatever their number."""
    case, load = step.case, load_of(people)
    met = Visit.objects.filter(pupil=case.pupil_id, visitor__in=people, struck=False)
    visits = dict(met.values_list("visitor").annotate(n=Count("id")))
    known = set(
        Step.objects.filter(case=case, holders__user__in=people).values_list(
            "holders__user", flat=True
        )
    )
    near = set(
        Post.objects.filter(user__in=people, unit=case.village_id).values_list("user", flat=True)
    )
    found = [
        Suggestion(
            each, load.get(each.pk, 0), visits.get(each.pk, 0), each.pk in known, each.pk in near
        )
        for each in people
    ]
    return sorted(found, key=lambda each: each.rank)
