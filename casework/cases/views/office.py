"""The clerk's day: one work list of letters, from the draft to the answer."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.cases.access import letters_to, referrals_to
from casework.cases.forms import PassOverForm
from casework.cases.kinds import BOUND, Kind
from casework.cases.letters import LETTERS
from casework.cases.models import Step
from casework.core.clock import local_date
from casework.core.errors import DomainError
from casework.core.pager import number_in, page
from casework.documents import numbers
from casework.documents.models import NumberCounter, NumberNote
from casework.org.models import Unit
from casework.org.pages import Page
from casework.org.roles import Can

MOST_COUNTED = 100
ROW = ("case__pupil", "case__class_unit", "case__school", "unit", "holder", "matter")
SENT, PRINTED = Q(matter__facts__has_key="sent_on"), Q(matter__facts__has_key="printed_on")
SERVING = Q(kind=Kind.SERVE_LETTER)
LISTS: dict[str, tuple[Any, Q]] = {
    "draft": (_("to draft"), Q(kind=Kind.DRAFT_LETTER)),
    "sign": (_("to sign off"), Q(kind=Kind.SIGN_LETTER)),
    "print": (_("to print"), SERVING & ~PRINTED & ~SENT),
    "serve": (_("to serve"), SERVING & PRINTED & ~SENT),
    "receipt": (_("receipt awaited"), SERVING & SENT),
    "answer": (_("time is over"), Q(kind=Kind.ANSWER_LETTER)),
    "waiting": (_("time is running"), Q(kind=Kind.ANSWER_LETTER)),
}


def of_my_office(user: Any) -> Any:
    """The open steps of letters that the person's own township writes, not those that it may only see, nor those that another letter carries."""
    mine = Q(pk=None)
    for unit in user.units_with(Can.LETTERS):
        mine |= Q(unit__path__startswith=unit.path)
    carried = Q(matter__lead__isnull=False, matter__lead__settled_at=None, kind__in=BOUND)
    return Step.objects.open().visible_to(user, Can.LETTERS).filter(mine).exclude(carried)


def letters_of(user: Any, what: str, at: Any) -> Any:
    """The open steps of letters in the person's reach, of one list of the clerk's day."""
    rows = of_my_office(user).filter(LISTS[what][1])
    if what == "answer":
        return rows.filter(opens_at__lte=at)
    return rows.filter(opens_at__gt=at) if what == "waiting" else rows


class Referrals(Page):
    """A department's own list: the referrals to it, those to answer first; each with its letter."""

    capability = Can.ANSWER_REFERRALS

    def get(self, request: HttpRequest) -> HttpResponse:
        what = "answered" if request.GET.get("show") == "answered" else "open"
        rows = referrals_to(self.user).filter(finished_at__isnull=what == "open")
        found = page(rows.select_related(*ROW), ["due_at", "id"], request.GET.get("after", ""))
        trail.look("referrals", [step.case_id for step in found.rows], by=self.user, at=self.at)
        tabs = [("open", _("to answer")), ("answered", _("answered"))]
        context = {
            "page": found,
            "tabs": tabs,
            "what": what,
            "letters": letters_to(self.user, pk__in=[step.pk for step in found.rows]),
        }
        return self.show("cases/referrals.html", context)


class Numbers(Page):
    """The office's own row of numbers for each letter: what is not given here is noted, with the reason."""

    capability = Can.LETTERS

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(PassOverForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PassOverForm(request.POST)
        if form.is_valid():
            try:
                numbers.pass_over(self.office(), **form.cleaned_data, by=self.user, at=self.at)
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("Noted. The next letter takes the number after it."))
                return redirect("cases:numbers")
        return self._show(form, status=409)

    def office(self) -> Unit:
        """The township whose letters the person writes."""
        return self.user.units_with(Can.LETTERS)[0]

    def _show(self, form: PassOverForm, status: int = 200) -> HttpResponse:
        office, year = self.office(), local_date(self.at).year
        keys = {numbers.key_of(office, each.paper, year): each for each in LETTERS.values()}
        last = dict(NumberCounter.objects.filter(pk__in=keys).values_list("pk", "last"))
        notes = NumberNote.objects.filter(key__in=keys).order_by("-at")
        rows = [
            (each, last.get(key, 0), [n for n in notes if n.key == key])
            for key, each in keys.items()
        ]
        context = {"office": office, "year": year, "rows": rows, "form": form}
        return self.show("cases/numbers.html", context, status=status)


class Letters(Page):
    """One list a stage of work; those to print can be printed together."""

    capability = Can.LETTERS

    def get(self, request: HttpRequest) -> HttpResponse:
        tabs = [
            (key, words, letters_of(self.user, key, self.at)[:MOST_COUNTED].count())
            for key, (words, _which) in LISTS.items()
        ]
        filled = [key for key, _words, count in tabs if count]
        what = request.GET.get("show", "") or next(iter(filled), "draft")
        what = what if what in LISTS else "draft"
        rows = letters_of(self.user, what, self.at).select_related(*ROW)
        found = page(rows, ["due_at", "id"], request.GET.get("after", ""))
        trail.look("letters", [step.case_id for step in found.rows], by=self.user, at=self.at)
        ready = [number_in(each) for each in request.GET.getlist("step")]
        context = {"page": found, "tabs": tabs, "what": what, "ready": ready}
        return self.show("cases/letters.html", context)
