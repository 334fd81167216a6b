from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "casework.cases"
    label = "cases"

    def ready(self) -> None:
        from casework.cases.leaving import find_homes, keep_homes
        from casework.cases.photos import problems
        from casework.documents import checks
        from casework.org.people import ENDING, LEAVING

        LEAVING.append(find_homes)
        ENDING.append(keep_homes)
        checks.MORE.append(problems)
