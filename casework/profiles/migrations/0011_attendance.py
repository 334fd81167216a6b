"""How rolls are called on a page, for rules published before they were."""

from django.db import migrations

from casework.profiles.completing import complete

ATTENDANCE = {
    "morning_hour": 9, "morning_minute": 0, "afternoon": 1, "afternoon_hour": 15, "afternoon_minute": 0,
    "half_day_counts": 0, "teacher_leave_days": 3,
}  # fmt: skip


def upgrade(apps, schema_editor):
    complete(apps.get_model("profiles", "Profile"), completed)


def completed(rules, inherits):
    """Whoever inherits gets the section from above."""
    return rules if inherits or not rules else {"attendance": ATTENDANCE, **rules}


class Migration(migrations.Migration):
    dependencies = [("profiles", "0010_retention")]
    operations = [migrations.RunPython(upgrade, migrations.RunPython.noop)]
