import django.db.models.deletion
from django.db import migrations, models

from casework.core import triggers

TABLES = ["documents_addendum"]


def install(apps, schema_editor):
    """SQLite made the table anew, without its lock."""
    triggers.install(schema_editor.connection, TABLES)



class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0012_destroyed_file'),
    ]

    operations = [
        migrations.AlterField(
            model_name='addendum',
            name='addendum',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrects', to='documents.document'),
        ),
        migrations.AddConstraint(
            model_name='addendum',
            constraint=models.UniqueConstraint(fields=('document', 'addendum'), name='one_addendum_a_paper'),
        ),
        migrations.RunPython(install, install),
    ]
