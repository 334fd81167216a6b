"""The page of an office's destruction lists: what is due by the rules, the list that waits for its second signature, those before."""

from collections import Counter

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from casework.core.pager import page
from casework.documents.destroying import Gone
from casework.documents.papers.register import PAPERS
from casework.org.models import Unit
from casework.profiles.rules import section
from casework.registers.destruction import (
    due_papers,
    files_of,
    put_forward,
    refuse,
    schedule,
    sign,
)
from casework.registers.models import DestructionList
from casework.registers.views.base import OfficePage


class Destruction(OfficePage):
    """What is due, what waits, what was decided. A POST puts a list forward, signs the one that waits, or refuses it (`act`)."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        unit = self.unit()
        rows = DestructionList.objects.filter(unit=unit).exclude(decided_at=None)
        waiting = DestructionList.objects.filter(unit=unit, decided_at=None).first()
        due = [] if waiting else due_papers(unit, at=self.at)
        listed = waiting.papers.select_related("document__unit").order_by("pk") if waiting else []
        papers = [each.document for each in listed] or [document for document, _years in due]
        context = {
            "unit": unit,
            "keeps": self.keeps(unit),
            "basis": section(unit, "retention", self.at)["basis"],
            "schedule": _in_groups(schedule(unit, self.at)),
            "due": due,
            "with_them": _counted(files_of(papers, unit, at=self.at)),
            "waiting": waiting,
            "listed": listed,
            "mine": waiting is not None and waiting.by_id == self.user.pk,
            "page": page(rows, ["-at", "-id"], request.GET.get("after", "")),
        }
        return self.show("registers/destruction.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        unit, act = self.kept_unit(), request.POST.get("act", "")
        if act in ("sign", "refuse"):
            self._decide(unit, act)
        else:
            put_forward(unit, by=self.user, at=self.at)
            messages.success(request, _("Put forward: a second person signs it."))
        return redirect("registers:destruction", pk=pk)

    def _decide(self, unit: Unit, act: str) -> None:
        number = self.request.POST.get("list", "")
        waiting = DestructionList.objects.filter(unit=unit, decided_at=None)
        listed = get_object_or_404(waiting, pk=number if number.isdecimal() else 0)
        if act == "sign":
            sign(listed, by=self.user, at=self.at)
            messages.success(self.request, _("Signed: the papers of the list are destroyed."))
        else:
            refuse(listed, self.request.POST.get("reason", ""), by=self.user, at=self.at)
            messages.success(self.request, _("Refused."))


def _counted(files: list[Gone]) -> dict[str, int]:
    """How many photos and files handed in."""
    return dict(Counter(str(each.of) for each in files))


def _in_groups(years: dict[str, int]) -> list[tuple[int, list[str]]]:
    """The kinds of paper by how long they are kept, the longest last, for ever at the end."""
    groups: dict[int, list[str]] = {}
    for code, kept in sorted(years.items()):
        groups.setdefault(kept, []).append(f"{code} {PAPERS[code].title}")
    return sorted(groups.items(), key=lambda each: (each[0] == 0, each[0]))
