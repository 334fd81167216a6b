"""The inspection folder of each office, part by part: what lies where, what is due and missing, what is not kept there (domain.md 6.2)."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casework.evidence.extent import About, Row, Table, offices_of, school_years
from casework.org.models import UnitKind
from casework.registers.shelf import AHEAD, FILED, LATE, MISSING, Line, checklist

ALL = frozenset({UnitKind.SCHOOL, UnitKind.TOWNSHIP, UnitKind.COUNTY})
TOWNSHIP, COUNTY = frozenset({UnitKind.TOWNSHIP}), frozenset({UnitKind.COUNTY})


@dataclass(frozen=True)
class Part:
    """A part of the folder by its number, for offices of these `levels`. `made`: where in an evidence file the records themselves give it."""

    number: int
    title: Promise
    made: str = ""
    levels: frozenset[UnitKind] = ALL


PARTS = (
    Part(1, _("organisation, duties, responsibility letters")),
    Part(2, _("rules")),
    Part(3, _("plans and summaries")),
    Part(4, _("rosters"), "scope/ledger-l1.csv, scope/classes.csv"),
    Part(5, _("ledgers"), "scope/ledger-l1.csv, scope/ledger-l2.csv, scope/ledger-l3.csv"),
    Part(6, _("statistics of home visits")),
    Part(7, _("one student's files"), "index.html"),
    Part(8, _("publicity months")),
    Part(9, _("meetings")),
    Part(10, _("aid and help")),
    Part(11, _("supervision: notices received, rectification"), "scope/problems.csv"),
    Part(12, _("accountability and awards")),
    Part(13, _("appeals"), "index.html (P29)"),
    Part(14, _("self-check, holidays")),
    Part(15, _("statistics"), "scope/seven-ones.csv"),
    Part(16, _("lists of dropouts and returns"), levels=TOWNSHIP),
    Part(17, _("quarterly review"), levels=COUNTY),
    Part(18, _("notices, orders, service log"), "index.html (P11–P13)", levels=TOWNSHIP),
    Part(19, _("statements of villages"), levels=TOWNSHIP),
    Part(20, _("referrals to departments"), "index.html (P30)", levels=TOWNSHIP),
    Part(21, _("matrix of who covers whom"), "scope/posts.csv", levels=TOWNSHIP),
    Part(22, _("results of comparisons"), levels=COUNTY),
    Part(23, _("ranking of schools and townships"), levels=COUNTY),
    Part(24, _("interviews"), levels=COUNTY),
    Part(25, _("reports of inspections"), levels=COUNTY),
)
WORST = (MISSING, LATE, FILED, AHEAD)
STATES: dict[str, Promise] = {
    MISSING: _("due, missing"),
    LATE: _("filed late"),
    FILED: _("filed"),
    AHEAD: _("not due yet"),
    "made": _("given by the records"),
    "elsewhere": _("not kept here"),
}


def _folder(a: About) -> Iterator[Row]:
    for unit in offices_of(a.unit):
        lines = [line for year in school_years(a) for line in checklist(unit, year, at=a.at)]
        for part in (each for each in PARTS if unit.kind in each.levels):
            own = [line for line in lines if line.slot.part == part.number]
            yield unit.name, part.number, part.title, STATES[_state(part, own)], part.made


def _state(part: Part, lines: list[Line]) -> str:
    """The worst of what is filed under it; of a part without a place on this office's shelf, whether the records give it."""
    states = {_of_line(line) for line in lines}
    if states - {AHEAD}:
        return next(state for state in WORST if state in states)
    if part.made:
        return "made"
    return AHEAD if states else "elsewhere"


def _of_line(line: Line) -> str:
    """What a slot says: one without days is filed once something lies in it."""
    if not line.dues:
        return FILED if line.filed else AHEAD
    return line.state


FOLDER = Table(
    "folder",
    _("The folder, part by part"),
    (_("Unit"), _("Part"), _("Kept there"), _("State"), _("Where in this file")),
    _folder,
    whole=True,
)
