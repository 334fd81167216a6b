"""Days of the steps of warnings and plans, for rules published before they were."""

from django.db import migrations

from casework.profiles.completing import complete

DAYS = {
    "meeting": 3, "parents": 5, "investigate": 2, "inform": 1, "interview": 5, "measures": 10, "report": 2, "plan": 5, "review": 5,
}  # fmt: skip


def upgrade(apps, schema_editor):
    complete(apps.get_model("profiles", "Profile"), completed)


def completed(rules, inherits):
    """Whoever inherits gets the section from above."""
    return rules if not rules or inherits else {"procedures": DAYS, **rules}


class Migration(migrations.Migration):
    dependencies = [("profiles", "0013_status")]
    operations = [migrations.RunPython(upgrade, migrations.RunPython.noop)]
