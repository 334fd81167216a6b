from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "casework.evidence"
    label = "evidence"

    def ready(self) -> None:
        from casework.documents import destroying
        from casework.evidence.bundle import forget

        destroying.AFTER.append(forget)
