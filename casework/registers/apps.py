from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "casework.registers"
    label = "registers"

    def ready(self) -> None:
        from casework.documents import checks
        from casework.registers.destruction import unlisted

        checks.MORE.append(unlisted)
