"""Comparing lists with the rolls on pages: the lists in force, the same-person cards, the differences and their explanations."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from casework.audit import trail
from casework.cases.views.intake import schools_near
from casework.core.errors import DomainError
from casework.core.pager import number_in, page
from casework.core.transaction import one_act
from casework.detection.compared import suspect_pupil, suspect_row
from casework.detection.undoing import undo_import
from casework.org.models import Unit
from casework.org.pages import Page
from casework.org.roles import Can
from casework.students.compare import (
    ask,
    compare,
    explanations_of,
    only_listed,
    only_on_roll,
)
from casework.students.differences import explain, say_same
from casework.students.likeness import Who, likeness
from casework.students.models import Explained, How, ImportRun, ListRow, OtherList, Pupil

REASONS: dict[str, Any] = {
    "same_name": lazy("same name"),
    "name_sounds_alike": lazy("names sound alike"),
    "name_nearly": lazy("one sign of the name differs"),
    "same_birth": lazy("same date of birth"),
    "birth_swapped": lazy("day and month of birth swapped"),
    "birth_one_digit": lazy("one digit of the birth date differs"),
    "birth_unknown": lazy("a birth date is unknown"),
    "same_guardian": lazy("same guardian"),
    "guardian_sounds_alike": lazy("guardians sound alike"),
    "guardian_unknown": lazy("a guardian is unknown"),
    "same_place": lazy("same village"),
    "other_sex": lazy("another sex"),
    "other_number": lazy("another number"),
}
AGAINST = {"other_sex", "other_number"}
Card = tuple[Pupil, str, int, list[tuple[str, bool]]]
TABS = [
    ("ask", lazy("The same child?")),
    ("list", lazy("Only on the list")),
    ("roll", lazy("Only on the roll")),
    ("told", lazy("Explained")),
]


def lists_of(user: Any) -> QuerySet[OtherList]:
    """The lists in force of the units where a person compares."""
    within = Q(pk=None)
    for unit in user.units_with(Can.COMPARE):
        within |= Q(unit__path__startswith=unit.path)
    rows: QuerySet[OtherList] = OtherList.objects.filter(within, replaced_at=None)
    return rows.select_related("unit")


class Lists(Page):
    """The lists in force, each with what is still open."""

    capability = Can.COMPARE

    def get(self, request: HttpRequest) -> HttpResponse:
        found = page(lists_of(self.user), ["-at", "-id"], request.GET.get("after", ""), size=10)
        rows = [(each, self._counts(each)) for each in found.rows]
        return self.show("cases/lists.html", {"page": found, "rows": rows})

    def _counts(self, other: OtherList) -> dict[str, int]:
        return {
            "rows": other.rows.count(),
            "matched": other.rows.exclude(pupil=None).count(),
            "ask": ask(other).count(),
            "list": only_listed(other, self.at).count(),
            "roll": only_on_roll(other, self.at).count(),
        }


class ExplainForm(forms.Form):
    """Why a difference is none, or that it is one."""

    reason = forms.ChoiceField(label=lazy("Reason"), choices=Explained.choices)
    note = forms.CharField(label=lazy("In words"), max_length=200, required=False)
    unit = forms.ModelChoiceField(
        label=lazy("School that sees to it"), queryset=Unit.objects.none(), required=False
    )

    def __init__(self, *args: Any, schools: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = schools  # type: ignore[attr-defined]


class Differences(Page):
    """One list beside the rolls: what is asked, who is on one side only, what was said of it."""

    capability = Can.COMPARE

    def other(self) -> OtherList:
        return get_object_or_404(lists_of(self.user), pk=self.kwargs["pk"])

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(self.other())

    def _show(self, other: OtherList, error: DomainError | None = None) -> HttpResponse:
        shown = self.request.GET.get("show", "ask")
        found = page(self._rows(other, shown), ["id"], self.request.GET.get("after", ""))
        context = {
            "other": other,
            "page": found,
            "shown": shown,
            "tabs": TABS,
            "reasons": [each for each in Explained.choices if each[0] != Explained.SUSPECTED],
            "schools": schools_near(self.user),
            "error": error,
            **self._beside(other, shown, found.rows),
        }
        return self.show("cases/differences.html", context, status=409 if error else 200)

    def _rows(self, other: OtherList, shown: str) -> QuerySet[Any]:
        if shown == "ask":
            return ask(other).select_related("village")
        if shown == "list":
            return only_listed(other, self.at).select_related("village")
        if shown == "roll":
            return only_on_roll(other, self.at)
        if shown == "told":
            return only_listed(other, self.at, explained=True).select_related("village")
        raise Http404

    def _beside(self, other: OtherList, shown: str, rows: Any) -> dict[str, Any]:
        """What stands beside the rows: the cards of those who may be meant, or what was said; every look is logged."""
        keys = [row.pk for row in rows]
        trail.look(f"list_{shown}", keys, by=self.user, at=self.at, reason=f"list:{other.pk}")
        if shown == "ask":
            return {"cards": {row.pk: self._cards(row) for row in rows}}
        if shown == "told":
            said = explanations_of(other, key__in=[row.key for row in rows])
            return {"said": {each.key: each for each in said}}
        if shown == "roll":
            return {"places": _places(keys)}
        return {}

    def _cards(self, row: ListRow) -> list[Card]:
        """The pupils who may be this row, each with its class and the reasons for and against."""
        places = _places(row.possible)
        cards = []
        for pupil, place in (places[pk] for pk in row.possible if pk in places):
            guardian = next((each.name for each in pupil.guardians.all() if each.rank == 1), "")
            found = likeness(_listed(row), _enrolled(pupil, guardian))
            words = [(str(REASONS[each]), each in AGAINST) for each in found.reasons]
            cards.append((pupil, place, found.points, words))
        return cards


def _listed(row: ListRow) -> Who:
    return Who(
        row.pk, row.name, row.sex, row.born, row.guardian, str(row.village_id or ""), row.id_index, row.status_index
    )  # fmt: skip


def _enrolled(pupil: Pupil, guardian: str) -> Who:
    return Who(
        pupil.pk, pupil.name, pupil.sex, pupil.born, guardian, str(pupil.village_id or ""), pupil.id_index, pupil.status_index
    )  # fmt: skip


def _places(keys: Any) -> dict[int, tuple[Pupil, str]]:
    """Pupils with the words of their school and class, by id."""
    rows = Pupil.objects.filter(pk__in=list(keys)).prefetch_related(
        "enrolments__school", "enrolments__class_unit", "guardians"
    )
    found = {}
    for pupil in rows:
        running = [each for each in pupil.enrolments.all() if each.until is None]
        place = f"{running[0].school.name} {running[0].class_unit.name}" if running else ""
        found[pupil.pk] = (pupil, place)
    return found


class UndoImport(Page):
    """Take back an import of one's own as a whole."""

    capability = Can.IMPORT

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = get_object_or_404(ImportRun, pk=pk, by=self.user)
        undo_import(run, by=self.user, at=self.at)
        messages.success(request, _("The import was taken back: every mark is what it was before."))
        return redirect("students:import_run", pk)


class SayDifference(Differences):
    """One word about one row: the same child or not, an explanation, a suspicion, or taking one back."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return redirect("cases:differences", pk)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        other, act = self.other(), request.POST.get("act", "")
        try:
            with one_act():
                self._do(other, act)
        except DomainError as error:
            return self._show(other, error)
        messages.success(request, _("Noted."))
        return redirect(self.back() or reverse("cases:differences", args=[pk]))

    def _do(self, other: OtherList, act: str) -> None:
        if act == "compare":
            compare(other, by=self.user, at=self.at)
            return
        row, pupil = self._row(other), self._pupil(other)
        if act in ("same", "other", "undo") and row and pupil:
            same = {"same": True, "other": False, "undo": None}[act]
            say_same(row, pupil, same=same, by=self.user, at=self.at)
        elif row or pupil:
            self._explain(other, row, None if row else pupil, act)
        else:
            raise Http404

    def _row(self, other: OtherList) -> ListRow | None:
        number = number_in(self.request.POST.get("row", ""))
        return get_object_or_404(other.rows, pk=number) if number else None

    def _pupil(self, other: OtherList) -> Pupil | None:
        """A pupil whom the list's page shows: who may be a row, is one by decision, or is missing from the list."""
        number = number_in(self.request.POST.get("pupil", ""))
        if not number:
            return None
        shown = only_on_roll(other, self.at).filter(pk=number).exists()
        possible = any(number in keys for keys in ask(other).values_list("possible", flat=True))
        told = other.rows.filter(how=How.PERSON, pupil=number).exists()
        if not (shown or possible or told or self._row(other)):
            raise Http404
        return get_object_or_404(Pupil, pk=number)

    def _explain(
        self, other: OtherList, row: ListRow | None, pupil: Pupil | None, act: str
    ) -> None:
        form = ExplainForm(self.request.POST, schools=schools_near(self.user))
        note = self.request.POST.get("note", "")[:200]
        if act == "suspect":
            form.is_valid()
            school = form.cleaned_data.get("unit")
            if school is None:
                raise DomainError(_("Choose the school that sees to it."))
            if row:
                suspect_row(row, school, note, by=self.user, at=self.at)
            elif pupil:
                suspect_pupil(pupil, other, school, note, by=self.user, at=self.at)
            return
        reason = "" if act == "untell" else self.request.POST.get("reason", "")
        if act != "untell" and not reason:
            raise DomainError(_("Choose one of the reasons."))
        explain(other, row=row, pupil=pupil, reason=reason, note=note, by=self.user, at=self.at)
