"""Whether a suspicion of a pupil is known already: then a person's word about it makes no second one."""

from collections.abc import Collection
from datetime import date

from django.db.models import Q

from casework.cases.models import Case
from casework.detection.models import UNDECIDED, Finding

BY_PEOPLE = ("hand", "check")


def known_of(pupils: Collection[int], today: date) -> set[int]:
    """Those of the pupils with an open case, or of whom a person's suspicion waits or was decided today."""
    cases = Case.objects.open().filter(pupil__in=pupils).values_list("pupil", flat=True)
    said = Finding.objects.filter(pupil__in=pupils, rule__in=BY_PEOPLE)
    said = said.filter(Q(state__in=UNDECIDED) | Q(first_day=today))
    return {*cases, *said.values_list("pupil", flat=True)}
