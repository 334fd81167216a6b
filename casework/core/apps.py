from django.apps import AppConfig

from casework.core.checks import refuse_unsafe_versions


class CoreConfig(AppConfig):
    name = "casework.core"
    label = "core"

    def ready(self) -> None:
        refuse_unsafe_versions()
