"""What a policy says of a time limit: budget and unit, the events that start, stop and pause it (design.md §4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Limit:
    """One time limit. `budget` and `target` are in `unit` (one of units.UNITS).

    `target` is the day to aim at, `budget` the last one. `starts`, `stops` and `pauses` name events of the policy;
    a pause ends by the event that ends what caused it. `roll_forward`: a limit in calendar days that ends on a day off
    ends on the next working day (Civil Code art. 203).
    """

    budget: int
    target: int
    unit: str
    starts: str
    stops: str
    pauses: frozenset[str]
    roll_forward: bool

    @classmethod
    def of(cls, said: Mapping[str, Any], *, urgent: bool = False) -> Limit:
        """The limit as a policy profile says it, for an urgent case or any other."""
        budget = min(said["urgent"], said["budget"]) if urgent else said["budget"]
        return cls(
            budget=budget,
            target=min(said["target"], budget),
            unit=said["unit"],
            starts=said["from"],
            stops=said["to"],
            pauses=frozenset(said["pauses"]),
            roll_forward=bool(said["roll_forward"]),
        )
