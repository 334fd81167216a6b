"""Which papers can be written where, the form of each, the empty forms, what an office or about a pupil was written."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from casework.audit import trail
from casework.cases.drafts import note_sent
from casework.cases.facts.common import Values
from casework.cases.forms import RecordForm
from casework.cases.letters import LETTERS
from casework.cases.photos import Taken
from casework.cases.views.record import RecordPage
from casework.core.downloads import handed_out
from casework.core.pager import page
from casework.core.transaction import one_act
from casework.documents.attachments import sheets_of
from casework.documents.blank import blank
from casework.documents.form_codes import for_anybody
from casework.documents.models import Document
from casework.documents.papers.declare import Table
from casework.documents.papers.register import PAPERS
from casework.org.models import Unit, UnitKind
from casework.org.pages import Page
from casework.org.roles import Can
from casework.registers.forms import form_for
from casework.registers.places import Of, Place
from casework.registers.sheets import SHEETS, Sheet, sheets_at
from casework.registers.views.base import OfficePage, reach
from casework.registers.writing import write

WRITERS = (Can.WORK_STEPS, Can.REGISTERS)
PRINTERS = (*WRITERS, Can.SEE_VILLAGE_CASES)  # a village may have no device at all
OFFICES = (UnitKind.COUNTY, UnitKind.TOWNSHIP, UnitKind.SCHOOL)


class Writable(Page):
    """Which papers can be written at a case, a pupil or a unit."""

    capability = WRITERS

    def get(self, request: HttpRequest, of: str, pk: int) -> HttpResponse:
        place = reach(self, of, pk)
        if place.pupil:
            trail.look(of, [pk], by=self.user, at=self.at)
        return self.show(
            "registers/writable.html",
            {"place": place, "sheets": sheets_at(place), "home": home_of(place)},
        )


def home_of(place: Place) -> str:
    """Where a paper of that place is found afterwards."""
    if place.of == Of.CASE:
        return reverse("cases:case", args=[place.pk])
    if place.of == Of.PUPIL:
        return reverse("registers:of_pupil", args=[place.pk])
    return reverse("registers:of_unit", args=[place.pk])


class Write(RecordPage):
    """The form of one paper."""

    capability = WRITERS

    @cached_property
    def sheet(self) -> Sheet:
        of, code = self.kwargs["of"], self.kwargs["code"]
        found = next((s for s in sheets_at(self.place) if (s.of, s.code) == (of, code)), None)
        if found is None:
            raise Http404
        return found

    @cached_property
    def place(self) -> Place:
        return reach(self, self.kwargs["of"], self.kwargs["pk"])

    @cached_property
    def known(self) -> Values:
        """What nobody has to type."""
        return self.sheet.known(self.place, self.user, self.at)

    def form_class(self) -> type[RecordForm]:
        return form_for(self.sheet)

    def draft_key(self) -> str:
        return "write:{of}:{pk}:{code}".format(**self.kwargs)

    def defaults(self) -> dict[str, Any]:
        return {key: self.known[key] for key in self.sheet.asked if key in self.known}

    def frame(self) -> dict[str, Any]:
        place, sheet = self.place, self.sheet
        if place.pupil:
            trail.look(place.of, [place.pk], by=self.user, at=self.at)
        return {
            "pupil": place.pupil or {"name": place.unit.name},
            "case": place.case,
            "home": "" if place.case else home_of(place),
            "title": str(sheet.paper.title),
            "said": self._counted(),
            "finish": _("Make the paper"),
        }

    def _counted(self) -> list[tuple[str, str]]:
        """How many rows each list has that the system fills in."""
        paper = self.sheet.paper
        return [
            (str(paper.label(key)), str(len(self.known.get(key, []))))
            for key, part in paper.fields().items()
            if isinstance(part, Table) and key not in self.sheet.asked
        ]

    def send(self, data: dict[str, Any], photos: list[Taken], form_key: str) -> str:
        answer = home_of(self.place)
        with one_act():
            paper = write(self.sheet, self.place, data, by=self.user, at=self.at)
            note_sent(key=form_key, user=self.user, answer=answer, at=self.at)
        messages.success(self.request, _("Made: %(number)s") % {"number": paper.number})
        return answer


class OfPupil(Page):
    """The papers of a pupil that belong to no case: visits, calls, talks."""

    capability = Can.WORK_STEPS

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        place = reach(self, Of.PUPIL, pk)
        trail.look("pupil", [pk], by=self.user, at=self.at)
        return self.show(
            "registers/papers.html", {"place": place, "keeps": True, **papers_at(self, place.chain)}
        )


class OfUnit(OfficePage):
    """What an office has written, newest first."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        unit = self.unit()
        place = Place(Of.UNIT, pk, unit)
        context = {"place": place, "keeps": self.keeps(unit), **papers_at(self, place.chain)}
        return self.show("registers/papers.html", context)


def papers_at(view: Page, chain: str) -> dict[str, Any]:
    """A page of the papers of a chain, with their signed sheets."""
    rows = Document.objects.filter(chain=chain)
    found = page(rows, ["-frozen_at", "-id"], view.request.GET.get("after", ""))
    return {"page": found, "sheets": sheets_of(found.rows)}


class Offices(Page):
    """The units whose registers a person keeps or oversees, and the empty forms."""

    capability = (Can.REGISTERS, Can.SEE_BOARD)

    def get(self, request: HttpRequest) -> HttpResponse:
        levels = {level for sheet in SHEETS for level in sheet.levels}
        mine = Unit.objects.none()
        for unit in {*self.user.units_with(Can.REGISTERS), *self.user.units_with(Can.SEE_BOARD)}:
            mine |= Unit.objects.filter(path__startswith=unit.path, kind__in=levels)
        found = page(mine, ["depth", "path", "id"], request.GET.get("after", ""))
        if found.first and len(found.rows) == 1:
            return redirect("registers:of_unit", pk=found.rows[0].pk)
        return self.show("registers/offices.html", {"page": found})


# letters that have a number and two hands behind them before anybody gets one
SIGNED_OFF = frozenset(letter.paper for letter in LETTERS.values())


class Blanks(Page):
    """Every form as an empty paper, for places without devices: filled in by hand and typed in afterwards."""

    capability = PRINTERS

    def get(self, request: HttpRequest) -> HttpResponse:
        forms = [(p.code, str(p.title)) for p in PAPERS.values() if p.code not in SIGNED_OFF]
        return self.show("registers/blanks.html", {"forms": sorted(forms)})


class Blank(Page):
    """One empty form as a PDF, headed by the office of whoever prints it."""

    capability = PRINTERS

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        if code not in PAPERS or code in SIGNED_OFF:
            raise Http404
        unit = self.user.current_posts[0].unit
        office = next((found for kind in reversed(OFFICES) if (found := unit.above(kind))), unit)
        data = blank(
            for_anybody(code), {}, office, at=self.at, language=get_language() or "zh-hans"
        )
        return handed_out(data, "application/pdf", f"{code}.pdf", inline=True)
