from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_harm_reports")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="reopened_at",
            field=models.DateTimeField(help_text="last time; its clocks begin anew", null=True),
        ),
        migrations.AddField(
            model_name="step",
            name="shown_kind",
            field=models.CharField(default="", max_length=20),
            preserve_default=False,
        ),
    ]
