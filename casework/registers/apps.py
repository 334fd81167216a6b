from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "casework.registers"
    label = "registers"
