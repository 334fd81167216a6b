"""The parameters of the rules of detection, for rules published before there were more than one. What is on stays as it was."""

from django.db import migrations

from casework.profiles.completing import complete

RULES = {
    "consecutive_absence": {"on": 1},
    "absence_in_days": {"on": 0, "days": 5, "within": 20, "unexcused": ["absent", "half"]},
    "absence_share_month": {"on": 0, "days": 4, "percent": 20, "unexcused": ["absent"]},
    "absence_share_year": {"on": 0, "days": 10, "percent": 10, "unexcused": ["absent"]},
    "repeated_lateness": {"on": 0, "days": 5, "within": 20},
    "leave_over": {"on": 0, "days": 2, "unexcused": ["absent"]},
    "never_present": {"on": 0, "days": 10},
    "not_registered": {"on": 0, "days": 7},
    "not_in_junior": {"on": 0, "days": 7, "grade": 6},
    "no_status": {"on": 0, "days": 30},
    "left_over_status": {"on": 0, "days": 30},
}


def upgrade(apps, schema_editor):
    complete(apps.get_model("profiles", "Profile"), completed)


def completed(rules, inherits=False):
    """A unit with rules of detection of its own gets those that it lacks."""
    if "detection" not in rules:
        return rules
    own = rules["detection"]
    return {**rules, "detection": {code: {**said, **own.get(code, {})} for code, said in RULES.items()}}


class Migration(migrations.Migration):
    dependencies = [("profiles", "0011_attendance")]
    operations = [migrations.RunPython(upgrade, migrations.RunPython.noop)]
