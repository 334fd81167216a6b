"""Many steps given out at once: each proposed with its reasons, changed by a person, given all or none (domain.md 2.3)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from casework.cases.models import Step
from casework.cases.steps import reassign
from casework.cases.suggest import Suggestion, suggestions
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import User
from casework.org.people import candidates

SOON = timedelta(hours=48)


@dataclass(frozen=True)
class Proposal:
    """A step and who could take it, the best first; their load counts what the proposals before this one gave them."""

    step: Step
    people: list[Suggestion]


def loads(steps: QuerySet[Step], at: datetime) -> QuerySet[Any]:
    """The people who hold some of `steps` (open ones), with how many they hold of them: `held`, `late`, `soon`."""
    mine = Q(steps__in=steps)
    rows: QuerySet[Any] = User.objects.filter(mine).annotate(
        held=Count("steps", filter=mine),
        late=Count("steps", filter=mine & Q(steps__due_at__lt=at)),
        soon=Count("steps", filter=mine & Q(steps__due_at__gte=at, steps__due_at__lt=at + SOON)),
    )
    return rows


def proposals(steps: Iterable[Step], at: datetime) -> list[Proposal]:
    """Who should take each step: who knows the family first, then who has least to do, what is given out here counted."""
    given: Counter[int] = Counter()
    able: dict[tuple[str, int], list[User]] = {}
    found = []
    for step in steps:
        place = (step.role, step.unit_id)
        if place not in able:
            able[place] = candidates(step.role, step.unit, at)[1]
        people = [
            person for person in able[place] if person.pk not in (step.holder_id, step.asked_by_id)
        ]
        ranked = [
            replace(each, load=each.load + given[each.user.pk])
            for each in suggestions(step, people)
        ]
        ranked.sort(key=lambda each: each.rank)
        if ranked:
            given[ranked[0].user.pk] += 1
        found.append(Proposal(step, ranked))
    return found


def hand_out(pairs: Iterable[tuple[Step, User]], *, reason: str, by: User, at: datetime) -> int:
    """Give each step to its person, with the reason: all of them or none. Returns how many. DomainError naming the first that cannot be."""
    with one_act():
        ordered = sorted(pairs, key=lambda pair: pair[0].pk)
        for step, person in ordered:
            try:
                reassign(step, to=person, reason=reason, by=by, at=at)
            except DomainError as error:
                raise DomainError(
                    _("%(case)s, %(step)s: %(why)s Nothing was given out."),
                    fields=error.fields,
                    case=step.case.number,
                    step=step.title,
                    why=str(error),
                ) from error
    return len(ordered)
