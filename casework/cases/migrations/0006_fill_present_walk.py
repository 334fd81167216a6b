"""When a case was reopened last, and what lists call a step: restricted work has one name."""

from django.db import migrations
from django.db.models import F, Max

RESTRICTED = (
    "SPECIALISED_SCHOOL", "EARLY_MARRIAGE", "RELIGIOUS_STUDY", "JUSTICE_CUSTODY", "HARM",
)


def fill(apps, schema_editor):
    Case, Matter, Step = (apps.get_model("cases", name) for name in ("Case", "Matter", "Step"))
    Step.objects.update(shown_kind=F("kind"))
    Step.objects.filter(matter__code__in=RESTRICTED).update(shown_kind="protect")
    again = Matter.objects.filter(code="REOPENING", outcome="decided")
    for case, at in again.values_list("case").annotate(at=Max("decided_at")):
        Case.objects.filter(pk=case, reopened__gt=0).update(reopened_at=at)


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_present_walk")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
