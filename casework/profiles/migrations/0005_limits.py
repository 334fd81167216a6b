"""Time limits name their stop and pauses, a target and the limit of urgent cases; the whole case has a clock; letters roll over days off."""

from django.db import migrations

from casework.profiles.completing import complete

FOLLOWED = ("follow_up_3", "follow_up_7", "follow_up_14", "follow_up_30")
CASE = {
    "budget": 30, "urgent": 30, "target": 20, "unit": "calendar_days", "from": "opened", "to": "returned",
    "pauses": ["hold", "branch", "court"], "roll_forward": 0,
}  # fmt: skip
CLOCK = {"hold_days": 30, "holds": 2, "extensions": 1, "extension_percent": 100}
NOTICES = {
    "digest_hour": 8, "digest_minute": 30, "at_once": ["harm_now", "harm", "harm_above", "glass", "nudge"],
}  # fmt: skip
GOALS = {"zero_rolls_percent": 90}
UNCLAIMED = {"code": "unclaimed", "unclaimed_days": 1, "tell": ["supervisor"]}


def upgrade(apps, schema_editor):
    complete(apps.get_model("profiles", "Profile"), completed)


def completed(rules, inherits):
    """What a unit does not name it inherits; what it names keeps its numbers."""
    found = dict(rules)
    if "steps" in rules:
        found["steps"] = {key: _limit(key, said) for key, said in rules["steps"].items()}
    if "letters" in rules:
        found["letters"] = _letters(rules["letters"])
    if "ladder" in rules and not any(each["code"] == "unclaimed" for each in rules["ladder"]):
        found["ladder"] = [*rules["ladder"][:1], UNCLAIMED, *rules["ladder"][1:]]
    return found if inherits else {"case": CASE, "clock": CLOCK, "goals": GOALS, "notices": NOTICES, **found}


def _limit(key, said):
    budget, mailed = said["budget"], key.startswith("serve_letter")
    return {
        "urgent": budget,
        "target": budget,
        "to": "finished",
        "pauses": ["hold", "mail"] if mailed else ["hold"],
        "roll_forward": int(key in FOLLOWED),
        **said,
    }


def _letters(said):
    rolled = {
        key: {"roll_forward": 1, **value} if isinstance(value, dict) else value
        for key, value in said.items()
    }
    return {"mail_days": 7, **rolled}


class Migration(migrations.Migration):
    dependencies = [("profiles", "0004_more_steps")]
    operations = [migrations.RunPython(upgrade, migrations.RunPython.noop)]
