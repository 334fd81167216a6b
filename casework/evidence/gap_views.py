"""What is missing before an inspection asks: case by case and on the shelf, each with who must act, by when, and the way there."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.models import Case
from casework.core.clock import local_date, school_year
from casework.core.pager import number_in, page
from casework.evidence.casefile import ROW, read_traces
from casework.evidence.gaps import UNSEALED, Gap, gaps_of
from casework.evidence.scope import units_for
from casework.evidence.unsigned import unsigned_of
from casework.org.models import Unit
from casework.org.pages import Page
from casework.org.roles import Can
from casework.registers.shelf import Missing, missing_of

LOOKED_AT = 50  # cases a page; those without gaps are counted, not listed
SHOWS = {"open": _("open"), "closed": _("closed"), "all": _("all")}


@dataclass(frozen=True)
class Lacking:
    """A case and what its file lacks."""

    case: Case
    gaps: list[Gap]


class Gaps(Page):
    """The cases in reach (or of a unit of them) by number, what each lacks; and what the unit's shelf lacks this school year."""

    capability = Can.SEE_CASES

    def get(self, request: HttpRequest) -> HttpResponse:
        units = list(units_for(self.user, Can.SEE_CASES))
        unit = next((u for u in units if u.pk == number_in(request.GET.get("unit", ""))), None)
        shown = request.GET.get("show", "")
        shown = shown if shown in SHOWS else "open"
        found = page(
            self._cases(unit, shown), ["number"], request.GET.get("after", ""), size=LOOKED_AT
        )
        trail.look("gaps", [case.pk for case in found.rows], by=self.user, at=self.at)
        language = get_language() or "zh-hans"
        gaps = {t.case: gaps_of(t, language) for t in read_traces(list(found.rows), at=self.at)}
        lacking = _lacking(gaps)
        return self.show(
            "evidence/gaps.html",
            {
                "units": units,
                "unit": unit,
                "shown": shown,
                "shows": SHOWS.items(),
                "page": found,
                "lacking": lacking,
                "unsigned": unsigned_of(found.rows).items(),
                "whole": len(found.rows) - len(lacking),
                "unsealed": sum(g.kind == UNSEALED for each in gaps.values() for g in each),
                "shelf": self._shelf(unit),
                "today": local_date(self.at),
                "may_take": self.user.can(Can.EVIDENCE),
            },
        )

    def _cases(self, unit: Unit | None, shown: str) -> QuerySet[Case]:
        rows: QuerySet[Case] = Case.objects.visible_to(self.user).select_related(*ROW)
        if unit:
            rows = rows.filter(school__path__startswith=unit.path)
        if shown != "all":
            rows = rows.filter(closed_at__isnull=shown == "open")
        return rows

    def _shelf(self, unit: Unit | None) -> list[Missing]:
        """Of the unit that was chosen, for whoever may look at its registers."""
        may = unit and any(self.user.can(can, unit) for can in (Can.REGISTERS, Can.SEE_BOARD))
        if not may:
            return []
        assert unit
        return missing_of(unit, school_year(local_date(self.at)).year, at=self.at)


def _lacking(gaps: dict[Case, list[Gap]]) -> list[Lacking]:
    """What somebody must bring, by its day: the seal comes by itself, and what is restricted leaves with no file."""
    found = []
    for case, all_of_it in gaps.items():
        wanted = [gap for gap in all_of_it if gap.kind not in ("", UNSEALED)]
        if wanted:
            found.append(Lacking(case, sorted(wanted, key=lambda gap: gap.due or date.max)))
    return found
