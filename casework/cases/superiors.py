"""Who supervises the work of a unit: those of its own level, or of one above (domain.md 2.3, overdue ladder)."""

from datetime import datetime

from casework.org.models import Unit, UnitKind, User
from casework.org.people import candidates
from casework.org.roles import Role

SUPERVISORS: dict[str, tuple[Role, ...]] = {
    UnitKind.SCHOOL: (Role.SCHOOL_CASE_OFFICER, Role.PRINCIPAL),
    UnitKind.TOWNSHIP: (Role.TOWNSHIP_CASE_OFFICER,),
    UnitKind.COUNTY: (Role.COUNTY_CASE_OFFICER, Role.COUNTY_SUPERVISOR),
}
LEVELS = (UnitKind.SCHOOL, UnitKind.TOWNSHIP, UnitKind.COUNTY)


def supervisors_of(unit: Unit, at: datetime, *, higher: int = 0) -> list[User]:
    """The supervisors of the level that a unit belongs to, or of `higher` levels above it."""
    place = level_of(unit, higher)
    found = [candidates(role, place, at) for role in SUPERVISORS[place.kind]]
    return [user for there, users in found if there.pk == place.pk for user in users]


def level_of(unit: Unit, higher: int) -> Unit:
    """The supervising unit of a unit, or the one above it."""
    above = Unit.objects.filter(path__in=unit.paths_up(), kind__in=LEVELS)
    levels: list[Unit] = list(above.order_by("-depth"))
    return levels[min(higher, len(levels) - 1)]
