"""How good the rules are: by rule what became of its findings, and the share that people set aside (features 6)."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from casework.detection.models import Finding, FindingState
from casework.detection.words import rule_title


@dataclass(frozen=True)
class Tally:
    """The findings of one rule by what became of them."""

    rule: str
    found: int
    taken: int
    aside: int
    waiting: int
    withdrawn: int

    @property
    def title(self) -> str:
        return rule_title(self.rule)

    @property
    def false_percent(self) -> int | None:
        """Of those that people decided, the share set aside, rounded; None where nothing was decided."""
        decided = self.taken + self.aside
        return round(self.aside * 100 / decided) if decided else None


def tallies(findings: QuerySet[Finding]) -> list[Tally]:
    """One for each rule that found anything, the most findings first. One query."""
    counted: dict[str, dict[str, int]] = {}
    rows = findings.order_by().values_list("rule", "state").annotate(n=Count("pk"))
    for rule, state, number in rows:
        counted.setdefault(rule, {})[state] = number
    found = [_tally(rule, states) for rule, states in counted.items()]
    return sorted(found, key=lambda each: (-each.found, each.rule))


def _tally(rule: str, states: dict[str, int]) -> Tally:
    def of(*names: str) -> int:
        return sum(states.get(name, 0) for name in names)

    return Tally(
        rule,
        of(*FindingState.values),
        of(FindingState.OPENED, FindingState.LINKED),
        of(FindingState.SET_ASIDE),
        of(FindingState.WAITING, FindingState.LATER),
        of(FindingState.WITHDRAWN),
    )
