from django.db import migrations, models

from casework.core import triggers

TABLES = ["documents_destroyedfile"]


def install(apps, schema_editor):
    triggers.install(schema_editor.connection, TABLES)


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection, TABLES)


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0011_code_of_an_empty_form'),
    ]

    operations = [
        migrations.CreateModel(
            name='DestroyedFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('of', models.CharField(choices=[('attachment', 'file handed in'), ('photo', 'photo')], max_length=10)),
                ('ref', models.BigIntegerField(help_text='its id')),
                ('sha256', models.CharField(max_length=64)),
                ('listed', models.CharField(help_text='which list, as 2057-3', max_length=40)),
                ('at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('of', 'ref'), name='a_file_goes_once')],
            },
        ),
        migrations.RunPython(install, remove),
    ]
