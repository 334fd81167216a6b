"""The page of zeros, returns and of who stayed."""

from django.http import HttpRequest, HttpResponse

from casework.org.roles import Can
from casework.oversight.board import units_near
from casework.oversight.views import UnitPage
from casework.oversight.zero import returns_of, zeros


class ZeroPage(UnitPage):
    """By unit: pupils, open cases, days at zero, and whether the rolls bear the zero; then who came back and stayed."""

    def get(self, request: HttpRequest) -> HttpResponse:
        units = units_near(self.user.units_with(Can.SEE_BOARD))
        unit = self.unit(units)
        below = [each for each in units if unit.holds(each)]
        return self.show(
            "oversight/zero.html",
            {
                "unit": unit,
                "rows": zeros(unit, below, self.at),
                "returns": returns_of(unit, self.at),
            },
        )
