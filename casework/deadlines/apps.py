from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "casework.deadlines"
    label = "deadlines"
