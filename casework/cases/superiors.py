"""Who supervises the work of a unit: those of its own level, or of one above (domain.md 2.3, overdue ladder)."""

from collections.abc import Sequence
from datetime import datetime

from casework.org.models import Unit, UnitKind, User, paths_up
from casework.org.people import holders
from casework.org.roles import Role

SUPERVISORS: dict[str, tuple[Role, ...]] = {
    UnitKind.SCHOOL: (Role.SCHOOL_CASE_OFFICER, Role.PRINCIPAL),
    UnitKind.TOWNSHIP: (Role.TOWNSHIP_CASE_OFFICER,),
    UnitKind.COUNTY: (Role.COUNTY_CASE_OFFICER, Role.COUNTY_SUPERVISOR),
}
LEVELS = (UnitKind.SCHOOL, UnitKind.TOWNSHIP, UnitKind.COUNTY)
ROLES = tuple(role for roles in SUPERVISORS.values() for role in roles)


class Supervisors:
    """The supervisors (keys of users) at `at` of the units with these paths (all units where None): four queries at most, however often it is asked."""

    def __init__(self, at: datetime, paths: Sequence[str] | None = None) -> None:
        units = Unit.objects.filter(kind__in=LEVELS)
        places = units if paths is None else units.filter(path__in=paths)
        self.kinds = dict(places.values_list("path", "kind"))
        self.held = holders(ROLES, at, paths)

    def of(self, path: str, higher: int = 0) -> list[int]:
        """Those of the level that a unit belongs to, or of `higher` levels above it; of the highest there is."""
        levels = [each for each in paths_up(path) if each in self.kinds]
        level = levels[min(higher, len(levels) - 1)]
        found = (self.held.get((level, role), []) for role in SUPERVISORS[self.kinds[level]])
        return [user for users in found for user in users]


def supervisors_of(unit: Unit, at: datetime, *, higher: int = 0) -> list[User]:
    """The supervisors of the level that a unit belongs to, or of `higher` levels above it."""
    keys = Supervisors(at, unit.paths_up()).of(unit.path, higher)
    users = User.objects.in_bulk(keys)
    return [users[key] for key in keys]
