"""The pages on which children are found: rolls, leave slips, how good the rules are."""

from datetime import date, datetime, timedelta
from typing import Any

from casework.cases.rule_forms import RulesForm
from casework.core.clock import local_date
from casework.detection.models import Tip, TipDoor
from casework.detection.tips import open_door, take_tip
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
        *_of_tips(w, at),
        ("cases:leaves", w.principal, "/rolls/leaves/", None, 200),
    ]


def _of_tips(w: World, at: datetime) -> list[Visit]:
    door = TipDoor.objects.filter(village=w.village, closed_at=None).first()
    door = door or open_door(w.village, by=w.township, at=at)
    told = {"what": "一周没有上学。", "home": "村口", "age": "十岁", "reporter": "何某"}
    tip = Tip.objects.first() or take_tip(door, told, address="198.51.100.9", at=at)
    who = f"/findings/{tip.finding_id}/child/"
    return [
        ("cases:tip", None, f"/t/{door.token}/", None, 200),
        ("cases:tip wrong", None, f"/t/{door.token}/", {}, 422),
        ("cases:tip taken", None, f"/t/{door.token}/", told, 200),
        ("cases:tip_asked", None, "/t/", None, 200),
        ("cases:tip_asked waits", None, "/t/", {"number": tip.number}, 200),
        ("cases:tip_asked wrong", None, "/t/", {"number": "X"}, 404),
        ("cases:tip_doors", w.township, "/tips/", None, 200),
        ("cases:tip_poster", w.township, f"/tips/{w.village.pk}/", None, 200),
        ("cases:identify", w.township, who, None, 200),
        ("cases:identify found", w.township, who, {"act": "search", "q": "罗"}, 200),
        ("cases:identify wrong", w.township, who, {"name": "何小"}, 422),
    ]


def _rules() -> dict[str, Any]:
    """The form of a shipped profile with another rule of detection than the one in force."""
    form = RulesForm(shipped()["wenshan"].rules, today=date(2026, 12, 1))
    typed = {name: each.initial for name, each in form.fields.items() if each.initial is not None}
    return {**typed, "name": "新版", "valid_from": "2026-12-01", "act": "preview"}
