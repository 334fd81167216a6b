"""Services on units: a county at the root, all else below it."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.departments import DEPARTMENTS
from casework.org.models import Unit, UnitKind, User

SCHOOL_DEPTH = 3  # county, township, school
BELOW: dict[str, tuple[str, ...]] = {
    UnitKind.COUNTY: (UnitKind.TOWNSHIP, UnitKind.DEPARTMENT),
    UnitKind.TOWNSHIP: (UnitKind.SCHOOL, UnitKind.VILLAGE),
    UnitKind.SCHOOL: (UnitKind.GRADE,),
    UnitKind.GRADE: (UnitKind.CLASS,),
}


def county() -> Unit:
    """The county at the root; before `init` there is none: DomainError naming the command."""
    found: Unit | None = Unit.objects.filter(kind=UnitKind.COUNTY).first()
    if found is None:
        raise DomainError(
            _("There is no county yet. Run: manage.py init --county NAME --code CODE --admin USER")
        )
    return found


def unit_called(code: str) -> Unit:
    """The unit with that code, or with that name if only one has it. DomainError for none, or for several."""
    found: list[Unit] = list(Unit.objects.filter(code=code)[:1] if code else [])
    found = found or list(Unit.objects.filter(name=code))
    if not found:
        raise DomainError(_("No unit has the code or name %(code)s."), code=code)
    if len(found) > 1:
        codes = " ".join(unit.code or str(unit.pk) for unit in found)
        raise DomainError(
            _("More than one unit is called %(name)s: say which by its code (%(codes)s)."),
            name=code,
            codes=codes,
        )
    return found[0]


def school_path(path: str) -> str:
    """The path of the school that a unit at or below it belongs to; a path above that is its own."""
    return path[: Unit.steplen * SCHOOL_DEPTH]


def add_unit(
    *,
    parent: Unit | None,
    kind: str,
    name: str,
    code: str = "",
    short: str = "",
    by: User | None,
    at: datetime,
) -> Unit:
    """A new unit below `parent` (None makes the county). A name taken beside it, or a kind that does not belong there, is refused."""
    allowed = BELOW.get(parent.kind, ()) if parent else (UnitKind.COUNTY,)
    if kind not in allowed:
        raise DomainError(_("A unit of that kind does not belong there."))
    if kind == UnitKind.DEPARTMENT and code not in dict(DEPARTMENTS):
        raise DomainError(
            _("The code of a department is one of: %(codes)s."),
            fields={"code": _("check the code")},
            codes=", ".join(dict(DEPARTMENTS)),
        )
    if parent is None and Unit.objects.exists():
        raise DomainError(_("There is a county already."))
    if parent and Unit.objects.get_children(parent).filter(kind=kind, name=name).exists():
        raise DomainError(
            _("%(parent)s has a unit named %(name)s already."), parent=parent.name, name=name
        )
    with one_act():
        fields = {"kind": kind, "name": name, "code": code, "short": short or name}
        unit: Unit = (
            Unit.objects.add_child(parent, fields) if parent else Unit.objects.add_root(fields)
        )
        trail.record("unit.added", by=by, at=at, unit_id=unit.pk, kind=kind)
    return unit
