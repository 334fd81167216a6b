"""The days on which the papers of the shelf are due, for rules published before there was a shelf."""

from django.db import migrations

from casework.profiles.completing import complete

DAYS = {
    "leading_group": "09-15",
    "responsibility": "09-30",
    "rule_papers": "09-15",
    "plan": "09-15 03-10",
    "summary": "01-31 07-15",
    "rosters": "09-30 03-20",
    "visit_statistics": "01-20 07-05",
    "publicity": "09-30 03-31",
    "meetings": "10-15 11-30 01-15 03-31 05-15 07-05",
    "aid": "11-30 05-31",
    "incoming": "",
    "awards": "07-15",
    "self_check": "10-31 04-30",
    "holiday_report": "02-28 08-31",
    "statistics": "09-25 03-20",
    "return_lists": "09-10 03-10",
    "quarterly_review": "12-31 03-31 06-30",
}


def upgrade(apps, schema_editor):
    complete(apps.get_model("profiles", "Profile"), completed)


def completed(rules, inherits):
    """Whoever inherits gets the section from above."""
    return rules if inherits or not rules else {"shelf": DAYS, **rules}


class Migration(migrations.Migration):
    dependencies = [("profiles", "0007_based_on")]
    operations = [migrations.RunPython(upgrade, migrations.RunPython.noop)]
