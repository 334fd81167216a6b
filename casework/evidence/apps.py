from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "casework.evidence"
    label = "evidence"
