"""Staff and villages from a file: people with their dated posts, and the villages of townships."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org import people, units
from casework.org.models import Post, Unit, UnitKind, User
from casework.org.roles import Role
from casework.students import cells
from casework.students.cells import CellError
from casework.students.columns import Columns, RowReader, Table
from casework.students.report import Change, Report
from casework.students.workbook import Sheet

STAFF = Columns(
    names={
        "name": ("姓名", "name"),
        "username": ("工号或手机号", "工号", "手机号", "用户名", "user name"),
        "role": ("岗位", "角色", "职务", "role"),
        "unit": ("单位", "所在单位", "部门", "unit"),
        "phone": ("电话", "联系电话", "手机", "phone"),
        "since": ("起始日期", "开始日期", "任职日期", "from"),
        "until": ("终止日期", "结束日期", "until"),
    },
    required=("name", "username", "role", "unit"),
)
VILLAGES = Columns(
    names={
        "village": ("村名称", "村", "村社区名称", "社区名称", "village"),
        "township": ("乡镇", "乡镇名称", "所属乡镇", "township"),
        "code": ("代码", "区划代码", "code"),
    },
    required=("village", "township"),
)
ROLES = {
    "班主任": Role.CLASS_TEACHER,
    "学籍管理员": Role.STATUS_OFFICER,
    "控辍保学专干": Role.SCHOOL_CASE_OFFICER,
    "校长": Role.PRINCIPAL,
    "村干部": Role.VILLAGE_CADRE,
    "网格员": Role.VILLAGE_CADRE,
    "乡镇经办": Role.TOWNSHIP_CASE_OFFICER,
    "乡镇经办人": Role.TOWNSHIP_CASE_OFFICER,
    "乡镇分管领导": Role.TOWNSHIP_LEADER,
    "乡镇长": Role.TOWNSHIP_LEADER,
    "乡镇司法人员": Role.TOWNSHIP_LEGAL,
    "司法所长": Role.TOWNSHIP_LEGAL,
    "县教育局经办": Role.COUNTY_CASE_OFFICER,
    "县级经办人": Role.COUNTY_CASE_OFFICER,
    "督学": Role.COUNTY_SUPERVISOR,
    "县级督导": Role.COUNTY_SUPERVISOR,
    "部门联络员": Role.LIAISON,
    "系统管理员": Role.DATA_ADMIN,
    "数据管理员": Role.DATA_ADMIN,
}


def is_villages(sheet: Sheet) -> bool:
    """Whether a sheet lists villages rather than people."""
    top = sheet.rows[:12]
    return any(not VILLAGES.missing(VILLAGES.find(row)) for row in top) and all(
        STAFF.missing(STAFF.find(row)) for row in top
    )


def role_of(value: Any) -> str:
    """The code of a role by its Chinese word, its label in either language, or its code. Another word: CellError."""
    said = cells.words(value)
    if not said or said in Role.values:
        return said
    labels: dict[str, str] = dict(ROLES)
    for language in ("zh-hans", "en"):
        with override(language):
            labels |= {str(role.label): role.value for role in Role}
    if said not in labels:
        raise CellError(_("There is no such post. Use a word of the template's list."))
    return str(labels[said])


class UnitBook:
    """Finds a unit by its code, its name, or school and class together; `within` limits where."""

    def __init__(self, within: Sequence[Unit] | None) -> None:
        self.within = within
        self.found: dict[str, list[Unit]] = {}
        by_path: dict[str, Unit] = {}
        for unit in Unit.objects.order_by("path"):
            by_path[unit.path] = unit
            above = [by_path[path] for path in unit.paths_up()[1:]]
            names = {unit.name, *(each.name + unit.name for each in above)}
            for key in names | ({unit.code} if unit.code else set()):
                self.found.setdefault(key, []).append(unit)

    def find(self, value: Any) -> Unit | None:
        """The one unit that is meant; None for an empty cell. None, several or another's: CellError."""
        said = cells.words(value).replace(" ", "").replace("/", "")
        if not said:
            return None
        units_found = self.found.get(said, [])
        if not units_found:
            raise CellError(
                _("There is no such unit. Write its code or its name as on the units page.")
            )
        if len(units_found) > 1:
            raise CellError(
                _("Several units have this name. Put the school or township before it.")
            )
        if self.within is not None and not any(unit.holds(units_found[0]) for unit in self.within):
            raise CellError(_("This unit is not yours to manage. Ask its administrator."))
        return units_found[0]


@dataclass
class StaffBook:
    """What is known of people and posts while rows are taken."""

    by: User | None
    at: datetime
    units: UnitBook
    report: Report
    users: dict[str, User] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.users = {user.username.lower(): user for user in User.objects.all()}

    def take_table(self, table: Table) -> None:
        """All rows of a staff sheet."""
        _take_rows(table, self.report, self._take, blame="name")

    def _take(self, reader: RowReader) -> None:
        name, username = (
            reader.need("name", cells.name, ""),
            reader.need("username", cells.number, ""),
        )
        role, unit = reader.need("role", role_of, ""), reader.need("unit", self.units.find, None)
        since = reader.take("since", cells.day, None) or local_date(self.at)
        until, phone = reader.take("until", cells.day, None), reader.take("phone", cells.number, "")
        if until and until < since:
            reader.error("until", _("The post ends before it begins. Mend one of the dates."))
        known = self.users.get(username.lower())
        if known and known.display_name != name:
            reader.error("username", _("This number is on record with another name. Compare both."))
        if not reader.good or unit is None:
            return
        with one_act():  # a person whose post is refused is not added either
            user = known or people.add_person(
                username=username, display_name=name, phone=phone, by=self.by, at=self.at
            )
            new = self._post(user, unit, role, since, until) or known is None
        self.users[username.lower()] = user
        if new:
            self.report.applied += 1
            self.report.changes.append(Change(reader.place, "new", name, (str(Role(role).label),)))
        else:
            self.report.unchanged += 1

    def _post(self, user: User, unit: Unit, role: str, since: date, until: date | None) -> bool:
        known = Post.objects.filter(user=user, unit=unit, role=role).order_by("-since").first()
        if known is not None and (known.until == until or known.since > since):
            return False
        if known is not None and known.until is None and until is not None:
            people.end_post(post=known, until=until, by=self.by, at=self.at)
            return True
        people.give_post(
            user=user, unit=unit, role=role, since=since, until=until, by=self.by, at=self.at
        )
        return True


@dataclass
class VillageBook:
    """Takes rows of villages; a township that is missing is made too."""

    by: User | None
    at: datetime
    within: Sequence[Unit] | None
    report: Report

    def take_table(self, table: Table) -> None:
        """All rows of a village sheet."""
        _take_rows(table, self.report, self._take, blame="village")

    def _take(self, reader: RowReader) -> None:
        name, township = (
            reader.need("village", cells.words, ""),
            reader.need("township", cells.words, ""),
        )
        code = reader.take("code", cells.number, "")
        if not reader.good:
            return
        above = Unit.objects.filter(kind=UnitKind.TOWNSHIP, name=township).first()
        owner = above or units.county()
        if self.within is not None and not any(unit.holds(owner) for unit in self.within):
            reader.error("township", _("This unit is not yours to manage. Ask its administrator."))
            return
        known = (
            above is not None
            and Unit.objects.get_children(above).filter(kind=UnitKind.VILLAGE, name=name).exists()
        )
        if known:
            self.report.unchanged += 1
            return
        self._make(above, township, name, code)
        self.report.applied += 1
        self.report.changes.append(Change(reader.place, "new", name))

    def _make(self, above: Unit | None, township: str, name: str, code: str) -> None:
        if above is None:
            above = units.add_unit(
                parent=units.county(), kind=UnitKind.TOWNSHIP, name=township, by=self.by, at=self.at
            )
        units.add_unit(
            parent=above, kind=UnitKind.VILLAGE, name=name, code=code, by=self.by, at=self.at
        )


def _take_rows(
    table: Table, report: Report, take: Callable[[RowReader], None], *, blame: str
) -> None:
    """Hand every row to `take`; what a service refuses is an error of the column `blame`."""
    for row in table.body:
        report.read += 1
        reader = RowReader(table, row, report)
        try:
            take(reader)
        except DomainError as error:
            named = (field for field in error.fields if field in table.at)
            reader.error(next(named, blame), str(error))
