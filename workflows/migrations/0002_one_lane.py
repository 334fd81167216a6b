"""The two lanes of the first version become one that waits again after each turn: `turned` in place of report_sent and pupil_back."""

from django.db import migrations
from django.utils import timezone
from viewflow.workflow.token import Token

FLOW = "workflows/flows.DropoutFlow"
OLD = [f"{FLOW}.report_sent", f"{FLOW}.pupil_back"]


def one_lane(apps, schema_editor):
    """Give every running process the new lane, and cancel the old ones that still wait."""
    arm(apps.get_model("viewflow", "Process"), apps.get_model("viewflow", "Task"))


def arm(Process, Task):
    now = timezone.now()
    for process in Process.objects.filter(flow_class=FLOW, status="NEW"):
        tasks = Task.objects.filter(process_id=process.pk)
        tasks.filter(flow_task__in=OLD, status="NEW").update(status="CANCELED", finished=now)
        if not tasks.filter(flow_task=f"{FLOW}.turned", finished=None).exists():
            lanes = tasks.get(flow_task=f"{FLOW}.lanes")
            lane = Task.objects.create(
                process_id=process.pk, flow_task=f"{FLOW}.turned", flow_task_type="FUNCTION", status="NEW",
                token=Token(f"start/{lanes.pk}_9"), data={},
            )
            lane.previous.add(lanes)


class Migration(migrations.Migration):
    dependencies = [("workflows", "0001_initial"), ("viewflow", "0015_task_scheduled")]
    operations = [migrations.RunPython(one_lane, migrations.RunPython.noop)]
