"""The sound of the names that are there."""

from django.db import migrations

from casework.students import sounds


def hear(apps, schema_editor):
    model = apps.get_model("students", "Pupil")
    rows = list(model.objects.only("pk", "name"))
    for row in rows:
        row.sound, row.initials = sounds.sound(row.name), sounds.initials(row.name)
    model.objects.bulk_update(rows, ["sound", "initials"], batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [("students", "0004_sound")]
    operations = [migrations.RunPython(hear, migrations.RunPython.noop)]
