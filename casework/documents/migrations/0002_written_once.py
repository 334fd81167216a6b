"""Triggers that refuse to change or remove what is written once (SEAL-05)."""

from django.db import migrations

from casework.core import triggers


def install(apps, schema_editor):
    triggers.install(schema_editor.connection, triggers.FIRST)


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection, triggers.FIRST)


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial"), ("audit", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
