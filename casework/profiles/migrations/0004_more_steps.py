"""Time limits of the kinds of steps that came after the letters and side roads, and the groups by cause."""

from django.db import migrations

from casework.profiles.completing import complete, with_steps

STEPS = {
    "accept_appeal": (5, "working_days", "begun"),
    "decide_request:APPEAL_REVIEW": (30, "working_days", "begun"),
    "reply_referral": (10, "working_days", "begun"),
    "conference": (3, "working_days", "wakes"),
    "help": (0, "calendar_days", "wakes"),
    "protect": (0, "calendar_days", "begun"),
    "repair": (1, "working_days", "begun"),
}


REASONS = (
    "LEARN", "WORK", "FOLLOW", "MARRY", "POOR", "FAR", "ILL", "DISABLED", "MENTAL", "FAMILY", "NET", "BULLY", "SCHOOL",
    "UNKNOWN", "OTHER",
)


def upgrade(apps, schema_editor):
    complete(apps.get_model("profiles", "Profile"), completed)


def completed(rules, inherits):
    """No group is brought in that nobody asked for."""
    found = with_steps(rules, STEPS)
    if "cause" not in rules:
        return found
    return {**found, "cause": {"group": dict.fromkeys(REASONS, ""), **rules["cause"]}}


class Migration(migrations.Migration):
    dependencies = [("profiles", "0003_proposal")]
    operations = [migrations.RunPython(upgrade, migrations.RunPython.noop)]
