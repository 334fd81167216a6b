"""The shelf of an office with its checklist, and the ledger of problems."""

import re
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from casework.core.clock import local_date, school_year
from casework.core.pager import page
from casework.registers.forms import FilingForm, ProblemForm
from casework.registers.models import Problem
from casework.registers.problems import raise_problem, report_done, send_back, sign_off
from casework.registers.shelf import checklist, file_on_shelf
from casework.registers.views.base import OfficePage

YEAR = re.compile(r"20[0-8]\d")


class Shelf(OfficePage):
    """What is due, filed and late in a school year, and the form to file something."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(FilingForm(self.unit().kind))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        unit = self.kept_unit()
        form = FilingForm(unit.kind, request.POST)
        file = request.FILES.get("file")
        act = partial(file_on_shelf, unit, year=self.year(), file=file)
        return self.do(form, act, _("Filed.")) or self._show(form, status=409)

    def year(self) -> int:
        """The school year that was asked for, else the present one."""
        asked = self.request.GET.get("year", "")
        return int(asked) if YEAR.fullmatch(asked) else school_year(local_date(self.at)).year

    def _show(self, form: FilingForm, status: int = 200) -> HttpResponse:
        unit, year = self.unit(), self.year()
        context = {
            "unit": unit,
            "year": year,
            "lines": checklist(unit, year, at=self.at),
            "keeps": self.keeps(unit),
            "form": form,
            "earlier": year - 1,
            "later": year + 1,
        }
        return self.show("registers/shelf.html", context, status=status)


class Problems(OfficePage):
    """The ledger: open ones first by their day; a POST enters another."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(ProblemForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = ProblemForm(request.POST)
        act = partial(raise_problem, self.kept_unit())
        return self.do(form, act, _("Entered.")) or self._show(form, status=409)

    def _show(self, form: ProblemForm, status: int = 200) -> HttpResponse:
        unit = self.unit()
        shown = "signed" if self.request.GET.get("show") == "signed" else "open"
        rows = Problem.objects.filter(unit=unit, signed_at__isnull=shown == "open")
        found = page(
            rows.select_related("done_by"), ["due", "id"], self.request.GET.get("after", "")
        )
        context = {
            "unit": unit,
            "page": found,
            "shown": shown,
            "keeps": self.keeps(unit),
            "today": local_date(self.at),
            "form": form,
        }
        return self.show("registers/problems.html", context, status=status)


class ProblemAct(OfficePage):
    """Report a problem done, sign it off, or send it back."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        problem = get_object_or_404(Problem.objects.select_related("unit"), pk=pk)
        self.kwargs["pk"] = problem.unit_id
        self.kept_unit()
        said = request.POST.get("words", "")
        if request.POST.get("act") == "sign":
            sign_off(problem, by=self.user, at=self.at)
        elif request.POST.get("act") == "back":
            send_back(problem, said, by=self.user, at=self.at)
        else:
            report_done(problem, said, by=self.user, at=self.at)
        messages.success(request, _("Entered."))
        return redirect("registers:problems", pk=problem.unit_id)
