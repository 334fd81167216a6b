"""The list behind a number of the board: narrowed, with columns of one's own, kept under a name."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from casework.audit import trail
from casework.cases.kinds import Kind, Line
from casework.cases.reminding import with_reminders
from casework.core.pager import number_in, page
from casework.org.models import Unit, User
from casework.org.roles import Can
from casework.oversight import columns, figures
from casework.oversight.beats import last
from casework.oversight.columns import COLUMNS, USUAL
from casework.oversight.lens import Lens
from casework.oversight.models import SavedView
from casework.oversight.saved import drop_view, keep_view
from casework.oversight.views import ALL_WORDS, HIDDEN, PAST_WORDS, ROW, UnitPage


@dataclass(frozen=True)
class Asked:
    """What an address names: the unit, the number of the board, how it is narrowed, the columns, and the rows that the person sees of it."""

    unit: Unit
    what: str
    kind: str
    line: str
    holder: User | None
    own: bool
    columns: list[str]
    lens: Lens
    rows: Any

    @property
    def shown(self) -> list[str]:
        """The columns of the file: those chosen, else the usual ones."""
        return self.columns or list(USUAL)

    @property
    def narrowed(self) -> list[str]:
        """By what the list is narrowed, in words."""
        kind = [str(Kind(self.kind).label)] if self.kind else []
        line = [str(Line(self.line).label)] if self.line else []
        return [*kind, *line, *([self.holder.display_name] if self.holder else [])]

    def address(self) -> str:
        """The query that names the same list as of now."""
        said = {
            "unit": self.unit.pk,
            "what": self.what,
            "kind": self.kind,
            "line": self.line,
            "holder": self.holder.pk if self.holder else "",
            "own": "1" if self.own else "",
            "cols": self.columns,
        }
        return urlencode({name: value for name, value in said.items() if value}, doseq=True)


class StepsPage(UnitPage):
    """The steps that an address names."""

    def asked(self) -> Asked:
        """Read from the address; what it cannot mean is not found."""
        said = self.request.GET
        unit = self.unit()
        lens = self.lens(unit)
        what = self.choice("what", PAST_WORDS if lens.past else ALL_WORDS, "open")
        asked = Asked(
            unit=unit,
            what=what,
            kind=self.choice("kind", set(Kind.values) - (set() if lens.apart else HIDDEN), ""),
            line=self.choice("line", Line.values, ""),
            holder=self._holder(said.get("holder", "")),
            own=bool(said.get("own")),
            columns=[name for name in COLUMNS if name in said.getlist("cols")],
            lens=lens,
            rows=figures.steps_of(unit, lens, what).visible_to(self.user).select_related(*ROW),
        )
        return self._narrowed(asked)

    def _holder(self, said: str) -> User | None:
        return get_object_or_404(User, pk=number_in(said)) if said else None

    def _narrowed(self, asked: Asked) -> Asked:
        lens = asked.lens
        rules = {
            lens.unit: asked.unit.pk if asked.own else None,
            "shown_kind": asked.kind,
            "line": asked.line,
            lens.holder: asked.holder.pk if asked.holder else None,
        }
        said = {name: value for name, value in rules.items() if value}
        rows: QuerySet[Any] = asked.rows.filter(**said)
        return replace(asked, rows=rows)


class Steps(StepsPage):
    """The steps behind a number, most urgent first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = self.asked()
        lens, unit = asked.lens, asked.unit
        found = page(
            with_reminders(asked.rows, self.at), [lens.due, "id"], request.GET.get("after", "")
        )
        trail.look("board_steps", [s.case_id for s in found.rows], by=self.user, at=self.at)
        lines = self.lines(found.rows, lens)
        values = columns.rows([line.step for line in lines], asked.columns, lens)
        return self.show(
            "oversight/steps.html",
            {
                "page": found,
                "asked": asked,
                "unit": unit,
                "what": asked.what,
                "title": ALL_WORDS[asked.what],
                "swept": last("sweep") if asked.what == "overdue" else None,
                "words": PAST_WORDS if lens.past else ALL_WORDS,
                "lines": lines,
                "table": list(zip(lines, values, strict=True)) if asked.columns else None,
                "heads": columns.heads(asked.columns),
                "kinds": [each for each in Kind.choices if each[0] not in HIDDEN],
                "line_words": Line.choices,
                "columns": [
                    (name, each.label, name in asked.columns) for name, each in COLUMNS.items()
                ],
                "views": self.user.views.order_by("name"),
                "may_export": self.user.can(Can.EVIDENCE, unit),
                **self.looked(lens),
            },
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the list under a name, or let one go."""
        place = reverse("oversight:steps")
        if request.POST.get("act") == "drop":
            mine = SavedView.objects.filter(user=self.user)
            drop_view(
                get_object_or_404(mine, pk=number_in(request.POST.get("view", ""))), at=self.at
            )
            messages.success(request, _("The list is no longer kept."))
            return redirect(f"{place}?{request.GET.urlencode()}")
        asked = self.asked()
        if asked.lens.past:
            raise Http404
        view = keep_view(self.user, request.POST.get("name", ""), asked.address(), at=self.at)
        messages.success(request, _("Kept as “%(name)s”.") % {"name": view.name})
        return redirect(f"{place}?{view.address}")
