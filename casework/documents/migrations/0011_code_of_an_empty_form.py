from django.db import migrations, models

from casework.core import triggers

TABLES = ["documents_attachment"]


def install(apps, schema_editor):
    """SQLite made the table anew, without its lock."""
    triggers.install(schema_editor.connection, TABLES)


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0010_addendum'),
    ]

    operations = [
        migrations.AddField(
            model_name='attachment',
            name='form_code',
            field=models.CharField(blank=True, default='', help_text='that was printed on it as an empty form', max_length=40),
        ),
        migrations.AddIndex(
            model_name='attachment',
            index=models.Index(condition=models.Q(('form_code', ''), _negated=True), fields=['form_code'], name='attachment_form'),
        ),
        migrations.RunPython(install, install),
    ]
