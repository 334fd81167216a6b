from django.apps import AppConfig


class DetectionConfig(AppConfig):
    name = "casework.detection"
    label = "detection"
