"""Days of receipts, platform entries and attention checks, and the rule about suspensions, for rules published before they were."""

from django.db import migrations

from casework.profiles.completing import complete

STATUS = {"receipt_days": 20, "platform_days": 10}
RULE = {"on": 0, "days": 3}


def upgrade(apps, schema_editor):
    complete(apps.get_model("profiles", "Profile"), completed)


def completed(rules, inherits):
    """Whoever inherits gets the section from above; who has rules of detection of its own gets the one that it lacks."""
    if not rules:
        return rules
    new = dict(rules) if inherits else {"status": STATUS, **rules}
    if "term" in rules:
        new["term"] = {"attention_days": 30, **rules["term"]}
    if "detection" in rules:
        new["detection"] = {"suspension_over": RULE, **rules["detection"]}
    return new


class Migration(migrations.Migration):
    dependencies = [("profiles", "0012_detection_rules")]
    operations = [migrations.RunPython(upgrade, migrations.RunPython.noop)]
