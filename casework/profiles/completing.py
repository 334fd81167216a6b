"""For migrations: rules published before an upgrade get what they lack, as one more version of each that is in force or will be."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.utils import timezone

Rules = dict[str, Any]
Completed = Callable[..., Rules]


def complete(profile_model: Any, completed: Completed) -> None:
    """Publish `completed(rules, inherits)` of every unit's rules, in their order, from the same days on; nothing where nothing lacks.

    `inherits`: a unit above has rules, too.
    """
    paths = set(profile_model.objects.values_list("unit__path", flat=True))
    by_unit: dict[int, list[Any]] = {}
    for profile in profile_model.objects.select_related("unit").order_by("unit_id", "version"):
        by_unit.setdefault(profile.unit_id, []).append(profile)
    for versions in by_unit.values():
        path = versions[0].unit.path
        inherits = any(path != other and path.startswith(other) for other in paths)
        _complete(profile_model, versions, partial(completed, inherits=inherits))


def _complete(model: Any, versions: list[Any], completed: Completed) -> None:
    today = timezone.localdate()
    begun = [each for each in versions if each.valid_from <= today]
    lasting = [*begun[-1:], *(each for each in versions if each.valid_from > today)]
    number = versions[-1].version
    if all(completed(each.rules) == each.rules for each in lasting):
        return
    for old in lasting:
        number += 1
        model.objects.create(
            unit_id=old.unit_id,
            version=number,
            valid_from=old.valid_from,
            name=old.name[:60],
            rules=completed(old.rules),
            created_at=old.created_at,
            created_by="system",
        )


def with_steps(rules: Rules, limits: dict[str, tuple[int, str, str]]) -> Rules:
    """The rules with the time limits (budget, unit, from) of kinds of steps that they do not know yet."""
    if "steps" not in rules:
        return rules
    said = {
        key: dict(zip(("budget", "unit", "from"), limit, strict=True))
        for key, limit in limits.items()
    }
    return {**rules, "steps": said | rules["steps"]}
