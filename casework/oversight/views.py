"""The supervisor's pages: the board of a unit, and the list behind each of its numbers."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from casework.audit import trail
from casework.cases import access
from casework.cases.kinds import Kind
from casework.cases.models import Step
from casework.core.clock import local_date, moment_in
from casework.core.pager import number_in, page
from casework.deadlines.days import DayTable, days_for
from casework.deadlines.engine import working_days_late
from casework.org.models import Unit, UnitKind
from casework.org.pages import Page
from casework.org.roles import Can
from casework.oversight import figures
from casework.oversight.board import Board, Row, board_of, units_near, worst_of
from casework.oversight.chart import chart_of, tint
from casework.oversight.lens import Lens
from casework.oversight.watch import NEXT

WORDS: dict[str, Promise] = {
    "open": lazy("Open steps"),
    "soon": lazy("Due within two days"),
    "overdue": lazy("Overdue"),
    "unclaimed": lazy("Not claimed"),
    "stuck": lazy("No one can take it"),
}
LATE_WORDS: dict[str, Promise] = {
    "late_0": lazy("late since the last working day"),
    "late_1": lazy("1–3 working days late"),
    "late_4": lazy("4–7 working days late"),
    "late_8": lazy("more than 7 working days late"),
}
NEXT_WORDS: dict[str, Promise] = {NEXT: lazy("Due within five working days")}
WATCH_WORDS: dict[str, Promise] = {
    "paused": lazy("Clock stands still"),
    "asked": lazy("More time is asked for"),
    "away": lazy("Holder is away"),
    "unseen": lazy("Holder has not signed in for 7 days"),
    "idle": lazy("Nobody has touched the case for 7 days"),
}
PAST_WORDS = {**WORDS, **LATE_WORDS}  # who is away or signs in is known of now alone
ALL_WORDS = {**WORDS, **NEXT_WORDS, **LATE_WORDS, **WATCH_WORDS}
ROW = ("case__pupil", "case__class_unit", "case__school", "unit", "holder", "matter")
HIDDEN = frozenset(
    {str(Kind.PROTECT)}
)  # no list and no number by what is restricted (design.md §7)
CARDS = ("overdue", "soon", "unclaimed", "stuck")
AGE_WORDS = (
    lazy("0–3 days"),
    lazy("4–7 days"),
    lazy("8–14 days"),
    lazy("15–30 days"),
    lazy("over 30 days"),
)


@dataclass(frozen=True)
class Line:
    """A step of a list with what the reader may do about it."""

    step: Step
    acts: access.Acts
    late: int  # working days


class UnitPage(Page):
    """A page about one of my units or one below them (`?unit=`); any other is not found (ACC-02)."""

    capability = Can.SEE_BOARD

    def unit(self, units: list[Unit] | None = None) -> Unit:
        """The unit that was asked for, or the first of mine; looked up among `units` if they are read already."""
        mine = self.user.units_with(Can.SEE_BOARD)
        asked = self.request.GET.get("unit", "")
        if not asked:
            return mine[0]
        known, number = mine if units is None else units, number_in(asked)
        found = next((unit for unit in known if unit.pk == number), None)
        if found is None and units is None:
            found = Unit.objects.filter(pk=number).first()
        if found is None or not any(unit.holds(found) for unit in mine):
            raise Http404
        return found

    def sees_apart(self, unit: Unit) -> bool:
        """Whether the desk counts and lists restricted work for the reader: nobody else can tell its office or holder by a number (decision 24)."""
        return self.user.can(Can.SEE_RESTRICTED, unit)

    def now(self, unit: Unit) -> Lens:
        """The present moment, for a unit."""
        return Lens(self.at, apart=self.sees_apart(unit))

    def lens(self, unit: Unit) -> Lens:
        """The moment that is asked about (`?as_of=`): now, or a past one; a day alone means its end. Any other is not found."""
        asked = self.request.GET.get("as_of", "")
        at = moment_in(asked) if asked else self.at
        if at is None or at > self.at:
            raise Http404
        return Lens(at, past=at < self.at, apart=self.sees_apart(unit))

    def looked(self, lens: Lens) -> dict[str, Any]:
        """What the pages need to say and keep the moment: nothing of it for now."""
        yesterday = {"yesterday": local_date(self.at) - timedelta(days=1)}
        if not lens.past:
            return {"then": "", "as_of": None, **yesterday}
        query = urlencode({"as_of": self.request.GET["as_of"]})
        return {"then": f"&{query}", "as_of": lens.at, "at": lens.at, **yesterday}

    def choice(self, name: str, allowed: Iterable[str], default: str) -> str:
        """A parameter of the address that is one of `allowed`; another is not found."""
        value = self.request.GET.get(name, default)
        if value not in {*allowed, default}:
            raise Http404
        return value

    def lines(self, steps: Iterable[Step], lens: Lens, days: DayTable | None = None) -> list[Line]:
        """The rows of a list with what may be done about them: nothing about the past. `days` if they are read already."""
        found = lens.shown(steps)
        if not found:
            return []
        days = days or days_for(found[0].case.school)  # working days are the same everywhere
        return [
            Line(
                step,
                access.Acts() if lens.past else access.acts_on(self.user, step, self.at),
                working_days_late(step.due_at, lens.at, days),
            )
            for step in found
        ]


class BoardPage(UnitPage):
    """Open, due soon, overdue, unclaimed, stuck; by unit and step; what needs action most."""

    def get(self, request: HttpRequest) -> HttpResponse:
        units = units_near(self.user.units_with(Can.SEE_BOARD))
        unit = self.unit(units)
        lens = self.lens(unit)
        board = board_of(unit, lens, units)
        worst = worst_of(board.unit, lens, units, self.user)
        trail.look("board", [step.case_id for step in worst], by=self.user, at=self.at)
        mine = self.user.units_with(Can.SEE_BOARD)
        return self.show(
            "oversight/board.html",
            {
                "board": board,
                "mine": mine if len(mine) > 1 else [],
                "above": [u for u in board.above if any(m.holds(u) for m in mine)],
                "cards": [(k, WORDS[k], getattr(board.tally, k)) for k in CARDS],
                "words": WORDS,
                "watch_words": WATCH_WORDS,
                "lines": self.lines(worst, lens, board.days),
                "late_ages": [
                    (key, word, getattr(board.tally, key)) for key, word in LATE_WORDS.items()
                ],
                **_tables(board, () if lens.apart else HIDDEN),
                **self.looked(lens),
            },
        )


def _tables(board: Board, hidden: Collection[str]) -> dict[str, Any]:
    """The rows of the tables as the template draws them, without the hidden kinds."""
    most = max((count for row in board.rows for count in row.ages), default=0)
    late = max((count for row in board.rows for count in row.late.values()), default=0)
    shown = [each for each in board.kinds if each[0] not in hidden]
    kinds = [(kind, label) for kind, label, tally in shown if tally.overdue]
    return {
        "units": [(row, _numbers(row.tally), _deeper(row)) for row in board.rows],
        "age_words": AGE_WORDS,
        "aged": [
            (row, [(i, count, tint(count, most)) for i, count in enumerate(row.ages)])
            for row in board.rows
        ],
        "late_kinds": kinds,
        "late": [
            (
                row,
                [
                    (kind, row.late.get(kind, 0), tint(row.late.get(kind, 0), late))
                    for kind, _l in kinds
                ],
            )
            for row in board.rows
        ],
        "kinds": [(kind, label, _numbers(tally)) for kind, label, tally in shown],
        "unit_chart": chart_of(
            [(row.unit.name, row.tally.open, row.tally.overdue) for row in board.rows]
        ),
        "kind_chart": chart_of([(str(label), t.open, t.overdue) for _k, label, t in shown]),
    }


def _numbers(tally: figures.Tally) -> list[tuple[str, int]]:
    return [(what, getattr(tally, what)) for what in WORDS]


def _deeper(row: Row) -> bool:
    return not row.own and row.unit.kind != UnitKind.CLASS


class Cases(UnitPage):
    """The open cases behind a number of the ageing table, the oldest first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        unit = self.unit()
        lens = self.lens(unit)
        age = self.choice("age", map(str, range(len(AGE_WORDS))), "")
        rows = figures.cases_of(unit, lens, int(age) if age else None)
        if request.GET.get("own"):
            rows = rows.filter(path=unit.path)
        if "village" in request.GET:
            rows = rows.filter(village=number_in(request.GET["village"]) or None)
        rows = rows.visible_to(self.user).select_related("pupil", "school", "class_unit", "owner")
        found = page(rows, ["opened_at", "id"], request.GET.get("after", ""))
        trail.look("board_cases", [c.pk for c in found.rows], by=self.user, at=self.at)
        title = AGE_WORDS[int(age)] if age else _("all")
        return self.show(
            "oversight/cases.html",
            {"page": found, "unit": unit, "title": title, **self.looked(lens)},
        )
