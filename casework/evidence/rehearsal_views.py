"""Pages of a rehearsal: draw a sample, print its sheets and the full list, type back what was found."""

import secrets
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from casework.audit import trail
from casework.core.downloads import handed_out
from casework.core.errors import DomainError
from casework.core.pager import number_in, page
from casework.evidence.models import CheckKind, Drawn, Rehearsal, Result
from casework.evidence.printed import printed_now
from casework.evidence.proofs import newest_anchor
from casework.evidence.rehearsal_sheets import full_list, sheets_of
from casework.evidence.rehearsals import Said, enter_results, index_of, rehearse
from casework.evidence.scope import units_for
from casework.evidence.workbook import XLSX, Book
from casework.org.models import Unit, User
from casework.org.pages import Page
from casework.org.roles import Can

ROWS = 60  # a page of results: a class fits on one
FEW = 5


class DrawForm(forms.Form):
    """What is drawn, where, how many, by which seed."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is checked"), choices=CheckKind.choices, widget=forms.RadioSelect
    )
    unit = forms.ModelChoiceField(label=gettext_lazy("Unit"), queryset=Unit.objects.none())
    size = forms.IntegerField(
        label=gettext_lazy("How many are drawn"),
        min_value=1,
        help_text=gettext_lazy("classes for a roll-call, else children"),
    )
    receiver = forms.CharField(label=gettext_lazy("Who takes the sheets along"), max_length=120)
    reason = forms.CharField(label=gettext_lazy("What it is needed for"), max_length=200)
    seed = forms.CharField(
        label=gettext_lazy("Seed"),
        max_length=64,
        help_text=gettext_lazy(
            "A number or word that somebody outside names. Whoever has it and the full list draws the same."
        ),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units_for(user)  # type: ignore[attr-defined]


class Rehearsals(Page):
    """Those of the person's units, newest first, and the form to draw another."""

    capability = Can.EVIDENCE

    def get(self, request: HttpRequest) -> HttpResponse:
        given = {"kind": CheckKind.ROLL, "size": FEW, "seed": secrets.token_hex(8)}
        return self._show(DrawForm(self.user, initial=given))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DrawForm(self.user, request.POST)
        if not form.is_valid():
            return self._show(form, status=422)
        try:
            made = rehearse(**form.cleaned_data, by=self.user, at=self.at)
        except DomainError as error:
            form.add_error(next(iter(error.fields), None), str(error))
            return self._show(form, status=422)
        return redirect("evidence:rehearsal", pk=made.pk)

    def _show(self, form: DrawForm, status: int = 200) -> HttpResponse:
        rows = in_reach(self.user).annotate(
            open=Count("rows", filter=Q(rows__result="")),
            differ=Count("rows", filter=Q(rows__result=Result.DIFFERS)),
        )
        found = page(rows.select_related("unit"), ["-at", "-id"], self.request.GET.get("after", ""))
        context = {"form": form, "page": found, "may_take": True}
        return self.show("evidence/rehearsals.html", context, status=status)


def in_reach(user: User) -> QuerySet[Rehearsal]:
    """The rehearsals of the units of which a person may take evidence."""
    found: QuerySet[Rehearsal] = Rehearsal.objects.filter(unit__in=units_for(user).values("pk"))
    return found


class OneRehearsal(Page):
    """A page of one rehearsal in reach."""

    capability = Can.EVIDENCE

    def rehearsal(self) -> Rehearsal:
        rows = in_reach(self.user).select_related("unit")
        found: Rehearsal = get_object_or_404(rows, pk=self.kwargs["pk"])
        return found

    def taken(self, rehearsal: Rehearsal, what: str, ids: list[int]) -> None:
        """Names leave the house: whose (ids of what was drawn from), for whom and why."""
        reason = f"{rehearsal.receiver}: {rehearsal.reason}"[:200]
        trail.look(what, ids, by=self.user, at=self.at, reason=reason)

    def look(self, rows: list[Drawn]) -> None:
        trail.look("rehearsal", [row.pupil_id for row in rows], by=self.user, at=self.at)


class RehearsalPage(OneRehearsal):
    """The children drawn; a POST types back what was found of those on the page."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(self.rehearsal())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        rehearsal = self.rehearsal()
        try:
            count = enter_results(rehearsal, _said(request), by=self.user, at=self.at)
        except DomainError as error:
            return self._show(rehearsal, str(error))
        said = ngettext("%(n)s result was entered.", "%(n)s results were entered.", count)
        messages.success(request, said % {"n": count})
        return redirect(request.get_full_path())

    def _show(self, rehearsal: Rehearsal, error: str = "") -> HttpResponse:
        rows = rehearsal.rows.select_related("pupil", "place", "case", "finding")
        found = page(rows, ["serial", "place__path", "id"], self.request.GET.get("after", ""), ROWS)
        self.look(list(found.rows))
        typed = _said(self.request) if error else {}
        context = {
            "rehearsal": rehearsal,
            "page": found,
            "results": Result.choices,
            "error": error,
            "typed": typed,
            "may_take": True,
        }
        return self.show("evidence/rehearsal.html", context, status=422 if error else 200)


def _said(request: HttpRequest) -> dict[int, Said]:
    """By row the answer and the words of the form; with `rest`, whoever has none is as recorded."""
    found: dict[int, Said] = {}
    for name in [name for name in request.POST if name.startswith("r") and name != "rest"][:ROWS]:
        result, note = request.POST[name], request.POST.get(f"n{name[1:]}", "")
        rest = not result and "rest" in request.POST
        found[number_in(name[1:])] = Said(Result.AGREES if rest else result, note, rest)
    return found


class RehearsalSheets(OneRehearsal):
    """The sheets to take along, with what nobody else sees in full: phones for those who call, addresses for those who knock."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rehearsal = self.rehearsal()
        rows = list(rehearsal.rows.select_related("pupil__village", "place", "case"))
        in_full = self.user.can(Can.REVEAL, rehearsal.unit)
        self.taken(rehearsal, "rehearsal_sheets", [row.pupil_id for row in rows])
        language = get_language() or "zh-hans"
        pdf = printed_now(
            "sheets.html",
            {
                "rehearsal": rehearsal,
                "sheets": sheets_of(rehearsal, rows, self.at, in_full=in_full),
                "signers": [_("Checked by"), _("Class teacher or guide"), _("Principal")],
                "anchor": newest_anchor(),
                "words": {
                    "anchor": _("Anchor"),
                    "seed": _("Seed"),
                    "of": _("Drawn"),
                    "drawn": _("Drawn on"),
                    "checked": _("Checked on"),
                    "due": _("Should be there"),
                    "there": _("Are there"),
                },
            },
            language=language,
            made_of={
                "rehearsal": rehearsal.pk,
                "seed": rehearsal.seed,
                "index": rehearsal.index_sha256,
            },
            at=self.at,
        )
        return handed_out(pdf, "application/pdf", f"rehearsal-{pk}.pdf")


class RehearsalIndex(OneRehearsal):
    """The full list with serial numbers, so that anybody can draw again."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rehearsal = self.rehearsal()
        heads, rows = full_list(rehearsal)
        book = Book()
        book.begin(_("Full list"), heads)
        book.add(_("Full list"), rows)
        self.taken(rehearsal, "rehearsal_list", index_of(rehearsal))
        return handed_out(book.whole(), XLSX, f"rehearsal-{pk}-index.xlsx")
