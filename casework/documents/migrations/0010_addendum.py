import django.db.models.deletion
from django.db import migrations, models

from casework.core import triggers

TABLES = ["documents_addendum"]


def install(apps, schema_editor):
    triggers.install(schema_editor.connection, TABLES)


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection, TABLES)


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0009_what_is_kept_of_a_photo'),
    ]

    operations = [
        migrations.CreateModel(
            name='Addendum',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('addendum', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='corrects', to='documents.document')),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='addenda', to='documents.document')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.RunPython(install, remove),
    ]
