"""What a supervisor looks after beside what is late, by unit: clocks that stand and why, requests, the absent, the unseen, what lies still."""

from collections import Counter
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse

from casework.cases.models import PauseCause
from casework.org.models import Unit
from casework.org.roles import Can
from casework.oversight.board import units_near
from casework.oversight.figures import place_length, steps_of
from casework.oversight.lens import Lens
from casework.oversight.views import HIDDEN, WATCH_WORDS, UnitPage
from casework.oversight.watch import WATCHED, standing_pauses

REASONS = 20


class Watch(UnitPage):
    """Each number opens just its list."""

    def get(self, request: HttpRequest) -> HttpResponse:
        units = units_near(self.user.units_with(Can.SEE_BOARD))
        unit = self.unit(units)
        lens = self.now(unit)
        counts = counts_of(unit, lens, {each.pk: each.path for each in units})
        length = place_length(unit)
        below = [u for u in units if unit.holds(u) and (u == unit or len(u.path) == length)]
        rows = [(place, place == unit, _cells(counts, place)) for place in below]
        return self.show(
            "oversight/watch.html",
            {
                "unit": unit,
                "words": WATCH_WORDS,
                "whole": [(what, sum(counts[what].values())) for what in WATCHED],
                "rows": [row for row in rows if any(count for _what, count in row[2])],
                "causes": PauseCause.choices,
                "reasons": why_paused(self._paused(unit, lens), lens),
            },
        )

    def _paused(self, unit: Unit, lens: Lens) -> Any:
        """Those whose case the reader may read: a reason may name the child."""
        steps = steps_of(unit, lens, "paused").exclude(shown_kind__in=HIDDEN)
        return steps.visible_to(self.user)


def counts_of(unit: Unit, lens: Lens, paths: dict[int, str]) -> dict[str, Counter[str]]:
    """By what is looked after and the path of the row below `unit`. A query for each of `WATCHED`."""
    length = place_length(unit)
    found: dict[str, Counter[str]] = {}
    for what in WATCHED:
        rows = steps_of(unit, lens, what).values_list(lens.unit).annotate(n=Count("pk"))
        found[what] = Counter()
        for place, count in rows.order_by():
            found[what][paths[place][:length]] += count
    return found


def _cells(counts: dict[str, Counter[str]], place: Unit) -> list[tuple[str, int]]:
    return [(what, counts[what][place.path]) for what in WATCHED]


def why_paused(steps: Any, lens: Lens) -> list[tuple[str, str, int]]:
    """Cause, reason and number of the clocks of `steps` that stand, most first."""
    rows = standing_pauses(lens.at).filter(step__in=steps.values("pk"))
    found: Any = rows.values_list("cause", "reason").annotate(n=Count("step", distinct=True))
    return list(found.order_by("-n", "reason")[:REASONS])
