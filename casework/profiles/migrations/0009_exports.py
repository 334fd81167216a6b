"""From how many cases on an evidence file needs a second person, for rules published before that was asked."""

from django.db import migrations

from casework.profiles.completing import complete


def upgrade(apps, schema_editor):
    complete(apps.get_model("profiles", "Profile"), completed)


def completed(rules, inherits):
    """Whoever inherits gets the section from above."""
    return rules if inherits or not rules else {"exports": {"approve_above": 100}, **rules}


class Migration(migrations.Migration):
    dependencies = [("profiles", "0008_shelf")]
    operations = [migrations.RunPython(upgrade, migrations.RunPython.noop)]
