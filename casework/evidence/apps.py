from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "casework.evidence"
    label = "evidence"

    def ready(self) -> None:
        from casework.documents import destroying
        from casework.evidence.bundle import forget
        from casework.evidence.inspections import under_inspection
        from casework.registers import destruction

        destroying.AFTER.append(forget)
        destruction.NEEDED.append(under_inspection)
