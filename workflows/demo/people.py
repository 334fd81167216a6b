"""The demo's staff: all roles, every class with its teacher; some posts left vacant on purpose."""

import itertools
from datetime import date, datetime

from casework.org.demo import PASSWORD
from casework.org.models import Unit, UnitKind, User
from casework.org.people import add_person, give_post, set_password
from casework.org.roles import Role
from casework.org.units import add_unit
from workflows.demo.rosters import FAMILY, GIVEN

SINCE = date(2026, 8, 25)
VACANT = "河坝村小学"  # has no status officer: steps that nobody can take must be seen
NAMED = {
    ("青石镇中学", Role.SCHOOL_CASE_OFFICER): ("officer", "赵敏"),
    ("青石镇中学", Role.PRINCIPAL): ("principal", "周建民"),
    ("岩头村", Role.VILLAGE_CADRE): ("cadre", "陈志刚"),
    ("青石镇", Role.TOWNSHIP_CASE_OFFICER): ("township", "吴玉兰"),
    ("青石镇", Role.TOWNSHIP_LEADER): ("leader", "钱国栋"),
    ("青石镇", Role.TOWNSHIP_LEGAL): ("legal", "郭明"),
    ("示范县", Role.COUNTY_CASE_OFFICER): ("county", "何志远"),
    ("示范县", Role.COUNTY_SUPERVISOR): ("supervisor", "孟祥和"),
    ("县公安局", Role.LIAISON): ("liaison", "秦海"),
}
DEPARTMENTS = {"police": "县公安局", "social_security": "县人力资源和社会保障局"}
TEACHER = ("青石镇中学", "八年级2班")


def staff(county: Unit, admin: User, at: datetime) -> None:
    """Add everybody with a post, by the administrator."""
    numbers = itertools.count(1)

    def post(unit: Unit, role: Role, login: tuple[str, str] | None = None) -> None:
        number = next(numbers)
        username, name = login or (f"990{number:05d}", _name(number))
        user = add_person(
            username=username, display_name=name, phone=f"1000000{number:04d}", by=admin, at=at
        )
        give_post(user=user, unit=unit, role=role, since=SINCE, by=admin, at=at)
        if login:
            set_password(user=user, password=PASSWORD, at=at)

    def office(unit: Unit, *roles: Role) -> None:
        for role in roles:
            post(unit, role, NAMED.get((unit.name, role)))

    for code, name in DEPARTMENTS.items():
        add_unit(parent=county, kind=UnitKind.DEPARTMENT, name=name, code=code, by=admin, at=at)
    office(county, Role.COUNTY_CASE_OFFICER, Role.COUNTY_SUPERVISOR)
    for unit in Unit.objects.exclude(pk=county.pk).order_by("path"):
        if unit.kind == UnitKind.TOWNSHIP:
            office(unit, Role.TOWNSHIP_CASE_OFFICER, Role.TOWNSHIP_LEADER, Role.TOWNSHIP_LEGAL)
        elif unit.kind == UnitKind.DEPARTMENT:
            office(unit, Role.LIAISON)
        elif unit.kind == UnitKind.VILLAGE:
            office(unit, Role.VILLAGE_CADRE)
        elif unit.kind == UnitKind.SCHOOL:
            office(
                unit,
                Role.SCHOOL_CASE_OFFICER,
                Role.PRINCIPAL,
                *([] if unit.name == VACANT else [Role.STATUS_OFFICER]),
            )
        elif unit.kind == UnitKind.CLASS:
            school = unit.above(UnitKind.SCHOOL)
            mine = school and (school.name, unit.name) == TEACHER
            post(unit, Role.CLASS_TEACHER, ("teacher", "李文娟") if mine else None)


def _name(number: int) -> str:
    return (
        FAMILY[number * 7 % len(FAMILY)]
        + GIVEN[number * 3 % len(GIVEN)]
        + GIVEN[number * 11 % len(GIVEN)]
    )
