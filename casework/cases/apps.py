from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "casework.cases"
    label = "cases"

    def ready(self) -> None:
        from casework.cases.leaving import find_homes, keep_homes
        from casework.cases.photos import places_of_destroyed, problems
        from casework.documents import checks, destroying
        from casework.org.people import ENDING, LEAVING

        LEAVING.append(find_homes)
        ENDING.append(keep_homes)
        checks.MORE.append(problems)
        destroying.PLACES.append(places_of_destroyed)
