"""Who supervises the work of a unit: those of its own level, or of one above (domain.md 2.3, overdue ladder)."""

from collections.abc import Sequence
from datetime import datetime

from casework.core.clock import local_date
from casework.org.absence import deputies
from casework.org.models import Post, Unit, UnitKind, User
from casework.org.roles import Role

SUPERVISORS: dict[str, tuple[Role, ...]] = {
    UnitKind.SCHOOL: (Role.SCHOOL_CASE_OFFICER, Role.PRINCIPAL),
    UnitKind.TOWNSHIP: (Role.TOWNSHIP_CASE_OFFICER,),
    UnitKind.COUNTY: (Role.COUNTY_CASE_OFFICER, Role.COUNTY_SUPERVISOR),
}
LEVELS = (UnitKind.SCHOOL, UnitKind.TOWNSHIP, UnitKind.COUNTY)
ROLES = tuple(role for roles in SUPERVISORS.values() for role in roles)


class Supervisors:
    """The supervisors at `at` of the units with these paths (all units where None): four queries, however often it is asked."""

    def __init__(self, at: datetime, paths: Sequence[str] | None = None) -> None:
        units = Unit.objects.filter(kind__in=LEVELS)
        places = units if paths is None else units.filter(path__in=paths)
        self.kinds = dict(places.values_list("path", "kind"))
        self.people = _people(at, paths)

    def of(self, path: str, higher: int = 0) -> list[User]:
        """Those of the level that a unit belongs to, or of `higher` levels above it; of the highest there is."""
        ends = range(len(path), 0, -Unit.steplen)
        levels = [path[:end] for end in ends if path[:end] in self.kinds]
        level = levels[min(higher, len(levels) - 1)]
        found = (self.people.get((level, role), []) for role in SUPERVISORS[self.kinds[level]])
        return [user for users in found for user in users]


def supervisors_of(unit: Unit, at: datetime, *, higher: int = 0) -> list[User]:
    """The supervisors of the level that a unit belongs to, or of `higher` levels above it."""
    return Supervisors(at, unit.paths_up()).of(unit.path, higher)


def _people(at: datetime, paths: Sequence[str] | None) -> dict[tuple[str, str], list[User]]:
    """Who holds each supervising role at each unit; in place of whoever is away stands the substitute."""
    day = local_date(at)
    posts = Post.objects.held_on(day).filter(role__in=ROLES, user__is_active=True).order_by("pk")
    held = posts if paths is None else posts.filter(unit__path__in=paths)
    rows = list(held.values_list("unit__path", "role", "user_id"))
    there = deputies(day)
    users = User.objects.in_bulk({there.get(user, user) for _path, _role, user in rows})
    found: dict[tuple[str, str], list[User]] = {}
    for path, role, user in rows:
        person = users[there.get(user, user)]
        if person.is_active and person not in found.setdefault((path, role), []):
            found[path, role].append(person)
    return found
