"""System checks of the engine's use: no timer nodes, no lock but the waiting one (engine.md 2.5)."""

from typing import Any

from django.core.checks import Error, register
from viewflow.workflow import flow, lock

from workflows.flows import DropoutFlow


@register()
def flow_is_safe(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Errors for a timer node (casework.E001) and for another lock (casework.E002)."""
    errors = [
        Error(f"{node.name} is a timer: waiting is a step with opens_at", id="casework.E001")
        for node in DropoutFlow.instance.nodes()
        if isinstance(node, flow.Timer | flow.StartTimer)
    ]
    used = DropoutFlow.lock_impl
    if not isinstance(used, lock.SelectForUpdateLock) or used.nowait:
        errors.append(Error("the flow needs SelectForUpdateLock(nowait=False)", id="casework.E002"))
    return errors
