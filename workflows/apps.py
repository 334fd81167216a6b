from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    name = "workflows"
    label = "workflows"

    def ready(self) -> None:
        from workflows import (
            checks,  # noqa: F401 - registers the system checks
            taking_over,
        )

        taking_over.register()
