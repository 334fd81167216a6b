"""Triggers that refuse to change or remove the row of a file that was handed in (SEAL-05)."""

from django.db import migrations

from casework.core import triggers

TABLES = ["documents_attachment"]


def install(apps, schema_editor):
    triggers.install(schema_editor.connection, TABLES)


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection, TABLES)


class Migration(migrations.Migration):
    dependencies = [("documents", "0005_attachment")]
    operations = [migrations.RunPython(install, remove)]
