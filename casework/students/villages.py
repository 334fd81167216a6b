"""Which village a row of a list means."""

import re
from collections import defaultdict

from casework.org.models import Unit, UnitKind
from casework.students.places import village_in

_IN_ADDRESS = re.compile("^(?:.*?[省市县区旗乡镇])?([\u4e00-\u9fff]{1,10}?(?:村|社区|居委会))")


class Villages:
    """The villages below a unit, found by name and township: two townships may have villages of one name."""

    def __init__(self, unit: Unit) -> None:
        below = Unit.objects.filter(path__startswith=unit.path, kind=UnitKind.VILLAGE)
        parents = {u.path: u.name for u in Unit.objects.filter(kind=UnitKind.TOWNSHIP)}
        self.by_name: dict[str, list[tuple[str, Unit]]] = defaultdict(list)
        for village in below:
            self.by_name[village.name].append(
                (parents.get(village.path[: -Unit.steplen], ""), village)
            )

    def find(self, named: str, address: str) -> Unit | None:
        """By the village's column, else as the address names it; None where that leaves more than one."""
        for name in (named, f"{named}村"):
            if name in self.by_name:
                return self._pick(name, address)
        for township in {township for each in self.by_name.values() for township, _unit in each}:
            if township and (name := village_in(address, township)) in self.by_name:
                return self._pick(name, township)
        found = re.search(_IN_ADDRESS, address)
        return self._pick(found[1], address) if found and found[1] in self.by_name else None

    def _pick(self, name: str, address: str) -> Unit | None:
        known = self.by_name[name]
        near = [unit for township, unit in known if township and township in address]
        if len(near) == 1:
            return near[0]
        return known[0][1] if len(known) == 1 and not near else None
