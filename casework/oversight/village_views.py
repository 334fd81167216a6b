"""The table of villages and classes; a number of open cases opens its list."""

from django.http import HttpRequest, HttpResponse

from casework.org.models import Unit, UnitKind
from casework.org.roles import Can
from casework.oversight.board import units_near
from casework.oversight.figures import place_length
from casework.oversight.views import UnitPage
from casework.oversight.villages import Count4, Table, by_village

SHOWN = (UnitKind.TOWNSHIP, UnitKind.SCHOOL)


class Villages(UnitPage):
    """Rows: the villages that children of the unit come from; columns: its schools or classes. A county chooses a township first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        units = units_near(self.user.units_with(Can.SEE_BOARD))
        unit = self.unit(units)
        lens = self.lens(unit)
        if unit.kind not in SHOWN:
            below = [each for each in units if each.kind == UnitKind.TOWNSHIP and unit.holds(each)]
            choice = {"unit": unit, "choices": below, **self.looked(lens)}
            return self.show("oversight/villages.html", choice)
        table, length = by_village(unit, lens), place_length(unit)
        columns = [u for u in units if unit.holds(u) and len(u.path) == length and u != unit]
        return self.show(
            "oversight/villages.html",
            {
                "unit": unit,
                "columns": columns,
                "rows": _rows(table, columns),
                **self.looked(lens),
            },
        )


def _rows(
    table: Table, columns: list[Unit]
) -> list[tuple[Unit | None, Count4, list[tuple[Unit, Count4]]]]:
    """The villages by name, those of no village here last; each with its sum and its cells."""
    keys = {village for village, _path in table}
    villages = {unit.pk: unit for unit in Unit.objects.filter(pk__in=keys - {None})}
    ordered = sorted(villages.values(), key=lambda unit: (unit.path, unit.name))
    rows: list[Unit | None] = [*ordered, *([None] if None in keys else [])]
    found = []
    for village in rows:
        key = village.pk if village else None
        cells = [(column, table.get((key, column.path), Count4())) for column in columns]
        found.append((village, sum((cell for _column, cell in cells), Count4()), cells))
    return found
