"""The units that rosters name: looked up, and the missing ones made, many at once."""

import re
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from casework.org.models import Unit, UnitKind
from casework.org.units import county as the_county
from casework.students.cells import CellError

_VILLAGE = re.compile(r"^(.{1,20}?(?:村(?!村)(?:民委员会|委会)?|社区(?:居委会)?|居委会))")
DEPTH_ORDER = (
    UnitKind.TOWNSHIP,
    UnitKind.SCHOOL,
    UnitKind.VILLAGE,
    UnitKind.GRADE,
    UnitKind.CLASS,
)


def village_in(address: str, township: str) -> str:
    """The village or community that an address names after the township (示范县青石镇岩头村6组9号 → 岩头村); else empty."""
    _before, found, rest = address.partition(township)
    match = _VILLAGE.match(rest) if found else None
    return re.sub(r"(民委员会|委会|居委会)$", "", match[1]) if match else ""


class Places:
    """A township with all below it. Units that are asked for and missing are new objects until `make`."""

    def __init__(self, township: str) -> None:
        self.county = the_county()
        self.new: list[tuple[Unit, Unit]] = []
        self._children: dict[tuple[int, str, str], Unit] = {}
        self._schools = {
            s.code: s for s in Unit.objects.filter(kind=UnitKind.SCHOOL).exclude(code="")
        }
        self._townships: dict[str, Unit] = {
            unit.name: unit
            for unit in Unit.objects.filter(
                kind=UnitKind.TOWNSHIP, path__startswith=self.county.path
            )
        }
        if township not in self._townships:
            self._townships[township] = self._child(self.county, UnitKind.TOWNSHIP, township)
        self.township = self._townships[township]
        self._load()

    def _load(self) -> None:
        if self.township.pk is None:
            return
        by_path: dict[str, Unit] = {self.township.path: self.township}
        below = Unit.objects.filter(
            path__startswith=self.township.path, depth__gt=self.township.depth
        )
        for unit in below.order_by("path"):
            by_path[unit.path] = unit
            parent = by_path[unit.path[: -Unit.steplen]]
            self._children[(id(parent), unit.kind, unit.name)] = unit
            if unit.code in self._schools:
                self._schools[unit.code] = unit

    def _child(self, parent: Unit, kind: str, name: str, code: str = "") -> Unit:
        key = (id(parent), kind, name)
        if key not in self._children:
            unit = Unit(kind=kind, name=name, short=name[:40], code=code)
            self._children[key] = unit
            self.new.append((parent, unit))
        return self._children[key]

    def school(self, code: str, name: str) -> Unit:
        """The school with that code, else of that name. One of another township: CellError."""
        found = self._schools.get(code)
        if found is None and name:
            found = self._children.get((id(self.township), UnitKind.SCHOOL, name))
            if found is not None and code and found.code and found.code != code:
                raise CellError(
                    _(
                        "The school of this name has the code %(known)s, the file says %(said)s. "
                        "Mend the code or the name."
                    )
                    % {"known": found.code, "said": code}
                )
        if found is None:
            found = self._new_school(code, name)
        if not self._is_here(found):
            raise CellError(_("This school belongs to another township. Import it there."))
        return found

    def _new_school(self, code: str, name: str) -> Unit:
        if not name:
            raise CellError(
                _("There is no school with this code yet. Fill in the name of the school.")
            )
        school = self._child(self.township, UnitKind.SCHOOL, name, code)
        if code:
            self._schools[code] = school
        return school

    def _is_here(self, school: Unit) -> bool:
        if school.pk is None:
            return True
        return self.township.pk is not None and bool(school.path.startswith(self.township.path))

    def class_of(self, school: Unit, grade: str, class_name: str) -> Unit:
        """The class of a school, with its grade between them."""
        return self._child(self._child(school, UnitKind.GRADE, grade), UnitKind.CLASS, class_name)

    def village(self, address: str) -> Unit | None:
        """The village an address names, if it lies in this township."""
        name = village_in(address, self.township.name)
        return self._child(self.township, UnitKind.VILLAGE, name) if name else None

    def township_of(self, address: str) -> Unit | None:
        """The township of the county that an address names."""
        if self.township.name in address:
            return self.township
        for name, unit in self._townships.items():
            if name in address:
                return unit
        return None

    def make(self, wanted: Iterable[Unit | None]) -> None:
        """Save those of the new units that are wanted, and what lies above them, a statement a kind."""
        above = {id(child): parent for parent, child in self.new}
        kept: set[int] = set()
        for unit in wanted:
            while unit is not None and id(unit) in above and id(unit) not in kept:
                kept.add(id(unit))
                unit = above[id(unit)]
        for kind in DEPTH_ORDER:
            _insert([pair for pair in self.new if pair[1].kind == kind and id(pair[1]) in kept])
        self.new.clear()


def _insert(pairs: Iterable[tuple[Unit, Unit]]) -> None:
    """What treebeard does for one child, done for many: the next free paths below each parent."""
    by_parent: dict[str, list[Unit]] = {}
    parents: dict[str, Unit] = {}
    for parent, child in pairs:
        by_parent.setdefault(parent.path, []).append(child)
        parents[parent.path] = parent
    last = _last_paths(parents.values())
    for path, children in by_parent.items():
        used = Unit._str2int(last[path][-Unit.steplen :]) if path in last else 0
        for at, child in enumerate(children, used + 1):
            child.depth = parents[path].depth + 1
            child.path = Unit._get_path(path, child.depth, at)
        parents[path].numchild += len(children)
    units = [child for children in by_parent.values() for child in children]
    Unit.objects.bulk_create(units)
    Unit.objects.bulk_update(parents.values(), ["numchild"], batch_size=500)


def _last_paths(parents: Iterable[Any]) -> dict[str, str]:
    """The last child path below each of the parents, which all lie at one depth."""
    found: dict[str, str] = {}
    for depth in {parent.depth for parent in parents}:
        below = Unit.objects.filter(depth=depth + 1).values_list("path", flat=True)
        for path in below.order_by("path"):
            found[path[: -Unit.steplen]] = path
    return found
