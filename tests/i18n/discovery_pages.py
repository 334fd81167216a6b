"""The pages on which children are found: rolls, leave slips, how good the rules are."""

from datetime import date, datetime, timedelta
from typing import Any

from casework.cases.rule_forms import RulesForm
from casework.core.clock import local_date
from casework.org.models import User
from casework.profiles.shipped import shipped
from tests.world import World

Visit = tuple[str, User | None, str, dict[str, Any] | None, int]


def of_discovery(w: World, at: datetime) -> list[Visit]:
    """Rolls, leave slips, rules."""
    today, before = local_date(at), local_date(at) - timedelta(days=1)
    roll = f"/rolls/{w.units['class'].pk}/{today}"
    late = f"/rolls/{w.units['class_two'].pk}/{before}/afternoon/"
    missed = {f"m{w.ming.pk}": "absent"}
    return [
        ("cases:rolls", w.officer, "/rolls/", None, 200),
        ("cases:roll with a file", w.teacher, f"{roll}/morning/", {}, 409),
        ("cases:roll", w.teacher_three, late, None, 200),
        ("cases:roll called", w.teacher_three, late, missed, 200),
        ("cases:roll not corrected", w.teacher_three, late, {"act": "correct"}, 409),
        ("cases:roll corrected", w.teacher_three, late, {"act": "correct", "why": "other"}, 200),
        (
            "cases:roll back",
            w.teacher_three,
            late,
            {**missed, "act": "correct", "why": "other"},
            200,
        ),
        ("cases:leave", w.teacher, f"/pupils/{w.an.pk}/leave/", None, 200),
        ("cases:leave wrong", w.teacher, f"/pupils/{w.an.pk}/leave/", {}, 422),
        ("cases:tallies", w.officer, "/findings/rules/", None, 200),
        ("cases:edit_rules trial", w.county_officer, "/rules/edit/?from=wenshan", _rules(), 200),
        ("cases:leaves", w.principal, "/rolls/leaves/", None, 200),
    ]


def _rules() -> dict[str, Any]:
    """The form of a shipped profile with another rule of detection than the one in force."""
    form = RulesForm(shipped()["wenshan"].rules, today=date(2026, 12, 1))
    typed = {name: each.initial for name, each in form.fields.items() if each.initial is not None}
    return {**typed, "name": "新版", "valid_from": "2026-12-01", "act": "preview"}
