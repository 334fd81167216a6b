"""What people said of lists is kept with the unit for which it was said; what was said before holds for the county."""

import django.db.models.deletion
from django.db import migrations, models

COUNTY = 1  # the first unit of every installation


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0005_inspectors"),
        ("students", "0010_why_a_roll_is_corrected"),
    ]

    operations = [
        migrations.AddField(
            model_name=name,
            name="unit",
            field=models.ForeignKey(
                default=COUNTY,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="org.unit",
            ),
            preserve_default=False,
        )
        for name in ("sameperson", "explanation")
    ]
