"""The ladder looks once at every step that is open when this version comes."""

from django.db import migrations, models


def upgrade(apps, schema_editor):
    steps = apps.get_model("cases", "Step").objects.filter(finished_at=None, rung_at=None)
    steps.update(rung_at=models.F("begun_at"))


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_clocks")]
    operations = [migrations.RunPython(upgrade, migrations.RunPython.noop)]
