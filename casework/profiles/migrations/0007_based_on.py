from django.db import migrations, models


def fill(apps, _schema_editor):
    """Of what waits: the newest version that was there when it was proposed."""
    proposals, profiles = (apps.get_model("profiles", name) for name in ("Proposal", "Profile"))
    for proposal in proposals.objects.filter(decided_at=None):
        before = profiles.objects.filter(
            unit=proposal.unit_id, created_at__lte=proposal.proposed_at
        )
        proposal.based_on = before.aggregate(last=models.Max("version"))["last"] or 0
        proposal.save()


class Migration(migrations.Migration):
    dependencies = [("profiles", "0006_running_clocks")]

    operations = [
        migrations.AddField(
            model_name="proposal",
            name="based_on",
            field=models.PositiveIntegerField(default=0, help_text="the version that it changes"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
