from django.apps import AppConfig


class StudentsConfig(AppConfig):
    name = "casework.students"
    label = "students"
